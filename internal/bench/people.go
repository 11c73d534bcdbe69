package main

import (
	"fmt"
	"math/rand/v2"
)

// Identifiers of nobody: dates with serials of test ranges where a country has one, and reserved domains.

func birth(r *rand.Rand) (d, m, y int) { return 1 + r.IntN(28), 1 + r.IntN(12), 30 + r.IntN(70) }

func hetu(r *rand.Rand) string {
	d, m, y := birth(r)
	nnn := 900 + r.IntN(100) // artificial
	n := ((d*100+m)*100+y)*1000 + nnn
	return fmt.Sprintf("%02d%02d%02d-%03d%c", d, m, y, nnn, "0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31])
}

func pnr(r *rand.Rand) string {
	d, m, y := birth(r)
	s := fmt.Sprintf("%02d%02d%02d%03d", y, m, d, 980+r.IntN(10))
	sum := 0
	for i, c := range s {
		n := int(c-'0') * (2 - i%2)
		sum += n/10 + n%10
	}
	return s[:6] + "-" + s[6:] + string(rune('0'+(10-sum%10)%10))
}

func fnr(r *rand.Rand) string {
	for {
		d, m, y := birth(r)
		s := []byte(fmt.Sprintf("%02d%02d%02d%03d", d, m+80, y, r.IntN(500))) // synthetic
		k1, k2 := 0, 0
		for i, w := range []int{3, 7, 6, 1, 8, 9, 4, 5, 2} {
			k1 += w * int(s[i]-'0')
		}
		k1 = (11 - k1%11) % 11
		s = append(s, byte('0'+k1))
		for i, w := range []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2} {
			k2 += w * int(s[i]-'0')
		}
		if k2 = (11 - k2%11) % 11; k1 < 10 && k2 < 10 {
			return string(append(s, byte('0'+k2)))
		}
	}
}

func cpr(r *rand.Rand) string {
	d, m, y := birth(r)
	return fmt.Sprintf("%02d%02d%02d-%04d", d, m, y, r.IntN(4000))
}

func nhs(r *rand.Rand) string {
	for {
		s := fmt.Sprintf("999%06d", r.IntN(1_000_000)) // of tests
		sum := 0
		for i, c := range s {
			sum += int(c-'0') * (10 - i)
		}
		if c := (11 - sum%11) % 11; c < 10 {
			return fmt.Sprintf("%s %s %s%d", s[:3], s[3:6], s[6:], c)
		}
	}
}

func email(r *rand.Rand) string {
	return fmt.Sprintf("%s.%s%d@%s", pick(r, given), pick(r, family), r.IntN(10000), pick(r, domains))
}

var (
	given   = []string{"matti", "maija", "teppo", "liisa", "kalle", "anna", "ville", "sanna", "juha", "eeva", "john", "mary", "erik", "astrid"}
	family  = []string{"meikalainen", "virtanen", "korhonen", "nieminen", "laine", "smith", "hansen", "lindqvist", "jensen", "berg"}
	domains = []string{"example.com", "example.org", "mail.example.net", "posti.example", "clinic.test"}
)
