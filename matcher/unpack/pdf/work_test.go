package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/pdf"
)

// counted is a file that counts what is read of it.
type counted struct {
	*bytes.Reader
	n int
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.n += n
	return n, err
}

// A file whose pages lie in another order than they are read in is not read anew for each of them.
func TestLeaps(t *testing.T) {
	t.Parallel()
	const pages, each = 6000, 50
	var kids strings.Builder
	objects := []string{page[0], ""}
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 1_000_000+i*4999%pages)
		objects = append(objects, stream("", shown(fmt.Sprint("page ", i))+strings.Repeat(" 0 0 m", 50)))
	}
	objects[1] = "<</Type/Pages/Kids[" + kids.String() + "]>>"
	for i := 0; i < pages; i += each {
		var head, body strings.Builder
		for k := range each {
			fmt.Fprintf(&head, "%d %d ", 1_000_000+i+k, body.Len())
			fmt.Fprintf(&body, "<</Type/Page/Parent 2 0 R/Contents %d 0 R>> ", 3+i+k)
		}
		objects = append(objects, flate(head.String()+body.String(), fmt.Sprintf("/Type/ObjStm/N %d/First %d", each, head.Len())))
	}
	doc := document(objects...)
	in := &counted{Reader: bytes.NewReader(doc)}
	r := child.Run(t.Context(), pdf.Extract, child.Document{Size: int64(len(doc)), Memory: 512 << 20}, in, 64<<20)
	if r.Outcome != child.Whole || strings.Count(text(r), "page") != pages || in.n > 100*len(doc) {
		t.Errorf("%s: %d pages, %d bytes read of %d", r.Outcome, strings.Count(text(r), "page"), in.n, len(doc))
	}
}

// What is said to begin in many places at once is read a few times, and it is said that something was left.
func TestWhatHasNoEnd(t *testing.T) {
	t.Parallel()
	trailers := append(drawn(shown("before")), strings.Repeat("trailer( obj ", 20_000)...)
	if r := extract(t, trailers); text(r) != "before" || r.Notes[child.DamagedParts] == 0 {
		t.Errorf("trailers: %q %v", text(r), r.Notes)
	}
	var head strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&head, "%d 0 ", 100+i)
	}
	objects := flate(head.String()+"["+strings.Repeat("1 ", 10_000)+"]", fmt.Sprintf("/Type/ObjStm/N 1000/First %d", head.Len()))
	if r := extract(t, drawn(shown("before"), objects)); text(r) != "before" || r.Outcome != child.Bounded {
		t.Errorf("objects in a stream: %q %s", text(r), r.Outcome)
	}
	if r := extract(t, drawn("BI "+strings.Repeat("EI", 500_000)+"\nEI "+shown("after"))); text(r) != "after" || r.Outcome != child.Whole {
		t.Errorf("a picture in contents: %q %s", text(r), r.Outcome)
	}
}
