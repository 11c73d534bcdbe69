package corpus

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"leakwatch/leak"
)

// Counts are what was found of what was planted in documents, by kind and group of shapes. They are for concurrent use.
type Counts struct {
	mu        sync.Mutex
	cells     map[cell]found
	documents map[string]int // by group
}

type cell struct {
	kind  leak.Kind
	group string
}

type found struct{ n, of int }

func (f found) String() string { return fmt.Sprintf("%d/%d", f.n, f.of) }

// Add counts a document that was read.
func (c *Counts) Add(s Shape, d Document, res Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cells == nil {
		c.cells, c.documents = map[cell]found{}, map[string]int{}
	}
	c.documents[s.Group]++
	note := func(marks []Mark, n, of int) {
		for _, m := range marks {
			f := c.cells[cell{m.Kind, s.Group}]
			c.cells[cell{m.Kind, s.Group}] = found{f.n + n, f.of + of}
		}
	}
	note(d.Marks, 1, 1)
	note(res.Missed, -1, 0)
}

// Groups are the groups of shapes that were read.
func (c *Counts) Groups() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.documents))
}

// Documents is how many of a group were read.
func (c *Counts) Documents(group string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.documents[group]
}

// Of gives how many identifiers of some kinds were found in a group of shapes, and how many were planted.
func (c *Counts) Of(group string, kinds func(leak.Kind) bool) (n, of int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, f := range c.cells {
		if at.group == group && kinds(at.kind) {
			n, of = n+f.n, of+f.of
		}
	}
	return n, of
}

// String is a table of kinds and groups.
func (c *Counts) String() string {
	var b strings.Builder
	groups := c.Groups()
	fmt.Fprintf(&b, "%-12s %-7s", "found of", "class")
	for _, g := range groups {
		fmt.Fprintf(&b, " %14s", fmt.Sprintf("%s (%d)", g, c.Documents(g)))
	}
	b.WriteString("\n")
	for _, k := range append(Kinds(), leak.MRN, leak.Name) {
		fmt.Fprintf(&b, "%-12s %-7s", k, k.Class())
		for _, g := range groups {
			n, of := c.Of(g, func(other leak.Kind) bool { return other == k })
			fmt.Fprintf(&b, " %14s", found{n, of})
		}
		b.WriteString("\n")
	}
	return b.String()
}
