package unpack

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"leakwatch/leak"
	"leakwatch/matcher/unpack/child"
)

// walkParsed has a document read by a child process. It may be read in any order, so the whole is kept first.
func (w *walker) walkParsed(n *node) error {
	if !w.deeper(n) {
		w.shape(n, "")
		return nil
	}
	s := w.newSpool(n.src)
	kept := false
	defer func() {
		if !kept {
			w.doneSpool(s)
		}
	}()
	if err := w.end(); err != nil {
		return err
	}
	if s.cut != "" {
		w.notes.add(s.cut)
	}
	o, err := w.parse(n, s, false)
	if err != nil {
		return err
	}
	if o.sealed {
		if kept = w.putOff(n, s, w.parseSealed); kept {
			return nil
		}
		return w.parseSealed(n, s)
	}
	return w.parsedBytes(n, s, o)
}

// parseSealed reads what is encrypted in a document, with the passwords that are known now.
func (w *walker) parseSealed(n *node, s *spool) error {
	o, err := w.parse(n, s, true)
	if err != nil {
		return err
	}
	return w.parsedBytes(n, s, o)
}

// parsedBytes reads a document that was not read whole as its bytes, if its format keeps text in them.
func (w *walker) parsedBytes(n *node, s *spool, o outcome) error {
	if !o.failed() || !bare(n.format) {
		return nil
	}
	return w.readBytes(n, io.NewSectionReader(s, 0, s.size))
}

// readBytes reads what could not be read as what it is as the bytes that it is.
func (w *walker) readBytes(n *node, r io.Reader) error {
	i := *n
	i.src, i.raw = w.newSource(r), true
	defer w.done(i.src)
	t := w.newTap(&i, i.src, i.way)
	t.wide = &wides{t: t}
	return w.readTap(t)
}

// parse hands over what a child finds in a document, and notes what it could not read. What is encrypted is left to a second
// time, sealed, which reads nothing else. What lies too far inside is read after the outermost document, which counts as read here.
func (w *walker) parse(n *node, s *spool, sealed bool) (outcome, error) {
	o, err := w.parseNow(n, s, sealed)
	switch {
	case err != nil:
	case o.word == child.Inside && w.putOut(n, s):
		w.shape(n, "")
		o = outcome{}
	case o.word == child.Inside:
		w.notes.add(w.outcomeWord(n.format, o.word, 0))
	}
	if err == nil {
		err = w.readInside()
	}
	return o, err
}

func (w *walker) parseNow(n *node, s *spool, sealed bool) (outcome, error) {
	p := parse{w: w, n: n, size: s.size, before: w.shapes.n}
	var o outcome
	doc := child.Document{Format: string(n.format), Size: s.size, Members: max(w.l.MaxMembers-w.members, 0),
		Ratio: w.l.MaxRatio, Sealed: sealed}
	if sealed {
		doc.Passwords = w.passwords()
	}
	left := int64(0) // members that are encrypted
	session, err := w.session(doc, s)
	if w.end() != nil {
		return o, w.end()
	}
	if err != nil {
		o.word = child.NotOpened(err)
	} else {
		defer session.Close()
		if err := p.items(session); err != nil {
			return outcome{word: session.Outcome()}, err
		}
		o.word, left = session.Outcome(), session.Notes()[child.EncryptedMembers]
		o.sealed = !sealed && (o.word == child.Encrypted || left > 0)
		w.parseNotes(n, session.Notes(), o.sealed, len(doc.Passwords))
	}
	if err := w.check(); err != nil {
		return o, err
	}
	if o.sealed || o.word == child.Inside {
		return o, nil
	}
	if w.shapes.n == p.before {
		w.shape(n, "")
	}
	switch {
	case o.word == child.Whole && left == 0:
		w.read++
	case o.word != child.Whole:
		w.notes.add(w.outcomeWord(n.format, o.word, len(doc.Passwords)))
	}
	return o, nil
}

