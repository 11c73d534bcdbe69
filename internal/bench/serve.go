package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/klauspost/compress/gzip"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/matcher/unpack"
)

// order is what a build is told to do.
type order struct {
	Do      string // "scan", "check", "gz" or "gunzip"
	Path    string
	Workers int // that read one text; processors, for archives
}

// answer is what came of it.
type answer struct {
	Wall, CPU  time.Duration
	Candidates int64 // distinct ones
	Allocs     uint64
	Err        string
}

// server is one build: a matcher with what was planted in all texts, and as many rows of nobody as were asked for.
type server struct {
	m     [3]*matcher.Matcher // by workers
	truth map[string][]corpus.Planted
	rows  map[[32]byte]bool // T1 of everybody who is planted in any text
	ring  matcher.Key
}

// serve does what it is told on standard input until that ends.
func serve(ctx context.Context, o options) error {
	s, err := newServer(o)
	if err != nil {
		return err
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(answer{}); err != nil { // ready
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var do order
		if err := json.Unmarshal(lines.Bytes(), &do); err != nil {
			return fmt.Errorf("read an order: %w", err)
		}
		a, err := s.do(ctx, do)
		if err != nil {
			a.Err = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
	return nil
}

func benchKey(id string, b byte) matcher.Key {
	k := matcher.Key{ID: id}
	for i := range k.Secret {
		k.Secret[i] = b + byte(i)
	}
	return k
}

func newServer(o options) (*server, error) {
	truth, err := readTexts(o.serve)
	if err != nil {
		return nil, err
	}
	ring := benchKey("test-bench", 1)
	s := &server{truth: truth, rows: map[[32]byte]bool{}, ring: ring}
	for workers := 1; workers < len(s.m); workers++ {
		if s.m[workers], err = matcher.New(matcher.Keys{Rings: []matcher.Key{ring}, Index: []matcher.Key{benchKey("pk-1", 2)}, Find: []matcher.Key{benchKey("pk-2", 3)}},
			matcher.Options{Regions: []string{"FI", "SE", "GB"}, Workers: workers}); err != nil {
			return nil, fmt.Errorf("make the matcher: %w", err)
		}
	}
	tags, err := s.planted(ring)
	for _, m := range s.m[1:] {
		err = errors.Join(err, m.Load(1, withNobody(tags, o)))
	}
	return s, err
}

// planted are the rows of everybody who is to be found, a person for each identifier.
func (s *server) planted(ring matcher.Key) ([]leak.Tag, error) {
	h, seen := matcher.NewHasher(ring, "FI"), map[string]bool{}
	var tags []leak.Tag
	for _, planted := range s.truth {
		for _, p := range planted {
			if id := string(p.Kind) + p.Canon; seen[id] {
				continue
			} else {
				seen[id] = true
			}
			t1, err := h.T1(p.Kind, p.Canon)
			if err != nil {
				return nil, fmt.Errorf("hash a planted %s: %w", p.Kind, err)
			}
			s.rows[t1] = true
			tag, _, err := s.m[1].Wrap("clinic", ring.ID, p.Kind, t1, fmt.Sprint("ref", len(tags)))
			if err != nil {
				return nil, err
			}
			tags = append(tags, tag)
		}
	}
	return tags, nil
}

// withNobody gives the planted rows, and random ones of all kinds, whose T1 is that of no identifier.
func withNobody(tags []leak.Tag, o options) iter.Seq2[leak.Tag, error] {
	return func(yield func(leak.Tag, error) bool) {
		for _, t := range tags {
			if !yield(t, nil) {
				return
			}
		}
		r := rand.New(rand.NewPCG(o.seed, 99))
		for i := range o.registered {
			t := leak.Tag{Clinic: "clinic", Ref: fmt.Sprint("nobody", i/4), Kind: corpus.Eight[i%len(corpus.Eight)], RK: "test-bench", PK: "pk-1"}
			binary.LittleEndian.PutUint64(t.W[:], r.Uint64())
			binary.LittleEndian.PutUint64(t.W[8:], r.Uint64())
			if !yield(t, nil) {
				return
			}
		}
	}
}

// do carries an order out and measures it.
func (s *server) do(ctx context.Context, do order) (a answer, err error) {
	runtime.GC() // what came before is not this one's
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), cpuTime()
	switch do.Do {
	case "scan":
		err = s.scan(ctx, do, &a)
	case "check":
		err = s.check(ctx, do)
	case "gz", "gunzip":
		old := runtime.GOMAXPROCS(do.Workers)
		defer runtime.GOMAXPROCS(old)
		start, cpu = time.Now(), cpuTime()
		if do.Do == "gz" {
			err = s.archive(ctx, do)
		} else {
			err = gunzip(do.Path)
		}
	default:
		err = fmt.Errorf("no such order: %q", do.Do)
	}
	a.Wall, a.CPU = time.Since(start), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	a.Allocs = after.Mallocs - before.Mallocs
	return a, err
}

// read reads a text to its end, as a document of its own.
func (s *server) read(ctx context.Context, do order, onMatch func(leak.Match)) (leak.Tally, error) {
	f, err := os.Open(do.Path)
	if err != nil {
		return leak.Tally{}, fmt.Errorf("open a text: %w", err)
	}
	defer f.Close()
	r := s.m[do.Workers].Begin(onMatch)
	if err := r.Text(ctx, leak.Text{Reader: f}); err != nil {
		return leak.Tally{}, fmt.Errorf("read a text: %w", err)
	}
	r.Finish()
	return r.Tally(), nil
}

// scan reads a text.
func (s *server) scan(ctx context.Context, do order, a *answer) error {
	tally, err := s.read(ctx, do, nil)
	for _, n := range tally.Candidates {
		a.Candidates += n
	}
	return err
}

// check compares what is found with what was planted: everything, where it is. What else is found must be a registered
// identifier that stands there by chance, of another text or as one of another kind.
func (s *server) check(ctx context.Context, do order) error {
	type at struct {
		kind   leak.Kind
		offset int64
	}
	want := map[at]bool{}
	for _, p := range s.truth[do.Path] {
		want[at{p.Kind, p.Offset}] = true
	}
	all := len(want)
	f, err := os.Open(do.Path)
	if err != nil {
		return fmt.Errorf("open a text: %w", err)
	}
	defer f.Close()
	extra, missed := map[leak.Kind]int{}, map[leak.Kind]int{}
	_, err = s.read(ctx, do, func(m leak.Match) {
		if a := (at{m.Kind, m.Offset}); want[a] {
			delete(want, a)
		} else if !s.registered(f, m) {
			extra[m.Kind]++
		}
	})
	for a := range want {
		missed[a.kind]++
	}
	if err == nil && len(want)+len(extra) > 0 {
		err = fmt.Errorf("%d of %d planted identifiers were not found where they are: %v; found and not registered: %v", len(want), all, missed, extra)
	}
	return err
}

// registered says whether what stands in a text where something was found is an identifier of somebody who is planted.
// A HETU that has lost its sign may be any with a sign.
func (s *server) registered(text io.ReaderAt, m leak.Match) bool {
	b := make([]byte, m.Length)
	if _, err := text.ReadAt(b, m.Offset); err != nil {
		return false
	}
	forms := []string{string(b)}
	if m.Kind == leak.FIHetu && len(b) >= 10 {
		for _, sign := range "-+ABCDEFYXWVU" {
			forms = append(forms, string(b[:6])+string(sign)+string(b[len(b)-4:]))
		}
	}
	for _, region := range []string{"FI", "SE", "GB"} {
		h := matcher.NewHasher(s.ring, region)
		for _, form := range forms {
			if t1, err := h.T1(m.Kind, form); err == nil && s.rows[t1] {
				return true
			}
		}
	}
	return false
}

// archive reads a packed document as the service does.
func (s *server) archive(ctx context.Context, do order) error {
	f, err := os.Open(do.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := s.m[do.Workers].Begin(nil)
	report, err := unpack.Walk(ctx, unpack.Input{Reader: f}, unpack.Limits{}, unpack.Sink{Text: func(t leak.Text) error { return r.Text(ctx, t) }})
	if err == nil && report.Completeness != leak.Whole {
		err = fmt.Errorf("archive: %s %q", report.Completeness, report.Reasons)
	}
	r.Finish()
	return err
}

// gunzip does nothing but unpack.
func gunzip(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, z)
	return errors.Join(err, z.Close())
}
