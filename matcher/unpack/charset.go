package unpack

import (
	"encoding/binary"
	"unicode/utf8"
)

// letters turns a source's bytes into UTF-8, and keeps the way back in marks. Bytes that are no
// UTF-8 are decided on by stretches of 64 KiB, so that files that were joined from several are read, each part as it is.
type letters struct {
	src   *source
	hint  string
	set   charset
	now   region // of the stretch that is read, or was read last
	left  int    // bytes left of it
	prev  byte   // the last byte that was passed on undecoded
	marks *offsets
	in    int64 // taken, the mark included
	out   int64
	stash []byte // read, but not decoded
	room  []byte // for it
	// beside takes the bytes as they lie, of sets whose letters may hold ASCII. Nil where there is no room for it.
	beside *aside
	unlike bool // bytes were read as letters that are hardly any
}

// newLetters decides how the text begins and skips its mark.
func (w *walker) newLetters(src *source, said string) *letters {
	head := src.head(headBytes)
	set, skip := begins(head, said)
	_, _ = src.Discard(skip)
	d := &letters{src: src, set: set, in: int64(skip), hint: hintOf(said, head), marks: w.newMarks()}
	d.marks.set(0, d.in, 1, asIs, 0)
	return d
}

func (w *walker) doneLetters(d *letters) { w.doneMarks(d.marks) }

// way is the way back.
func (d *letters) way() way { return d.marks.way() }

// Read gives UTF-8. Letters are never cut by it, unless they came cut; p must have room for one.
func (d *letters) Read(p []byte) (n int, err error) {
	d.marks.forget(d.out, lookBack)
	n, err = d.read(p)
	d.out += int64(n)
	return n, err
}

// read gives what is next, as it is to be read now.
func (d *letters) read(p []byte) (int, error) {
	switch d.set {
	case plain, undecided:
		return d.readPlain(p)
	case mixed, single:
		return d.readSingle(p)
	case double:
		return d.readDouble(p)
	case utf7:
		return d.readShifted(p)
	case utf32le, utf32be:
		return d.read32(p)
	}
	return d.read16(p)
}

// window is what may be decoded now: at least n bytes unless the source ends before.
func (d *letters) window(n int) ([]byte, error) {
	if len(d.stash) > 0 {
		if more := n - len(d.stash); more > 0 {
			b := d.src.head(more)
			d.stash = append(d.stash, b...)
			_, _ = d.src.Discard(len(b))
		}
		return d.stash, nil
	}
	b, err := d.src.Peek(n)
	if len(b) == 0 {
		return nil, err
	}
	return d.src.head(max(d.src.Buffered(), len(b))), nil
}

func (d *letters) take(n int) {
	d.in += int64(n)
	if len(d.stash) > 0 {
		d.stash = d.stash[n:]
		return
	}
	_, _ = d.src.Discard(n)
}

// readPlain passes on what needs no decoding, and has a stretch decided on at the first byte that does.
func (d *letters) readPlain(p []byte) (n int, err error) {
	from := len(d.stash) > 0
	all := false
	if from {
		const enough = 64
		_, _ = d.window(enough)
		all = len(d.stash) < enough
		n = copy(p, d.stash)
	} else {
		n, err = d.src.Read(p)
	}
	k := len(beforeWide(p[:d.passes(p[:n])], all))
	switch {
	case from:
		d.stash = d.stash[k:]
	case k < n:
		d.room = append(d.room[:0], p[k:n]...)
		d.stash = d.room
	}
	d.in += int64(k)
	if k > 0 {
		d.prev = p[k-1]
	}
	if k > 0 || n == 0 {
		return k, err
	}
	if d.toWide() {
		return d.read(p)
	}
	if d.set == plain {
		b, _ := d.window(utf8.UTFMax)
		if r, size := utf8.DecodeRune(b); r != utf8.RuneError || size > 1 {
			d.take(size)
			return copy(p, b[:size]), nil
		}
		if !utf8.FullRune(b) { // the text ends in the middle of a letter
			n = copy(p, b)
			d.take(n)
			return n, nil
		}
	}
	if p[0] < 0x80 {
		d.take(1)
		return 1, nil
	}
	return d.stretch(p)
}

