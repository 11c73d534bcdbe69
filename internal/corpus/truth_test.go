package corpus_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
)

const (
	seed   = 1
	chains = 100
)

// known are shapes that are not read as they should be, with the reason, which docs/formats.md gives as a limit.
var known = map[string]string{}

// TestTruth makes a document of every shape, with every kind in it, and reads it as the service does. Everything that was
// planted is found, counts, and is where it is; nothing else is found. What cannot be read says so.
func TestTruth(t *testing.T) {
	t.Parallel()
	people := corpus.People(seed, 200)
	reader, err := corpus.NewReader(people, parsers(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range corpus.Kinds() {
		if !reader.Knows(k) {
			t.Errorf("%s is not looked for", k)
		}
	}
	table := &table{}
	t.Cleanup(func() { t.Log("\n" + table.String()) })
	for _, s := range corpus.Shapes() {
		t.Run(s.Group+"/"+s.Name, func(t *testing.T) {
			t.Parallel()
			d := s.Make(seed, people)
			res, err := reader.Read(context.Background(), d, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			table.add(s, d, res)
			if why := known[s.Group+"/"+s.Name]; why != "" {
				t.Skip(why)
			}
			check(t, d, res)
		})
	}
}

// TestAnyChain reads documents that were encoded and packed by any stages in any order.
func TestAnyChain(t *testing.T) {
	t.Parallel()
	people := corpus.People(seed, 200)
	reader, err := corpus.NewReader(people, parsers(t))
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(chains) {
		s := corpus.Chain(seed + n)
		t.Run(fmt.Sprintf("%d/%s", n, s.Name), func(t *testing.T) {
			t.Parallel()
			d := s.Make(seed, people)
			res, err := reader.Read(context.Background(), d, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			check(t, d, res)
		})
	}
}

// TestCutShort keeps the first part of documents: what is missing then has a reason, and what is there is found.
func TestCutShort(t *testing.T) {
	t.Parallel()
	people := corpus.People(seed, 200)
	reader, err := corpus.NewReader(people, parsers(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range corpus.Shapes() {
		if s.Group != "compression" && s.Group != "container" || s.Name == "Z" { // which has neither an end nor a length
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := corpus.Cut(s.Make(seed, people))
			res, err := reader.Read(context.Background(), d, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			check(t, d, res)
		})
	}
}

// check compares what was found with the truth. It names kinds, never values.
func check(t *testing.T, d corpus.Document, res corpus.Result) {
	t.Helper()
	if len(res.Missed) > 0 && (d.Readable || len(res.Report.Reasons) == 0) {
		t.Errorf("seed %d: missed %s; the report is %s %q", seed, list(res.Missed), res.Report.Completeness, res.Report.Reasons)
	}
	if d.Readable && len(res.Uncounted) > 0 {
		t.Errorf("seed %d: not counted: %s", seed, list(res.Uncounted))
	}
	if d.Readable && len(res.Misplaced) > 0 {
		t.Errorf("seed %d: at another place: %s", seed, list(res.Misplaced))
	}
	for _, m := range res.Extra {
		t.Errorf("seed %d: %s was not planted", seed, m.Kind)
	}
}

// list names kinds, with their numbers.
func list(marks []corpus.Mark) string {
	n := map[leak.Kind]int{}
	for _, m := range marks {
		n[m.Kind]++
	}
	if len(n) > 35 {
		return "nearly everything"
	}
	var out []string
	for k, n := range n {
		out = append(out, fmt.Sprintf("%d %s", n, k))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// table counts what was found of what was planted, by kind and group of shapes.
type table struct {
	mu     sync.Mutex
	groups []string
	cells  map[string][2]int // by kind and group
	shapes map[string]int
}

func (t *table) add(s corpus.Shape, d corpus.Document, res corpus.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cells == nil {
		t.cells, t.shapes = map[string][2]int{}, map[string]int{}
	}
	if t.shapes[s.Group]++; !slices.Contains(t.groups, s.Group) {
		t.groups = append(t.groups, s.Group)
		slices.Sort(t.groups)
	}
	note := func(k leak.Kind, planted, missed int) {
		c := t.cells[string(k)+" "+s.Group]
		t.cells[string(k)+" "+s.Group] = [2]int{c[0] + planted - missed, c[1] + planted}
	}
	for _, m := range d.Marks {
		note(m.Kind, 1, 0)
	}
	for _, m := range res.Missed {
		note(m.Kind, 0, 1)
	}
}

func (t *table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %-7s", "found of", "class")
	for _, g := range t.groups {
		fmt.Fprintf(&b, " %14s", fmt.Sprintf("%s (%d)", g, t.shapes[g]))
	}
	b.WriteString("\n")
	for _, k := range append(corpus.Kinds(), leak.MRN, leak.Name) {
		fmt.Fprintf(&b, "%-12s %-7s", k, k.Class())
		for _, g := range t.groups {
			c := t.cells[string(k)+" "+g]
			fmt.Fprintf(&b, " %14s", fmt.Sprintf("%d/%d", c[0], c[1]))
		}
		b.WriteString("\n")
	}
	return b.String()
}
