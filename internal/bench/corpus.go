package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"leakwatch/leak"
)

// planted is an identifier that was put into a text and is registered.
type planted struct {
	kind   leak.Kind
	value  string
	offset int64
}

// corpus is a text on disk and what is in it.
type corpus struct {
	name  string
	path  string
	size  int64
	ids   int // identifiers in it, registered or not
	truth []planted
}

// The four texts, see docs/performance.md.
var shapes = []struct {
	name string
	fill func(*writer)
}{{"notes", notes}, {"dump", dump}, {"paste", paste}, {"adv", adverse}}

// makeCorpora writes the texts into a folder. The same seed gives the same bytes.
func makeCorpora(dir string, o options) ([]*corpus, error) {
	var all []*corpus
	for i, s := range shapes {
		if o.only != "" && o.only != s.name {
			continue
		}
		c := &corpus{name: s.name, path: filepath.Join(dir, s.name), size: int64(o.mib) << 20}
		f, err := os.Create(c.path)
		if err != nil {
			return nil, fmt.Errorf("make text %s: %w", s.name, err)
		}
		w := &writer{c: c, b: bufio.NewWriterSize(f, 1<<20), r: rand.New(rand.NewPCG(uint64(o.seed), uint64(i)))}
		for w.n < c.size {
			s.fill(w)
		}
		c.size = w.n
		if err := errors.Join(w.b.Flush(), f.Close()); err != nil {
			return nil, fmt.Errorf("make text %s: %w", s.name, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// writer writes a text and notes what it plants.
type writer struct {
	c *corpus
	b *bufio.Writer
	r *rand.Rand
	n int64
}

func (w *writer) put(s string) {
	n, _ := w.b.WriteString(s) // an error comes out of Flush
	w.n += int64(n)
}

func (w *writer) putf(format string, args ...any) { w.put(fmt.Sprintf(format, args...)) }

// plant writes an identifier; one in 32 is registered. shown is how it stands in the text.
func (w *writer) plant(k leak.Kind, shown, value string) {
	w.c.ids++
	if w.r.IntN(32) == 0 {
		w.c.truth = append(w.c.truth, planted{k, value, w.n})
	}
	w.put(shown)
}

func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }

// any plants an identifier of any kind.
func (w *writer) any() {
	switch w.r.IntN(7) {
	case 0:
		h := hetu(w.r)
		w.plant(leak.FIHetu, h, h)
	case 1:
		e := email(w.r)
		w.plant(leak.Email, e, e)
	case 2:
		w.phone()
	case 3:
		p := pnr(w.r)
		w.plant(leak.SEPnr, p, p)
	case 4:
		f := fnr(w.r)
		w.plant(leak.NOFnr, f, f)
	case 5:
		c := cpr(w.r)
		w.plant(leak.DKCpr, c, c)
	default:
		n := nhs(w.r)
		w.plant(leak.GBNhs, n, n)
	}
}

func (w *writer) phone() {
	n := w.r.IntN(10_000_000)
	switch w.r.IntN(3) {
	case 0:
		w.plant(leak.Phone, fmt.Sprintf("+35840%07d", n), fmt.Sprintf("+35840%07d", n))
	case 1:
		w.plant(leak.Phone, fmt.Sprintf("040 %03d %04d", n/10000, n%10000), fmt.Sprintf("+35840%07d", n))
	default:
		w.plant(leak.Phone, fmt.Sprintf("07700 9%05d", n%100000), fmt.Sprintf("+4477009%05d", n%100000))
	}
}
