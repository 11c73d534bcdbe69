package unpack

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// wideAhead is as much as is looked at before it is said that bytes are no UTF-16 or UTF-32.
const wideAhead = 32

// read16 decodes UTF-16, as far as it is.
func (d *letters) read16(p []byte) (int, error) {
	b, err := d.window(wideAhead)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	whole := len(b) < wideAhead // there is no more
	for len(b)-i >= 2 && len(p)-n >= utf8.UTFMax {
		c := d.unit(b[i:])
		if c < 0x80 {
			if n == 0 || i == 0 {
				d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
			}
			p[n] = byte(c)
			i, n = i+2, n+1
			d.prev = byte(c)
			continue
		}
		if len(b)-i < wideAhead && !whole && i > 0 {
			break // it may not be UTF-16
		}
		if d.narrow(b[i:], d.prev != 0) {
			if i > 0 {
				break
			}
			d.toBytes()
			return d.readPlain(p)
		}
		if k := d.shifted(b[i:], 2); k > 0 {
			n += d.odd(p[n:], b[i:i+k], int64(n), int64(i))
			i += k
			d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
			continue
		}
		d.prev = 0
		size := 2
		if utf16.IsSurrogate(c) {
			if len(b)-i < 4 && i > 0 {
				break // the other half may follow
			}
			if len(b)-i >= 4 {
				if c = utf16.DecodeRune(c, d.unit(b[i+2:])); c != utf8.RuneError {
					size = 4
				}
			}
		}
		k := utf8.EncodeRune(p[n:], c)
		d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
		i, n = i+size, n+k
		d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
	}
	if i == 0 {
		return d.rest(p, b)
	}
	d.take(i)
	return n, nil
}

func (d *letters) unit(b []byte) rune {
	if d.set == utf16le {
		return rune(b[0]) | rune(b[1])<<8
	}
	return rune(b[1]) | rune(b[0])<<8
}

// read32 decodes UTF-32, as far as it is: what is no letter of it ends it.
func (d *letters) read32(p []byte) (int, error) {
	b, err := d.window(wideAhead)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	whole := len(b) < wideAhead // there is no more
	for len(b)-i >= 4 && len(p)-n >= utf8.UTFMax {
		c := binary.LittleEndian.Uint32(b[i:])
		if d.set == utf32be {
			c = binary.BigEndian.Uint32(b[i:])
		}
		if c >= 0x80 && len(b)-i < wideAhead && !whole && i > 0 {
			break // it may not be UTF-32
		}
		if c >= 0x80 {
			if k := d.shifted(b[i:], 4); k > 0 {
				n += d.odd(p[n:], b[i:i+k], int64(n), int64(i))
				i += k
				continue
			}
		}
		if c > utf8.MaxRune {
			if i > 0 {
				break
			}
			d.toBytes()
			return d.readPlain(p)
		}
		d.marks.set(d.out+int64(n), d.in+int64(i), 4, asIs, 0)
		n += utf8.EncodeRune(p[n:], rune(c))
		i += 4
	}
	if i == 0 {
		return d.rest(p, b)
	}
	d.take(i)
	return n, nil
}
