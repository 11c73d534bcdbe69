package pdf

import (
	"cmp"
	"slices"
	"unicode/utf16"
)

// cmap is a font's table from codes to letters (ToUnicode, ISO 32000-1, 9.10.3).
type cmap struct {
	one    map[code]string
	ranges []codeRange
	wide   [5]bool // lengths that codes have
	sorted bool
}

// code is a character's code, with the number of its bytes.
type code struct {
	n byte
	v uint32
}

type codeRange struct {
	n      byte
	lo, hi uint32
	to     []uint16 // of lo; its last unit counts up
}

const mostCodes = 1 << 20

func codeOf(s string) code {
	c := code{n: byte(min(len(s), 4))}
	for i := range int(c.n) {
		c.v = c.v<<8 | uint32(s[i])
	}
	return c
}

func units(s string) []uint16 {
	var u []uint16
	for i := 0; i+1 < len(s); i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	if len(s) == 1 {
		u = append(u, uint16(s[0]))
	}
	return u
}

// readCmap reads a table. What is not understood is passed over.
func readCmap(b []byte) *cmap {
	m := &cmap{one: map[code]string{}}
	l := &lexer{b: b}
	var args []object
	for {
		o, ok := l.next()
		if !ok {
			return m
		}
		k, isKeyword := o.(keyword)
		if !isKeyword {
			if len(args) < mostItems {
				args = append(args, o)
			}
			continue
		}
		switch k {
		case "endcodespacerange":
			m.spaces(args)
		case "endbfchar":
			m.chars(args)
		case "endbfrange":
			m.span(args)
		}
		args = args[:0]
	}
}

func (m *cmap) spaces(args []object) {
	for _, a := range args {
		if s, ok := a.(string); ok && len(s) >= 1 && len(s) <= 4 {
			m.wide[len(s)] = true
		}
	}
}

func (m *cmap) chars(args []object) {
	for i := 0; i+1 < len(args) && len(m.one) < mostCodes; i += 2 {
		from, ok := args[i].(string)
		to, ok2 := args[i+1].(string)
		if ok && ok2 && from != "" {
			m.one[codeOf(from)] = string(utf16.Decode(units(to)))
		}
	}
}

func (m *cmap) span(args []object) {
	for i := 0; i+2 < len(args) && len(m.ranges) < mostCodes; i += 3 {
		lo, ok := args[i].(string)
		hi, ok2 := args[i+1].(string)
		if !ok || !ok2 || lo == "" {
			continue
		}
		from, to := codeOf(lo), codeOf(hi)
		switch d := args[i+2].(type) {
		case string:
			if u := units(d); len(u) > 0 {
				m.ranges = append(m.ranges, codeRange{from.n, from.v, to.v, u})
			}
		case array:
			for k, o := range d {
				if s, ok := o.(string); ok && len(m.one) < mostCodes {
					m.one[code{from.n, from.v + uint32(k)}] = string(utf16.Decode(units(s)))
				}
			}
		}
	}
}

// letters gives what a code stands for.
func (m *cmap) letters(c code) (string, bool) {
	if s, ok := m.one[c]; ok {
		return s, true
	}
	if !m.sorted {
		slices.SortStableFunc(m.ranges, func(a, b codeRange) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.lo, b.lo)) })
		m.sorted = true
	}
	i, _ := slices.BinarySearchFunc(m.ranges, c, func(r codeRange, c code) int {
		return cmp.Or(cmp.Compare(r.n, c.n), cmp.Compare(r.lo, c.v+1))
	})
	if i == 0 || m.ranges[i-1].n != c.n || m.ranges[i-1].hi < c.v {
		return "", false
	}
	r := m.ranges[i-1]
	u := slices.Clone(r.to)
	u[len(u)-1] += uint16(c.v - r.lo)
	return string(utf16.Decode(u)), true
}

// width is how many bytes the codes have that s begins with.
func (m *cmap) width(s string, otherwise int) int {
	for n := 1; n <= 4; n++ {
		if m.wide[n] && n <= len(s) {
			if _, ok := m.letters(codeOf(s[:n])); ok {
				return n
			}
		}
	}
	return otherwise
}
