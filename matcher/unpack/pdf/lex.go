package pdf

import (
	"bytes"
	"strconv"
)

// object is nil, bool, int64, float64, name, string, array, dict, ref, stream or, in contents, keyword.
type object any

type (
	name    string
	keyword string
	array   []object
	dict    map[name]object
	ref     struct{ id, gen int64 }
)

// stream is a dictionary with data that lies in the file.
type stream struct {
	dict
	off     int64
	id, gen int64
}

const (
	deepest   = 100     // arrays and dictionaries in one another
	mostItems = 1 << 20 // of one array or dictionary
)

// lexer reads objects from bytes.
type lexer struct {
	b     []byte
	i     int
	refs  bool // two numbers and R are a reference; not in contents
	depth int
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == '\f'
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) skipSpace() {
	for l.i < len(l.b) {
		c := l.b[l.i]
		if c == '%' {
			for l.i < len(l.b) && l.b[l.i] != '\n' && l.b[l.i] != '\r' {
				l.i++
			}
		} else if !isSpace(c) {
			return
		}
		l.i = min(l.i+1, len(l.b))
	}
}

// atEnd says whether everything was read: what was read last may then be cut.
func (l *lexer) atEnd() bool { return l.i >= len(l.b) }

// next reads an object, or a keyword. Without any ok is false.
func (l *lexer) next() (o object, ok bool) {
	l.skipSpace()
	if l.atEnd() {
		return nil, false
	}
	switch c := l.b[l.i]; {
	case c == '/':
		l.i++
		return l.name(), true
	case c == '(':
		l.i++
		return l.literal(), true
	case c == '<' && l.i+1 < len(l.b) && l.b[l.i+1] == '<' && l.depth < deepest:
		l.i += 2
		return l.dict(), true
	case c == '<':
		l.i++
		return l.hex(), true
	case c == '[' && l.depth < deepest:
		l.i++
		return l.array(), true
	case c == '>' && l.i+1 < len(l.b) && l.b[l.i+1] == '>':
		l.i += 2
		return keyword(">>"), true
	case isDelimiter(c):
		l.i++
		return keyword(c), true
	case isDigit(c), c == '+', c == '-', c == '.':
		return l.number(), true
	}
	return l.word(), true
}

func (l *lexer) regular() []byte {
	from := l.i
	for l.i < len(l.b) && !isSpace(l.b[l.i]) && !isDelimiter(l.b[l.i]) {
		l.i++
	}
	return l.b[from:l.i]
}

func (l *lexer) word() object {
	switch w := string(l.regular()); w {
	case "null":
		return nil
	case "true":
		return true
	case "false":
		return false
	default:
		return keyword(w)
	}
}

// number reads a number, or a reference. What only begins like a number is a keyword.
func (l *lexer) number() object {
	w := l.regular()
	n, err := strconv.ParseInt(string(w), 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(string(w), 64)
		if err != nil {
			return keyword(w)
		}
		return f
	}
	if l.refs && n >= 0 && isDigit(w[0]) {
		if gen, ok := l.refTail(); ok {
			return ref{n, gen}
		}
	}
	return n
}

// refTail reads what makes a number a reference: another one, and R.
func (l *lexer) refTail() (gen int64, ok bool) {
	from := l.i
	l.skipSpace()
	digits := l.regular()
	l.skipSpace()
	if l.i < len(l.b) && l.b[l.i] == 'R' && (l.i+1 == len(l.b) || isSpace(l.b[l.i+1]) || isDelimiter(l.b[l.i+1])) {
		gen, err := strconv.ParseInt(string(digits), 10, 32)
		if err == nil && isDigit(digits[0]) {
			l.i++
			return gen, true
		}
	}
	l.i = from
	return 0, false
}

func (l *lexer) name() name {
	w := l.regular()
	if bytes.IndexByte(w, '#') < 0 {
		return name(w)
	}
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) && hexValue(w[i+1]) < 16 && hexValue(w[i+2]) < 16 {
			out = append(out, hexValue(w[i+1])<<4|hexValue(w[i+2]))
			i += 2
			continue
		}
		out = append(out, w[i])
	}
	return name(out)
}

func hexValue(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

func (l *lexer) array() array {
	l.depth++
	defer func() { l.depth-- }()
	a := array{}
	for {
		o, ok := l.next()
		if !ok || o == keyword("]") || l.beyond(o) {
			return a
		}
		if _, stray := o.(keyword); !stray && len(a) < mostItems {
			a = append(a, o)
		}
	}
}

func (l *lexer) dict() dict {
	l.depth++
	defer func() { l.depth-- }()
	d := dict{}
	for {
		k, ok := l.next()
		if !ok || k == keyword(">>") || l.beyond(k) {
			return d
		}
		key, isName := k.(name)
		if !isName {
			continue
		}
		v, ok := l.next()
		if !ok || v == keyword(">>") || l.beyond(v) {
			return d
		}
		if _, stray := v.(keyword); !stray && len(d) < mostItems {
			d[key] = v
		}
	}
}

// beyond says that an object's end was missed, and goes back to it.
func (l *lexer) beyond(o object) bool {
	k, _ := o.(keyword)
	if !l.refs || k != "endobj" && k != "stream" && k != "obj" {
		return false
	}
	l.i -= len(k)
	return true
}