// session opens a document: in this process where its reader is simple, or where there is no other.
func (w *walker) session(doc child.Document, s *spool) (*child.Session, error) {
	if x := simple(format(doc.Format)); x != nil && !w.childReads(format(doc.Format)) {
		return child.Local(w.ctx, x, doc, s), nil
	}
	session, err := w.visit.Open(w.ctx, doc, s)
	if err != nil {
		return nil, cmp.Or(w.check(), err)
	}
	return session, nil
}

// parse is a document that is read by a child.
type parse struct {
	w      *walker
	n      *node
	size   int64
	before int  // shapes before it
	text   bool // its own shape was told
}

func (p *parse) items(s *child.Session) error {
	for {
		it, err := s.Next()
		if err != nil {
			return p.w.end()
		}
		switch it.Kind {
		case child.Member:
			err = p.member(it)
		case child.Name:
			err = p.name(it)
		default:
			err = p.body(it)
		}
		if err != nil {
			return err
		}
	}
}

// unpacked counts what a child hands over against the limits.
func (p *parse) unpacked(it *child.Item) *unpacked {
	return &unpacked{w: p.w, r: it, format: string(p.n.format), packed: func() int64 { return p.size }}
}

// body reads a text of the document.
func (p *parse) body(it *child.Item) error {
	if err := p.w.member(); err != nil { // so that texts without end have one
		return err
	}
	return p.letters(p.unpacked(it))
}

// letters hands a text of the document over.
func (p *parse) letters(r io.Reader) error {
	w, n := p.w, p.n
	if !p.text && n.path != nil {
		p.text = true
		if w.shapes.n == 0 && w.sink.Shape != nil {
			w.sink.Shape(strings.Join(append(slices.Clip(n.path), string(n.format)), "/"))
		}
		w.shape(n, "")
	}
	src := w.newSource(r)
	defer w.done(src)
	i := *n
	i.src = src
	w.hintText(&i)
	d := w.newLetters(src, "") // it is UTF-8, but for tables that do not say what they are
	defer w.doneLetters(d)
	i.way = d.way()
	t := w.newTap(&i, d, i.way)
	err := w.readTap(t)
	if t.size > 0 {
		w.read++
	}
	return err
}

// longestName is as much as is read as a name. What is longer is read as a text.
const longestName = 64 << 10

func (p *parse) name(it *child.Item) error {
	if err := p.w.member(); err != nil {
		return err
	}
	u := p.unpacked(it)
	b, _ := io.ReadAll(io.LimitReader(u, longestName+1))
	if err := p.w.end(); err != nil {
		return err
	}
	if len(b) > longestName {
		return p.letters(io.MultiReader(bytes.NewReader(b), u))
	}
	return p.w.nameText(p.n.place, fileName(b))
}

// around is the document as its members have it around them. What lies in one that has text of its own has no shape of its own.
func (p *parse) around() *node {
	if !p.text {
		return p.n
	}
	n := *p.n
	n.path = nil
	return &n
}

// member reads a member as what it is.
func (p *parse) member(it *child.Item) error {
	w, e := p.w, it.Entry
	if err := w.member(); err != nil {
		return err
	}
	name := fileName([]byte(e.Name))
	m := leak.Member{Place: inner(p.n.place, name), Order: w.nextOrder(), Size: e.Size, Owner: fileName([]byte(e.Owner)), Format: e.Format}
	if e.ModTime != 0 {
		m.ModTime = time.Unix(e.ModTime, 0).UTC()
	}
	for _, s := range []string{name, fileName([]byte(e.Link)), fileName([]byte(e.Comment))} {
		if err := w.nameText(m.Place, s); err != nil {
			return err
		}
	}
	switch e.Format {
	case "":
		return w.walkMember(p.around(), p.unpacked(it), &m, name)
	case "encrypted", "damaged":
		w.shape(p.n.inner(nil, p.n.format).as(format(e.Format)), "")
	}
	return w.report(m)
}
