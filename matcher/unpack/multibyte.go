package unpack

import (
	"strings"
	"unicode/utf8"

	"github.com/saintfish/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// multibyte is a character set of East Asia: one to four bytes a letter. In some of them the later bytes are ASCII letters.
type multibyte struct {
	name string // as x/net/html/charset says it
	dec  *encoding.Decoder
	size func(b []byte) int // of the letter that b begins with, whose first byte is not ASCII
}

// multibytes gives the sets that are known. A decoder keeps no state between letters, but is one goroutine's.
func multibytes() []*multibyte {
	double := func(lo, hi byte) func([]byte) int {
		return func(b []byte) int {
			if b[0] < lo || b[0] > hi {
				return 1
			}
			return 2
		}
	}
	return []*multibyte{
		{"gb18030", simplifiedchinese.GB18030.NewDecoder(), func(b []byte) int {
			switch {
			case b[0] == 0x80 || b[0] == 0xff:
				return 1
			case len(b) > 1 && b[1] >= '0' && b[1] <= '9':
				return 4
			}
			return 2
		}},
		{"shift_jis", japanese.ShiftJIS.NewDecoder(), func(b []byte) int {
			if b[0] >= 0xa1 && b[0] <= 0xdf || b[0] == 0x80 || b[0] == 0xa0 || b[0] > 0xfc {
				return 1
			}
			return 2
		}},
		{"euc-jp", japanese.EUCJP.NewDecoder(), func(b []byte) int {
			switch {
			case b[0] == 0x8f:
				return 3
			case b[0] == 0x8e || b[0] >= 0xa1 && b[0] <= 0xfe:
				return 2
			}
			return 1
		}},
		{"euc-kr", korean.EUCKR.NewDecoder(), double(0x81, 0xfe)},
		{"big5", traditionalchinese.Big5.NewDecoder(), double(0x81, 0xfe)},
	}
}

// letter decodes the letter that b begins with into dst, which has room for one. What is none is its first byte alone, as a
// question mark, so that ASCII that follows it is never taken for a part of it.
func (m *multibyte) letter(dst, b []byte) (n, size int) {
	size = m.size(b)
	if size <= len(b) {
		n, took, err := m.dec.Transform(dst, b[:size], true)
		if r, k := utf8.DecodeRune(dst[:n]); err == nil && took == size && n > 0 && k == n && r != utf8.RuneError {
			return n, size
		}
	}
	dst[0] = '?'
	return 1, 1
}

// fits counts the letters of several bytes in b, and the bytes that are none.
func (m *multibyte) fits(b []byte) (good, bad int) {
	var buf [2 * utf8.UTFMax]byte
	for i := 0; i < len(b); {
		if i += asciiPrefix(b[i:]); i == len(b) || len(b)-i < 4 {
			break
		}
		n, size := m.letter(buf[:], b[i:])
		switch {
		case size > 1:
			good++
		case n == 1:
			bad++
		}
		i += size
	}
	return good, bad
}

// minMultibyte is how many letters must be there before they speak for a set of East Asia.
const minMultibyte = 6

// eastern finds the set of East Asia that b is written in, nil if it is in none. said and the set before are hints.
func eastern(b []byte, said string, before *multibyte) *multibyte {
	if before != nil {
		if good, bad := before.fits(b); good > bad*20 {
			return before
		}
	}
	b = b[:min(len(b), 16<<10)]
	var fit []*multibyte
	hint := canonicalName(said)
	for _, m := range multibytes() {
		good, bad := m.fits(b)
		if m.name == hint && good > bad*20 {
			return m
		}
		if good >= minMultibyte && bad*50 <= good {
			fit = append(fit, m)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	var found *chardet.Result
	err := guard(func() (err error) { found, err = chardet.NewTextDetector().DetectBest(b); return err })
	if err != nil || found.Confidence < 30 {
		return nil
	}
	for _, m := range fit {
		if m.name == canonicalName(strings.ReplaceAll(found.Charset, "-", "")) || m.name == canonicalName(found.Charset) {
			return m
		}
	}
	return nil
}

// canonicalName is the standard's name of a set, "" when it is not known.
func canonicalName(said string) string {
	e, err := htmlindex.Get(strings.TrimSpace(said))
	if err != nil {
		return ""
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return ""
	}
	if name == "gbk" {
		return "gb18030"
	}
	return name
}
