package matcher

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leakwatch/leak"
)

// maker makes numbers of a kind: a pattern in which each ? is a check digit to be found.
type maker struct {
	kind    leak.Kind
	pattern func(t *rapid.T) string
	checked bool // the check digit notices every single wrong digit
}

// drawn is a number below 10^n, with n digits.
func drawn(t *rapid.T, n int) string {
	return fmt.Sprintf("%0*d", n, rapid.IntRange(0, pow10(n)-1).Draw(t, "digits"))
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// among draws one of several beginnings.
func among(t *rapid.T, beginnings ...string) string {
	return rapid.SampledFrom(beginnings).Draw(t, "beginning")
}

// born draws a day from 1916 to 2025.
func born(t *rapid.T) time.Time {
	return time.Date(1916, 1, 1+rapid.IntRange(0, 40177).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
}

// baltic is the pattern that Estonia and Lithuania share.
func baltic(t *rapid.T) string {
	d := born(t)
	return fmt.Sprintf("%d%s%s?", (d.Year()/100-18)*2+1+rapid.IntRange(0, 1).Draw(t, "sex"), d.Format("060102"), drawn(t, 3))
}

// birthNumber is a Czech or Slovak number.
func birthNumber(t *rapid.T) string {
	d, woman := born(t), rapid.IntRange(0, 1).Draw(t, "woman")
	n := fmt.Sprintf("%02d%02d%02d%s", d.Year()%100, int(d.Month())+50*woman, d.Day(), drawn(t, 3))
	if d.Year() < 1954 {
		return n
	}
	return n + "?"
}

var makers = []maker{
	{leak.DKCpr, func(t *rapid.T) string { return born(t).Format("020106") + among(t, "4", "9") + drawn(t, 3) }, false},
	{leak.NOFnr, func(t *rapid.T) string { return born(t).Format("020106") + drawn(t, 3) + "??" }, true},
	{leak.GBNhs, func(t *rapid.T) string { return (among(t, "4", "60", "7", "32", "39") + drawn(t, 8))[:9] + "?" }, true},
	{leak.EEIk, baltic, false},
	{leak.LTAk, baltic, false},
	{leak.LVPk, func(t *rapid.T) string {
		d := born(t)
		return d.Format("020106") + fmt.Sprint(d.Year()/100-18) + drawn(t, 3) + "?"
	}, false},
	{leak.LVPk, func(t *rapid.T) string { return "32" + drawn(t, 8) + "?" }, false},
	{leak.ISKt, func(t *rapid.T) string {
		d := born(t)
		return d.Format("020106") + fmt.Sprint(rapid.IntRange(20, 99).Draw(t, "serial")) + "?" + map[int]string{19: "9", 20: "0"}[d.Year()/100]
	}, false},
	{leak.NLBsn, func(t *rapid.T) string { return among(t, "0", "1", "2", "8") + drawn(t, 7) + "?" }, true},
	{leak.BENrn, func(t *rapid.T) string {
		return born(t).Format("060102") + fmt.Sprintf("%03d", rapid.IntRange(1, 998).Draw(t, "serial")) + "??"
	}, false},
	{leak.PTNif, func(t *rapid.T) string { return among(t, "1", "2", "3") + drawn(t, 7) + "?" }, false},
	{leak.PTNif, func(t *rapid.T) string { return "45" + drawn(t, 6) + "?" }, false},
	{leak.PTSns, func(t *rapid.T) string { return "12" + drawn(t, 7) }, false},
	{leak.PLPesel, func(t *rapid.T) string {
		d := born(t)
		return fmt.Sprintf("%02d%02d%02d%s?", d.Year()%100, int(d.Month())+(d.Year()-1900)/100*20, d.Day(), drawn(t, 4))
	}, true},
	{leak.CSRc, birthNumber, false},
	{leak.CHAhv, func(t *rapid.T) string { return "756" + drawn(t, 9) + "?" }, true},
	{leak.ATSvnr, func(t *rapid.T) string {
		return fmt.Sprint(rapid.IntRange(100, 999).Draw(t, "serial")) + "?" + born(t).Format("020106")
	}, true},
	{leak.USSsn, func(t *rapid.T) string { return "12345" + among(t, "1", "7") + drawn(t, 3) }, false},
	{leak.USItin, func(t *rapid.T) string { return "9" + drawn(t, 2) + among(t, "50", "65", "70", "99") + drawn(t, 4) }, false},
	{leak.CASin, func(t *rapid.T) string { return among(t, "1", "7", "9") + drawn(t, 7) + "?" }, true},
	{leak.CAOnHcn, func(t *rapid.T) string { return among(t, "1", "9") + drawn(t, 8) + "?" }, true},
	{leak.AUMcn, func(t *rapid.T) string { return among(t, "2", "6") + drawn(t, 7) + "?" }, true},
	{leak.AUIhi, func(t *rapid.T) string { return "800360" + drawn(t, 9) + "?" }, true},
	{leak.BRCpf, func(t *rapid.T) string { return drawn(t, 9) + "??" }, false},
	{leak.BRCns, func(t *rapid.T) string { return among(t, "1", "2", "7", "8", "9") + drawn(t, 13) + "?" }, false},
	{leak.INAadhaar, func(t *rapid.T) string { return among(t, "2", "9") + drawn(t, 10) + "?" }, true},
}

// make draws a number, and skips the draw when no check digit fits it.
func (m maker) make(t *rapid.T) string {
	k, _ := kindOf(m.kind)
	pattern := m.pattern(t)
	marks := strings.Count(pattern, "?")
	for i := range pow10(marks) {
		n := pattern
		for _, c := range fmt.Sprintf("%0*d", marks, i)[:marks] {
			n = strings.Replace(n, "?", string(c), 1)
		}
		if _, r := rules[k].digits.canon([]byte(n)); r == good || r == unsure && rules[k].digits.check([]byte(n)) == unsure && marks == 0 {
			return n
		}
	}
	t.Skip("no check digit fits")
	return ""
}

// inForm writes a number in one of its kind's forms; digits that a form has beyond it are 1.
func inForm(n, pattern string) string {
	var b strings.Builder
	for _, c := range pattern {
		switch {
		case c != '9':
			b.WriteRune(c)
		case n == "":
			b.WriteByte('1')
		default:
			b.WriteByte(n[0])
			n = n[1:]
		}
	}
	return b.String()
}

// finds says how often a text has a kind's candidates, on a matcher that looks for all kinds.
func finds(t rapid.TB, m *Matcher, kind leak.Kind, text string) int64 {
	r := m.Begin(nil)
	if err := r.Text(context.Background(), leak.Text{Reader: strings.NewReader(text)}); err != nil {
		t.Fatal(err)
	}
	return r.Tally().Candidates[kind]
}

// looking makes a matcher that looks for all kinds.
func looking(t testing.TB) *Matcher {
	t.Helper()
	m, err := New(Keys{Rings: []Key{{ID: "test-rk1", Secret: [32]byte{1}}}, Index: []Key{{ID: "pk-1", Secret: [32]byte{2}}},
		Find: []Key{{ID: "pk-2", Secret: [32]byte{3}}}}, Options{Kinds: kindNames[:]})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestNumbersComeBack: a valid number is canonical, in each of its forms and as it stands in text.
func TestNumbersComeBack(t *testing.T) {
	t.Parallel()
	m := looking(t)
	for _, maker := range makers {
		k, _ := kindOf(maker.kind)
		r := &rules[k].digits
		t.Run(string(maker.kind), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				n := maker.make(t)
				for _, pattern := range append(append([]string{""}, r.printed...), r.loose...) {
					form := n
					if pattern != "" {
						if digits := strings.Count(pattern, "9"); digits < len(n) || digits > len(n) && r.keep == 0 {
							continue // a form for numbers of another length
						}
						form = inForm(n, pattern)
					}
					c, err := canonical(k, " "+form+"\t", nil, false, 20261122)
					if err != nil || string(c[0]) != n {
						t.Fatalf("%s as %q: canonical form %q, %v", n, form, c, err)
					}
					if finds(t, m, maker.kind, "x "+form+", y") != 1 {
						t.Fatalf("%s as %q: not found in text", n, form)
					}
				}
			})
		})
	}
}

