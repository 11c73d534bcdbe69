package unpack

import (
	"bytes"
	"io"
)

// poured is what some characters of a text decode to, read as a document of its own while it comes. It is begun once
// there is enough of it to see that it is something.
type poured struct {
	t     *tap
	word  string // of its place: ascii85, uu
	at    int64  // where in the text it begins
	name  string // that it was given there
	buf   []byte
	out   int64
	marks offsets
	pipe  *stream
	sure  bool // it is something
	none  bool // it is nothing
}

const (
	enough   = 32      // bytes that tell whether they are something
	tarBlock = 512 + 4 // and whether they are a tar without a mark
)

// pour begins what lies at an offset of a text.
func (t *tap) pour(word, name string, at int64) *poured {
	return &poured{t: t, word: word, name: name, at: at, none: !t.w.deeper(t.n)}
}

// add appends bytes that come from characters at an offset of the text.
func (d *poured) add(b []byte, off int64, k kind) error {
	if d.none {
		return nil
	}
	d.marks.set(d.out, off, 1, k, 0)
	d.out += int64(len(b))
	d.buf = append(d.buf, b...)
	if !d.sure && len(d.buf) >= enough {
		d.sure = something(d.buf)
		d.none = !d.sure && (len(d.buf) >= tarBlock || !paddedName(d.buf[:enough]))
	}
	if len(d.buf) < asideBytes || !d.sure {
		return nil
	}
	return d.flush()
}

// something says whether bytes are text or known by their mark.
func something(b []byte) bool { return strongMark(b) != "" || plausible(b) }

func (d *poured) flush() error {
	w := d.t.w
	if d.pipe == nil {
		d.pipe = newStream(func(r io.Reader) {
			n := &node{place: inner(d.t.n.place, d.word+"@"+itoa(d.t.way.back(d.at))), name: d.name, depth: d.t.n.depth + 1, way: through(d.marks.way(), d.t.way)}
			_ = w.walkInner(n, r) // its end is the Walk's, which the pusher asks for
		})
	}
	d.t.encoded += int64(len(d.buf)) * 5 / 4
	w.grew(len(d.buf))
	d.pipe.push(d.buf)
	d.buf = d.buf[:0]
	d.marks.forget(d.out, lookBack)
	return w.end()
}

// finish hands over the rest.
func (d *poured) finish() error {
	if d == nil || d.none || !d.sure && (len(d.buf) < 8 || !something(d.buf)) {
		return nil
	}
	if err := d.flush(); err != nil {
		d.pipe.close()
		return err
	}
	d.pipe.finish()
	return d.t.w.end()
}

func (d *poured) close() {
	if d != nil && d.pipe != nil {
		d.pipe.close()
	}
}

// walkInner reads what lies encoded in a text as a document of its own.
func (w *walker) walkInner(n *node, r io.Reader) error {
	n.src = w.newSource(r)
	defer w.done(n.src)
	if err := w.member(); err != nil {
		return err
	}
	return w.walk(n)
}

// run85 is ascii85 between <~ and ~>, as Adobe has it.
type run85 struct {
	*poured
	group [5]byte
	have  int
	first int64 // where the group begins
	tilde bool
}

// feed takes characters that lie at a text offset. It says how many are of the run, and whether it goes on.
func (r *run85) feed(b []byte, off int64) (n int, more bool, err error) {
	for i, c := range b {
		switch {
		case r.tilde:
			return i + boolInt(c == '>'), false, r.last()
		case c == '~':
			r.tilde = true
			continue
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			continue
		case c == 'z' && r.have == 0:
			err = r.add([]byte{0, 0, 0, 0}, off+int64(i), asIs)
		case c < '!' || c > 'u':
			return i, false, r.last()
		default:
			if r.have == 0 {
				r.first = off + int64(i)
			}
			r.group[r.have] = c - '!'
			if r.have++; r.have == 5 {
				err = r.decode(4)
			}
		}
		if err != nil {
			return i + 1, false, err
		}
	}
	return len(b), true, nil
}

