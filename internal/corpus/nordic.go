package corpus

import "fmt"

// hetu: DVV, the personal identity code; 900–999 are artificial numbers.
func hetu(d draw) Identifier {
	n := 2 + d.r.IntN(898)
	if d.test {
		n = 900 + d.r.IntN(100)
	}
	sign := "-"
	if d.born.Year >= 2000 {
		sign = "A"
	}
	if d.r.IntN(4) == 0 {
		sign = string("YXWVU"[d.r.IntN(5)])
	}
	date := ddmmyy(d.born)
	var all int
	_, _ = fmt.Sscan(fmt.Sprintf("1%s%03d", date, n), &all) // digits only; the 1 keeps zeros
	all -= 1_000_000_000
	check := "0123456789ABCDEFHJKLMNPRSTUVWXY"[all%31]
	s := fmt.Sprintf("%s%s%03d%c", date, sign, n, check)
	id := Identifier{Canon: s, Forms: []string{s}}
	if sign == "-" {
		id.Odd = []string{date + "–" + s[7:], date + "‑" + s[7:], date + " " + s[7:], date + s[7:]}
	}
	return id
}

// pnr: Skatteverket; serials 980–989 stand in its list of test numbers.
func pnr(d draw) Identifier {
	serial := 1 + d.r.IntN(979)
	if d.test {
		serial = 980 + d.r.IntN(10)
	}
	s := fmt.Sprintf("%s%03d", yymmdd(d.born), serial)
	s += num(luhn(s))
	century := num(d.born.Year / 100)
	return Identifier{Canon: century + s, Forms: []string{s[:6] + "-" + s[6:], century + s[:6] + "-" + s[6:], century + s, s}}
}

// fnr: Skatteetaten; synthetic people have 80 added to the month.
func fnr(d draw) Identifier {
	born := d.born
	if d.test {
		born.Month += 80
	}
	s := until(func() (string, bool) {
		s := ddmmyy(born) + fmt.Sprintf("%03d", d.r.IntN(500))
		k1 := (11 - weigh(s, 3, 7, 6, 1, 8, 9, 4, 5, 2)%11) % 11
		if k1 == 10 {
			return "", false
		}
		s += num(k1)
		k2 := (11 - weigh(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
		return s + num(k2), k2 < 10
	})
	return simple(s, s, s[:6]+" "+s[6:])
}

// cpr: CPR-kontoret; no check digit since 2007. 0–3 in the seventh place are births of the last century.
func cpr(d draw) Identifier {
	s := ddmmyy(d.born) + letters(d.r, 1, "0123") + digits(d.r, 3)
	return simple(s, s[:6]+"-"+s[6:])
}

// kennitala: Þjóðskrá; check digit over the first eight, last digit the century.
func kennitala(d draw) Identifier {
	s := until(func() (string, bool) {
		s := ddmmyy(d.born) + fmt.Sprintf("%02d", 20+d.r.IntN(70))
		c := (11 - weigh(s, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
		return s + num(c) + "9", c < 10
	})
	return simple(s, s[:6]+"-"+s[6:])
}

// baltic: Estonian isikukood (EVS 585) and Lithuanian asmens kodas have one form.
func baltic(d draw) Identifier {
	s := letters(d.r, 1, "34") + yymmdd(d.born) + digits(d.r, 3)
	c := weigh(s, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if c == 10 {
		c = weigh(s, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	return simple(s + num(c))
}

// latvian: PMLP; old codes have a date and a century digit, new ones begin with 32.
func latvian(d draw) Identifier {
	s := until(func() (string, bool) {
		s := ddmmyy(d.born) + "1" + digits(d.r, 3)
		if d.r.IntN(3) == 0 {
			s = "32" + digits(d.r, 8)
		}
		c := (1 + weigh(s, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9)) % 11
		return s + num(c%10), c < 10
	})
	return simple(s, s[:6]+"-"+s[6:])
}
