package unpack

import (
	"bytes"
	"io"
	"unicode/utf8"

	"leakwatch/leak"
)

// minPacked is how many characters of base64 may hold a compressed text worth a name of its own.
const minPacked = 64

// coding is how a run is to be read.
type coding struct {
	kind  kind
	phase int    // characters before the first whole group
	mark  format // what it decodes to, when that has a mark
	text  bool   // it decodes to text
}

// code finds how the characters are best read. ok is false when they are nothing of the kind: a word, a path, a key.
func (w *walker) code(chars []byte) (c coding, ok bool) {
	buf := w.decoded[:]
	if isHex(chars) {
		if len(chars) < minHex && !shortHex(chars) {
			return coding{}, false
		}
		b := buf[:decodeHex(buf, chars)]
		c = coding{kind: pairs, mark: strongMark(b), text: plausible(b)}
		return c, c.text || c.mark != ""
	}
	if len(chars) < sureRun {
		return coding{kind: quads, text: true}, len(chars)%4 != 1 && short64(chars)
	}
	if isBase32(chars) {
		c = coding{kind: eights}
		if first := buf[:decode32(buf, chars[:min(len(chars), sure32)])]; strongMark(first) != "" || plausible(first) || paddedName(first) {
			b := buf[:decode32(buf, chars)]
			if c.text, c.mark = plausible(b), strongMark(b); c.text || c.mark != "" {
				return c, true
			}
		}
	}
	c.kind = quads
	for c.phase = 0; c.phase < 4 && len(chars)-c.phase >= sureRun-4; c.phase++ {
		from := chars[c.phase:]
		first := buf[:decode64(buf, from[:min(len(from), sureRun)])]
		c.mark = strongMark(first)
		if c.mark == "" && !plausible(first) && !paddedName(first) {
			continue
		}
		b := buf[:decode64(buf, from)]
		c.text, c.mark = plausible(b), strongMark(b)
		if c.text || c.mark != "" {
			return c, true
		}
	}
	return coding{}, false
}

// short64 says whether few characters of base64 may stand for an identifier: all that they decode to is ASCII that is printed,
// and some of it digits. Of random ones that is so less than once in a million.
func short64(chars []byte) bool {
	var buf [sureRun]byte
	if !printed(buf[:decode64(buf[:], chars[:4])]) {
		return false
	}
	return sayDigits(buf[:decode64(buf[:], chars)])
}

// shortHex is short64 for hex.
func shortHex(chars []byte) bool {
	var buf [minHex]byte
	if !printed(buf[:decodeHex(buf[:], chars[:4])]) {
		return false
	}
	return sayDigits(buf[:decodeHex(buf[:], chars)])
}

