package unpack

import "bytes"

// lateViews switch on the views of quoted-printable and of uuencoded files where a text shows that it has them after its first
// bytes. Until then a text costs two searches.
type lateViews struct {
	tail []byte // the last bytes before those that come next
	room [2 * lateTail]byte
	base int64 // text offset of the tail
	done [2]bool
}

const lateTail = lookAhead

// scan looks through the next bytes, and gives a view that begins in them what lies shortly before.
func (l *lateViews) scan(t *tap, b []byte, last bool) error {
	n := copy(l.room[:], l.tail)
	l.tail = l.room[:n]
	edge := append(l.tail, b[:min(len(b), lateTail)]...) // beside it in the room
	for i, find := range [2]func([]byte) int{printableAt, uuAt} {
		v := &t.views[3+i]
		if l.done[i] || v.on {
			continue
		}
		k := find(edge)
		if k < 0 {
			if k = find(b); k >= 0 {
				k += len(l.tail)
			}
		}
		if k < 0 {
			continue
		}
		l.done[i] = true
		from := max(k-viewBefore, 0)
		v.base = l.base + int64(from)
		if from < len(l.tail) {
			if err := v.scan(l.tail[from:], false); err != nil {
				return err
			}
			from = len(l.tail)
		}
		if err := v.scan(b[from-len(l.tail):], last); err != nil {
			return err
		}
		if i == 0 {
			t.n.printable = true // what lies in it is looked at too
		}
	}
	return nil
}

// keep remembers the last bytes, and switches on what was found.
func (l *lateViews) keep(t *tap, b []byte) {
	for i := range l.done {
		t.views[3+i].on = t.views[3+i].on || l.done[i]
	}
	l.tail = append(l.tail, b[max(len(b)-lateTail, 0):]...)
	l.tail = l.tail[max(len(l.tail)-lateTail, 0):]
	l.base = t.size - int64(len(l.tail))
}

// printableAt is where a text is seen to be quoted-printable, -1 if nowhere: a line ends with an equals sign, or two bytes
// in a row are written so.
func printableAt(b []byte) int {
	for i := 0; ; i++ {
		k := bytes.IndexByte(b[i:], '=')
		if k < 0 {
			return -1
		}
		i += k
		rest := b[i+1:]
		switch {
		case len(rest) > 0 && rest[0] == '\n', len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return i
		case len(rest) > 4 && rest[2] == '=' && isHex(rest[:2]) && isHex(rest[3:5]):
			return i
		}
	}
}

// uuAt is where a line begins that begins a uuencoded file, -1 if nowhere.
func uuAt(b []byte) int {
	for i := 1; i < len(b); i++ {
		k := bytes.Index(b[i:], []byte("begin "))
		if k < 0 {
			break
		}
		i += k
		if b[i-1] == '\n' && len(b)-i > 6 && (b[i+6] == '4' || b[i+6] == '6' || b[i+6] == '7') {
			return i - 1
		}
	}
	return -1
}
