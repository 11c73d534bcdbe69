package matcher

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leakwatch/leak"
)

// TestHetuChecks: of every date, sign and number exactly one check character is right, and exactly the dates that exist.
func TestHetuChecks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, m, y := rapid.IntRange(0, 32).Draw(t, "d"), rapid.IntRange(0, 13).Draw(t, "m"), rapid.IntRange(0, 99).Draw(t, "y")
		sign := hetuSigns[rapid.IntRange(0, len(hetuSigns)-1).Draw(t, "sign")]
		n := rapid.IntRange(0, 999).Draw(t, "n")
		head := fmt.Sprintf("%02d%02d%02d%c%03d", d, m, y, sign, n)
		var right []reason
		for _, c := range hetuTable {
			if r := checkHetu([]byte(head + string(c))); r != badChecksum {
				right = append(right, r)
			}
		}
		want := good
		switch {
		case !date(hetuCentury(sign)+y, m, d):
			want = badDate
		case n < 2:
			want = badFormat
		case n >= 900:
			want = testOnly
		}
		if len(right) != 1 || right[0] != want {
			t.Fatalf("%v right ones, want one: %d", right, want)
		}
	})
}

// TestOneDigitWrongIsNoticed: the check digits notice every single wrong digit.
func TestOneDigitWrongIsNoticed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.SampledFrom([]string{"15108695088", "4505577104", "8803200016"}).Draw(t, "number")
		i, by := rapid.IntRange(0, len(good)-1).Draw(t, "place"), byte(rapid.IntRange(1, 9).Draw(t, "by"))
		b := []byte(good)
		b[i] = '0' + (b[i]-'0'+by)%10
		var r reason
		switch len(b) {
		case 11:
			// k1 may be off by up to three since the extension for 2032; k2 notices.
			r = checkFnr(b)
		default:
			if good[0] == '4' {
				r = checkNhs(b)
			} else {
				_, r = checkPnr(b, 0, 20261122)
			}
		}
		if r != badChecksum {
			t.Fatalf("place %d: %s", i, reasonNames[r])
		}
	})
}

// TestPhoneForms: however a number is written, it is the same.
func TestPhoneForms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.StringMatching(`4[0-6]\d{7}`).Draw(t, "number")
		sep := rapid.SampledFrom([]string{"", " ", "-", "\u00a0", "\u2011"}).Draw(t, "separator")
		at := rapid.IntRange(2, 6).Draw(t, "at")
		split := n[:at] + sep + n[at:]
		for _, form := range []string{"+358" + split, "00358" + split, "0" + split, "+358 (0)" + split, "(0" + n[:2] + ") " + n[2:], "358" + n, n} {
			c, err := canonical(kPhone, form, plans["FI"], false, 20261122)
			if err != nil || string(c[0]) != "+358"+n {
				t.Fatalf("%q is read as another number: %v", form, err)
			}
		}
	})
}

// TestFoldingIsStable: folded text folds to itself, and lengths never grow past what windows allow for.
func TestFoldingIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		var f, g folded
		f.fold([]byte(s), false)
		if len(f.text) > 2*len(s) {
			t.Fatalf("%q grew to %q", s, f.text)
		}
		once := string(f.text)
		g.fold([]byte(once), false)
		if string(g.text) != once {
			t.Fatalf("%q folds to %q, and that to %q", s, once, g.text)
		}
	})
}

// TestKindsAgreeWithLeak: this package's shortcuts are leak's rules.
func TestKindsAgreeWithLeak(t *testing.T) {
	t.Parallel()
	for k := range kinds {
		name := kindNames[k]
		if k.tokenised() != name.Tokenised() || k.address() != name.Address() || kindClasses[k] != name.Class() || !name.Known() {
			t.Errorf("%s differs", name)
		}
	}
	if _, ok := kindOf(leak.Kind("xx-none")); ok {
		t.Error("knows a kind that it does not")
	}
}

// TestMACs: both ways of making a MAC agree, at every length.
func TestMACs(t *testing.T) {
	t.Parallel()
	m := newMAC(&[32]byte{1, 2, 3})
	if !m.quick {
		t.Error("the quick way is not used")
	}
	for n := range 300 {
		msg := []byte(strings.Repeat("x", n))
		quick := *m.whole(msg)
		if plain := *m.plain(msg); quick != plain {
			t.Fatalf("%d bytes: they differ", n)
		}
	}
}

// TestNoAllocationForACandidate: neither a hash nor a whole chunk of candidates allocates.
func TestNoAllocationForACandidate(t *testing.T) {
	if RaceDetector {
		t.Skip("the race detector allocates")
	}
	m := inner(t, chunkSize)
	mac := newMAC(&m.rings[0].secret)
	canon := []byte("131052-308T")
	if n := testing.AllocsPerRun(100, func() { mac.of(kindPrefixes[kHetu], canon) }); n != 0 {
		t.Errorf("%.0f allocations for a hash", n)
	}
	s := newScanner(m)
	s.reg, s.today = m.registry.Load(), 20261122
	var w window
	s.raw = make([]byte, 1<<16+slack)
	w.n = copy(s.raw[:1<<16], strings.Repeat("131052-308T a.b@example.com 040 123 4567 880320-0016 15108695088 2110625629 943 476 5870 – 0105949032\n", 500))
	w.hi = w.n
	if n := testing.AllocsPerRun(20, func() { s.look(&w, false) }); n != 0 {
		t.Errorf("%.0f allocations for a chunk of candidates", n)
	}
}
