package corpus

import (
	"encoding/base64"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
)

// Clean gives texts in which nobody stands, of many sorts and of the sizes that pastes and dumps have, total bytes in
// all. What is yielded is valid until the next one is asked for.
func Clean(seed uint64, total int64) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		r := rand.New(rand.NewPCG(seed, 0xc1ea0))
		p := &page{r: r}
		for n := int64(0); n < total; n += int64(len(p.b)) {
			p.b = p.b[:0]
			size := 1 << (11 + r.IntN(9)) // 2 KiB to 512 KiB
			sort := sorts[r.IntN(len(sorts))]
			for len(p.b) < size {
				sort(p)
				if r.IntN(50) == 0 {
					sort = sorts[r.IntN(len(sorts))] // texts of one sort have parts of another
				}
			}
			if !yield(p.b) {
				return
			}
		}
	}
}

// sorts write some lines of a sort each.
var sorts = []func(*page){cleanProse, cleanCode, cleanLogs, cleanJSON, cleanTable, cleanHex, cleanUUIDs, cleanNetwork, cleanMoney, cleanOrders,
	cleanTimes, cleanGoods, cleanDigits, cleanMail, cleanBlobs}

func (p *page) f(format string, args ...any) { p.b = fmt.Appendf(p.b, format, args...) }

func (p *page) n(n int) int { return p.r.IntN(n) }

func cleanProse(p *page) {
	names := []string{"fi", "sv", "en", "de", "fr", "es", "pl", "ru", "el", "pt"}
	language := names[p.n(len(names))]
	for range 10 {
		p.f("%s ", sentence(p.r, language))
		switch p.n(8) {
		case 0:
			p.f("%d.%d.%d klo %d.%02d. ", 1+p.n(28), 1+p.n(12), 1990+p.n(37), p.n(24), p.n(60))
		case 1:
			p.f("%d %%, %d,%d kg, %d/%d. ", p.n(100), p.n(100), p.n(10), 90+p.n(90), 50+p.n(50))
		case 2:
			p.f("(%d) § %d:%d, s. %d–%d. ", p.n(40), p.n(30), p.n(300), p.n(400), 400+p.n(300))
		}
	}
	p.raw("\n\n")
}

