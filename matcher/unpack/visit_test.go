package unpack_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// halting waits at its end until it is let go, and says when it has come there.
type halting struct {
	io.Reader
	once     sync.Once
	at, wait chan struct{}
}

func (h *halting) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err == io.EOF {
		h.once.Do(func() { close(h.at) })
		<-h.wait
	}
	return n, err
}

// A document that comes slowly keeps no other from being read, though one of its members was.
func TestASlowDownloadHoldsNoSeat(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{Processes: 1})
	slow := tarOf(t, file{"a.pdf", string(pdfOf(line))}, file{"b.txt", records(20_000)})
	h := &halting{Reader: bytes.NewReader(slow[:len(slow)-1024]), at: make(chan struct{}), wait: make(chan struct{})}
	done := make(chan error)
	go func() {
		_, err := unpack.Walk(context.Background(), unpack.Input{Reader: h, Place: place(t, "a.tar"), Temp: t.TempDir(), Parsers: p}, unpack.Limits{}, discard())
		done <- err
	}()
	<-h.at
	r, rep := walkParsed(t, p, "b.pdf", pdfOf(line), unpack.Limits{})
	if _, ok := r.find(markers[0]); !ok || rep.Completeness != leak.Whole {
		t.Errorf("%+v", rep)
	}
	close(h.wait)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What lies deeper than children read beside one another is read when the outermost document was, and nothing of it is left.
func TestDocumentsInsideOneAnother(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{Processes: 1})
	broken := zipOf(t, file{"word/document.xml", "<w:p>040785-956J<w:p"})
	deep := docxOf(t, file{"word/embeddings/a.pdf", string(pdfOf(line))})
	doc := letterOf(file{"a.eml", string(letterOf(file{"b.docx", string(deep)}, file{"c.eml", string(letterOf(file{"d.docx", string(broken)}))}))}, file{"z.txt", notes})
	r, rep := walkParsed(t, p, "out.eml", doc, unpack.Limits{})
	for _, want := range []string{"out.eml!a.eml!b.docx", "out.eml!a.eml!b.docx!word/embeddings/a.pdf", "out.eml!a.eml!c.eml!d.docx!word/document.xml", "out.eml!z.txt"} {
		found := false
		for _, g := range r.texts {
			found = found || strings.HasSuffix(g.place, "/"+want) && (strings.Contains(g.text, markers[0]) || strings.Contains(g.text, "040785-956J"))
		}
		if !found {
			t.Errorf("nothing in %s", want)
		}
	}
	if len(rep.Reasons) != 1 || !has(rep, "docx: ") || rep.Shape != "eml" {
		t.Errorf("%s %q", rep.Shape, rep.Reasons)
	}
}

// Documents that are left for want of room are told.
func TestTooManyInsideOneAnother(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{Processes: 1})
	var files []file
	for range 70 {
		files = append(files, file{"a.pdf", string(pdfOf(line))})
	}
	_, rep := walkParsed(t, p, "out.eml", letterOf(file{"a.eml", string(letterOf(files...))}), unpack.Limits{})
	if d := cmp.Diff([]string{"pdf: limit of readers inside one another: 6 left"}, rep.Reasons); d != "" || rep.Completeness != leak.Partial || !rep.Cut {
		t.Error(rep.Completeness, rep.Cut, d)
	}
}

// The time of all documents of a Walk is bounded, and what is over it is told.
func TestTheTimeOfAllDocuments(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{Total: time.Nanosecond})
	doc := tarOf(t, file{"a.pdf", string(pdfOf(line))}, file{"b.pdf", string(pdfOf(line))}, file{"c.txt", notes})
	r, rep := walkParsed(t, p, "a.tar", doc, unpack.Limits{})
	if d := cmp.Diff([]string{"reader's time for one document used up: 2 members left"}, rep.Reasons); d != "" || rep.Completeness != leak.Partial || !rep.Cut {
		t.Error(rep.Completeness, rep.Cut, d)
	}
	if _, ok := r.find(markers[0]); !ok {
		t.Error("what needs no reader is left")
	}
}

// A name that is longer than names are read is read as a text.
func TestANameWithoutEnd(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	doc := letterOf(file{strings.Repeat("a long name ", 8<<10) + "131052-308T.txt", "x"})
	r, rep := walkParsed(t, p, "a.eml", doc, unpack.Limits{})
	found := slices.ContainsFunc(r.texts, func(g got) bool {
		return strings.Contains(g.text, "131052-308T.txt") && !strings.Contains(g.text, "From:") // but for the mail's bytes
	})
	if !found || rep.Completeness != leak.Whole {
		t.Errorf("%+v", rep)
	}
}