// passes counts the bytes that are passed on as they are.
func (d *letters) passes(b []byte) int {
	switch {
	case d.set == undecided:
		return asciiPrefix(b)
	case utf8.Valid(b):
		return len(b)
	}
	i := 0
	for {
		if i += asciiPrefix(b[i:]); i == len(b) {
			return i
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
}

// stretch decides how the next bytes are read, and reads them.
func (d *letters) stretch(p []byte) (int, error) {
	b, err := d.window(headBytes)
	if err != nil {
		return 0, err
	}
	b = b[:min(len(b), headBytes)]
	_, size := utf8.DecodeRune(b)
	b = b[:max(len(beforeWide(b, len(b) < headBytes)), size)]
	d.now = decide(b, d.prev, d.hint, d.now)
	d.set, d.left = d.now.set, len(b)
	d.unlike = d.unlike || unlikeText(b)
	return d.read(p)
}

// spend counts bytes of the stretch, at least one, and ends it.
func (d *letters) spend(b []byte) {
	n := len(b)
	d.prev = b[n-1]
	d.take(n)
	if d.left -= n; d.left > 0 {
		return
	}
	if d.set = undecided; d.now.set == mixed {
		d.set = plain
	}
}

// readSingle decodes by the table. A letter's last byte is marked as the byte it came from, so that what follows it
// goes on one to one.
func (d *letters) readSingle(p []byte) (int, error) {
	b, err := d.window(utf8.UTFMax)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	for i < min(len(b), d.left) && len(p)-n >= utf8.UTFMax {
		if k := asciiPrefix(b[i:min(len(b), d.left, i+len(p)-n)]); k > 0 {
			copy(p[n:], b[i:i+k])
			i, n = i+k, n+k
			continue
		}
		if len(b)-i < utf8.UTFMax && i > 0 {
			break // the rest of a letter may follow
		}
		if size := d.letter(b[i:]); size > 1 {
			d.marks.set(d.out+int64(n), d.in+int64(i), 1, asIs, 0)
			copy(p[n:], b[i:i+size])
			i, n = i+size, n+size
			continue
		}
		k := utf8.EncodeRune(p[n:], d.now.table.runes[b[i]])
		d.marks.set(d.out+int64(n+k-1), d.in+int64(i), 1, asIs, 0)
		i, n = i+1, n+k
	}
	d.spend(b[:i])
	return n, nil
}

// letter is the length of the UTF-8 letter that b begins with, if it is to be read as one. Among bytes of a Western table it
// is when it is a letter of the West.
func (d *letters) letter(b []byte) int {
	r, size := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError:
		return 0
	case d.set == mixed, d.now.table.latin && westernRune(r):
		return size
	}
	return 0
}

// readDouble decodes letters of several bytes.
func (d *letters) readDouble(p []byte) (int, error) {
	b, err := d.window(utf8.UTFMax)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	for i < min(len(b), d.left) && len(p)-n >= 2*utf8.UTFMax {
		if k := asciiPrefix(b[i:min(len(b), d.left, i+len(p)-n)]); k > 0 {
			d.marks.set(d.out+int64(n), d.in+int64(i), 1, asIs, 0)
			copy(p[n:], b[i:i+k])
			i, n = i+k, n+k
			continue
		}
		if len(b)-i < utf8.UTFMax && i > 0 {
			break
		}
		k, size := d.now.multi.letter(p[n:], b[i:])
		d.marks.set(d.out+int64(n), d.in+int64(i), 1, asIs, 0)
		i, n = i+size, n+k
	}
	if err := d.aside(b[:i]); err != nil {
		return 0, err
	}
	d.spend(b[:i])
	return n, nil
}

// aside hands bytes over as they lie.
func (d *letters) aside(b []byte) error {
	a := d.beside
	if a == nil {
		return nil
	}
	if unit := a.n.way.line(d.in, int64(len(b))); unit > 0 {
		a.marks.set(a.out, a.n.way.back(d.in), int8(unit), asIs, 0)
	} else {
		a.marks.span(a.out, int64(len(b)), func(i int64) int64 { return a.n.way.back(d.in + i) })
	}
	return a.put(b)
}

// asciiPrefix counts the ASCII bytes that b begins with, many at a time.
func asciiPrefix(b []byte) int {
	const high = 0x8080808080808080
	i := 0
	for ; i+32 <= len(b); i += 32 {
		v := b[i : i+32]
		if (binary.LittleEndian.Uint64(v)|binary.LittleEndian.Uint64(v[8:])|
			binary.LittleEndian.Uint64(v[16:])|binary.LittleEndian.Uint64(v[24:]))&high != 0 {
			break
		}
	}
	for ; i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&high == 0; i += 8 {
	}
	for i < len(b) && b[i] < 0x80 {
		i++
	}
	return i
}
