package unpack

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"
)

// tags are the markup of HTML and XML: tags are left out of the view or stand for a line's or a cell's end, entities are
// resolved. Comments and CDATA are text. What stands in a tag is in the text itself; a tag with entities in it is also handed
// over with them resolved, beside.
type tags struct {
	t      *tap
	in     bool // inside a tag
	quote  byte // that ends the value that it is in
	prev   byte
	size   int    // of the tag so far
	held   []byte // of the tag, while it may have entities
	at     int64  // where held begins
	attrs  aside
	run    *run85   // ascii85 that is read
	note   *escapes // of the comment that it is in, which has a view of its own
	prior  [2]byte  // the last bytes of it
	inner  *escapes // as note, while there is none
	within bool     // it is in a comment itself
}

const (
	maxTag     = 64 << 10 // longer ones are text
	maxHeld    = 4 << 10
	longestTag = 40 // of what tells what a tag is
)

func (g *tags) longest() int { return longestTag }

// next finds the first of two bytes. It looks for both in pieces that grow, so that neither is looked for in vain again and
// again.
func (g *tags) next(b []byte, _ bool) int {
	for i, k := 0, 64; i < len(b); i, k = i+k, 2*k {
		piece := b[i:min(len(b), i+k)]
		j := bytes.IndexByte(piece, '<')
		if j >= 0 {
			piece = piece[:j]
		}
		if h := bytes.IndexByte(piece, '&'); h >= 0 {
			return i + h
		}
		if j >= 0 {
			return i + j
		}
	}
	return -1
}

func (g *tags) resolve(b, buf []byte) (letter []byte, size int) {
	if b[0] == '&' {
		return entity(b, buf)
	}
	switch {
	case len(b) < 2:
		return nil, 0
	case b[1] == '~' && g.t.runs != nil && begins85(b[2:]):
		g.run = &run85{poured: g.t.pour("ascii85", "", -1)}
		return append(buf, '\n'), 2
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return buf, 9
	case bytes.HasPrefix(b, []byte("<!--")):
		if g.within {
			return append(buf, '\n'), 4
		}
		if g.inner == nil {
			g.inner = &escapes{t: g.t, f: &tags{t: g.t, within: true}}
		}
		g.note, g.prior, g.at = g.inner, [2]byte{'-', '-'}, -1
		return buf, 4
	}
	i := 1
	if strings.IndexByte("/!?", b[1]) >= 0 {
		i++
	}
	first := i
	for i < min(len(b), longestTag-2) && (b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z' || i > first && (b[i] == ':' || b[i]-'0' <= 9)) {
		i++
	}
	if i == first {
		return nil, 0
	}
	g.in, g.quote, g.prev, g.size, g.held = true, 0, 0, 0, g.held[:0]
	var low [longestTag]byte
	for k, c := range b[first:i] {
		low[k] = c | 0x20 // a digit has the bit, a colon too
	}
	return append(buf, gap(string(low[:i-first]))...), i
}

// gap is what stands for a tag in the view: nothing for those that only change how letters look.
func gap(name string) string {
	switch name {
	case "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
		"nobr", "o:p", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr":
		return ""
	case "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form",
		"h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre", "section", "table",
		"tbody", "textarea", "tfoot", "thead", "title", "tr", "ul":
		return "\n"
	}
	return "\t"
}

// skip leaves out the rest of a tag.
func (g *tags) skip(b []byte, off int64) (int, error) {
	if g.run != nil {
		if g.run.at < 0 {
			g.run.at = off
		}
		n, more, err := g.run.feed(b, off)
		if !more {
			g.run = nil
		}
		return n, err
	}
	if g.note != nil {
		return g.comment(b, off)
	}
	if !g.in {
		return 0, nil
	}
	i := g.ends(b)
	if len(g.held) == 0 && !g.in && bytes.IndexByte(b[:i], '&') < 0 {
		return i, nil
	}
	if err := g.hold(b[:i], off); err != nil {
		return i, err
	}
	if g.in {
		return i, nil
	}
	return i, g.release(true)
}

// comment takes what belongs to a comment. It is text as any other, but what stands before and behind it is seen as one.
func (g *tags) comment(b []byte, off int64) (int, error) {
	i := 0
	for {
		k := bytes.IndexByte(b[i:], '>')
		if k < 0 {
			i = len(b)
			break
		}
		i += k + 1
		if last := append(g.prior[:2:2], b[max(i-3, 0):i-1]...); bytes.HasSuffix(last, []byte("--")) {
			return i, g.uncomment(b[:i], off)
		}
	}
	last := append(g.prior[:2:2], b[max(i-2, 0):i]...)
	copy(g.prior[:], last[len(last)-2:])
	return i, g.commented(b, off, false)
}

func (g *tags) commented(b []byte, off int64, last bool) error {
	if g.at < 0 {
		g.at = off
		g.note.base = off - int64(len(g.note.carry))
	}
	return g.note.scan(b, last)
}

// uncomment ends the comment. What is begun in it does not go on in the next.
func (g *tags) uncomment(b []byte, off int64) error {
	err := g.commented(b, off, false)
	if err == nil {
		_, err = g.note.step(g.note.carry, true)
	}
	n := g.note
	g.note, n.carry, n.back = nil, n.carry[:0], n.back[:0]
	if err == nil && n.open {
		n.open = false
		err = n.view.put([]byte("\n\n"))
	}
	return err
}

