package unpack

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"leakwatch/leak"
)

// walk reads a node as what it is.
func (w *walker) walk(n *node) error {
	head := n.src.head(headBytes)
	if err := w.end(); err != nil {
		return err
	}
	n.format = sniff(head, n.name, n.media)
	switch {
	case n.format == fEmpty:
		w.shape(n, "")
		return nil
	case n.format == fText:
		return w.walkLetters(n, head)
	case w.parses(n.format):
		return w.walkParsed(n)
	case !opened(n.format), n.format == fBrotli && !isBrotli(head):
		return w.walkUnreadable(n)
	case !w.deeper(n):
		w.shape(n, "")
		return nil
	}
	switch n.format {
	case fTar:
		return w.walkTar(n)
	case fZip:
		return w.walkZip(n)
	case fCpio:
		return w.walkCpio(n)
	case fAr:
		return w.walkAr(n)
	case fRPM:
		return w.walkRPM(n)
	case fISO:
		return w.walkISO(n)
	}
	return w.walkPacked(n)
}

// inner is a node for what a layer holds.
func (n *node) inner(src *source, f format) *node {
	i := &node{src: src, place: n.place, name: n.name, depth: n.depth + 1}
	if n.path != nil {
		i.path = append(slices.Clip(n.path), string(f))
	}
	return i
}

// walkText reads text: character set, escapes of JSON, and what is encoded in it.
func (w *walker) walkText(n *node) error {
	head := n.src.head(headBytes)
	n.printable, n.uu = isPrintable(head), isUU(head)
	if hasNUL(head) {
		head = bytes.ReplaceAll(head[:min(len(head), lookBytes)], []byte{0}, nil)
		head = bytes.TrimPrefix(bytes.TrimPrefix(head, []byte("\xff\xfe")), []byte("\xfe\xff"))
	}
	n.format = class(head, n.name, n.media)
	w.hintText(n)
	if w.shapes.n == 0 && n.path != nil && w.sink.Shape != nil {
		w.sink.Shape(strings.Join(append(slices.Clip(n.path), string(n.format)), "/"))
	}
	d := w.newLetters(n.src, n.char)
	d.beside = &aside{w: w, n: n, views: maxViews, raw: true, place: func() leak.Place { return n.place }}
	defer w.doneLetters(d)
	defer d.beside.close()
	var r io.Reader = d
	back := through(d.way(), n.way)
	rewritten := func(p *inPlace) { r, back = p, through(p.marks.way(), back) }
	if n.format == fJSON {
		rewritten(newUnescaped(r))
	}
	if isRTF(head) {
		rewritten(newUnmarked(r))
	}
	if folds(n.format) {
		rewritten(newUnfolded(r))
	}
	t := w.newTap(n, r, back)
	err := w.readTap(t)
	if err == nil {
		err = d.beside.finish()
	}
	if t.size > 0 {
		w.read++
	}
	if d.unlike && !n.parsed {
		w.notes.add("text: %d with bytes in it that are no text, read as letters")
	}
	suffix := ""
	if t.encoded*2 > t.size {
		suffix = "base64"
	}
	w.shape(n, suffix)
	return err
}

// readTap hands a text over and reads what the sink left of it.
func (w *walker) readTap(t *tap) error {
	defer t.close()
	if err := w.text(leak.Text{Place: t.n.place, Reader: t, Offset: t.way.at}); err != nil {
		return err
	}
	return w.drain(t)
}

// readAside reads text beside another. It is UTF-8 but for what escapes of bytes stand for.
func (w *walker) readAside(n *node) error {
	if n.raw {
		return w.readTap(w.newTap(n, n.src, n.way))
	}
	d := w.newLetters(n.src, "")
	defer w.doneLetters(d)
	return w.readTap(w.newTap(n, d, through(d.way(), n.way)))
}

// walkUnreadable records what cannot be read. Where the format keeps text as it is, its bytes are read as they lie: the
// identifiers in it are ASCII, but it is never whole.
func (w *walker) walkUnreadable(n *node) error {
	if isImage(n.format) {
		return w.walkImage(n)
	}
	w.shape(n, "")
	if !bare(n.format) {
		w.notes.add(string(n.format) + ": %d unreadable")
		return nil
	}
	w.notes.add(string(n.format) + ": %d unreadable, read as bytes")
	n.raw = true
	t := w.newTap(n, n.src, n.way)
	t.wide = &wides{t: t}
	if strings.Contains(" binary exe elf macho ", " "+string(n.format)+" ") {
		t.zip = &zipInside{t: t}
	}
	return w.readTap(t)
}

// shape counts what a member was read as, unless it is part of another.
func (w *walker) shape(n *node, suffix string) {
	if n.path == nil {
		return
	}
	path := append(slices.Clip(n.path), string(n.format))
	if suffix != "" {
		path = append(path, suffix)
	}
	w.shapes.add(strings.Join(path, "/"))
}

// shapes finds the commonest path among the first members.
type shapes struct {
	count map[string]int
	order []string
	n     int
}

const shapeMembers = 1000

func (s *shapes) add(path string) {
	if s.n++; s.n > shapeMembers {
		return
	}
	if s.count == nil {
		s.count = map[string]int{}
	}
	if s.count[path]++; s.count[path] == 1 {
		s.order = append(s.order, path)
	}
}

// best is the commonest path; of equals the first.
func (s *shapes) best() string {
	best := ""
	for _, p := range s.order {
		if best == "" || s.count[p] > s.count[best] {
			best = p
		}
	}
	return best
}
