package unpack

const (
	minRun    = 14      // characters in a row that may be base64
	sureRun   = 24      // and that decide by themselves what they are
	sure32    = 32      // the same of base32
	minHex    = 32      // digits in a row that may be hex
	shortRun  = 4 << 10 // characters that are decided on, and decoded, as a whole
	minLine   = 56      // shortest line that goes on in the next; writers use 60, 64, 72 and 76
	minFold   = 40      // shortest line that is folded
	lookAhead = 64      // bytes by which any doubt is settled
)

// finder finds runs of base64 and hex in a text, over lines and JSON escapes. What it finds does not depend on how the
// text was cut into reads: bytes that cannot be decided on yet are carried to the next.
type finder struct {
	t     *tap
	carry []byte
	base  int64 // text offset of the next byte to be looked at
	open  bool
	run   run
	lines []part // of some lines of a run
	short aside
}

// run is one run as far as it was read.
type run struct {
	pend  []byte // its characters, while short
	parts []part
	line  int // characters in this line
	first int // characters in a full line, once one was ended
	pads  int
	skip  bool // long, and not worth decoding
	long  *longRun
}

// part says where characters lie: the one numbered char is at text offset at, and those after it follow.
type part struct {
	char int
	at   int64
	line bool // begins a line
}

// scan looks through the next bytes of the text.
func (f *finder) scan(b []byte, last bool) error {
	if k := len(f.carry); k > 0 {
		f.carry = append(f.carry, b[:min(len(b), lookAhead)]...)
		all := len(b) <= lookAhead
		n, err := f.step(f.carry, last && all)
		f.base += int64(n)
		if err != nil {
			return err
		}
		if all {
			f.carry = f.carry[:copy(f.carry, f.carry[n:])]
			return f.last(last)
		}
		b = b[n-k:]
	}
	n, err := f.step(b, last)
	f.base += int64(n)
	f.carry = append(f.carry[:0], b[n:]...)
	if err != nil {
		return err
	}
	return f.last(last)
}

// last ends what is open at the end of the text.
func (f *finder) last(last bool) error {
	if !last {
		return nil
	}
	if f.open {
		if err := f.endRun(); err != nil {
			return err
		}
	}
	return f.short.finish()
}

// step looks at b and gives how much of it is decided.
func (f *finder) step(b []byte, last bool) (int, error) {
	i := 0
	for {
		if !f.open {
			start, ok := nextRun(b, i, minRun)
			if !ok {
				if last {
					start = len(b)
				}
				return start, nil
			}
			i = begin(b, start)
			f.open, f.run = true, run{pend: f.run.pend[:0], parts: f.run.parts[:0]}
		}
		n, more, err := f.extend(b[i:], f.base+int64(i), last)
		i += n
		if err != nil || more {
			return i, err
		}
		if err := f.endRun(); err != nil {
			return i, err
		}
	}
}

// begin leaps over what stands before a run and is not of it: an escape, and the mark of hex. It stays within the bytes
// that made the run, so that it does not matter how the text was cut.
func begin(b []byte, i int) int {
	end := i + minRun
	for i+2 <= end && b[i] == '\\' {
		i += 2
		if i < end && b[i-1] == '\\' && b[i] == 'x' { // as PostgreSQL's COPY writes bytea
			i++
		}
	}
	if i+2 <= end && b[i] == '0' && b[i+1]|0x20 == 'x' {
		i += 2
	}
	return i
}

// extend takes what of b belongs to the run. more says that all was taken that could be decided on.
func (f *finder) extend(b []byte, off int64, last bool) (i int, more bool, err error) {
	for {
		if k := stretch(b[i:]); k > 0 {
			if f.run.pads > 0 {
				return i, false, nil
			}
			if err := f.take(b[i:i+k], off+int64(i)); err != nil {
				return i + k, false, err
			}
			i += k
		}
		if i == len(b) {
			return i, !last, nil
		}
		j := joint(b[i:], last)
		switch {
		case j.wait:
			return i, true, nil
		case j.pad && f.run.pads < 2 && f.run.line > 0:
			f.run.pads++
		case j.char != 0 && f.run.pads == 0:
			if err := f.take([]byte{j.char}, off+int64(i)+int64(j.size)-1); err != nil {
				return i + j.size, false, err
			}
		case j.line && f.run.goesOn():
			f.run.first, f.run.line = f.run.line, 0
		case j.fold && f.run.line >= minFold && f.run.pads == 0:
			f.run.line = 0
		default:
			return i, false, nil
		}
		i += j.size
	}
}

