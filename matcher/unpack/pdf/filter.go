package pdf

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/flate"
)

// mostFilters of one stream are undone.
const mostFilters = 8

// decode undoes a stream's filters, as far as they are known. rest names the first that is not: it is that of a picture.
func (f *file) decode(s stream) (r io.Reader, rest name, parms dict) {
	r = f.raw(s)
	filters, params := f.list(s.dict, "Filter", "F"), f.list(s.dict, "DecodeParms", "DP")
	for i, o := range filters {
		n, _ := f.get(o).(name)
		if i == mostFilters {
			return r, "more than " + n, nil
		}
		var p dict
		if i < len(params) {
			p, _ = f.get(params[i]).(dict)
		}
		switch n {
		case "FlateDecode", "Fl":
			r = f.predicted(newInflate(r), p)
		case "LZWDecode", "LZW":
			r = f.predicted(newLZW(r, f.number(p["EarlyChange"], 1) != 0), p)
		case "ASCIIHexDecode", "AHx":
			r = &hexReader{r: bufio.NewReader(r)}
		case "ASCII85Decode", "A85":
			r = &base85Reader{r: bufio.NewReader(r)}
		case "RunLengthDecode", "RL":
			r = &runReader{r: bufio.NewReader(r)}
		case "Crypt":
		default:
			return r, n, p
		}
	}
	return r, "", nil
}

// list is a dictionary's value as a list, by its long name or its short one. One that is none is a list of itself.
func (f *file) list(d dict, long, short name) array {
	o := f.get(d[long])
	if o == nil {
		o = f.get(d[short])
	}
	switch o := o.(type) {
	case nil:
		return nil
	case array:
		return o
	}
	return array{o}
}

// number is a whole number, or what is taken in its place.
func (f *file) number(o object, otherwise int64) int64 {
	switch n := f.get(o).(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return otherwise
}

// decoded reads a stream's data, decoded, up to most bytes. whole is false when there was more, or damage.
func (f *file) decoded(s stream, most int64) (b []byte, whole bool) {
	r, rest, _ := f.decode(s)
	if rest != "" || most <= 0 {
		return nil, false
	}
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if int64(len(b)) > most {
		return b[:most], false
	}
	return b, err == nil
}

// inflate undoes Flate. Data that end too early, or have a wrong sum, are taken as far as they go.
type inflate struct {
	src *bufio.Reader
	r   io.Reader
}

func newInflate(r io.Reader) *inflate { return &inflate{src: bufio.NewReader(r)} }

func (z *inflate) Read(p []byte) (int, error) {
	if z.r == nil {
		head, _ := z.src.Peek(2)
		if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			_, _ = z.src.Discard(2)
		}
		z.r = flate.NewReader(z.src)
	}
	return z.r.Read(p)
}

// predicted undoes what was done before packing (ISO 32000-1, 7.4.4.4).
func (f *file) predicted(r io.Reader, p dict) io.Reader {
	kind := f.number(p["Predictor"], 1)
	colors, bits := f.number(p["Colors"], 1), f.number(p["BitsPerComponent"], 8)
	columns := f.number(p["Columns"], 1)
	if kind < 2 || colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return r
	}
	row := int((colors*bits*columns + 7) / 8)
	step := int(max(colors*bits/8, 1))
	if kind == 2 {
		if bits != 8 {
			return r
		}
		return &rows{r: r, row: make([]byte, row), step: step}
	}
	return &rows{r: r, row: make([]byte, row+1), last: make([]byte, row), step: step}
}

// rows undoes a prediction row by row: those of PNG, whose first byte says which, or that of TIFF when last is nil.
type rows struct {
	r    io.Reader
	row  []byte
	last []byte
	step int
	rest []byte
}

func (p *rows) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		n, err := io.ReadFull(p.r, p.row)
		if n == 0 || err != nil && err != io.ErrUnexpectedEOF {
			return 0, err
		}
		clear(p.row[n:])
		p.undo()
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *rows) undo() {
	if p.last == nil {
		for i := p.step; i < len(p.row); i++ {
			p.row[i] += p.row[i-p.step]
		}
		p.rest = p.row
		return
	}
	cur := p.row[1:]
	for i := range cur {
		var left, corner byte
		if i >= p.step {
			left, corner = cur[i-p.step], p.last[i-p.step]
		}
		switch p.row[0] {
		case 1:
			cur[i] += left
		case 2:
			cur[i] += p.last[i]
		case 3:
			cur[i] += byte((int(left) + int(p.last[i])) / 2)
		case 4:
			cur[i] += paeth(left, p.last[i], corner)
		}
	}
	copy(p.last, cur)
	p.rest = cur
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int { return max(n, -n) }
