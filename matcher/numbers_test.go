package matcher_test

import (
	"fmt"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// The numbers are those of python-stdnum's documentation, or made from the rules for dates at their edges.

func TestPnr(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.SEPnr, nil, []hit{
		{"880320-0016", "198803200016", "880320-0016"},
		{"8803200016", "198803200016", "8803200016"},
		{"19880320-0016", "880320-0016", "19880320-0016"},
		{"198803200016", "880320-0016", "198803200016"},
		{"880320 0016", "880320-0016", "880320 0016"},
		{"880320—0016", "880320-0016", "880320—0016"},
		{"880320+0016", "188803200016", "880320+0016"},                                           // a hundred years and more
		{pnr("261122001"), "20" + pnr("261122001")[:6] + pnr("261122001")[7:], pnr("261122001")}, // born today
		{pnr("261123001"), "19" + pnr("261123001")[:6] + pnr("261123001")[7:], pnr("261123001")}, // tomorrow is a hundred years ago
		{"701063-2391", "197010632391", "701063-2391"},                                           // samordningsnummer
		{"personnr:880320-0016,x", "880320-0016", "880320-0016"},
	}, []string{
		"880320-0017", pnr("880231001"), "880320_0016", "880320-00160", "8803200016x", "x880320-0016", "1880320-0016",
		"880320-000", "880320.0016", "20" + pnr("261123001"), "18" + pnr("390320001"), "88-03-20-0016", pnr("880320000"),
	})
	for value, want := range map[string]string{
		"880320-0016": "accepted", "19880320 0016": "accepted", "8803200016.0": "accepted", "880320+0016": "accepted",
		"880320-0017": "checksum", pnr("880231001"): "date", "880320": "format", "20" + pnr("261123001"): "date", "880320-T016": "format",
	} {
		if got := refused(leak.SEPnr, "SE", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestPnrZerosThatASpreadsheetAte(t *testing.T) {
	t.Parallel()
	h := matcher.NewHasher(testRing, "SE")
	for eaten, whole := range map[string]string{digits(pnr("010101001"))[1:]: pnr("010101001"), digits(pnr("000101239"))[3:]: pnr("000101239")} {
		a, err1 := h.T1(leak.SEPnr, eaten)
		b, err2 := h.T1(leak.SEPnr, whole)
		if err1 != nil || err2 != nil || a != b {
			t.Errorf("%s and %s: %v, %v, equal %t", eaten, whole, err1, err2, a == b)
		}
	}
}

// pnr adds the Luhn digit to a date and a serial, and the dash.
func pnr(nine string) string {
	sum := 0
	for i, c := range nine {
		n := int(c-'0') * (2 - i%2)
		sum += n/10 + n%10
	}
	return nine[:6] + "-" + nine[6:] + string(rune('0'+(10-sum%10)%10))
}

func digits(s string) string { return strings.ReplaceAll(s, "-", "") }

func TestFnr(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.NOFnr, nil, []hit{
		{"15108695088", "15108695088", "15108695088"},
		{"151086 95088", "15108695088", "151086 95088"},
		{"151086-95088", "15108695088", "151086-95088"},
		{"fnr １５１０８６９５０８８", "15108695088", "１５１０８６９５０８８"},
		{fnr("550186123"), fnr("550186123"), fnr("550186123")}, // D-number
		{fnr("014186123"), fnr("014186123"), fnr("014186123")}, // H-number
		{fnr("018186123"), fnr("018186123"), fnr("018186123")}, // synthetic, in a ring for tests
		{fnr("290200123"), fnr("290200123"), fnr("290200123")}, // leap day
		{fnr("910186123"), fnr("910186123"), fnr("910186123")}, // FH-number
	}, []string{
		"15108695089", "15108695098", "151086 9508", "151086  95088", "1151086 95088", "15108695088a", "a15108695088", "151086/95088",
		fnr("321086123"), fnr("300286123"), fnr("011386123"), fnr("018186123"),
	})
	for value, want := range map[string]string{
		"15108695088": "accepted", "151086 95088": "accepted", fnr("010186123"): "accepted", fnr("010186123")[1:]: "accepted",
		fnr("018186123"): "test", fnr("016686123"): "test", "15108695089": "checksum", fnr("300286123"): "date", "1510869508": "checksum", "151086": "format",
	} {
		if got := refused(leak.NOFnr, "NO", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// fnr adds the two check digits, the first by the rule of before 2032; it moves the last digit on when there are none.
func fnr(nine string) string {
	for i := byte(0); i < 10; i++ {
		d := append([]byte(nine[:8]), '0'+(nine[8]-'0'+i)%10)
		k1, k2 := 0, 0
		for j, w := range []int{3, 7, 6, 1, 8, 9, 4, 5, 2} {
			k1 += w * int(d[j]-'0')
		}
		k1 = (11 - k1%11) % 11
		d = append(d, byte('0'+k1))
		for j, w := range []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2} {
			k2 += w * int(d[j]-'0')
		}
		if k2 = (11 - k2%11) % 11; k1 < 10 && k2 < 10 {
			return string(append(d, byte('0'+k2)))
		}
	}
	return ""
}

func TestCpr(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.DKCpr, nil, []hit{
		{"211062-5629", "2110625629", "211062-5629"},
		{"2110625629", "2110625629", "2110625629"},
		{"211062 5629", "2110625629", "211062 5629"},
		{"CPR:211062‑5629", "2110625629", "211062‑5629"},
		{"290200-4000", "290200-4000", "290200-4000"}, // 2000 had a leap day
	}, []string{
		"310262-5629", "211362-5629", "001062-5629", "290200-0000" /* 1900 had none */, "290200-9", "211062.5629", "211062-56290", "x2110625629",
		"1211062-5629", "211062--5629",
	})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.DKCpr, "2110625629")
	for s, want := range map[string]bool{"211062-5629": true, "2110625629": false, "211062 5629": false, "cpr-nr 2110625629": true,
		"personnummer: 2110625629": true, "2110625629 (CPR)": true, "supercpr 2110625629": false} {
		if r := k.read(text(s)); len(r.matches) != 1 || r.matches[0].Counted != want {
			t.Errorf("%q: %+v, want counted %t", s, r.matches, want)
		}
	}
	if a, b := refused(leak.DKCpr, "DK", "110625629"), refused(leak.DKCpr, "DK", "310262-5629"); a != "accepted" || b != "date" {
		t.Errorf("zero eaten: %s; no such day: %s", a, b)
	}
}

func TestNhs(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.GBNhs, nil, []hit{
		{"450 557 7104", "4505577104", "450 557 7104"},
		{"450-557-7104", "4505577104", "450-557-7104"},
		{"4505577104", "4505577104", "4505577104"},
		{"NHS 450\u00a0557\u00a07104", "4505577104", "450\u00a0557\u00a07104"},
		{"943 476 5870", "9434765870", "943 476 5870"}, // of handbooks, in a ring for tests
		{"1 450 557 7104", "4505577104", "450 557 7104"},
	}, []string{
		"450 557 7105", "450 557-7104", "4505 577 104", "450.557.7104", "450 557 71040", "x4505577104", "9434765870", "450  557 7104",
	})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.GBNhs, "4505577104")
	for s, want := range map[string]bool{"450 557 7104": true, "4505577104": false, "NHS number 4505577104": true, "name,nhs_no\nx,4505577104": true,
		"name,number\nx,4505577104": false} {
		if r := k.read(text(s)); len(r.matches) != 1 || r.matches[0].Counted != want {
			t.Errorf("%q: %+v, want counted %t", s, r.matches, want)
		}
	}
	for value, want := range map[string]string{"4505577104": "accepted", "450 557 7104": "accepted", "9434765870": "test",
		"4505577105": "checksum", "450557710": "checksum", "45055771": "format"} {
		if got := refused(leak.GBNhs, "GB", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// TestFnrOfAllSorts: ordinary ones, those of the extension for 2032, and those that are given in place of one.
func TestFnrOfAllSorts(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.NOFnr, pattern, why) }
	numbers{
		kind:   leak.NOFnr,
		number: "15108695088",
		forms:  []string{"15108695088", "151086 95088", "151086-95088"},
		hits: []hit{
			self(at("010132123??", "accepted")), self(at("410132123??", "accepted")), self(at("710132123??", "accepted")), // D-numbers
			self(at("014132123??", "accepted")), self(at("315232123??", "accepted")), // H-numbers
			self(at("018132123??", "test")), self(at("319232123??", "test")), // synthetic people
			self(at("800000123??", "accepted")), self(at("999999123??", "accepted")), // FH-numbers
		},
		misses: []string{at("720132123??", "date"), at("320132123??", "date"), at("011332123??", "date"), at("300232123??", "date"), at("018132123??", "test"),
			"01018600184", "01018600265" /* k1 is off by four */},
		counted: map[string]bool{"15108695088": true},
	}.check(t)
	// k1 is off by one to three since the extension, and by no more; k2 stays as it was.
	old, extended := 0, 0
	for i := range 100 {
		n := fmt.Sprintf("010132123%02d", i)
		if refused(leak.NOFnr, "NO", n) == "accepted" {
			extended++
			if n == fnr("010132123") {
				old++
			}
		}
	}
	if old > 1 || extended < 3 || extended > 4 {
		t.Errorf("%d by the old rule, %d in all", old, extended)
	}
	lesser := at("800000123??", "accepted")
	numbers{kind: leak.NOFnr, number: lesser, counted: map[string]bool{lesser: false, "fnr " + lesser: true}}.checkCounts(t)
}

// TestNhsOfAllParts: England and Wales, Scotland by date, Northern Ireland, tests.
func TestNhsOfAllParts(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.GBNhs, pattern, why) }
	numbers{
		kind:   leak.GBNhs,
		number: "4505577104",
		forms:  []string{"450 557 7104", "450-557-7104", "4505577104", "450557 7104"},
		hits: []hit{
			self(at("310350123?", "accepted")), self(at("300000001?", "accepted")), self(at("290200123?", "accepted")), {at("010150 123?", "accepted"), at("010150123?", "accepted"), at("010150 123?", "accepted")},
			self(at("320123456?", "accepted")), self(at("399999999?", "accepted")), self(at("600000001?", "accepted")), self(at("799999999?", "accepted")),
			self(at("999012345?", "test")), self("9434765870"),
		},
		misses: []string{at("280050123?", "date"), at("290201123?", "date"), at("001250123?", "date"), at("011350123?", "date"), at("500000001?", "format"),
			at("800000001?", "format"), at("899999999?", "format"), at("999012345?", "test")},
		counted: map[string]bool{"450 557 7104": true, "4505577104": false, "450557 7104": false, "CHI 450557 7104": true, "H&C number: 4505577104": true},
	}.check(t)
}

// TestCprForms: as it is printed, and as it is typed.
func TestCprForms(t *testing.T) {
	numbers{
		kind:    leak.DKCpr,
		number:  "2110625629", // of the register's pages
		forms:   []string{"211062-5629", "2110625629", "211062 5629"},
		hits:    []hit{self("2902004000"), self("0101584000"), self("0107999900")},
		misses:  []string{"2902000000", "2902010000", "3104620000", "0013625629"},
		counted: map[string]bool{"211062-5629": true, "2110625629": false, "211062 5629": false, "CPR-nr. 211062 5629": true},
	}.check(t)
}
