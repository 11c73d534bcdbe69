package matcher

import (
	"slices"
	"strings"
)

// plan is a country's numbering plan, as far as it tells numbers from other digits: how long a national number may be
// by its first two digits.
type plan struct {
	code   string // country code
	trunk  string // national prefix, "" for none
	min    [100]uint8
	max    [100]uint8
	mobile [100]bool
	nanp   bool // North America: the fourth digit is 2 to 9 as well
}

// numbering are the plans by region: country code, national prefix, and first digits with the lengths of the national
// number, m for mobile. A later entry wins. A single digit means all numbers that begin with it.
//
// Sources: the ITU's national numbering plans (E.129) and the regulators' own; written by hand, and wider than the
// plans where they change often. Drama numbers (+44 7700 900xxx, 555-01xx, 0491 570 xxx) lie inside. Telephone numbers
// are a weak kind: a wide table costs time, a narrow one loses people.
const numbering = `
FI 358 0 1-9:6-9 10:6-10 20:5-10 29:5-10 30:5-10 60:5-10 70:5-10 71:5-10 73:5-10 75:5-10 80:5-10 40-49:6-10m 50:6-10m
AX 358 0 18:6-9 40-49:6-10m 50:6-10m
SE 46 0 1-9:7-9 8:7-9 70:9m 72:9m 73:9m 76:9m 79:9m
NO 47 - 2-9:8 4:8m 9:8m 59:8-12m
DK 45 - 2-9:8m
FO 298 - 2-9:6
GL 299 - 2-9:6
IS 354 - 4-5:7 3:9 6-8:7m
EE 372 - 3-4:7 6-7:7 88:7 5:7-8m 81-83:7-8m
LV 371 - 6:8 2:8m 8-9:8
LT 370 0 3-5:8 6:8m 7-9:8
GB 44 0 1:9-10 2-3:10 5:10 8:7-10 9:10 7:10m
IE 353 0 1:7-8 2:7-9 4-7:7-9 9:7-9 82-89:9m
DE 49 0 2-9:6-11 15:10-11m 16:10-11m 17:10-11m
AT 43 0 1-9:6-13 64-69:7-13m
CH 41 0 2-9:9 74-79:9m
LI 423 - 2-9:7
NL 31 0 1-7:9 8-9:7-10 6:9m
BE 32 0 1-9:8 45-49:9m
LU 352 - 2-9:5-11 6:9m
FR 33 0 1-5:9 8-9:9 6-7:9m
ES 34 - 8-9:9 6-7:9m
PT 351 - 2-3:9 7-8:9 9:9m
IT 39 - 0:6-11 8:6-10 3:9-10m
MT 356 - 2:8 7:8m 9:8m
PL 48 - 1-9:9 45:9m 50-51:9m 53:9m 57:9m 60:9m 66:9m 69:9m 72-73:9m 78-79:9m 88:9m
CZ 420 - 2-5:9 8-9:9 6-7:9m
SK 421 0 2-8:8-9 9:9m
HU 36 06 1:8 2-9:8 20:9m 30-31:9m 50:9m 70:9m
RO 40 0 2-3:9 8-9:9 7:9m
BG 359 0 2-7:7-8 8-9:8-9 87-89:9m 98-99:9m
GR 30 - 2:10 8-9:10 69:10m
CY 357 - 2:8 7-8:8 9:8m
HR 385 0 1-8:7-9 9:8-9m
SI 386 0 1-7:8 30-31:8m 40-41:8m 51:8m 64-65:8m 68-71:8m
UA 380 0 3-9:9
TR 90 0 2-4:10 5:10m
US 1 - 2-9:10
CA 1 - 2-9:10
AU 61 0 2-3:9 7-8:9 13:6-10 18:6-10 4:9m
NZ 64 0 3-9:8 2:8-10m
IN 91 0 1-5:10 6-9:10m
`

// threeDigit are the first two digits of the country codes of three digits; those of one and two are in oneTwoDigit.
const (
	threeDigit  = "21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99"
	oneTwoDigit = "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 " +
		"81 82 84 86 90 91 92 93 94 95 98"
)

// plans are the numbering plans by region, and plansByCode by country code.
var plans, plansByCode = func() (byRegion, byCode map[string]*plan) {
	byRegion, byCode = map[string]*plan{}, map[string]*plan{}
	for line := range strings.Lines(numbering) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		p := &plan{code: f[1], trunk: strings.TrimPrefix(f[2], "-"), nanp: f[1] == "1"}
		for _, rule := range f[3:] {
			p.add(rule)
		}
		byRegion[f[0]] = p
		if byCode[p.code] == nil {
			byCode[p.code] = p
		}
	}
	return byRegion, byCode
}()

// add reads one rule: "40-49:6-10m".
func (p *plan) add(rule string) {
	first, lengths, _ := strings.Cut(rule, ":")
	lengths, mobile := strings.CutSuffix(lengths, "m")
	from, to := bounds(first)
	low, high := bounds(lengths)
	if len(first) == 1 || len(first) == 3 && first[1] == '-' {
		from, to = from*10, to*10+9
	}
	for i := from; i <= to; i++ {
		p.min[i], p.max[i], p.mobile[i] = uint8(low), uint8(high), mobile
	}
}

func bounds(s string) (low, high int) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		b = a
	}
	for _, c := range []byte(a) {
		low = low*10 + digit(c)
	}
	for _, c := range []byte(b) {
		high = high*10 + digit(c)
	}
	return low, high
}

// fits says whether digits are a national number of the plan, without its national prefix.
func (p *plan) fits(nsn []byte) bool {
	if len(nsn) < 5 {
		return false
	}
	i := two(nsn)
	return len(nsn) >= int(p.min[i]) && len(nsn) <= int(p.max[i]) && (!p.nanp || nsn[3] >= '2')
}

// starts marks the first two digits with which a number without a plus may begin in the region: its national prefix,
// its country code, a mobile number that lost its zero, or any number where there is no national prefix.
func (p *plan) starts(t *[100]bool) {
	for i := range t {
		d := string([]byte{byte('0' + i/10), byte('0' + i%10)})
		same := func(prefix string) bool {
			return prefix != "" && (strings.HasPrefix(d, prefix) || strings.HasPrefix(prefix, d))
		}
		if same(p.trunk) || same(p.code) || p.mobile[i] || p.trunk == "" && p.max[i] > 0 || d == "00" {
			t[i] = true
		}
	}
	if len(p.code) == 1 {
		t[digit(p.code[0])*10] = true
	}
}

// country is what the beginning of a number says.
type country struct {
	code string // "" where none is assigned
	plan *plan  // nil for a country without one
}

// countries are by the first three digits of a number.
var countries = func() (t [1000]country) {
	for i := range t {
		d := string([]byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)})
		for _, c := range strings.Fields(oneTwoDigit) {
			if strings.HasPrefix(d, c) {
				t[i].code = c
			}
		}
		if t[i].code == "" && slices.Contains(strings.Fields(threeDigit), d[:2]) {
			t[i].code = d
		}
		t[i].plan = plansByCode[t[i].code]
	}
	return t
}()
