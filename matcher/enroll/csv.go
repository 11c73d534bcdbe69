package enroll

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxRecord is how long one record may be. A longer one is a quote that was never closed: reading on would swallow
// patients without a word.
const maxRecord = 1 << 20

// maxColumns is how many columns a table may have: as many as a spreadsheet has.
const maxColumns = 16384

type textTable struct {
	*csvReader
	file  *os.File
	known tableFacts
}

func (t *textTable) close() error      { return t.file.Close() }
func (t *textTable) facts() tableFacts { return t.known }

// openText opens a text table: charset and dialect found out, or as the options say.
func openText(f *os.File, size int64, o Options) (table, error) {
	charset := o.Charset
	if charset == "" {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		var err error
		if charset, err = detectCharset(f); err != nil {
			return nil, err
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	read := &counter{r: f}
	plain, err := decode(read, charset)
	if err != nil {
		return nil, err
	}
	r, err := newCSV(plain, o.Delimiter)
	if err != nil {
		return nil, err
	}
	return &textTable{csvReader: r, file: f, known: tableFacts{
		charset: charset, delimiter: string(r.comma), total: size, read: func() int64 { return read.n },
	}}, nil
}

// csvReader reads delimited text. It takes what spreadsheets of all sorts write: any line end, quotes inside unquoted
// cells, a first line that names the delimiter.
type csvReader struct {
	in    *bufio.Reader
	comma byte
	eol   byte
	n     int64
	line  []byte
	cells []byte // of the record, one after the other
	ends  []int
}

// newCSV makes a reader of UTF-8 text. An empty delimiter is found out from the first 64 KiB.
func newCSV(r io.Reader, delimiter string) (*csvReader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	sample, err := in.Peek(64 << 10)
	if err != nil && err != io.EOF {
		return nil, err
	}
	c := &csvReader{in: in, eol: '\n'}
	if !bytes.ContainsRune(sample, '\n') && bytes.ContainsRune(sample, '\r') {
		c.eol = '\r'
	}
	if head, _, _ := bytes.Cut(sample, []byte{c.eol}); len(head) <= 7 && bytes.HasPrefix(bytes.ToLower(head), []byte("sep=")) {
		c.comma = head[len(head)-1]
		if rest := bytes.TrimRight(head[4:], "\r"); len(rest) == 1 {
			c.comma = rest[0]
		}
		c.n = 1
		_, err := in.ReadSlice(c.eol)
		if err != nil && err != io.EOF {
			return nil, err
		}
	}
	switch {
	case delimiter == "tab" || delimiter == `\t`:
		c.comma = '\t'
	case len(delimiter) == 1 && !strings.ContainsAny(delimiter, "\"\r\n"):
		c.comma = delimiter[0]
	case delimiter != "":
		return nil, fmt.Errorf("delimiter %.10q: want one ASCII character", delimiter)
	case c.comma == 0 || c.comma == '"' || c.comma >= 0x80:
		c.comma = detectDelimiter(sample, c.eol)
	}
	return c, nil
}

// detectDelimiter takes the delimiter that cuts most lines into the same number of cells; of several, the one that
// makes more cells.
func detectDelimiter(sample []byte, eol byte) byte {
	best, bestShare, bestCells := byte('\t'), 0.0, 1
	for _, comma := range []byte{';', '\t', ',', '|'} {
		share, cells := consistency(sample, comma, eol)
		if cells > 1 && (share > bestShare+0.05 || share > bestShare-0.05 && cells > bestCells) {
			best, bestShare, bestCells = comma, share, cells
		}
	}
	return best
}

// consistency gives the commonest number of cells, and the share of lines that have it.
func consistency(sample []byte, comma, eol byte) (share float64, cells int) {
	r := &csvReader{in: bufio.NewReader(bytes.NewReader(sample)), comma: comma, eol: eol}
	counts, lines := map[int]int{}, 0
	for lines < 200 {
		rec, err := r.next()
		if err != nil {
			break
		}
		counts[len(rec.cells)]++
		lines++
	}
	for n, lines := range counts {
		if lines > counts[cells] || lines == counts[cells] && n > cells {
			cells = n
		}
	}
	return float64(counts[cells]) / float64(max(lines, 1)), cells
}

var (
	errQuote   = errors.New("a quote is opened and never closed")
	errColumns = fmt.Errorf("more than %d columns", maxColumns)
	errLong    = fmt.Errorf("longer than %d bytes", maxRecord)
)

// next gives the next record that is not blank.
func (c *csvReader) next() (record, error) {
	for {
		line, err := c.readLine(c.line[:0])
		c.line = line[:0]
		if err != nil {
			return record{}, err
		}
		c.n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		c.cells, c.ends = c.cells[:0], c.ends[:0]
		if bytes.IndexByte(line, '"') < 0 {
			c.plain(trimEOL(line))
		} else if err := c.quoted(line); err != nil {
			return record{}, fmt.Errorf("row %d: %w", c.n, err)
		}
		if len(c.ends) > maxColumns {
			return record{}, fmt.Errorf("row %d: %w", c.n, errColumns)
		}
		return record{n: c.n, cells: c.cut()}, nil
	}
}

// readLine appends the next line with its end to dst.
func (c *csvReader) readLine(dst []byte) ([]byte, error) {
	for {
		part, err := c.in.ReadSlice(c.eol)
		dst = append(dst, part...)
		switch {
		case len(dst) > maxRecord:
			return dst, fmt.Errorf("row %d: %w", c.n+1, errLong)
		case err == nil, err == io.EOF && len(dst) > 0:
			return dst, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return dst, withoutPath(err)
		}
	}
}

func (c *csvReader) plain(line []byte) {
	for {
		i := bytes.IndexByte(line, c.comma)
		if i < 0 {
			break
		}
		c.cells = append(c.cells, line[:i]...)
		c.ends = append(c.ends, len(c.cells))
		line = line[i+1:]
	}
	c.cells = append(c.cells, line...)
	c.ends = append(c.ends, len(c.cells))
}

// quoted cuts a line with quotes in it, and reads on where a quoted cell goes over the line's end.
func (c *csvReader) quoted(line []byte) error {
	for {
		if len(line) == 0 || line[0] != '"' {
			i := bytes.IndexByte(line, c.comma)
			if i < 0 {
				c.cells = append(c.cells, trimEOL(line)...)
				c.ends = append(c.ends, len(c.cells))
				return nil
			}
			c.cells = append(c.cells, line[:i]...)
			c.ends = append(c.ends, len(c.cells))
			line = line[i+1:]
			continue
		}
		rest, more, err := c.quotedCell(line[1:])
		if err != nil || !more {
			return err
		}
		line = rest
	}
}

// quotedCell reads a cell past its opening quote. more says that another cell follows.
func (c *csvReader) quotedCell(line []byte) (rest []byte, more bool, err error) {
	for {
		i := bytes.IndexByte(line, '"')
		if i < 0 {
			c.cells = append(c.cells, line...)
			if line, err = c.continued(); err != nil {
				return nil, false, err
			}
			continue
		}
		c.cells = append(c.cells, line[:i]...)
		line = line[i+1:]
		switch {
		case len(line) > 0 && line[0] == '"':
			c.cells = append(c.cells, '"')
			line = line[1:]
		case len(line) > 0 && line[0] == c.comma:
			c.ends = append(c.ends, len(c.cells))
			return line[1:], true, nil
		case len(trimEOL(line)) == 0:
			c.ends = append(c.ends, len(c.cells))
			return nil, false, nil
		default: // a quote inside the cell that was not doubled
			c.cells = append(c.cells, '"')
		}
	}
}

// continued reads the next line of a quoted cell.
func (c *csvReader) continued() ([]byte, error) {
	line, err := c.readLine(c.line[:0])
	c.line = line[:0]
	if err == io.EOF || errors.Is(err, errLong) || len(c.cells)+len(line) > maxRecord {
		return nil, errQuote
	}
	return line, err
}

// cut makes the cells strings, in one piece of memory.
func (c *csvReader) cut() []string {
	all := string(c.cells)
	cells := make([]string, len(c.ends))
	from := 0
	for i, to := range c.ends {
		cells[i] = all[from:to]
		from = to
	}
	return cells
}

func trimEOL(line []byte) []byte { return bytes.TrimRight(line, "\r\n") }
