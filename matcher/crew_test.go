package matcher

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
)

// TestHelpersChangeNothing reads the same text with one worker and with several, and with every kernel that there is.
func TestHelpersChangeNothing(t *testing.T) {
	t.Parallel()
	s := mess(rand.New(rand.NewPCG(8, 9)), 300_000)
	alone := inner(t, 4096)
	alone.helpers = nil
	want := outcomeOf(t, alone, strings.NewReader(s), false)
	if len(want.Matches) < 1000 {
		t.Fatalf("only %d matches", len(want.Matches))
	}
	for name, k := range allKernels() {
		for _, helpers := range []int{0, 3} {
			m := inner(t, 4096)
			m.kernels, m.helpers = k, make(chan struct{}, helpers)
			if diff := cmp.Diff(want, outcomeOf(t, m, strings.NewReader(s), false), places); diff != "" {
				t.Fatalf("kernels %s, %d helpers: (-alone +with them)\n%s", name, helpers, diff)
			}
			if len(m.helpers) != 0 {
				t.Errorf("%d helpers are still at work", len(m.helpers))
			}
		}
	}
}

// TestAReaderMayFailBesideAHelper ends texts in every way while a helper is at work.
func TestAReaderMayFailBesideAHelper(t *testing.T) {
	t.Parallel()
	m := inner(t, 4096)
	m.helpers = make(chan struct{}, 3)
	text, broken := strings.Repeat("131052-308T some words\n", 5000), errors.New("broken")
	for name, c := range map[string]struct {
		end  func(cancel func(), p []byte) (int, error)
		want error
	}{
		"error":  {func(func(), []byte) (int, error) { return 0, broken }, broken},
		"cancel": {func(cancel func(), p []byte) (int, error) { cancel(); return len(p), nil }, context.Canceled},
		"panic":  {func(func(), []byte) (int, error) { panic("a reader that panics") }, nil},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r := m.Begin(nil)
		err := func() (err error) {
			defer func() {
				if v := recover(); v != nil && name != "panic" {
					t.Errorf("%s: panic: %v", name, v)
				}
			}()
			return r.Text(ctx, leak.Text{Reader: io.MultiReader(strings.NewReader(text), readFunc(func(p []byte) (int, error) { return c.end(cancel, p) }))})
		}()
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if n := r.Tally().Clinics["clinic-a"].Persons; n != 1 || len(m.helpers) != 0 {
			t.Errorf("%s: %d persons, %d helpers still at work", name, n, len(m.helpers))
		}
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// TestNothingOfATextIsLeftBehind looks into the scanners after a text was read.
func TestNothingOfATextIsLeftBehind(t *testing.T) {
	t.Parallel()
	m := inner(t, 4096)
	m.helpers = make(chan struct{}, 1)
	made := []*scanner{}
	m.scanners.New = func() any {
		s := newScanner(m)
		s.chunk = 4096
		made = append(made, s)
		return s
	}
	secret := []byte("131052-308T")
	text := strings.Repeat(string(secret)+" 131052\u2013308T x.y+"+strings.Repeat("z", 60)+"@example.com "+strings.Repeat("z", 60)+"@"+strings.Repeat("y", 60)+".example\n", 300)
	if err := m.Begin(nil).Text(context.Background(), leak.Text{Reader: strings.NewReader(text)}); err != nil {
		t.Fatal(err)
	}
	if len(made) < 2 {
		t.Fatalf("%d scanners were at work", len(made))
	}
	for _, s := range made {
		memory := map[string][]byte{"raw": s.raw[:cap(s.raw)], "folded": s.folded.own[:cap(s.folded.own)], "out": s.folded.out[:cap(s.folded.out)],
			"addr": s.addr[:cap(s.addr)], "base": s.base[:cap(s.base)]}
		for i := range s.queue.short[:cap(s.queue.short)] {
			memory["short"] = append(memory["short"], s.queue.short[:cap(s.queue.short)][i][:]...)
		}
		for i := range s.queue.long[:cap(s.queue.long)] {
			memory["long"] = append(memory["long"], s.queue.long[:cap(s.queue.long)][i][:]...)
		}
		for _, mac := range s.macs {
			memory["mac"] = append(append(memory["mac"], mac.msg[:cap(mac.msg)]...), mac.block[:]...)
		}
		for where, b := range memory {
			if bytes.Contains(b, secret) || bytes.Contains(b, []byte("zzzz")) {
				t.Errorf("an identifier is left in %s", where)
			}
		}
	}
}
