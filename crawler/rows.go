package crawler

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"leakwatch/leak"
)

// cell is a piece of text that stands beside a link.
type cell struct {
	node  *html.Node
	text  string
	exact string // what an attribute says of the same: data-size, datetime
	line  bool   // free text of a line: date first, then the size
}

const (
	cellsMost = 32  // of one row
	cellText  = 512 // bytes
)

// around gives what stands in the same row of a table, item of a list, or line of preformatted text.
func (h htmlIndex) around(a *html.Node) []cell {
	if tr := within(a, "tr"); tr != nil {
		cells, known := h.rows[tr]
		if !known {
			cells = rowCells(tr)
			h.rows[tr] = cells
		}
		name := within(a, "td", "th")
		return slices.DeleteFunc(slices.Clone(cells), func(c cell) bool { return c.node == name })
	}
	if cells := spanCells(a); len(cells) > 0 {
		return cells
	}
	return []cell{{text: before(a), line: true}, {text: after(a), line: true}}
}

// spanCells is what a link holds beside the name: Express puts all into it.
func spanCells(a *html.Node) []cell {
	var cells []cell
	spans := 0
	walk(a, func(n *html.Node) bool {
		if n.Data == "span" && n.Type == html.ElementNode {
			if spans++; attr(n, "class") != "name" {
				cells = append(cells, cell{text: textOf(n)})
			}
		}
		return len(cells) < cellsMost
	})
	if spans < 2 {
		return nil
	}
	return cells
}

func rowCells(tr *html.Node) []cell {
	var cells []cell
	for td := tr.FirstChild; td != nil && len(cells) < cellsMost; td = td.NextSibling {
		if td.Data != "td" && td.Data != "th" || td.Type != html.ElementNode {
			continue
		}
		c := cell{node: td, text: textOf(td)}
		for _, name := range []string{"data-size", "data-order", "data-sort"} {
			if v := attr(td, name); v != "" && c.exact == "" {
				c.exact = v
			}
		}
		walk(td, func(n *html.Node) bool {
			if v := attr(n, "datetime"); n.Data == "time" && v != "" {
				c.exact = v
				return false
			}
			return true
		})
		cells = append(cells, c)
	}
	return cells
}

// textOf is the text in an element, as much of it as a cell may hold.
func textOf(n *html.Node) string {
	var b strings.Builder
	walk(n, func(n *html.Node) bool {
		if n.Type == html.TextNode {
			b.WriteString(n.Data[:min(len(n.Data), cellText)])
		}
		return b.Len() < cellText
	})
	s := strings.TrimSpace(b.String())
	return s[:min(len(s), cellText)]
}

// walk visits a node and what is in it, in order, until visit says no; a few hundred nodes at most, for pages nest what
// they like. Parsing bounds the depth.
func walk(n *html.Node, visit func(*html.Node) bool) {
	left := 256
	var in func(*html.Node) bool
	in = func(n *html.Node) bool {
		if left--; left < 0 || !visit(n) {
			return false
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if !in(c) {
				return false
			}
		}
		return true
	}
	in(n)
}

// after is the text from a link to the end of its line.
func after(n *html.Node) string {
	var b strings.Builder
	for s := n.NextSibling; s != nil && b.Len() < cellText; s = s.NextSibling {
		if ends(s) {
			break
		}
		line, _, more := strings.Cut(text(s), "\n")
		b.WriteString(line[:min(len(line), cellText)])
		if more {
			break
		}
	}
	return b.String()
}

// before is the text from the start of the line to a link.
func before(n *html.Node) string {
	var line string
	for s := n.PrevSibling; s != nil && len(line) < cellText; s = s.PrevSibling {
		if ends(s) {
			break
		}
		t := text(s)
		if i := strings.LastIndexByte(t, '\n'); i >= 0 {
			return t[i+1:] + line
		}
		line = t + line
	}
	return line
}

func ends(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	switch n.Data {
	case "a", "br", "hr", "li", "tr", "p", "div", "table", "ul", "pre":
		return true
	}
	return false
}

// text is what a text node says, or the text right inside an inline element.
func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if c := n.FirstChild; n.Type == html.ElementNode && c != nil && c.Type == html.TextNode {
		return c.Data
	}
	return ""
}

// timeIn is the time that stands beside a link: what an attribute says first.
func (h htmlIndex) timeIn(cells []cell) leak.Stamp {
	for _, c := range cells {
		if s, from, _ := findTime(c.exact, h.zone, h.now); from >= 0 {
			return s
		}
	}
	for i := range cells {
		if s, from, to := findTime(cells[i].text, h.zone, h.now); from >= 0 {
			if cells[i].line {
				cells[i].text = cells[i].text[to:]
			}
			return s
		}
	}
	return leak.Stamp{}
}

// sizeIn finds the size: in a line what follows the date, which timeIn took away, else a cell that is nothing but a size.
func sizeIn(cells []cell) (leak.Size, string) {
	for _, c := range cells {
		said := c.text
		if c.line {
			said = sizeOfLine(said)
		}
		size, ok := parseSize(said)
		if !ok {
			continue
		}
		if n, ok := parseSize(c.exact); ok && n.Exact() && n.Min >= size.Min && n.Max <= size.Max {
			return n, c.exact
		}
		return size, strings.TrimSpace(said)
	}
	return leak.UnknownSize, ""
}

// sizeOfLine cuts the size off the rest of a line: `   25712`, `  3.0G  Description`.
func sizeOfLine(line string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	unit, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	switch strings.ToLower(unit) {
	case "b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "bytes":
		return first + " " + unit
	}
	return first
}
