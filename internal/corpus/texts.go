package corpus

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

var therapy = strings.Fields(`asiakas kertoi että viime viikolla uni oli parempi mutta töissä kuormitus jatkui hän mietti miten jaksaa
	puolison kanssa keskusteltiin lääkityksestä ja sovittiin seuraavasta ajasta ahdistus väheni harjoitusten myötä
	perhetilanne on edelleen vaikea äiti sairastui syksyllä the client reports that sleep has improved since the last
	session and that work remains stressful we discussed coping strategies and agreed on a plan for the coming weeks
	mood is stable no suicidal thoughts were expressed medication unchanged next appointment was booked kävelylenkit
	auttavat hieman ryhmä jatkuu kevääseen saakka tunteiden säätely itsetunto pelko häpeä toivo luottamus`)

// notes is therapy prose in Finnish and English, with dates and times, one identifier in 2.4 KB.
func notes(w *writer) {
	for budget := 1500 + w.r.IntN(1800); budget > 0; {
		words := 6 + w.r.IntN(14)
		before := w.Size
		for i := range words {
			if i > 0 {
				w.put(" ")
			}
			w.put(pick(w.r, therapy))
		}
		switch w.r.IntN(12) {
		case 0:
			w.putf(" %d.%d.2025 klo %d.%02d", 1+w.r.IntN(28), 1+w.r.IntN(12), 8+w.r.IntN(10), w.r.IntN(60))
		case 1:
			w.putf(" %d mg", 5*(1+w.r.IntN(20)))
		case 2:
			w.put(" – ”jotain muuta”")
		}
		w.put(pick(w.r, []string{". ", ". ", ".\n", "? ", ".\n\n"}))
		budget -= int(w.Size - before)
	}
	w.any()
	w.put(". ")
}

// dump is CSV and SQL with an identifier in 36 bytes or so.
func dump(w *writer) {
	if w.r.IntN(2) == 0 {
		for range 200 {
			w.putf("%d;%s;%s;Esimerkkikatu %s %d;%s;", w.r.IntN(1_000_000), pick(w.r, family4), pick(w.r, given), pick(w.r, therapy), w.r.IntN(200), pick(w.r, therapy))
			for range 3 {
				w.any()
				w.put(pick(w.r, []string{";", ";", ",\"x\","}))
			}
			w.putf("%d\n", w.r.IntN(100))
		}
		return
	}
	w.put("INSERT INTO patients VALUES ")
	for range 200 {
		w.putf("(%d,'", w.r.IntN(1_000_000))
		w.any()
		w.putf("','%s','%s %s %s','", pick(w.r, given), pick(w.r, therapy), pick(w.r, therapy), pick(w.r, therapy))
		w.any()
		w.put("','")
		w.any()
		w.put("',NULL),\n")
	}
}

// paste is code, JSON, logs and hex, with an identifier in 19 KB.
func paste(w *writer) {
	for end := w.Size + 14000 + int64(w.r.IntN(10000)); w.Size < end; {
		switch w.r.IntN(4) {
		case 0:
			code(w)
		case 1:
			for range 20 {
				w.putf("{\"id\":%d,\"ts\":%d.%03d,\"level\":\"info\",\"msg\":\"request done\",\"ms\":%d,\"ok\":true,\"path\":\"/api/v%d/items\"}\n",
					w.r.IntN(100000), 1700000000+w.r.IntN(50000000), w.r.IntN(1000), w.r.IntN(900), 1+w.r.IntN(3))
			}
		case 2:
			for range 20 {
				w.putf("2026-%02d-%02dT%02d:%02d:%02d.%03dZ host%d app[%d]: 10.%d.%d.%d GET /index.html 200 %d\n", 1+w.r.IntN(12), 1+w.r.IntN(28),
					w.r.IntN(24), w.r.IntN(60), w.r.IntN(60), w.r.IntN(1000), w.r.IntN(9), w.r.IntN(30000), w.r.IntN(256), w.r.IntN(256), w.r.IntN(256), w.r.IntN(100000))
			}
		default:
			for range 20 {
				w.putf("%016x%016x%016x%016x\n", w.r.Uint64(), w.r.Uint64(), w.r.Uint64(), w.r.Uint64())
			}
		}
	}
	w.put("\n")
	w.any()
	w.put("\n")
}

func code(w *writer) {
	for range 20 {
		w.putf("\tif err := %s.Do(ctx, %d, \"%s\"); err != nil {\n\t\treturn fmt.Errorf(\"step %d: %%w\", err)\n\t}\n", pick(w.r, given), w.r.IntN(64),
			pick(w.r, family4), w.r.IntN(9))
	}
}

// adverse is floods and near misses: what looks like identifiers nearly everywhere, with a true one in 3.4 KB.
func adverse(w *writer) {
	for end := w.Size + 2000 + int64(w.r.IntN(2800)); w.Size < end; {
		w.put(flood(w.r))
	}
	w.put("\n")
	w.any()
	w.put("\n")
}

func flood(r *rand.Rand) string {
	d, m, y := 1+r.IntN(28), 1+r.IntN(12), 30+r.IntN(70)
	switch r.IntN(8) {
	case 0: // wrong check characters
		return fmt.Sprintf("%02d%02d%02d-%03dG ", d, m, y, r.IntN(1000))
	case 1: // no such day
		return fmt.Sprintf("%02d%02d%02d-%03dA, ", 40+d, m, y, r.IntN(1000))
	case 2:
		return strings.Repeat("1234567890", 2+r.IntN(10)) + "\n"
	case 3:
		return strings.Repeat("@", 1+r.IntN(40)) + " a@b x@localhost @example "
	case 4:
		return fmt.Sprintf("%d.%d.%d.%d ", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256))
	case 5:
		return fmt.Sprintf("x%02d%02d%02d-%03dK 1%02d%02d%02d-%04d ", d, m, y, r.IntN(1000), d, m, y, r.IntN(10000))
	case 6:
		return fmt.Sprintf("%d-%d-%d-%d;", r.IntN(100), r.IntN(1000), r.IntN(100), r.IntN(1000))
	default:
		return fmt.Sprintf("%s@%s.1 %d ", pick(r, given), pick(r, family4), r.IntN(1_000_000_000))
	}
}

// floods is nothing but lines that are valid as four kinds each: the date of a Swedish and of a Danish number, the check
// digits of a Swedish and of a British one, and a Swedish mobile telephone.
func floods(w *writer) {
	for {
		s := fmt.Sprintf("07%02d%02d%03d", 1+w.r.IntN(9), 1+w.r.IntN(28), 1+w.r.IntN(999))
		c := luhn(s)
		if r := (11 - weigh(s, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 11; r != c {
			continue
		}
		s += num(c)
		w.plant("se-pnr", s, "20"+s)
		w.put("\n")
		return
	}
}
