package pdf

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"leakwatch/matcher/unpack/child"
)

// place is where an object lies.
type place struct {
	off    int64 // after the word obj; in an object stream, where it lies in that
	gen    int64
	within int64 // number of the object stream that it lies in, or 0
}

// entry is one object as it was met, whether another of its number follows or not.
type entry struct {
	id int64
	place
	stream bool
}

// file is a PDF file whose objects are known.
type file struct {
	window
	at       map[int64]place
	all      []entry
	heads    []int64         // where the objects of the file itself begin, rising
	passed   map[int64]int64 // streams in which others lie, and where they end
	over     int64           // bytes of those
	trailer  dict
	trailers int64 // bytes that were read of trailers
	crypt    *crypt
	cache    map[int64]object
	packed   map[int64][]byte // object streams, decoded
	held     int              // bytes of them
	damaged  int64
	within   int64 // bytes of objects in object streams that may still be read
	most     int64 // bytes of one page's contents, or of another stream that is read into memory
}

const (
	mostObjects  = 2 << 20
	mostCached   = 10_000
	mostPacked   = 32 << 20 // of object streams, decoded, that are kept
	mostAgain    = 32       // times that an object stream's objects are read, together; more are in one another
	freeAgain    = 16 << 20 // bytes of them beside that
	mostTrailers = 16       // times the file that is read of trailers
	mostObject   = 8 << 20  // bytes of one object without its data
)

// open looks through the file for objects.
func open(in io.ReaderAt, size int64, passwords []string) (*file, error) {
	f := &file{window: window{in: in, size: size}, at: map[int64]place{}, trailer: dict{}, cache: map[int64]object{}, packed: map[int64][]byte{},
		passed: map[int64]int64{}, within: freeAgain}
	streams := f.scan()
	if f.err != nil {
		return nil, f.err
	}
	if len(f.at) == 0 {
		return nil, errors.New("pdf: no objects")
	}
	if err := f.decrypt(passwords); err != nil {
		return nil, err
	}
	for _, id := range streams {
		f.unpack(id)
	}
	return f, f.err
}

// scan finds all objects, and gives the object streams among them.
func (f *file) scan() (packed []int64) {
	for at := int64(0); ; {
		h, ok := f.nextObject(at)
		if !ok {
			return packed
		}
		id, gen, begin := h.id, h.gen, h.begin
		o, end := f.parse(begin)
		d, _ := o.(dict)
		s, isStream := o.(stream)
		if isStream {
			s.id, s.gen, d, end = id, gen, s.dict, f.skipData(s)
		}
		f.noteTrailer(d)
		if len(f.all) >= mostObjects {
			f.damaged++
			return packed
		}
		p := place{off: begin, gen: gen}
		f.at[id] = p
		f.all, f.heads = append(f.all, entry{id, p, isStream}), append(f.heads, h.from)
		if isStream && d["Type"] == name("ObjStm") {
			packed = append(packed, id)
		}
		at = max(end, begin)
	}
}

// readTrailer reads a trailer. None passes the next: so all of them together are no more than the file, but for those that have no end.
func (f *file) readTrailer(at int64) {
	if f.trailers > mostTrailers*f.size {
		f.damaged++
		return
	}
	o, end := f.parse(at)
	f.trailers += end - at
	d, _ := o.(dict)
	f.noteTrailer(d)
}

// noteTrailer takes a trailer's dictionary, or that of a stream that is one.
func (f *file) noteTrailer(d dict) {
	if d == nil || d["Type"] != nil && d["Type"] != name("XRef") {
		return
	}
	for _, k := range []name{"Root", "Info", "Encrypt", "ID"} {
		if v := d[k]; v != nil && (d["Type"] != nil || d["Size"] != nil || k == "Root") {
			f.trailer[k] = v
		}
	}
}

// head is where an object begins: its number, its generation, and the word obj, from the first digit to behind the word.
type head struct{ id, gen, from, begin int64 }

// nextObject finds the next beginning of an object from at on. Trailers that are passed are noted.
func (f *file) nextObject(at int64) (h head, ok bool) {
	const least = 64
	for {
		b := f.bytes(at, least)
		if len(b) < 3 {
			return head{}, false
		}
		i := bytes.Index(b, []byte("obj"))
		gap := b
		if i >= 0 {
			gap = b[:i]
		}
		if k := bytes.Index(gap, []byte("trailer")); k >= 0 {
			f.readTrailer(at + int64(k) + 7)
			b = f.bytes(at, least) // parsing may have moved the window
			if i = bytes.Index(b, []byte("obj")); i < 0 {
				gap = b
			}
		}
		if i < 0 {
			if at+int64(len(b)) >= f.size {
				return head{}, false
			}
			at += int64(max(len(b)-least/2, 1))
			continue
		}
		if h, ok := objectHead(f.before(at + int64(i))); ok {
			return head{h.id, h.gen, at + int64(i) - h.from, at + int64(i) + 3}, true
		}
		at += int64(i) + 3
	}
}

// objectHead reads number and generation backwards from the word obj. Where it begins is told from that word back.
func objectHead(b []byte) (h head, ok bool) {
	all := len(b)
	word := func() (int64, bool) {
		end := len(b)
		for end > 0 && isSpace(b[end-1]) {
			end--
		}
		from := end
		for from > 0 && isDigit(b[from-1]) {
			from--
		}
		n, err := strconv.ParseInt(string(b[from:end]), 10, 40)
		b = b[:from]
		return n, err == nil
	}
	if h.gen, ok = word(); !ok || len(b) == 0 || !isSpace(b[len(b)-1]) {
		return head{}, false
	}
	h.id, ok = word()
	h.from = int64(all - len(b))
	return h, ok && h.id > 0
}

// parse reads the object at off, and says where it ends. A stream's data begin there.
func (f *file) parse(off int64) (object, int64) {
	for size := int64(4 << 10); ; size *= 8 {
		b := f.bytes(off, int(size))
		l := &lexer{b: b[:min(int64(len(b)), size)], refs: true}
		o, _ := l.next()
		if l.atEnd() && int64(len(l.b)) == size && size < mostObject {
			continue
		}
		d, isDict := o.(dict)
		if !isDict {
			return o, off + int64(l.i)
		}
		end := l.i
		if k, _ := l.next(); k != keyword("stream") {
			return o, off + int64(end)
		}
		// The word is followed by one line end; a carriage return alone is not one, but some writers think so.
		if l.i < len(l.b) && l.b[l.i] == '\r' {
			l.i++
		}
		if l.i < len(l.b) && l.b[l.i] == '\n' {
			l.i++
		}
		return stream{dict: d, off: off + int64(l.i)}, off + int64(l.i)
	}
}

// errBounded ends a file with too much in it.
var errBounded = child.ErrBounded
