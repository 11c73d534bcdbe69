package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// ours is a matcher with what was planted, and as many rows of nobody as were asked for.
type ours struct{ m *matcher.Matcher }

func benchKey(id string, b byte) matcher.Key {
	k := matcher.Key{ID: id}
	for i := range k.Secret {
		k.Secret[i] = b + byte(i)
	}
	return k
}

func newOurs(o options, corpora []*corpus) (*ours, error) {
	ring := benchKey("test-bench", 1)
	m, err := matcher.New(matcher.Keys{Rings: []matcher.Key{ring}, Index: []matcher.Key{benchKey("pk-1", 2)}, Find: []matcher.Key{benchKey("pk-2", 3)}},
		matcher.Options{Regions: []string{"FI", "SE", "GB"}})
	if err != nil {
		return nil, fmt.Errorf("make the matcher: %w", err)
	}
	var tags []leak.Tag
	h, n := matcher.NewHasher(ring, "FI"), 0
	for _, c := range corpora {
		for _, p := range c.truth {
			t1, err := h.T1(p.kind, p.value)
			if err != nil {
				return nil, fmt.Errorf("hash a planted %s: %w", p.kind, err)
			}
			tag, _, err := m.Wrap("clinic", ring.ID, p.kind, t1, fmt.Sprint("ref", n%1000))
			if err != nil {
				return nil, err
			}
			n++
			tags = append(tags, tag)
		}
	}
	return &ours{m}, m.Load(1, allTags(tags, o))
}

// allTags gives the planted rows, and random ones of all kinds, whose T1 is that of no identifier.
func allTags(tags []leak.Tag, o options) iter.Seq2[leak.Tag, error] {
	kinds := []leak.Kind{leak.FIHetu, leak.Email, leak.EmailBase, leak.Phone, leak.SEPnr, leak.NOFnr, leak.DKCpr, leak.GBNhs}
	return func(yield func(leak.Tag, error) bool) {
		for _, t := range tags {
			if !yield(t, nil) {
				return
			}
		}
		r := rand.New(rand.NewPCG(uint64(o.seed), 99))
		for i := range o.registered {
			t := leak.Tag{Clinic: "clinic", Ref: fmt.Sprint("nobody", i/4), Kind: kinds[i%len(kinds)], RK: "test-bench", PK: "pk-1"}
			binary.LittleEndian.PutUint64(t.W[:], r.Uint64())
			binary.LittleEndian.PutUint64(t.W[8:], r.Uint64())
			if !yield(t, nil) {
				return
			}
		}
	}
}

// scan reads a text to its end.
func (s *ours) scan(ctx context.Context, c *corpus, onMatch func(leak.Match)) (leak.Tally, error) {
	f, err := os.Open(c.path)
	if err != nil {
		return leak.Tally{}, fmt.Errorf("open text %s: %w", c.name, err)
	}
	defer f.Close()
	r := s.m.Begin(onMatch)
	if err := r.Text(ctx, leak.Text{Reader: f}); err != nil {
		return leak.Tally{}, fmt.Errorf("read text %s: %w", c.name, err)
	}
	r.Finish()
	return r.Tally(), nil
}

// check compares what is found with what was planted.
func (s *ours) check(ctx context.Context, c *corpus) error {
	type at struct {
		kind   leak.Kind
		offset int64
	}
	want, extra := map[at]bool{}, 0
	values := map[string]bool{}
	for _, p := range c.truth {
		want[at{p.kind, p.offset}] = true
		values[p.value] = true
	}
	_, err := s.scan(ctx, c, func(m leak.Match) {
		if a := (at{m.Kind, m.Offset}); want[a] {
			delete(want, a)
		} else {
			extra++ // a registered one that was planted again, or that another text registered
		}
	})
	if err == nil && len(want) > 0 {
		err = fmt.Errorf("text %s: %d of %d planted identifiers were not found where they are", c.name, len(want), len(c.truth))
	}
	return err
}

// row is a line of the table.
type row struct {
	corpus     *corpus
	ours, rg   []time.Duration // on the clock
	oursCPU    []time.Duration
	rgCPU      []time.Duration
	candidates int64
	allocs     uint64
	memory     uint64 // bytes that the process holds
}

// The identifiers that the matcher looks for here, as patterns. They find candidates only: no check digit, no hash, no
// look-up.
var patterns = []string{
	`\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b`,
	`[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`,
	`(?:\+|\b0)\d[\d ().-]{5,16}\d\b`,
	`\b(?:\d{2})?\d{6}[-+]?\d{4}\b`,
	`\b\d{6}[ -]?\d{5}\b`,
	`\b\d{6}-?\d{4}\b`,
	`\b\d{3}[ -]?\d{3}[ -]?\d{4}\b`,
}

// measure runs both programs in turn on every text.
func measure(ctx context.Context, o options, s *ours, rg string, corpora []*corpus) ([]row, error) {
	rows := make([]row, len(corpora))
	for i, c := range corpora {
		rows[i].corpus = c
		if err := s.check(ctx, c); err != nil {
			return nil, err
		}
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, err
		}
		defer pprof.StopCPUProfile()
	}
	for range o.rounds {
		for i := range rows {
			if err := rows[i].round(ctx, s, rg); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

func (r *row) round(ctx context.Context, s *ours, rg string) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), cpuTime()
	tally, err := s.scan(ctx, r.corpus, nil)
	if err != nil {
		return err
	}
	r.ours, r.oursCPU = append(r.ours, time.Since(start)), append(r.oursCPU, cpuTime()-cpu)
	runtime.ReadMemStats(&after)
	r.allocs, r.memory, r.candidates = after.Mallocs-before.Mallocs, after.HeapInuse, 0
	for _, n := range tally.Candidates {
		r.candidates += n
	}
	if rg == "" {
		return nil
	}
	args := []string{"--no-config", "-ob", "-a", "-N", "--no-filename", "--no-unicode"}
	for _, p := range patterns {
		args = append(args, "-e", p)
	}
	cmd := exec.CommandContext(ctx, rg, append(args, r.corpus.path)...)
	start = time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run rg: %w", err)
	}
	r.rg = append(r.rg, time.Since(start))
	r.rgCPU = append(r.rgCPU, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	return nil
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}
