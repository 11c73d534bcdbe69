package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

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
	x := &extraction{f: f, e: e, fonts: map[ref]*font{}, named: dict{}, seen: map[int64]bool{}, ops: &ops}
	for _, step := range []func() error{x.pages, x.strings, x.streams} {
		if err := step(); err != nil {
			return err
		}
	}
	if f.err != nil {
		return f.err
	}
	if ops <= 0 {
		err = errBounded
	}
	return errors.Join(x.tell(), err)
}

// extraction is one file while what it holds is handed over.
type extraction struct {
	f       *file
	e       *child.Emitter
	fonts   map[ref]*font
	named   dict           // fonts by the name under which some page has them, for contents that no page has
	seen    map[int64]bool // streams that were read, by where they lie
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

// streams hands over what lies in the file beside the pages: attachments, pictures, metadata, contents that nothing draws.
func (x *extraction) streams() error {
	names := x.attachments()
	for _, e := range x.f.all {
		if !e.stream {
			continue
		}
		s, ok := x.f.loadAt(e).(stream)
		if !ok || x.seen[s.off] {
			continue
		}
		x.seen[s.off] = true
		if err := x.stream(s, names); err != nil {
			return err
		}
		if x.f.err != nil {
			return x.f.err
		}
	}
	return nil
}

// attachments are the names of embedded files, by their object's number.
func (x *extraction) attachments() map[int64]string {
	names := map[int64]string{}
	for _, e := range x.f.all {
		if e.stream {
			continue
		}
		d, ok := x.f.loadAt(e).(dict)
		files := x.f.dictOf(d["EF"])
		if !ok || files == nil {
			continue
		}
		title := ""
		for _, k := range []name{"UF", "F", "Desc"} {
			if s, _ := x.f.get(d[k]).(string); title == "" {
				title = textOf(s)
			}
		}
		for _, o := range files {
			if r, ok := o.(ref); ok {
				names[r.id] = title
			}
		}
	}
	return names
}

// stream hands over one stream as what it is.
func (x *extraction) stream(s stream, names map[int64]string) error {
	kind, _ := x.f.get(s.dict["Type"]).(name)
	sub, _ := x.f.get(s.dict["Subtype"]).(name)
	title, attached := names[s.id]
	switch {
	case kind == "XRef", kind == "ObjStm", kind == "CMap", isMachinery(s.dict, sub):
		return nil
	case attached, kind == "EmbeddedFile":
		return x.member(s, title)
	case kind == "Metadata", sub == "XML":
		return x.member(s, fmt.Sprintf("metadata %d.xml", s.id))
	case sub == "Image":
		return x.image(s)
	}
	b, whole := x.f.decoded(s, x.f.most)
	switch {
	case len(b) == 0 && !whole:
		return nil // of a sort that is not known; pictures are seen above
	case bytes.Contains(b, []byte("begincmap")):
		return nil
	case isContents(b):
		resources := x.f.dictOf(s.dict["Resources"])
		if resources == nil {
			resources = dict{"Font": x.named}
		}
		text, _ := x.paint(b, resources)
		x.cut += map[bool]int64{false: 1}[whole]
		return x.e.Text(strings.NewReader(text))
	case isText(b):
		x.cut += map[bool]int64{false: 1}[whole]
		return x.e.Member(child.Entry{Name: fmt.Sprintf("object %d", s.id), Size: int64(len(b))}, bytes.NewReader(b))
	}
	return nil
}

// isMachinery says that a stream holds a font, a function, a profile of colours or the like, and no text.
func isMachinery(d dict, sub name) bool {
	switch sub {
	case "Type1C", "CIDFontType0C", "OpenType":
		return true
	}
	for _, k := range []name{"Length1", "Length2", "Length3", "FunctionType", "ShadingType", "Alternate"} {
		if d[k] != nil {
			return true
		}
	}
	return false
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

// member hands over an embedded file.
func (x *extraction) member(s stream, title string) error {
	r, rest, _ := x.f.decode(s)
	if rest != "" {
		r = x.f.raw(s)
	}
	size := x.f.number(x.f.dictOf(s.dict["Params"])["Size"], -1)
	err := x.e.Member(child.Entry{Name: title, Size: max(size, -1)}, r)
	if err != nil && x.f.err == nil && isDamage(err) {
		x.cut++
		err = nil
	}
	return err
}
