package enroll

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The charsets of tables.
const (
	utf8Name  = "utf-8"
	utf16LE   = "utf-16le"
	utf16BE   = "utf-16be"
	latin1    = "latin-1"
	windows   = "windows-1252"
	mixedName = "utf-8 with windows-1252" // a file that was pasted together
)

var charsets = []string{utf8Name, utf16LE, utf16BE, latin1, windows}

// detectCharset reads r to its end: a letter of another charset may come late, and a guess from the first page would
// make its patient's name another one.
func detectCharset(r io.Reader) (string, error) {
	buf := make([]byte, 0, 256<<10)
	var c byteCensus
	for first := true; ; first = false {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if first {
			if name := wide(buf); name != "" {
				return name, nil
			}
		}
		rest := c.add(buf, err != nil)
		buf = append(buf[:0], rest...)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return c.verdict(), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// wide recognises UTF-16, by its mark or by where its zero bytes stand.
func wide(b []byte) string {
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) {
		return utf16LE
	}
	if bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		return utf16BE
	}
	var zeros [2]int
	b = b[:min(len(b), 4096)]
	for i, c := range b {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch pairs := len(b) / 2; {
	case pairs >= 2 && zeros[1] > pairs/2 && zeros[0] <= pairs/20:
		return utf16LE
	case pairs >= 2 && zeros[0] > pairs/2 && zeros[1] <= pairs/20:
		return utf16BE
	}
	return ""
}

// byteCensus counts what tells UTF-8 from the one-byte charsets.
type byteCensus struct {
	multi   int64 // valid sequences of several bytes
	invalid int64
	c1      int64 // bytes that are letters in Windows-1252 and control characters in Latin-1
}

// add counts b and gives back an unfinished sequence at its end.
func (c *byteCensus) add(b []byte, last bool) []byte {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		if !last && !utf8.FullRune(b) {
			return b
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			c.invalid++
			if b[0] < 0xa0 {
				c.c1++
			}
		} else {
			c.multi++
		}
		b = b[n:]
	}
	return nil
}

func (c *byteCensus) verdict() string {
	switch {
	case c.invalid == 0:
		return utf8Name
	case c.multi > c.invalid:
		return mixedName
	case c.c1 > 0:
		return windows
	}
	return latin1
}

// decode gives r in UTF-8, without a byte order mark.
func decode(r io.Reader, charset string) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case utf8Name, mixedName:
		in := bufio.NewReaderSize(r, 64<<10)
		if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
			_, _ = in.Discard(3)
		}
		if charset == utf8Name {
			return in, nil
		}
		return transform.NewReader(in, mixed{}), nil
	case utf16LE:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), nil
	case utf16BE:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()), nil
	case latin1, "iso-8859-1":
		return transform.NewReader(r, charmap.ISO8859_1.NewDecoder()), nil
	case windows, "cp1252":
		return transform.NewReader(r, charmap.Windows1252.NewDecoder()), nil
	}
	return nil, fmt.Errorf("charset %.40q: want one of %s", charset, strings.Join(charsets, ", "))
}

// mixed passes valid UTF-8 and reads every other byte as Windows-1252.
type mixed struct{ transform.NopResetter }

func (mixed) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		b := src[nSrc:]
		if b[0] >= utf8.RuneSelf && !atEOF && !utf8.FullRune(b) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, n := rune(b[0]), 1
		if r >= utf8.RuneSelf {
			if r, n = utf8.DecodeRune(b); r == utf8.RuneError && n == 1 {
				r = charmap.Windows1252.DecodeByte(b[0])
			}
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += n
	}
	return nDst, nSrc, nil
}