// goesOn says whether the line that ended was a full one.
func (r *run) goesOn() bool {
	return r.pads == 0 && r.line%4 == 0 && (r.first == 0 && r.line >= minLine || r.first > 0 && r.line == r.first)
}

// jointOf is what stands between the characters of a run.
type jointOf struct {
	size int
	char byte // a character written as an escape
	pad  bool
	line bool // a line break with a character after it
	fold bool // a line break, a blank and a character, as LDIF and vCards fold lines
	wait bool // more must be read to know
}

// joint looks at the byte after a run's characters.
func joint(b []byte, last bool) jointOf {
	if len(b) < lookAhead/4 && !last {
		switch b[0] {
		case '\\', '\r', '\n':
			return jointOf{wait: true}
		}
	}
	switch b[0] {
	case '=':
		return jointOf{size: 1, pad: true}
	case '\\':
		return escapedJoint(b)
	case '\r', '\n':
		n := 1
		if b[0] == '\r' && len(b) > 1 && b[1] == '\n' {
			n = 2
		}
		if len(b) > n+1 && b[n] == ' ' && base64Values[b[n+1]] != 255 {
			return jointOf{size: n + 1, fold: true}
		}
		return jointOf{size: n, line: len(b) > n && base64Values[b[n]] != 255}
	}
	return jointOf{}
}

// escapedJoint knows the ways in which JSON writers escape a slash, a plus, an equals sign and a line break.
func escapedJoint(b []byte) jointOf {
	has := func(s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }
	line := func(n int) jointOf { return jointOf{size: n, line: len(b) > n && base64Values[b[n]] != 255} }
	switch {
	case has(`\/`):
		return jointOf{size: 2, char: '/'}
	case has(`\r\n`):
		return line(4)
	case has(`\n`):
		return line(2)
	case has(`\u002f`), has(`\u002F`):
		return jointOf{size: 6, char: '/'}
	case has(`\u002b`), has(`\u002B`):
		return jointOf{size: 6, char: '+'}
	case has(`\u003d`), has(`\u003D`):
		return jointOf{size: 6, pad: true}
	}
	return jointOf{}
}

// take adds characters that lie at a text offset.
func (f *finder) take(b []byte, off int64) error {
	r := &f.run
	for len(b) > 0 && r.long == nil && !r.skip {
		k := min(len(b), shortRun-len(r.pend))
		r.add(b[:k], off)
		b, off = b[k:], off+int64(k)
		if len(r.pend) == shortRun {
			if err := f.decideLong(); err != nil {
				return err
			}
		}
	}
	r.line += len(b)
	if r.long == nil || len(b) == 0 {
		return nil
	}
	f.t.encoded += int64(len(b))
	return r.long.feed(b, off)
}

func (r *run) add(b []byte, off int64) {
	if n := len(r.parts); n == 0 || r.parts[n-1].at+int64(len(r.pend)-r.parts[n-1].char) != off {
		r.parts = append(r.parts, part{len(r.pend), off, r.line == 0})
	}
	r.line += len(b)
	r.pend = append(r.pend, b...)
}

// where is the text offset of a character, while the run is short.
func (r *run) where(char int) int64 {
	i := len(r.parts) - 1
	for i > 0 && r.parts[i].char > char {
		i--
	}
	return r.parts[i].at + int64(char-r.parts[i].char)
}

// endRun decodes a short run, or ends a long one.
func (f *finder) endRun() error {
	f.open = false
	switch {
	case f.run.long != nil:
		err := f.run.long.finish()
		f.run.long = nil
		return err
	case f.run.skip:
		return nil
	}
	return f.decodeShort()
}

func (f *finder) close() {
	if f.run.long != nil {
		f.run.long.pipe.close()
	}
	f.short.close()
}