func cleanCode(p *page) {
	for range 10 {
		switch p.n(5) {
		case 0:
			p.f("\tif err := run(ctx, %d, 0x%08x); err != nil { // line %d\n", p.n(1e6), p.r.Uint32(), p.n(5000))
		case 1:
			p.f("const table%d = {%d, %d, %d, %d, %d};\n", p.n(99), p.n(1e9), p.n(1e9), p.n(1e9), p.n(1e9), p.n(1e9))
		case 2:
			p.f("import { a%d } from './b%d.js?v=%d.%d.%d';\n", p.n(99), p.n(99), p.n(20), p.n(20), p.n(4000))
		case 3:
			p.f("$id = '%d'; $hash = md5(\"%x\"); define('ID', %d);\n", p.r.Int64N(1e11), p.r.Uint64(), p.r.Int64N(1e12))
		default:
			p.f("github.com/x/y%d v0.%d.0-%d%02d%02d%02d%02d%02d-%012x h1:%s\n", p.n(99), p.n(50), 2015+p.n(12), 1+p.n(12), 1+p.n(28), p.n(24), p.n(60), p.n(60),
				p.r.Uint64()>>16, base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%032d", p.r.Uint64())))
		}
	}
}

func cleanLogs(p *page) {
	for range 20 {
		p.f("%d-%02d-%02dT%02d:%02d:%02d.%06dZ host%d app[%d]: user=%d session=%d phone=null took=%dus bytes=%d\n", 2015+p.n(12), 1+p.n(12), 1+p.n(28), p.n(24), p.n(60), p.n(60),
			p.n(1e6), p.n(99), p.n(65536), p.n(1e8), p.r.Int64N(1e10), p.n(1e6), p.r.Int64N(1e11))
	}
}

func cleanJSON(p *page) {
	for range 20 {
		p.f("{\"id\":%d,\"parent\":\"%d\",\"created\":%d,\"patient\":null,\"score\":%d.%09d,\"tags\":[\"a%d\",\"b\"],\"at\":[%d.%07d,%d.%07d]}\n", p.r.Int64N(1e10), p.r.Int64N(1e11),
			1.2e12+p.n(6e11), p.n(9), p.n(1e9), p.n(99), p.n(90), p.n(1e7), p.n(180), p.n(1e7))
	}
}

// cleanTable is a table of measurements: digits in columns, grouped as tables group them.
func cleanTable(p *page) {
	sep := []string{",", ";", "\t", " ", "|"}[p.n(5)]
	p.f("id%sdate%scount%stotal%srate%scode\n", sep, sep, sep, sep, sep)
	for range 30 {
		p.f("%d%s%d-%02d-%02d%s%d%s%d%s%d.%06d%s%06d-%04d\n", p.r.Int64N(1e9), sep, 1950+p.n(77), 1+p.n(12), 1+p.n(28), sep, p.n(1e6), sep, p.r.Int64N(1e12), sep, p.n(1e3), p.n(1e6), sep,
			p.n(1e6), p.n(1e4))
	}
}

func cleanHex(p *page) {
	for i := range 16 {
		p.f("%08x  %016x %016x  %032X\n", i*16, p.r.Uint64(), p.r.Uint64(), p.r.Uint64())
	}
}

func cleanUUIDs(p *page) {
	for range 20 {
		p.f("%08x-%04x-4%03x-%04x-%012x %s\n", p.r.Uint32(), p.n(65536), p.n(4096), 0x8000+p.n(0x4000), p.r.Uint64()>>16, letters(p.r, 26, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
	}
}

func cleanNetwork(p *page) {
	for range 20 {
		p.f("%d.%d.%d.%d:%d %02x:%02x:%02x:%02x:%02x:%02x fe80::%x:%x AS%d\n", p.n(256), p.n(256), p.n(256), p.n(256), p.n(65536), p.n(256), p.n(256), p.n(256), p.n(256), p.n(256), p.n(256),
			p.n(65536), p.n(65536), p.n(400000))
	}
}

// cleanMoney has accounts, cards of tests, and references with their checks.
func cleanMoney(p *page) {
	for range 20 {
		switch p.n(4) {
		case 0:
			s := digits(p.r, 14)
			p.f("FI%02d %s %s %s %s  %d,%02d EUR\n", p.n(98), s[:4], s[4:8], s[8:12], s[12:], p.n(1e5), p.n(100))
		case 1:
			s := "4" + digits(p.r, 14)
			p.f("card %s%d exp %02d/%02d\n", s, luhn(s), 1+p.n(12), 25+p.n(9))
		case 2:
			p.f("DE%02d%s;RF%02d %s;%d.%02d\n", p.n(98), digits(p.r, 18), p.n(98), groups(digits(p.r, 12), " ", 4, 4, 4), p.n(1e5), p.n(100))
		default:
			p.f("viite %s %s %s\tUS$%d,%03d,%03d.%02d\n", digits(p.r, 5), digits(p.r, 5), digits(p.r, 5), p.n(99), p.n(1e3), p.n(1e3), p.n(100))
		}
	}
}

// cleanOrders are numbers of orders, parcels, invoices and tickets in the forms that shops give them.
func cleanOrders(p *page) {
	for range 20 {
		switch p.n(6) {
		case 0:
			p.f("order %d%02d%02d-%04d qty %d\n", 2015+p.n(12), 1+p.n(12), 1+p.n(28), p.n(1e4), p.n(100))
		case 1:
			p.f("order %03d-%07d-%07d\n", p.n(1e3), p.n(1e7), p.n(1e7))
		case 2:
			p.f("tracking JJFI%s %sFI\n", digits(p.r, 17), letters(p.r, 2, "CER")+digits(p.r, 9))
		case 3:
			p.f("invoice %s/%s customer %s\n", digits(p.r, 6), digits(p.r, 4), digits(p.r, 8))
		case 4:
			p.f("ref %s-%s-%s, part %s%s-%s\n", digits(p.r, 3), digits(p.r, 2), digits(p.r, 4), letters(p.r, 2, "ABCDEFGHJK"), digits(p.r, 6), letters(p.r, 1, "ABCDX"))
		default:
			p.f("%s.%s.%s-%s\n", digits(p.r, 3), digits(p.r, 3), digits(p.r, 3), digits(p.r, 2))
		}
	}
}

func cleanTimes(p *page) {
	for range 20 {
		p.f("%d %d%02d%02d%02d%02d%02d %02d%02d%02d-%02d%02d %d\n", 1e9+p.n(8e8), 1990+p.n(37), 1+p.n(12), 1+p.n(28), p.n(24), p.n(60), p.n(60), 1+p.n(28), 1+p.n(12), p.n(100), p.n(24), p.n(60),
			int64(1e12)+p.r.Int64N(8e11))
	}
}

// cleanGoods are articles: EAN, ISBN, chassis numbers, serial numbers.
func cleanGoods(p *page) {
	for range 20 {
		s := "97" + letters(p.r, 1, "89") + digits(p.r, 9)
		c := (10 - weigh(s, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)%10) % 10
		p.f("ISBN %s-%s-%s-%s-%d EAN %s VIN %s SN:%s\n", s[:3], s[3:4], s[4:8], s[8:12], c, digits(p.r, 13), letters(p.r, 17, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"), letters(p.r, 10, "ABCDEF0123456789"))
	}
}

// cleanDigits is nothing but numbers of the lengths that identifiers have.
func cleanDigits(p *page) {
	for range 20 {
		for range 6 {
			p.f("%s ", digits(p.r, 7+p.n(7)))
		}
		p.raw("\n")
	}
}

// cleanMail has addresses of strangers.
func cleanMail(p *page) {
	for range 20 {
		p.f("%s@%s:%s\n", letters(p.r, 12, "abcdefghijklmnopqrstuvwxyz0123456789"), domains[p.n(len(domains))], letters(p.r, 8, "abcdefghkmnp23456789"))
	}
}

func cleanBlobs(p *page) {
	var b [57]byte
	for range 10 {
		for i := range b {
			b[i] = byte(p.r.Uint32())
		}
		p.f("%s\n", strings.TrimRight(base64.StdEncoding.EncodeToString(b[:]), "="))
	}
}
