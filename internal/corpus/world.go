package corpus

import "fmt"

// ssn: US Social Security Administration, since the randomisation of 2011.
func ssn(d draw) Identifier {
	area := 1 + d.r.IntN(899)
	if area == 666 {
		area++
	}
	s := fmt.Sprintf("%03d%02d%04d", area, 1+d.r.IntN(99), 1+d.r.IntN(9999))
	return simple(s, groups(s, "-", 3, 2, 4))
}

// itin: US Internal Revenue Service; 9, and a group of 50–65, 70–88, 90–92 or 94–99.
func itin(d draw) Identifier {
	group := 70 + d.r.IntN(19)
	s := fmt.Sprintf("9%02d%02d%04d", d.r.IntN(100), group, 1+d.r.IntN(9999))
	return simple(s, groups(s, "-", 3, 2, 4))
}

// mbi: CMS, Medicare beneficiary identifiers.
func mbi(d draw) Identifier {
	const l, an = "ACDEFGHJKMNPQRTUVWXY", "0123456789ACDEFGHJKMNPQRTUVWXY"
	r := d.r
	s := letters(r, 1, "123456789") + letters(r, 1, l) + letters(r, 1, an) + digits(r, 1) + letters(r, 1, l) + letters(r, 1, an) + digits(r, 1) +
		letters(r, 2, l) + digits(r, 2)
	return simple(s, groups(s, "-", 4, 3, 4))
}

// sin: Service Canada; neither 0 nor 8 begins one.
func sin(d draw) Identifier {
	s := letters(d.r, 1, "1234567") + digits(d.r, 7)
	s += num(luhn(s))
	return simple(s, groups(s, " ", 3, 3, 3), groups(s, "-", 3, 3, 3))
}

// hcn: Ontario Ministry of Health; the version code behind it is not the person.
func hcn(d draw) Identifier {
	s := letters(d.r, 1, "123456789") + digits(d.r, 8)
	s += num(luhn(s))
	return Identifier{Canon: s, Forms: []string{groups(s, "-", 4, 3, 3) + "-AB", groups(s, "-", 4, 3, 3), groups(s, " ", 4, 3, 3), s}}
}

// mcn: Services Australia; issue and person number, the tenth and eleventh digit, are not the card.
func mcn(d draw) Identifier {
	s := letters(d.r, 1, "23456") + digits(d.r, 7)
	s += num(weigh(s, 1, 3, 7, 9, 1, 3, 7, 9) % 10)
	issue := letters(d.r, 1, "123456789")
	return Identifier{Canon: s, Forms: []string{s[:4] + " " + s[4:] + " " + issue, s + issue, s[:4] + " " + s[4:] + " " + issue + " 1"}}
}

// ihi: Australian Digital Health Agency.
func ihi(d draw) Identifier {
	s := "800360" + digits(d.r, 9)
	s += num(luhn(s))
	return simple(s, groups(s, " ", 4, 4, 4, 4))
}

// nhi: HISO 10046; Z begins numbers for tests.
func nhi(d draw) Identifier {
	const l = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	value := func(c byte) int {
		for i := range len(l) {
			if l[i] == c {
				return i + 1
			}
		}
		return int(c - '0')
	}
	s := until(func() (string, bool) {
		s := letters(d.r, 3, l)
		if d.test {
			s = "Z" + s[1:]
		}
		recent := d.r.IntN(2) == 0
		if s += digits(d.r, 2); recent {
			s += letters(d.r, 1, l)
		} else {
			s += digits(d.r, 1)
		}
		sum := 0
		for i := range 6 {
			sum += (7 - i) * value(s[i])
		}
		if recent {
			return s + string(l[23-sum%23-1]), true
		}
		return s + num((11-sum%11)%10), sum%11 != 0
	})
	return simple(s)
}

// cpf: Brazilian Receita Federal.
func cpf(d draw) Identifier {
	check := func(s string) string {
		sum := 0
		for i := range s {
			sum += (len(s) + 1 - i) * int(s[i]-'0')
		}
		return s + num((11-sum%11)%11%10)
	}
	s := check(check(digits(d.r, 9)))
	return simple(s, s[:3]+"."+s[3:6]+"."+s[6:9]+"-"+s[9:])
}

// cns: Brazilian Ministry of Health; numbers that begin with 7, 8 or 9 are provisional ones.
func cns(d draw) Identifier {
	s := until(func() (string, bool) {
		s := letters(d.r, 1, "789") + digits(d.r, 13)
		c := (11 - weigh(s, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 11
		return s + num(c), c < 10
	})
	return simple(s, groups(s, " ", 3, 4, 4, 4))
}

// aadhaar: UIDAI; the last digit is after J. Verhoeff, Error Detecting Decimal Codes, 1969.
func aadhaar(d draw) Identifier {
	s := letters(d.r, 1, "23456789") + digits(d.r, 10)
	c := 0
	for i := range s { // from the last digit, which stands in the second place
		c = dihedral(c, permuted(i+1, int(s[len(s)-1-i]-'0')))
	}
	for last := range 10 {
		if dihedral(c, last) == 0 {
			s += num(last)
			break
		}
	}
	return simple(s, groups(s, " ", 4, 4, 4))
}

// dihedral multiplies in the group of the pentagon: 0 to 4 are turns, 5 to 9 reflections.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b)%5
	case b < 5:
		return 5 + (a-b+5)%5
	default:
		return (a - b + 5) % 5
	}
}

// permuted is Verhoeff's permutation, n times over.
func permuted(n, d int) int {
	for range n % 8 {
		d = [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}[d]
	}
	return d
}
