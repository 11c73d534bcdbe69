package matcher

import (
	"bytes"
	"fmt"
	"math/bits"
	"slices"
	"testing"
)

// FuzzGroups compares the two ways in which printed forms are read: where each separator is one character, at once, and
// group by group, where a line may end in them as well. The second reads what the first does.
func FuzzGroups(f *testing.F) {
	for _, seed := range []string{"943 476 5870 ", "943 476 5870\n6031", "123-45-6789", "1. 123.45.6789. 12", "943-476\n5870", "943 476 \r\n  5870", "010170-12345",
		"999 590 4071 4071", "4071 999 590 4071", "85.07.30-033.28", "756.9217.0769.85", "1 85 05 78 006 084 91", "2-3-4 5-6"} {
		f.Add([]byte(seed))
	}
	s := newScanner(looking(f))
	s.reg, s.today = s.m.registry.Load(), 20261122
	s.want = s.reg.wanted()
	s.prepare()
	f.Fuzz(func(t *testing.T, text []byte) {
		b := append(bytes.Clone(text[:min(len(text), 1<<10)]), make([]byte, slack)...)[:min(len(text), 1<<10)]
		for at := range b {
			m := digitMask(b[at : len(b)+slack])
			n := bits.TrailingZeros64(^m)
			if n == 0 || n >= len(s.triage.forms) || at > 0 && b[at-1]-'0' <= 9 {
				continue
			}
			s.grouped(b, at, n, m)
			quick := s.taken()
			s.groups(b, at, n)
			if slow := s.taken(); !slices.Equal(quick, slow) {
				t.Fatalf("at %d of %q: %v at once, %v group by group", at, b, quick, slow)
			}
		}
	})
}

// taken empties the queue, and gives what was in it, in order.
func (s *scanner) taken() (all []string) {
	for _, c := range s.queue.all {
		message := s.queue.short[c.sum][len(kindPrefixes[c.kind]):]
		all = append(all, fmt.Sprintf("%s %d-%d %b %s", kindNames[c.kind], c.start, c.end, c.marks, bytes.TrimRight(message, "\x00")))
	}
	slices.Sort(all)
	s.queue.clear()
	return all
}
