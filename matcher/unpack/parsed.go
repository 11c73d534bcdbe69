package unpack

import (
	"cmp"
	"io"
	"maps"
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
	defer w.doneSpool(s)
	if err := w.end(); err != nil {
		return err
	}
	if s.cut != "" {
		w.notes.add(s.cut)
	}
	o, err := w.parse(n, s)
	if err != nil || !o.failed() || !bare(n.format) {
		return err
	}
	return w.readBytes(n, io.NewSectionReader(s, 0, s.size))
}

// readBytes reads what could not be read as what it is as the bytes that it is.
func (w *walker) readBytes(n *node, r io.Reader) error {
	i := *n
	i.src = w.newSource(r)
	defer w.done(i.src)
	t := w.newTap(&i, i.src, i.way)
	t.wide = &wides{t: t}
	return w.readTap(t)
}

// outcome is how a child's reading ended.
type outcome child.Outcome

// failed says that something was left that another way of reading may find.
func (o outcome) failed() bool { return child.Outcome(o) != child.Whole }

// parse hands over what a child finds in a document, and notes what it could not read.
func (w *walker) parse(n *node, s *spool) (outcome, error) {
	p := parse{w: w, n: n, size: s.size, before: w.shapes.n}
	o := child.NotStarted
	if err := w.takeSeat(); err != nil {
		return outcome(o), cmp.Or(w.check(), w.end())
	}
	doc := child.Document{Format: string(n.format), Size: s.size, Passwords: w.passwords, Members: max(w.l.MaxMembers-w.members, 0)}
	session, err := w.seat.Open(w.ctx, doc, s)
	if err == nil {
		defer session.Close()
		if err := p.items(session); err != nil {
			return outcome(session.Outcome()), err
		}
		o = session.Outcome()
		notes := session.Notes()
		for _, word := range slices.Sorted(maps.Keys(notes)) {
			w.notes.addN(string(n.format)+": "+string(word), notes[word])
		}
	}
	if err := w.check(); err != nil {
		return outcome(o), err
	}
	if w.shapes.n == p.before {
		w.shape(n, "")
	}
	if o == child.Whole {
		w.read++
	} else {
		w.notes.add(w.outcomeWord(n.format, o))
	}
	return outcome(o), nil
}

// outcomeWord says in fixed words why a child did not read all.
func (w *walker) outcomeWord(f format, o child.Outcome) string {
	limits := w.parsers.pool.Options()
	switch o {
	case child.Damaged:
		return string(f) + ": damaged, rest left"
	case child.Truncated:
		return string(f) + ": truncated"
	case child.Encrypted:
		return string(f) + ": %d encrypted"
	case child.Unsupported:
		return string(f) + ": %d of a sort that is not read"
	case child.Bounded:
		return string(f) + ": parts limit: rest of %d left"
	case child.OutOfMemory:
		return string(f) + ": reader's memory limit " + bytesWord(limits.Memory) + ": rest of %d left"
	case child.OutOfTime:
		return string(f) + ": reader's time limit " + limits.Time.String() + ": rest of %d left"
	case child.NotStarted:
		return string(f) + ": %d not read, no reader could be started"
	}
	return string(f) + ": reader ended, rest of %d left"
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
	w, n := p.w, p.n
	if err := w.member(); err != nil { // so that texts without end have one
		return err
	}
	if !p.text && n.path != nil {
		p.text = true
		if w.shapes.n == 0 && w.sink.Shape != nil {
			w.sink.Shape(strings.Join(append(slices.Clip(n.path), string(n.format)), "/"))
		}
		w.shape(n, "")
	}
	src := w.newSource(p.unpacked(it))
	defer w.done(src)
	i := *n
	i.src, i.way = src, way{}
	t := w.newTap(&i, src, way{})
	err := w.readTap(t)
	if t.size > 0 {
		w.read++
	}
	return err
}

// longestName is as much of a name as is read.
const longestName = 64 << 10

func (p *parse) name(it *child.Item) error {
	if err := p.w.member(); err != nil {
		return err
	}
	b, _ := io.ReadAll(io.LimitReader(p.unpacked(it), longestName))
	if err := p.w.end(); err != nil {
		return err
	}
	return p.w.nameText(p.n.place, fileName(b))
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
		return w.walkMember(p.n, p.unpacked(it), &m, name)
	case "encrypted", "damaged":
		w.shape(p.n.inner(nil, p.n.format).as(format(e.Format)), "")
	}
	return w.report(m)
}
