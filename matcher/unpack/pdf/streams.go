package pdf

import (
	"bytes"
	"fmt"
	"strings"

	"leakwatch/matcher/unpack/child"
)

// streams hands over what lies in the file beside the pages: attachments, pictures, metadata, contents that nothing draws, and what is no
// text by its label as what it is.
func (x *extraction) streams() error {
	for _, e := range x.f.all {
		if !e.stream {
			continue
		}
		s, ok := x.f.loadAt(e).(stream)
		if !ok {
			continue
		}
		if x.seen[s.off] {
			x.tellPacked(s)
			continue
		}
		x.seen[s.off] = true
		if err := x.stream(s); err != nil {
			return err
		}
		if x.f.err != nil {
			return x.f.err
		}
	}
	return nil
}

// attachment remembers the name of the files that an object says are embedded.
func (x *extraction) attachment(d dict) {
	files := x.f.dictOf(d["EF"])
	if files == nil {
		return
	}
	title := ""
	for _, k := range []name{"UF", "F", "Desc"} {
		if s, _ := x.f.get(d[k]).(string); title == "" {
			title = textOf(s)
		}
	}
	for _, o := range files {
		if r, ok := o.(ref); ok {
			x.names[r.id] = title
		}
	}
}

// stream hands over one stream as what it is.
func (x *extraction) stream(s stream) error {
	kind, _ := x.f.get(s.dict["Type"]).(name)
	sub, _ := x.f.get(s.dict["Subtype"]).(name)
	title, attached := x.names[s.id]
	switch {
	case attached, kind == "EmbeddedFile":
		return x.member(s, title)
	case kind == "Metadata", sub == "XML":
		return x.member(s, fmt.Sprintf("metadata %d.xml", s.id))
	case sub == "Image":
		return x.image(s)
	case x.unknown(s):
		x.cut++
		return x.member(s, fmt.Sprintf("object %d", s.id))
	}
	b, whole := x.f.decoded(s, x.f.most)
	x.cut += map[bool]int64{false: 1}[whole]
	x.tellPacked(s)
	switch {
	case len(b) == 0:
		return nil
	case kind == "ObjStm":
		return x.letters(fewNumbers(b))
	case bytes.Contains(b, []byte("begincmap")):
		return x.letters(b)
	case isContents(b):
		return x.contents(s, b)
	case !isText(b) && !isContainer(b) && (kind == "XRef" || x.tools[s.id] || isMachinery(s.dict, sub) || isMachine(b)):
		return x.letters(b)
	}
	return x.bytes(s, b)
}

// contents hands over what contents draw that no page has, or what they say when they draw nothing.
func (x *extraction) contents(s stream, b []byte) error {
	resources := x.f.dictOf(s.dict["Resources"])
	if resources == nil {
		resources = dict{"Font": x.named}
	}
	text, shown := x.paint(b, resources)
	if shown == 0 {
		return x.letters(b)
	}
	return x.e.Text(strings.NewReader(text))
}

// letters hands over what text lies among other bytes.
func (x *extraction) letters(b []byte) error { return x.e.Text(bytes.NewReader(plain(nil, b))) }

// bytes hands over what is not known, as a member: it is looked at there.
func (x *extraction) bytes(s stream, b []byte) error {
	return x.e.Member(child.Entry{Name: fmt.Sprintf("object %d", s.id), Size: int64(len(b))}, bytes.NewReader(b))
}

// unknown says whether one of a stream's filters is not known.
func (x *extraction) unknown(s stream) bool {
	_, rest, _ := x.f.decode(s)
	return rest != ""
}

// member hands over an embedded file, or what else is one, decoded as far as its filters are known.
func (x *extraction) member(s stream, title string) error {
	r, _, _ := x.f.decode(s)
	x.tellAll(s)
	size := x.f.number(x.f.dictOf(s.dict["Params"])["Size"], -1)
	err := x.e.Member(child.Entry{Name: title, Size: max(size, -1)}, r)
	if err != nil && x.f.err == nil && isDamage(err) {
		x.cut++
		err = nil
	}
	return err
}

// isMachinery says that a stream is labelled as a font, a function, a profile of colours or the like. The label alone hides nothing: see
// stream.
func isMachinery(d dict, sub name) bool {
	switch sub {
	case "Type1C", "CIDFontType0C", "OpenType":
		return true
	}
	for _, k := range []name{"Length1", "Length2", "Length3", "FunctionType", "ShadingType", "HalftoneType", "Alternate"} {
		if d[k] != nil {
			return true
		}
	}
	return false
}

// isMachine says the same by how the data begin: with the mark of a font, or with that of a profile of colours behind its sizes.
func isMachine(b []byte) bool {
	for _, mark := range []string{"\x00\x01\x00\x00", "OTTO", "true", "ttcf", "%!PS-AdobeFont", "\x80\x01", "\x01\x00\x04"} {
		if bytes.HasPrefix(b, []byte(mark)) {
			return true
		}
	}
	return len(b) > 40 && string(b[36:40]) == "acsp"
}

// containers are marks of formats in which something else is packed.
var containers = [...]string{"PK\x03\x04", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "\x1f\x8b\x08", "BZh", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "%PDF-", "\xd0\xcf\x11\xe0"}

func isContainer(b []byte) bool {
	for _, mark := range containers {
		if bytes.HasPrefix(b, []byte(mark)) {
			return true
		}
	}
	return len(b) > 262 && string(b[257:262]) == "ustar"
}

// isTool says whether what a dictionary has under a key is no text: a font, its glyphs, a function, a profile of colours.
func isTool(k name) bool {
	switch k {
	case "FontFile", "FontFile2", "FontFile3", "CIDSet", "CIDToGIDMap", "HT", "TR", "TR2", "BG", "BG2", "UCR", "UCR2", "Function", "Functions", "Shading",
		"DestOutputProfile", "Thumb":
		return true
	}
	return false
}

// isColours says whether an array is a space of colours that has streams.
func isColours(a array) bool {
	if len(a) < 2 {
		return false
	}
	switch a[0] {
	case name("ICCBased"), name("Indexed"), name("I"), name("Separation"), name("DeviceN"):
		return true
	}
	return false
}

// mark remembers the streams that an object refers to as tools.
func (x *extraction) mark(o object) {
	switch o := o.(type) {
	case ref:
		x.tools[o.id] = true
	case array:
		for _, v := range o {
			if r, ok := v.(ref); ok {
				x.tools[r.id] = true
			}
		}
	}
}
