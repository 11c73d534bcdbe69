package pdf

import (
	"math"
)

// letters shows a string.
func (p *painter) letters(s string) {
	t := p.font
	if t == nil {
		t = &font{table: tableOf(""), width: 500, scale: 1}
		p.font = t
	}
	for len(s) > 0 {
		*p.ops--
		text, c, n := t.next(s)
		s = s[n:]
		p.place(text)
		p.shown++
		if text == "\ufffd" {
			p.lost++
		}
		x := t.advance(c)/1000*p.size + p.charSpace
		if n == 1 && c.v == ' ' {
			x += p.wdSpace
		}
		p.advance(x * p.scale)
		m := p.tm.mul(p.ctm)
		p.x, p.y = m[4], m[5]
	}
}

// place writes a letter, and before it a space or a line end where it is apart from the letter before.
func (p *painter) place(text string) {
	m := p.tm.mul(p.ctm)
	long := math.Hypot(m[0], m[1])
	high := math.Abs(p.size) * math.Hypot(m[2], m[3])
	if p.any && text != "" {
		x, y := m[4]-p.x, m[5]-p.y
		along, across := x*p.dx+y*p.dy, y*p.dx-x*p.dy
		tall := max(math.Min(high, p.high), 1e-6)
		switch {
		case math.Abs(across) > 0.5*tall, along < -2*tall:
			p.out.WriteByte('\n')
		case along > 0.2*tall:
			p.gap()
		}
	}
	p.out.WriteString(text)
	if long > 0 {
		p.dx, p.dy = m[0]/long, m[1]/long
	}
	p.high, p.any = high, true
}

// gap writes a space, unless there is one.
func (p *painter) gap() {
	s := p.out.String()
	if s != "" && s[len(s)-1] != ' ' && s[len(s)-1] != '\n' {
		p.out.WriteByte(' ')
	}
}
