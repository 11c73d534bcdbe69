package unpack

import (
	"bytes"
	"io"
	"strings"
)

// isImage says whether a format is a picture, of which the letters can be read by another program at most.
func isImage(f format) bool {
	return strings.Contains(" png jpg gif tiff webp psd ico heic avif jp2 bmp image ", " "+string(f)+" ")
}

const (
	leastImage  = 1 << 10  // smaller pictures hold no words
	mostImage   = 64 << 20 // that is handed to a command
	mostLetters = 4 << 20  // bytes of text of one picture
)

// walkImage records a picture, with its size, as not read; or has its letters read by the command that the operator named, which is never
// whole.
func (w *walker) walkImage(n *node) error {
	w.shape(n, "")
	if w.parsers != nil && w.parsers.ocr != nil {
		return w.readImage(n)
	}
	err := w.drain(n.src)
	w.notes.addSized("%d images, %s: not read", n.src.taken())
	return err
}

// readImage reads the letters of a picture.
func (w *walker) readImage(n *node) error {
	s := w.newSpool(n.src)
	defer w.doneSpool(s)
	if err := w.end(); err != nil {
		return err
	}
	if s.cut != "" || s.size < leastImage || s.size > mostImage {
		w.notes.addSized("%d images, %s: not read", s.size)
		return w.end()
	}
	budget := w.parsers.ocr.Budget()
	if w.looked >= budget {
		w.notes.addSized("%d images, %s: not read, OCR time limit "+budget.String(), s.size)
		return nil
	}
	letters, err := w.parsers.ocr.Read(w.ctx, io.NewSectionReader(s, 0, s.size), budget-w.looked)
	w.looked += letters.Took
	if cerr := w.check(); cerr != nil {
		return cerr
	}
	if err != nil && w.looked >= budget {
		w.notes.addSized("%d images, %s: not read, OCR time limit "+budget.String(), s.size)
		return nil
	}
	if err != nil {
		w.notes.addSized("%d images, %s: not read, the command for it failed", s.size)
		return nil
	}
	w.notes.addSized("%d images, %s: read by OCR", s.size)
	if letters.Cut {
		w.notes.add("OCR text limit " + bytesWord(mostLetters) + ": rest of %d images left")
	}
	w.read++
	w.grew(len(letters.Text))
	i := *n
	i.src, i.way = w.newSource(bytes.NewReader(letters.Text)), way{}
	defer w.done(i.src)
	return w.readTap(w.newTap(&i, i.src, i.way))
}