// ends looks for the end of the tag.
func (g *tags) ends(b []byte) int {
	if k := bytes.IndexByte(b[:min(len(b), 64)], '>'); k >= 0 && g.quote == 0 && !bytes.ContainsAny(b[:k], "\"'<") {
		g.in = false
		return k + 1
	}
	for i, c := range b {
		if g.size++; g.size > maxTag {
			g.in = false
			return i
		}
		switch {
		case g.quote != 0:
			if c == g.quote {
				g.quote = 0
			}
		case c == '>':
			g.in = false
			return i + 1
		case c == '<': // the tag before it had no end
			g.in = false
			return i
		case (c == '"' || c == '\'') && (g.prev == '=' || g.prev == ' '):
			g.quote = c
		}
		g.prev = c
	}
	return len(b)
}

// hold keeps the tag, and hands over what is too long to be kept.
func (g *tags) hold(b []byte, off int64) error {
	for len(b) > 0 {
		if len(g.held) == 0 {
			g.at = off
		}
		k := min(len(b), maxHeld-len(g.held))
		g.held = append(g.held, b[:k]...)
		b, off = b[k:], off+int64(k)
		if len(g.held) == maxHeld {
			if err := g.release(false); err != nil {
				return err
			}
		}
	}
	return nil
}

// release hands over the tag with its entities resolved, if it has any, up to where no identifier is cut.
func (g *tags) release(all bool) error {
	b := g.held
	if !all {
		if k := bytes.LastIndexAny(b, viewEnds); k > maxHeld/2 {
			b = b[:k+1]
		}
	}
	rest := g.held[len(b):]
	err := g.resolved(b)
	g.at += int64(len(b))
	g.held = g.held[:copy(g.held, rest)]
	return err
}

func (g *tags) resolved(b []byte) error {
	if bytes.IndexByte(b, '&') < 0 {
		return nil
	}
	g.attrs.beside(g.t)
	var buf [16]byte
	for i := 0; i < len(b); {
		k := bytes.IndexByte(b[i:], '&')
		if k < 0 {
			k = len(b) - i
		}
		if err := g.attrs.copy(b[i:i+k], g.t, g.at+int64(i)); err != nil {
			return err
		}
		if i += k; i == len(b) {
			break
		}
		letter, size := entity(b[i:], buf[:0])
		at := g.t.way.back(g.at + int64(i))
		if size == 0 {
			letter, size = append(buf[:0], '&'), 1
		}
		if err := g.attrs.letter(letter, at); err != nil {
			return err
		}
		i += size
	}
	return g.attrs.put([]byte("\n\n"))
}

func (g *tags) finish() error {
	if g.run != nil {
		if err := g.run.last(); err != nil {
			return err
		}
	}
	if err := g.release(true); err != nil {
		return err
	}
	if g.inner != nil {
		if err := g.inner.scan(nil, true); err != nil {
			return err
		}
	}
	return g.attrs.finish()
}

func (g *tags) close() {
	g.attrs.close()
	if g.inner != nil {
		g.inner.close()
	}
	if g.run != nil {
		g.run.close()
	}
}

// begins85 says whether what follows <~ may be ascii85: it goes on without a blank.
func begins85(b []byte) bool {
	b = b[:min(len(b), 20)]
	if bytes.Contains(b, []byte("~>")) {
		return true
	}
	for _, c := range b {
		if (c < '!' || c > 'u') && c != 'z' && c != '\n' && c != '\r' {
			return false
		}
	}
	return len(b) > 0
}

// entity resolves an entity of HTML or XML: &#45; &#x2d; &nbsp; and, as browsers do, numbers without their semicolon.
func entity(b, buf []byte) (letter []byte, size int) {
	if len(b) < 3 {
		return nil, 0
	}
	if b[1] == '#' {
		return numbered(b, buf)
	}
	i := 1
	for i < min(len(b), 32) && (b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z' || i > 1 && b[i]-'0' <= 9) {
		i++
	}
	if i == 1 || i == len(b) || b[i] != ';' {
		if bytes.HasPrefix(b, []byte("&nbsp")) {
			return append(buf, "\u00a0"...), 5
		}
		return nil, 0
	}
	name := string(b[:i+1])
	if s := html.UnescapeString(name); s != name && !strings.HasSuffix(s, ";") {
		return append(buf, s...), i + 1
	}
	return nil, 0
}

func numbered(b, buf []byte) (letter []byte, size int) {
	i, base := 2, rune(10)
	if b[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	first, r := i, rune(0)
	for ; i < min(len(b), 12) && rune(hexValues[b[i]]) < base; i++ {
		r = r*base + rune(hexValues[b[i]])
	}
	if i == first || r > utf8.MaxRune || r == 0 {
		return nil, 0
	}
	letter = utf8.AppendRune(buf, r)
	if r < 0xa0 && r >= 0x80 { // as browsers read it
		letter = append(buf, html.UnescapeString(string(b[:i])+";")...)
	}
	if i < len(b) && b[i] == ';' {
		i++
	}
	return letter, i
}
