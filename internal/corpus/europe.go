package corpus

import (
	"fmt"
	"strconv"
	"strings"
)

// nhs: NHS Data Dictionary; 999 begins numbers for tests.
func nhs(d draw) Identifier {
	s := until(func() (string, bool) {
		s := "999" + digits(d.r, 6)
		if !d.test {
			s = letters(d.r, 1, "467") + digits(d.r, 8)
		}
		c := (11 - weigh(s, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 11
		return s + num(c), c < 10
	})
	return simple(s, groups(s, " ", 3, 3, 4), groups(s, "-", 3, 3, 4))
}

// nino: HMRC, NIM39110.
func nino(d draw) Identifier {
	s := until(func() (string, bool) {
		p := letters(d.r, 1, "ABCEGHJKLMNOPRSTWXYZ") + letters(d.r, 1, "ABCEGHJKLMNPRSTWXYZ")
		return p, !strings.Contains("BG GB KN NK NT TN ZZ", p)
	}) + digits(d.r, 6)
	suffix := letters(d.r, 1, "ABCD")
	return Identifier{Canon: s, Forms: []string{groups(s, " ", 2, 2, 2, 2) + " " + suffix, s + suffix, s}}
}

// ppsn: Irish Department of Social Protection.
func ppsn(d draw) Identifier {
	s := digits(d.r, 7)
	second := letters(d.r, 1, "ABHW")
	sum := weigh(s, 8, 7, 6, 5, 4, 3, 2)
	switch d.r.IntN(2) {
	case 0:
		return simple(s + string("WABCDEFGHIJKLMNOPQRSTUV"[sum%23]))
	default:
		if second != "W" {
			sum += 9 * int(second[0]-'A'+1)
		}
		return simple(s + string("WABCDEFGHIJKLMNOPQRSTUV"[sum%23]) + second)
	}
}

// bsn: Dutch Rijksdienst voor Identiteitsgegevens, "elfproef"; 9999 is used for tests.
func bsn(d draw) Identifier {
	s := until(func() (string, bool) {
		s := fmt.Sprintf("9999%04d", d.nth%250*40+d.r.IntN(40)) // nobody else's
		if !d.test {
			s = letters(d.r, 1, "012345") + digits(d.r, 7)
		}
		c := weigh(s, 9, 8, 7, 6, 5, 4, 3, 2) % 11
		return s + num(c), c < 10 && s != "00000000"
	})
	return simple(s, s, groups(s, ".", 4, 2, 3))
}

// belgian: Rijksregister; 2 stands before the nine digits of those born since 2000.
func belgian(d draw) Identifier {
	s := yymmdd(d.born) + fmt.Sprintf("%03d", 1+d.r.IntN(997))
	n, _ := strconv.Atoi(s) // digits only
	if d.born.Year >= 2000 {
		n += 2_000_000_000
	}
	s += fmt.Sprintf("%02d", 97-n%97)
	return simple(s, s[:2]+"."+s[2:4]+"."+s[4:6]+"-"+s[6:9]+"."+s[9:])
}

// kvnr: the lasting part of the number on the German health card, § 290 SGB V.
func kvnr(d draw) Identifier {
	l, s := letters(d.r, 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), digits(d.r, 8)
	sum := 0
	for i, c := range fmt.Sprintf("%02d%s", l[0]-'A'+1, s) {
		n := int(c-'0') * (1 + i%2)
		sum += n/10 + n%10
	}
	return simple(l + s + num(sum%10))
}

// nir: INSEE; the key is over thirteen characters, with 2A and 2B of Corsica as 19 and 18.
func nir(d draw) Identifier {
	dept := []string{"75", "13", "2A", "2B", "69", "33", "59"}[d.r.IntN(7)]
	s := letters(d.r, 1, "12") + fmt.Sprintf("%02d%02d", d.born.Year%100, d.born.Month) + dept + fmt.Sprintf("%03d%03d", 1+d.r.IntN(400), 1+d.r.IntN(999))
	n, _ := strconv.Atoi(strings.NewReplacer("2A", "19", "2B", "18").Replace(s)) // digits only
	s += fmt.Sprintf("%02d", 97-n%97)
	return simple(s, groups(s, " ", 1, 2, 2, 2, 3, 3, 2))
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// dni: Spanish Ministerio del Interior.
func dni(d draw) Identifier {
	n := 10_000_000 + d.r.IntN(89_999_999)
	s := fmt.Sprintf("%08d%c", n, dniLetters[n%23])
	return simple(s, s[:8]+"-"+s[8:], s)
}

func nie(d draw) Identifier {
	p, n := d.r.IntN(3), d.r.IntN(10_000_000)
	s := fmt.Sprintf("%c%07d%c", "XYZ"[p], n, dniLetters[(p*10_000_000+n)%23])
	return simple(s, s[:1]+"-"+s[1:8]+"-"+s[8:], s)
}

// codice: Italian Agenzia delle Entrate, decree of 23 December 1976.
func codice(d draw) Identifier {
	odd := map[byte]int{}
	for i, v := range []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21} {
		odd['0'+byte(i)] = v
	}
	for i, v := range []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23} {
		odd['A'+byte(i)] = v
	}
	day := d.born.Day + 40*d.r.IntN(2)
	s := letters(d.r, 6, "BCDFGLMNPRSTVZ") + fmt.Sprintf("%02d%c%02d%c%s", d.born.Year%100, "ABCDEHLMPRST"[d.born.Month-1], day, "ABCDEFGHIL"[d.r.IntN(10)], digits(d.r, 3))
	sum := 0
	for i := range len(s) {
		switch c := s[i]; {
		case i%2 == 0:
			sum += odd[c]
		case c <= '9':
			sum += int(c - '0')
		default:
			sum += int(c - 'A')
		}
	}
	return simple(s + string(rune('A'+sum%26)))
}

// nif: Portuguese Autoridade Tributária; people have 1, 2 or 3 in the first place.
func nif(d draw) Identifier {
	s := letters(d.r, 1, "123") + digits(d.r, 7)
	c := 11 - weigh(s, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if c >= 10 {
		c = 0
	}
	s += num(c)
	return simple(s, groups(s, " ", 3, 3, 3))
}

// utente: Portuguese health service; no public check digit.
func utente(d draw) Identifier {
	return simple(letters(d.r, 1, "123456789") + digits(d.r, 8))
}

// pesel: Polish Ministry of Digital Affairs.
func pesel(d draw) Identifier {
	s := yymmdd(d.born) + digits(d.r, 4)
	return simple(s + num((10-weigh(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)%10)%10))
}

// rodne: Czech act 133/2000 and Slovak act 301/1995; women have 50 added to the month.
func rodne(d draw) Identifier {
	s := until(func() (string, bool) {
		b := d.born
		b.Year = max(b.Year, 1954)
		b.Month += 50 * d.r.IntN(2)
		s := yymmdd(b) + digits(d.r, 3)
		n, _ := strconv.Atoi(s) // digits only
		return s + num(n%11), n%11 < 10
	})
	return simple(s, s[:6]+"/"+s[6:])
}

// ahv: Swiss Zentrale Ausgleichsstelle; an EAN-13 that begins with 756.
func ahv(d draw) Identifier {
	s := "756" + digits(d.r, 9)
	s += num((10 - weigh(s, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)%10) % 10)
	return simple(s, groups(s, ".", 3, 4, 4, 2))
}

// svnr: Austrian Dachverband der Sozialversicherungsträger.
func svnr(d draw) Identifier {
	s := until(func() (string, bool) {
		n, date := fmt.Sprintf("%03d", 100+d.r.IntN(900)), ddmmyy(d.born)
		c := (weigh(n, 3, 7, 9) + weigh(date, 5, 8, 4, 2, 1, 6)) % 11
		return n + num(c) + date, c < 10
	})
	return simple(s, s[:4]+" "+s[4:])
}
