package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
)

// measured is everything that was seen.
type measured struct {
	o     options
	texts []*text
	ours  []*build
	peers []peer

	speeds map[string][]speed // by text and program
	last   map[string]answer  // by text and build

	packed, unpacked int64 // sizes of the archive
	recall           corpus.Counts
	precision        corpus.PrecisionResult
	took             time.Duration // for the clean text
}

func (m *measured) note(t *text, who string, s speed) {
	m.speeds[t.name+" "+who] = append(m.speeds[t.name+" "+who], s)
}

// rounds runs every program on every text in turn, several times over.
func (m *measured) rounds(ctx context.Context) error {
	m.speeds, m.last = map[string][]speed{}, map[string]answer{}
	for range m.o.rounds {
		for _, t := range m.texts {
			for _, b := range m.ours {
				for workers := 1; workers <= 2; workers++ {
					a, err := b.tell(order{Do: "scan", Path: t.path, Workers: workers})
					if err != nil {
						return err
					}
					m.note(t, who(b, workers), speed{t.Size, a.Wall, a.CPU})
					if workers == 1 {
						m.last[t.name+" "+b.name] = a
					}
				}
			}
			for _, p := range m.peers {
				if p.limit > 0 && len(m.speeds[t.name+" "+p.name]) > 0 {
					continue // the slow ones run once
				}
				s, err := p.run(ctx, t)
				if err != nil {
					return err
				}
				m.note(t, p.name, s)
			}
		}
	}
	return nil
}

func who(b *build, workers int) string {
	if workers > 1 {
		return fmt.Sprintf("%s %d workers", b.name, workers)
	}
	return b.name
}

// archives compares reading a packed document with unpacking it.
func (m *measured) archives(dir string) error {
	path, size, err := mix(dir, m.texts)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	m.packed, m.unpacked = info.Size(), size
	t := &text{name: "gzip"}
	for range m.o.rounds {
		for _, b := range m.ours {
			for _, do := range []order{{"gunzip", path, 1}, {"gz", path, 1}, {"gz", path, 2}} {
				a, err := b.tell(do)
				if err != nil {
					return err
				}
				m.note(t, fmt.Sprintf("%s %s %d", b.name, do.Do, do.Workers), speed{size, a.Wall, a.CPU})
			}
		}
	}
	return nil
}

// clean reads clean text against a registry of realistic clinics.
func (m *measured) clean(ctx context.Context) error {
	if m.o.precision <= 0 {
		return nil
	}
	p, err := corpus.NewPrecision(corpus.Clinics(m.o.seed, m.o.registered))
	if err != nil {
		return err
	}
	start := time.Now()
	if m.precision, err = p.Read(ctx, corpus.Clean(m.o.seed, m.o.precision<<20)); err != nil {
		return err
	}
	m.took = time.Since(start)
	for _, f := range m.precision.Findings {
		if f.Verdict.Confidence >= leak.Probable {
			err = fmt.Errorf("clean text is told: %s, %s: %s %q", f.Where, f.Clinic, f.Verdict.Confidence, f.Verdict.Reasons)
		}
	}
	return err
}

// median is the middle one by time on the clock, and by processor time, each by itself.
func median(all []speed) speed {
	if len(all) == 0 {
		return speed{}
	}
	s := speed{bytes: all[0].bytes}
	pick := func(of func(speed) time.Duration) time.Duration {
		var d []time.Duration
		for _, s := range all {
			d = append(d, of(s))
		}
		slices.Sort(d)
		return d[len(d)/2]
	}
	s.wall, s.cpu = pick(func(s speed) time.Duration { return s.wall }), pick(func(s speed) time.Duration { return s.cpu })
	return s
}

// perWall is GB a second on the clock.
func (s speed) perWall() float64 { return float64(s.bytes) / max(s.wall.Seconds(), 1e-9) / 1e9 }

// perCPU is GB for each second of processor time.
func (s speed) perCPU() float64 { return float64(s.bytes) / max(s.cpu.Seconds(), 1e-9) / 1e9 }
