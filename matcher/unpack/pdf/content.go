package pdf

import (
	"bytes"
	"strings"
)

// matrix is [a b c d e f] of ISO 32000-1, 8.3.3.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// mul is m applied first, then n.
func (m matrix) mul(n matrix) matrix {
	return matrix{m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

// state is what q keeps and Q brings back.
type state struct {
	ctm                matrix
	font               *font
	size, scale        float64
	charSpace, wdSpace float64
	leading            float64
}

// painter reads contents and writes their text.
type painter struct {
	f     *file
	out   *strings.Builder
	fonts map[ref]*font
	state
	kept   []state
	tm, lm matrix
	// where the last letter ended, and its direction and height
	x, y, dx, dy, high float64
	any                bool
	ops                *int64
	shown, lost        int64 // letters, and those that stand for nothing known
	seen               map[int64]bool
	depth              int
}

const (
	mostOps   = 50 << 20 // operators of one document
	mostKept  = 1000
	mostArgs  = 64
	mostForms = 16 // in one another
)

// paint reads contents.
func (p *painter) paint(b []byte, resources dict) {
	l := &lexer{b: b}
	var args []object
	for *p.ops > 0 {
		o, ok := l.next()
		if !ok {
			return
		}
		k, isOp := o.(keyword)
		if !isOp {
			if len(args) == mostArgs {
				args = args[:copy(args, args[1:])]
			}
			args = append(args, o)
			continue
		}
		*p.ops--
		if k == "BI" {
			skipInline(l)
		} else {
			p.do(string(k), args, resources)
		}
		args = args[:0]
	}
}

// skipInline leaps over a picture inside the contents.
func skipInline(l *lexer) {
	for {
		i := bytes.Index(l.b[l.i:], []byte("EI"))
		if i < 0 {
			l.i = len(l.b)
			return
		}
		at := l.i + i
		l.i = at + 2
		if at > 0 && isSpace(l.b[at-1]) && (l.i == len(l.b) || isSpace(l.b[l.i])) {
			return
		}
	}
}

// arg is an operand as a number, counted from the first.
func arg(args []object, i int) float64 {
	if i >= len(args) {
		return 0
	}
	switch n := args[i].(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

func six(args []object) (m matrix, ok bool) {
	for i := range m {
		m[i] = arg(args, i)
	}
	return m, len(args) == 6
}

func text(args []object, i int) string {
	if i < len(args) {
		s, _ := args[i].(string)
		return s
	}
	return ""
}

// do carries out one operator.
func (p *painter) do(op string, args []object, resources dict) {
	switch op {
	case "q":
		if len(p.kept) < mostKept {
			p.kept = append(p.kept, p.state)
		}
	case "Q":
		if n := len(p.kept); n > 0 {
			p.state, p.kept = p.kept[n-1], p.kept[:n-1]
		}
	case "cm":
		if m, ok := six(args); ok {
			p.ctm = m.mul(p.ctm)
		}
	case "Do":
		if len(args) == 1 {
			p.form(args[0], resources)
		}
	case "BDC", "DP":
		p.marked(args, resources)
	default:
		p.show(op, args, resources)
	}
}

// show carries out the operators of text.
func (p *painter) show(op string, args []object, resources dict) {
	switch op {
	case "BT":
		p.tm, p.lm = identity, identity
	case "Tf":
		if len(args) == 2 {
			p.setFont(args[0], resources)
			p.size = arg(args, 1)
		}
	case "Td":
		p.move(arg(args, 0), arg(args, 1))
	case "TD":
		p.leading = -arg(args, 1)
		p.move(arg(args, 0), arg(args, 1))
	case "Tm":
		if m, ok := six(args); ok {
			p.tm, p.lm = m, m
		}
	case "T*":
		p.move(0, -p.leading)
	case "TL":
		p.leading = arg(args, 0)
	case "Tc":
		p.charSpace = arg(args, 0)
	case "Tw":
		p.wdSpace = arg(args, 0)
	case "Tz":
		p.scale = arg(args, 0) / 100
	case "Tj":
		p.letters(text(args, 0))
	case "'":
		p.move(0, -p.leading)
		p.letters(text(args, 0))
	case "\"":
		p.wdSpace, p.charSpace = arg(args, 0), arg(args, 1)
		p.move(0, -p.leading)
		p.letters(text(args, 2))
	case "TJ":
		p.spaced(args)
	}
}

func (p *painter) move(x, y float64) {
	p.lm = matrix{1, 0, 0, 1, x, y}.mul(p.lm)
	p.tm = p.lm
}

// spaced shows strings with numbers between them that move them apart.
func (p *painter) spaced(args []object) {
	if len(args) == 0 {
		return
	}
	a, _ := args[0].(array)
	for _, o := range a {
		if s, ok := o.(string); ok {
			p.letters(s)
			continue
		}
		p.advance(-arg([]object{o}, 0) / 1000 * p.size * p.scale)
	}
}

func (p *painter) advance(x float64) { p.tm = matrix{1, 0, 0, 1, x, 0}.mul(p.tm) }

func (p *painter) setFont(o object, resources dict) {
	n, _ := o.(name)
	v := p.f.dictOf(resources["Font"])[n]
	r, isRef := v.(ref)
	if t, ok := p.fonts[r]; ok && isRef {
		p.font = t
		return
	}
	p.font = p.f.fontOf(v)
	if isRef && len(p.fonts) < mostCached {
		p.fonts[r] = p.font
	}
}

// marked writes what marked contents say that they mean, where letters are pictures or are hyphenated.
func (p *painter) marked(args []object, resources dict) {
	if len(args) != 2 {
		return
	}
	d, ok := args[1].(dict)
	if n, isName := args[1].(name); isName {
		d, ok = p.f.dictOf(p.f.dictOf(resources["Properties"])[n]), true
	}
	if s, isText := p.f.get(d["ActualText"]).(string); ok && isText {
		p.gap()
		p.out.WriteString(textOf(s))
		p.gap()
	}
}

// form reads contents that are drawn as one. Each is read once for a document: what it says does not change.
func (p *painter) form(o object, resources dict) {
	n, _ := o.(name)
	v := p.f.dictOf(resources["XObject"])[n]
	s, ok := p.f.get(v).(stream)
	if kind, _ := p.f.get(s.dict["Subtype"]).(name); !ok || kind != "Form" || p.seen[s.off] || p.depth >= mostForms {
		return
	}
	p.seen[s.off] = true
	b, whole := p.f.decoded(s, p.f.most)
	if !whole {
		delete(p.seen, s.off) // it is read by itself again, and what it lacks is noted
	}
	inner := p.f.dictOf(s.dict["Resources"])
	if inner == nil {
		inner = resources
	}
	kept, depth := p.state, len(p.kept)
	if m, ok := p.f.get(s.dict["Matrix"]).(array); ok {
		if m, ok := six(m); ok {
			p.ctm = m.mul(p.ctm)
		}
	}
	p.depth++
	p.paint(b, inner)
	p.depth--
	p.state, p.kept = kept, p.kept[:min(depth, len(p.kept))]
}
