package matcher_test

import (
	"fmt"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// numbers are the hits and misses of a kind of digits only.
type numbers struct {
	kind    leak.Kind
	number  string            // canonical: an official example or test number where there is one
	forms   []string          // the number as it is printed and written
	hits    []hit             // other numbers, and surroundings
	misses  []string          // in which there is no candidate, in a ring that is not for tests
	counted map[string]bool   // texts with the number: whether it counts alone
	refused map[string]string // values of a clinic's table, and why; "accepted"
	grows   bool              // with another digit behind it, it is still the same number
}

// check runs them all.
func (n numbers) check(t *testing.T) {
	t.Helper()
	t.Parallel()
	k := setup(t, testRing, matcher.Options{})
	k.register("clinic-a", ref(1), n.kind, n.number)
	for _, form := range n.forms {
		for _, s := range disguises(form) {
			n.found(k, "a "+s+", b", s)
			n.found(k, s, s)
			n.found(k, "\u00abx\u00bb;\""+s+"\"\n", s)
		}
		for _, s := range []string{"x" + form, form + "xyz", "\u00e4" + form, form + "\u00e4"} {
			if !n.grows || form == n.number || s[0] > '9' {
				n.notFound(k, s)
			}
		}
	}
	n.typos(k)
	for _, h := range n.hits {
		other := setup(t, testRing, matcher.Options{})
		other.register("clinic-a", ref(1), n.kind, h.value)
		n.found(other, h.text, h.at)
	}
	real := setup(t, realRing, matcher.Options{Kinds: []leak.Kind{n.kind}})
	for _, s := range n.misses {
		if c := real.read(text(s)).tally.Candidates[n.kind]; c != 0 {
			t.Errorf("%q: %d candidates, want none", s, c)
		}
	}
	n.counts(k)
	for value, want := range n.refused {
		if got := refused(n.kind, "", value); got != want {
			t.Errorf("value %q: %s, want %s", value, got, want)
		}
	}
}

// checkCounts checks only whether the number counts.
func (n numbers) checkCounts(t *testing.T) {
	t.Helper()
	k := setup(t, testRing, matcher.Options{})
	k.register("clinic-a", ref(1), n.kind, n.number)
	n.counts(k)
}

func (n numbers) counts(k *kit) {
	k.t.Helper()
	for s, want := range n.counted {
		if r := k.read(text(s)); len(r.matches) != 1 || r.matches[0].Counted != want {
			k.t.Errorf("%q: %+v, want counted %t", s, r.matches, want)
		}
	}
}

// disguises writes a form as it may stand in a text.
func disguises(form string) []string {
	all := []string{form}
	with := func(pairs ...string) { all = append(all, strings.NewReplacer(pairs...).Replace(form)) }
	var wide, arabic []string
	for i := range 10 {
		wide = append(wide, fmt.Sprint(i), string(rune('\uff10'+i)))
		arabic = append(arabic, fmt.Sprint(i), string(rune('\u0660'+i)))
	}
	with(wide...)
	with(arabic...)
	with("-", "\u2011", ".", "\uff0e", "/", "\uff0f", " ", "\u00a0")
	with("-", "\u2013", " ", "\u2009")
	with("-", "\u2212", " ", "\u3000")
	all = append(all, form[:2]+"\u200b"+form[2:5]+"\u00ad"+form[5:])
	if i := strings.LastIndexByte(form, ' '); i > 0 {
		all = append(all, form[:i]+"\n"+form[i+1:])
	}
	return all
}

func (n numbers) found(k *kit, s, at string) {
	k.t.Helper()
	r := k.read(text(s))
	if len(r.matches) != 1 {
		k.t.Errorf("%q: %d matches, want 1", s, len(r.matches))
		return
	}
	m := r.matches[0]
	if got := s[m.Offset : m.Offset+m.Length]; got != at || m.Kind != n.kind {
		k.t.Errorf("%q: found %q as %s, want %q", s, got, m.Kind, at)
	}
}

func (n numbers) notFound(k *kit, s string) {
	k.t.Helper()
	if r := k.read(text(s)); len(r.matches) != 0 {
		k.t.Errorf("%q: found", s)
	}
}

// typos: with one digit wrong, one too many or one too few it is another number, or none.
func (n numbers) typos(k *kit) {
	k.t.Helper()
	for i := range n.number {
		b := []byte(n.number)
		b[i] = '0' + (b[i]-'0'+1)%10
		n.notFound(k, string(b))
		if n.number[i] != '0' || i > 0 { // a zero in front may be missing
			n.notFound(k, n.number[:i]+n.number[i+1:])
		}
	}
	n.notFound(k, "7"+n.number)
	if !n.grows {
		n.notFound(k, n.number+"7")
	}
}

// fill puts digits in place of the question marks of a pattern, so that a ring that is not for tests judges the number as
// why says.
func fill(t *testing.T, kind leak.Kind, pattern, why string) string {
	t.Helper()
	most := 1
	for range strings.Count(pattern, "?") {
		most *= 10
	}
	for i := range most {
		s, rest := pattern, i
		for strings.Contains(s, "?") {
			s = strings.Replace(s, "?", fmt.Sprint(rest%10), 1)
			rest /= 10
		}
		if refused(kind, "", s) == why {
			return s
		}
	}
	t.Fatalf("%s %s: nothing is %s", kind, pattern, why)
	return ""
}

// self is a number that is found as it is.
func self(n string) hit { return hit{n, n, n} }