func printed(b []byte) bool {
	for _, c := range b {
		if (c < ' ' || c >= 0x7f) && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

func sayDigits(b []byte) bool {
	digits := 0
	for _, c := range b {
		if c-'0' <= 9 {
			digits++
		}
	}
	return (digits >= 3 || bytes.IndexByte(b, '@') > 0) && printed(b)
}

// strongMark is a known format whose mark does not come about by chance.
func strongMark(b []byte) format {
	if len(b) < 12 {
		return ""
	}
	f := known(b)
	switch {
	case f == "" || printableMark(f):
		return ""
	case f == fLZW && isLZW(b):
		return f
	}
	for _, m := range magics {
		if m.format == f && len(m.mark) < 3 && m.at == 0 && f != fGzip {
			return ""
		}
	}
	return f
}

// paddedName says whether bytes may begin a tar, whose mark comes later: a name, and NULs up to a hundred bytes.
func paddedName(b []byte) bool {
	i := bytes.IndexByte(b, 0)
	return i > 0 && printed(b[:i]) && len(bytes.Trim(b[i:], "\x00")) == 0
}

// plausible says whether decoded bytes are text: UTF-8, ASCII with some letters of another table, or UTF-16. Of random
// bytes, eighteen in a row look so less than once in ten thousand.
func plausible(b []byte) bool {
	l := look(b)
	if l.nul[0]+l.nul[1] > 0 {
		_, wide := l.wide()
		return wide && l.n >= 8 && l.printable*5 >= l.n*2
	}
	switch {
	case l.control*32 > l.n:
		return false
	case l.high == 0:
		return l.printable*2 >= l.n
	}
	return l.printable*5 >= l.n*4 || validTo(b)*4 >= l.n*3
}

// validTo says how far bytes are UTF-8 from the first on. What follows a line of base64 may have been taken for a part of it: a
// quarter may be no text.
func validTo(b []byte) int {
	n := 0
	for n < len(b) {
		c, size := utf8.DecodeRune(b[n:])
		if c == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// trimCut takes a letter off that was cut at the end.
func trimCut(b []byte) []byte {
	for k := 1; k <= 3 && k <= len(b); k++ {
		if utf8.RuneStart(b[len(b)-k]) {
			if !utf8.FullRune(b[len(b)-k:]) {
				return b[:len(b)-k]
			}
			break
		}
	}
	return b
}

// deeper says whether what is inside may be read, and notes it when not.
func (w *walker) deeper(n *node) bool {
	if n.depth < w.l.MaxDepth {
		return true
	}
	w.notes.add("depth limit " + itoa(int64(w.l.MaxDepth)) + ": %d members left")
	return false
}

// decodeShort decodes a run that was read whole: as text beside the others, or as what is packed in it.
func (f *finder) decodeShort() error {
	if c, ok := f.t.w.codeRun(f.run.pend); ok {
		return f.decodeAs(c)
	}
	return f.decodeLines()
}

// codeRun is code for what may be too short to be anything.
func (w *walker) codeRun(chars []byte) (coding, bool) {
	if len(chars) < minRun {
		return coding{}, false
	}
	return w.code(chars)
}

// decodeAs decodes a run that was read whole in the way that was found for it.
func (f *finder) decodeAs(c coding) error {
	r := &f.run
	if !c.text && len(r.pend) < minPacked {
		return nil
	}
	if !c.text && !f.t.w.opens(c.mark) || !f.t.w.deeper(f.t.n) {
		return nil
	}
	var buf [shortRun]byte
	b, char := decodeWhole(buf[:], r.pend, c)
	f.t.encoded += int64(len(r.pend))
	f.t.w.grew(len(b))
	if !c.text {
		return f.t.w.walkRun(f.t, c, r.where(0), bytes.NewReader(b), way{})
	}
	if f.short.w == nil {
		at := r.where(0)
		f.short = aside{w: f.t.w, n: f.t.n, place: func() leak.Place { return f.t.runPlace(c, at) }}
	}
	return f.addShort(b, c, char)
}

// decodeWhole decodes all characters; char gives the character in which byte i begins.
func decodeWhole(buf, chars []byte, c coding) (b []byte, char func(i int64) int) {
	switch c.kind {
	case pairs:
		return buf[:decodeHex(buf, chars)], func(i int64) int { return int(2 * i) }
	case eights:
		return buf[:decode32(buf, chars)], func(i int64) int { return int(8 * i / 5) }
	}
	p := int64(c.phase)
	return buf[:decode64(buf, chars[c.phase:])], func(i int64) int { return int(p + i/3*4 + i%3) }
}

// addShort gives decoded text to the text beside, in UTF-8 and with its offsets.
func (f *finder) addShort(b []byte, c coding, char func(i int64) int) error {
	r, a := &f.run, &f.short
	where := func(i int64) int64 { return f.t.way.back(r.where(char(i))) }
	if !utf8.Valid(b) {
		u, at := f.t.w.toUTF8(b)
		if err := a.add(u, func(i int64) int64 { return where(at(i)) }); err != nil {
			return err
		}
		return a.put([]byte("\n\n"))
	}
	unit := f.t.way.line(r.where(0), int64(len(r.pend)))
	if unit == 0 || len(r.parts) > 1 {
		if err := a.add(b, where); err != nil {
			return err
		}
		return a.put([]byte("\n\n"))
	}
	a.marks.set(a.out, where(0), int8(unit), c.kind, 0)
	if err := a.put(b); err != nil {
		return err
	}
	return a.put([]byte("\n\n"))
}

// toUTF8 decodes a few bytes of text in another character set.
func (w *walker) toUTF8(b []byte) ([]byte, func(int64) int64) {
	src := w.newSource(bytes.NewReader(b))
	defer w.done(src)
	d := w.newLetters(src, "")
	out := make([]byte, 0, 2*len(b)+shortRead)
	buf := w.scratch()
	defer w.putScratch(buf)
	for {
		n, err := d.Read(buf)
		out = append(out, buf[:n]...)
		if err != nil {
			break
		}
	}
	return out, d.way().back
}

// decideLong decides what to do with a run that has become long.
func (f *finder) decideLong() error {
	r := &f.run
	c, ok := f.t.w.code(r.pend)
	if !ok {
		c, ok = unknownRun(r.pend, len(r.parts) == 1)
	}
	if n := r.lastLine(); !ok && n > 0 {
		return f.decodeLong(n)
	}
	if !ok || !f.t.w.deeper(f.t.n) {
		r.skip = true
		return nil
	}
	r.long = f.t.newLongRun(c, r.where(0))
	f.t.encoded += int64(len(r.pend))
	left := c.phase
	for i, p := range r.parts {
		end := len(r.pend)
		if i+1 < len(r.parts) {
			end = r.parts[i+1].char
		}
		b, at := r.pend[p.char:end], p.at
		k := min(left, len(b))
		left -= k
		if err := r.long.feed(b[k:], at+int64(k)); err != nil {
			return err
		}
	}
	return nil
}

// unknownRun says how a long run is read that is neither text nor known, when it is sure to be bytes: what is packed or encrypted
// uses nearly all characters, and images of discs begin with zeros. Of hex in lines nobody can tell: lists of hashes are so.
func unknownRun(chars []byte, unbroken bool) (coding, bool) {
	n := distinct(chars)
	switch {
	case n == 1 && chars[0] == '0':
		return coding{kind: pairs}, true
	case n == 1:
		return coding{kind: quads}, chars[0] == 'A'
	case isHex(chars):
		return coding{kind: pairs}, unbroken && n >= 15
	case isBase32(chars):
		return coding{kind: eights}, unbroken && n >= 30
	}
	return coding{kind: quads}, n >= 48
}

// distinct counts how many different characters there are. Base64 of anything compressed uses all of them.
func distinct(b []byte) (n int) {
	var seen [256]bool
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

// runPlace is the place of what a run decodes to.
func (t *tap) runPlace(c coding, at int64) leak.Place {
	word := map[kind]string{quads: "base64@", pairs: "hex@", eights: "base32@"}[c.kind]
	return inner(t.n.place, word+itoa(t.way.back(at)))
}

// walkRun reads what a run decodes to as a document of its own.
func (w *walker) walkRun(t *tap, c coding, at int64, r io.Reader, back way) error {
	return w.walkInner(&node{place: t.runPlace(c, at), depth: t.n.depth + 1, way: back}, r)
}

// opened says whether a format is one that is unpacked.
func opened(f format) bool {
	switch f {
	case fGzip, fBzip2, fXz, fZstd, fLZ4, fSnappy, fBrotli, fLZMA, fLzip, fLZW, fZlib, fTar, fZip,
		fCpio, fAr, fRPM, fISO:
		return true
	}
	return false
}
