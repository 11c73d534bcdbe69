package pdf

import (
	"bytes"
	"context"
	"errors"
	"io"

	"leakwatch/matcher/unpack/child"
)

// Extract is the child.Extractor of PDF.
func Extract(_ context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	f, err := open(in, size, e.Passwords())
	if err != nil {
		return err
	}
	f.most = min(max(e.Document().Memory/32, 4<<20), 64<<20)
	ops := int64(mostOps)
	x := &extraction{f: f, e: e, fonts: map[ref]*font{}, named: dict{}, names: map[int64]string{}, seen: map[int64]bool{}, tools: map[int64]bool{}, ops: &ops}
	for _, step := range []func() error{x.pages, x.strings, x.streams, x.rest} {
		if err := step(); err != nil {
			return err
		}
	}
	if f.err != nil {
		return f.err
	}
	if ops <= 0 || f.within <= 0 {
		err = errBounded
	}
	return errors.Join(x.tell(), err)
}

// extraction is one file while what it holds is handed over.
type extraction struct {
	f       *file
	e       *child.Emitter
	fonts   map[ref]*font
	named   dict             // fonts by the name under which some page has them, for contents that no page has
	names   map[int64]string // of embedded files, by their stream's number
	seen    map[int64]bool   // streams that were read, by where they lie
	tools   map[int64]bool   // streams that some object has as its font, its colours or the like, by their number
	told    []extent         // of the file, that need not be read as they lie
	ops     *int64
	count   int64 // pages
	empty   int64 // pages without text
	lost    int64 // pages with letters that stand for nothing known
	cut     int64 // parts that are damaged or too long
	long    int64 // pages with more than is read
	images  int64 // of a sort that cannot be handed over
	unordly bool  // without a list of pages, or without an end
}

// tell notes what was not read.
func (x *extraction) tell() error {
	tail := x.f.bytes(max(x.f.size-1024, 0), 1024)
	if !bytes.Contains(tail, []byte("%%EOF")) {
		x.unordly = true
	}
	notes := []struct {
		n     child.Note
		count int64
	}{{child.WithoutText, x.empty}, {child.UnknownLetters, x.lost}, {child.DamagedParts, x.cut + x.f.damaged}, {child.PartsLeft, x.long}, {child.UnknownPictures, x.images},
		{child.DamagedInOrder, map[bool]int64{true: 1}[x.unordly]}}
	for _, n := range notes {
		if n.count > 0 {
			if err := x.e.Note(n.n, n.count); err != nil {
				return err
			}
		}
	}
	return nil
}

// isContents says whether it draws text.
func isContents(b []byte) bool { return hasWord(b, "BT") && hasWord(b, "ET") }

func hasWord(b []byte, word string) bool {
	for {
		i := bytes.Index(b, []byte(word))
		if i < 0 {
			return false
		}
		end := i + len(word)
		if (i == 0 || isSpace(b[i-1])) && (end == len(b) || isSpace(b[end])) {
			return true
		}
		b = b[end:]
	}
}