// last ends the run with what is left of a group.
func (r *run85) last() error {
	if r.have > 1 {
		n := r.have - 1
		for ; r.have < 5; r.have++ {
			r.group[r.have] = 84
		}
		if err := r.decode(n); err != nil {
			return err
		}
	}
	return r.finish()
}

func (r *run85) decode(n int) error {
	var v uint32
	for _, c := range r.group {
		v = v*85 + uint32(c)
	}
	r.have = 0
	return r.add([]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}[:n], r.first, fives)
}

// uu are uuencoded files: a line that begins them, lines that each say how many bytes they hold, and an end.
type uu struct {
	t     *tap
	named bool // a file has begun, and the line that goes on is its name
	file  *poured
	line  []byte
	at    int64 // where the line begins
}

const (
	uuMode = len("begin 644 ")
	uuName = 1 << 10 // longest name
	uuLine = 128     // longest line
)

// isUU says whether a text holds such a file.
func isUU(head []byte) bool {
	for _, mode := range []string{"begin 6", "begin 7", "begin 4"} {
		if bytes.HasPrefix(head, []byte(mode)) || bytes.Contains(head, []byte("\n"+mode)) {
			return true
		}
	}
	return false
}

func (u *uu) longest() int { return uuMode }

func (u *uu) next(b []byte, _ bool) int {
	if i := bytes.Index(b, []byte("begin ")); i >= 0 {
		return i
	}
	if i := bytes.LastIndexByte(b, 'b'); i > len(b)-6 && bytes.HasPrefix([]byte("begin "), b[max(i, 0):]) {
		return i
	}
	return -1
}

func (u *uu) resolve(b, buf []byte) (letter []byte, size int) {
	if len(b) < uuMode || b[6]-'0' > 7 || b[7]-'0' > 7 || b[8]-'0' > 7 || b[9] != ' ' {
		return nil, 0
	}
	u.named, u.line = true, u.line[:0]
	return buf, uuMode
}

// skip takes lines until one is not of the file.
func (u *uu) skip(b []byte, off int64) (int, error) {
	i := 0
	for (u.named || u.file != nil) && i < len(b) {
		if len(u.line) == 0 {
			u.at = off + int64(i)
		}
		most := uuLine
		if u.named {
			most = uuName
		}
		more := b[i:min(len(b), i+most-len(u.line))]
		k := bytes.IndexByte(more, '\n')
		if k >= 0 {
			more = more[:k+1]
		}
		u.line = append(u.line, more...)
		if i += len(more); k < 0 && len(u.line) < most {
			break
		}
		if u.named {
			u.named, u.file = false, u.t.pour("uu", lastName(string(bytes.TrimSpace(u.line))), -1)
			u.line = u.line[:0]
		} else if err := u.decode(); err != nil {
			return i, err
		}
	}
	return i, nil
}

// decode takes one line.
func (u *uu) decode() error {
	b := bytes.TrimRight(u.line, "\r\n")
	u.line = u.line[:0]
	n := 0
	if len(b) > 0 {
		n = int(b[0]-' ') & 63
	}
	if len(b) == 0 || n == 0 || b[0] < ' ' || b[0] > '`' || (n+2)/3*4 > len(b)+3 || len(b) > 63/3*4+2 {
		f := u.file
		u.file = nil
		return f.finish()
	}
	if u.file.at < 0 {
		u.file.at = u.at
	}
	var out [63]byte
	size := 0
	for i := 1; i < len(b); i += 4 {
		var v uint32
		for k := range 4 {
			v <<= 6
			if i+k < len(b) {
				v |= uint32(b[i+k]-' ') & 63
			}
		}
		if size+3 > len(out) {
			break
		}
		out[size], out[size+1], out[size+2] = byte(v>>16), byte(v>>8), byte(v)
		size += 3
	}
	return u.file.add(out[:min(n, size)], u.at+1, quads)
}

func (u *uu) finish() error {
	if u.file == nil {
		return nil
	}
	if len(u.line) > 0 {
		if err := u.decode(); err != nil {
			return err
		}
	}
	f := u.file
	u.file = nil
	return f.finish()
}

func (u *uu) close() { u.file.close() }