// TestOneDigitWrong: where a check digit promises it, no single wrong digit is taken.
func TestOneDigitWrong(t *testing.T) {
	t.Parallel()
	for _, maker := range makers {
		if !maker.checked {
			continue
		}
		k, _ := kindOf(maker.kind)
		t.Run(string(maker.kind), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				b := []byte(maker.make(t))
				i, by := rapid.IntRange(0, len(b)-1).Draw(t, "place"), byte(rapid.IntRange(1, 9).Draw(t, "by"))
				b[i] = '0' + (b[i]-'0'+by)%10
				if _, taken := rules[k].digits.check(b).judged(); taken {
					t.Fatalf("place %d: taken", i)
				}
			})
		})
	}
}

// TestEveryDigitKindIsMade holds the list of makers to the table of kinds.
func TestEveryDigitKindIsMade(t *testing.T) {
	t.Parallel()
	made := map[leak.Kind]bool{}
	for _, m := range makers {
		made[m.kind] = true
	}
	for k := range kinds {
		if rules[k].digits.check != nil && !made[kindNames[k]] {
			t.Errorf("%s has no maker", kindNames[k])
		}
		if rules[k].canon == nil && rules[k].digits.check == nil || kindNames[k] == "" {
			t.Errorf("kind %d, %q: no rule", k, kindNames[k])
		}
	}
}

// TestNoAllocationForNumbers: with all kinds looked for, numbers in all their forms cost no memory each.
func TestNoAllocationForNumbers(t *testing.T) {
	if RaceDetector {
		t.Skip("the race detector allocates")
	}
	m := looking(t)
	s := newScanner(m)
	s.reg, s.today = m.registry.Load(), 20261122
	var b strings.Builder
	for _, n := range []string{"36805280109", "161175-19997", "120174-3399", "1112.22.333", "85.07.30-033.28", "123 456 789", "44051401359", "710319/2745",
		"756.9217.0769.85", "1237 010180", "123-45-6789", "912-90-3456", "123-456-782", "9876-543-217-XX", "2123 45670 1", "8003 6081 6669 0503",
		"390.533.447-05", "700 5088 4404 0151", "2341 2341 2346", "450 557\n7104", "012345672"} {
		b.WriteString("a " + n + ", ")
	}
	var w window
	s.raw = make([]byte, 1<<15+slack)
	w.n = copy(s.raw[:1<<15], strings.Repeat(b.String(), 40))
	w.hi = w.n
	n, all := testing.AllocsPerRun(20, func() { s.look(&w, false) }), 0
	for _, seen := range s.seen {
		all += len(seen)
	}
	if n != 0 || all < 40*21 {
		t.Errorf("%.0f allocations for a chunk of %d candidates", n, all)
	}
}
