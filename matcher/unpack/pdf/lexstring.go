package pdf

func (l *lexer) hex() string {
	var out []byte
	half, odd := byte(0), false
	for l.i < len(l.b) {
		c := l.b[l.i]
		l.i++
		if c == '>' {
			break
		}
		v := hexValue(c)
		switch {
		case v > 15:
		case odd:
			out, odd = append(out, half<<4|v), false
		default:
			half, odd = v, true
		}
	}
	if odd {
		out = append(out, half<<4)
	}
	return string(out)
}

// literal reads a string in parentheses, which may lie in one another.
func (l *lexer) literal() string {
	var out []byte
	for open := 1; l.i < len(l.b); {
		c := l.b[l.i]
		l.i++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return string(out)
			}
		case '\\':
			out = l.escape(out)
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

func (l *lexer) escape(out []byte) []byte {
	if l.atEnd() {
		return out
	}
	c := l.b[l.i]
	l.i++
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\r':
		if l.i < len(l.b) && l.b[l.i] == '\n' {
			l.i++
		}
		return out
	case '\n':
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	v := int(c - '0')
	for k := 0; k < 2 && l.i < len(l.b) && l.b[l.i] >= '0' && l.b[l.i] <= '7'; k++ {
		v = v<<3 | int(l.b[l.i]-'0')
		l.i++
	}
	return append(out, byte(v))
}
