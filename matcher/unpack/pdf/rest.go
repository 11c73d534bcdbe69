package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"leakwatch/matcher/unpack/child"
)

// extent is a part of the file.
type extent struct{ from, to int64 }

// tellAll says that a stream's data were handed over, whatever they are.
func (x *extraction) tellAll(s stream) { x.told = append(x.told, extent{s.off, x.f.end(s)}) }

// tellPacked says so of data that cannot be read as they lie. Others are read once more, with all that lies around them: so no label
// hides them.
func (x *extraction) tellPacked(s stream) {
	if x.f.crypt != nil || len(x.f.list(s.dict, "Filter", "F")) > 0 {
		x.tellAll(s)
	}
}

// rest hands over what lies in the file beside the streams that were: comments, names, keys, what stands between objects and behind
// the end; archives there too.
func (x *extraction) rest() error {
	slices.SortFunc(x.told, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	gaps, at := []extent{}, int64(0)
	for _, e := range append(x.told, extent{x.f.size, x.f.size}) {
		if e.from > at {
			gaps = append(gaps, extent{at, e.from})
		}
		at = max(at, e.to)
	}
	w, err := x.e.Writer()
	if err != nil {
		return err
	}
	var buf []byte
	for _, g := range gaps {
		for at := g.from; at < g.to; {
			b := x.f.bytes(at, restBytes)
			b = b[:min(int64(len(b)), restBytes, g.to-at)]
			if k := bytes.LastIndexAny(b, " \n\r"); k > len(b)/2 && at+int64(len(b)) < g.to {
				b = b[:k+1] // no word is cut
			}
			if len(b) == 0 {
				return cmp.Or(x.f.err, w.Close())
			}
			buf = plain(buf[:0], b)
			if _, err := w.Write(buf); err != nil {
				return err
			}
			at += int64(len(b))
		}
		if _, err := w.Write([]byte("\n\n")); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return x.hidden(gaps)
}

const restBytes = 64 << 10

// hidden hands over archives that lie between other things: a file may be two.
func (x *extraction) hidden(gaps []extent) error {
	for _, g := range gaps {
		for _, mark := range containers[:3] {
			at := x.f.find(g.from, g.to, mark)
			if at == g.to {
				continue
			}
			err := x.e.Member(child.Entry{Name: fmt.Sprintf("bytes at %d", at), Size: g.to - at}, io.NewSectionReader(x.f.in, at, g.to-at))
			if err != nil {
				return err
			}
		}
	}
	return x.f.err
}

// leastPlain is how many letters in a row are taken for text.
const leastPlain = 4

// plain appends the text that lies among other bytes: UTF-8, letters of Latin-1 beside those of ASCII, and UTF-16 of ASCII, of
// which one NUL between two letters is nothing. Whatever else there is between two texts is an empty line. The entries of an index,
// which are numbers and nothing else, are left out.
func plain(out, b []byte) []byte {
	from := len(out)
	end := func() {
		if len(out)-from < leastPlain {
			out = out[:from]
		} else {
			out = append(out, "\n\n"...)
		}
		from = len(out)
	}
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '0' && isIndexed(b[i:]):
			i += indexEntry - 1
		case isPrinted(c):
			out = append(out, c)
		case c == 0 && i > 0 && i+1 < len(b) && isPrinted(b[i-1]) && isPrinted(b[i+1]):
		case c >= utf8.RuneSelf:
			_, n := utf8.DecodeRune(b[i:])
			switch {
			case n > 1:
				out = append(out, b[i:i+n]...)
				i += n - 1
				if i+1 < len(b) && isDigit(b[i+1]) {
					out = append(out, ' ') // it may be no letter at all
				}
			case c >= 0xc0 && (i > 0 && isLetter(b[i-1]) || i+1 < len(b) && isLetter(b[i+1])):
				out = utf8.AppendRune(out, rune(c))
			default:
				end()
			}
		default:
			end()
		}
	}
	return out
}

// fewNumbers leaves out long rows of short numbers, as the widths of a font are: they were read with the objects, and say nothing as text.
func fewNumbers(b []byte) []byte {
	const most, short = 16, 3
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		row, end := 0, i
		for k := i; k < len(b); {
			n := 0
			for k < len(b) && (isDigit(b[k]) || b[k] == '-' || b[k] == '.') {
				k, n = k+1, n+1
			}
			if n == 0 || n > short || k < len(b) && !isSpace(b[k]) {
				break
			}
			for k < len(b) && isSpace(b[k]) {
				k++
			}
			row, end = row+1, k
		}
		if row <= most {
			end = i // it stays, up to the next word
			for end < len(b) && !isSpace(b[end]) && b[end] != '[' {
				end++
			}
			end = min(end+1, len(b))
			out = append(out, b[i:end]...)
		}
		i = end
	}
	return out
}

// indexEntry is how long an entry of an index is, as ISO 32000-1, 7.5.4 has it.
const indexEntry = 20

// isIndexed says whether bytes begin with an entry of an index: where an object lies, its generation, and whether it is in use.
func isIndexed(b []byte) bool {
	if len(b) < indexEntry || b[10] != ' ' || b[16] != ' ' || b[17] != 'n' && b[17] != 'f' {
		return false
	}
	for i, c := range b[:16] {
		if i != 10 && !isDigit(c) {
			return false
		}
	}
	return isSpace(b[18]) && isSpace(b[19])
}

func isPrinted(c byte) bool {
	return c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t'
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
