package enroll

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
)

// record is one row of a table.
type record struct {
	n       int64 // as a spreadsheet numbers it, from 1
	cells   []string
	numeric []bool // cells that are numbers, not text; nil in formats that do not say
}

// isNumber says whether cell i is a number and not text.
func (r record) isNumber(i int) bool { return i < len(r.numeric) && r.numeric[i] }

// cell gives cell i, or "" past the end of a short row.
func (r record) cell(i int) string {
	if i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// table yields records, then io.EOF. A record stays valid after the next call.
type table interface {
	next() (record, error)
	close() error
	facts() tableFacts
}

// tableFacts are what was found out about a table.
type tableFacts struct {
	charset   string // "" for XLSX
	delimiter string // "" for XLSX
	sheet     int    // from 1; 0 for text
	date1904  bool   // serials count from 1904
	read      func() int64
	total     int64
}

// openTable finds out what a file is, by its bytes and not by its name, and opens it.
func openTable(o Options) (table, error) {
	f, err := os.Open(o.Table)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage(errors.New("open table: there is no such file"))
	}
	if err != nil {
		return nil, fmt.Errorf("open table: %w", withoutPath(err))
	}
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		f.Close()
		return nil, fmt.Errorf("open table: %w", withoutPath(err))
	}
	t, err := openAs(f, head[:n], o)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open table: %w", withoutPath(err))
	}
	return t, nil
}

func openAs(f *os.File, head []byte, o Options) (table, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no file")
	case info.Size() == 0:
		return nil, errors.New("it is empty")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return openXLSX(f, info.Size(), o.Sheet)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, errors.New("it is an old or an encrypted Excel file; save it as CSV or as XLSX without a password")
	case o.Sheet != "":
		return nil, usage(errors.New("a sheet was named, but it is no XLSX file"))
	}
	return openText(f, info.Size(), o)
}

// withoutPath takes the path or URL out of an error: a file can be named after a patient.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// readLimited reads all of r, and fails when that is more than limit bytes.
func readLimited(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("larger than %d bytes", limit)
	}
	return b, nil
}

// counter counts what goes through a reader.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// eachRecord calls f for every record until the end, the first error, or the end of ctx.
func eachRecord(ctx context.Context, t table, f func(record) error) error {
	for i := 0; ; i++ {
		if i&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r, err := t.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
}
