package unpack

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// read16 decodes UTF-16. An odd byte at the end is left out.
func (d *letters) read16(p []byte) (int, error) {
	b, err := d.window(4)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	for len(b)-i >= 2 && len(p)-n >= utf8.UTFMax {
		c := d.unit(b[i:])
		if c < 0x80 {
			if n == 0 || i == 0 {
				d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
			}
			p[n] = byte(c)
			i, n = i+2, n+1
			continue
		}
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
	if n == 0 {
		d.take(len(b))
		return 0, io.EOF
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

// read32 decodes UTF-32. Bytes at the end that are no whole letter are left out.
func (d *letters) read32(p []byte) (int, error) {
	b, err := d.window(4)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	for len(b)-i >= 4 && len(p)-n >= utf8.UTFMax {
		c := binary.LittleEndian.Uint32(b[i:])
		if d.set == utf32be {
			c = binary.BigEndian.Uint32(b[i:])
		}
		d.marks.set(d.out+int64(n), d.in+int64(i), 4, asIs, 0)
		n += utf8.EncodeRune(p[n:], rune(min(c, utf8.MaxRune+1)))
		i += 4
	}
	if n == 0 {
		d.take(len(b))
		return 0, io.EOF
	}
	d.take(i)
	return n, nil
}
