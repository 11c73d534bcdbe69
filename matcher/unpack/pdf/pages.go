package pdf

import (
	"bytes"
	"io"
	"strings"
)

// pages hands over the text of the pages, in their order, as one.
func (x *extraction) pages() error {
	w, err := x.e.Writer()
	if err != nil {
		return err
	}
	p := &pages{x: x, w: w, met: map[int64]bool{}}
	root := x.f.dictOf(x.f.trailer["Root"])
	if err := p.walk(root["Pages"], nil, 0); err != nil {
		return err
	}
	said := x.f.number(x.f.dictOf(root["Pages"])["Count"], 0)
	x.unordly = x.count == 0
	if said > x.count && said < mostObjects {
		x.cut += said - x.count
	}
	// Pages that the list does not lead to: of earlier revisions, or of a file whose list is lost. The names of attachments are learned
	// by the way: every object is read here.
	for _, e := range x.f.all {
		d, ok := x.f.loadAt(e).(dict)
		x.attachment(d)
		if t, _ := d["Type"].(name); !ok || t != "Page" || p.met[e.id] && x.f.at[e.id] == e.place {
			continue
		}
		if err := p.page(d, x.inherited(d)); err != nil {
			return err
		}
	}
	return w.Close()
}

// inherited looks upwards for the resources of a page without its own.
func (x *extraction) inherited(d dict) dict {
	for range 32 {
		if r := x.f.dictOf(d["Resources"]); r != nil {
			return r
		}
		if d = x.f.dictOf(d["Parent"]); d == nil {
			break
		}
	}
	return nil
}

// pages is the walk through the tree of pages.
type pages struct {
	x   *extraction
	w   io.Writer
	met map[int64]bool
}

func (p *pages) walk(o object, resources dict, depth int) error {
	if r, ok := o.(ref); ok {
		if p.met[r.id] {
			return nil
		}
		p.met[r.id] = true
	}
	d := p.x.f.dictOf(o)
	if r := p.x.f.dictOf(d["Resources"]); r != nil {
		resources = r
	}
	kids, isNode := p.x.f.get(d["Kids"]).(array)
	if !isNode {
		if d == nil || d["Contents"] == nil && d["Type"] != name("Page") {
			return nil
		}
		return p.page(d, resources)
	}
	if depth > deepest {
		p.x.cut++
		return nil
	}
	for _, k := range kids {
		if err := p.walk(k, resources, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// page hands over the text of one page.
func (p *pages) page(d, resources dict) error {
	x := p.x
	x.count++
	for n, o := range x.f.dictOf(resources["Font"]) {
		if len(x.named) < mostCached {
			x.named[n] = o
		}
	}
	var contents []byte
	for _, o := range x.f.list(d, "Contents", "") {
		s, ok := x.f.get(o).(stream)
		if !ok || x.unknown(s) { // which is handed over as it lies
			continue
		}
		left := x.f.most - int64(len(contents))
		if left <= 0 { // what no page has had is read by itself
			x.long++
			break
		}
		x.seen[s.off] = true
		b, whole := x.f.decoded(s, left)
		switch {
		case whole:
		case int64(len(b)) == left:
			x.long++
		default:
			x.cut++
		}
		contents = append(append(contents, b...), '\n')
	}
	text, shown := x.paint(contents, resources)
	if shown == 0 && len(bytes.TrimSpace(contents)) > 0 {
		x.empty++
	}
	_, err := io.WriteString(p.w, text+"\n\n")
	return err
}

// paint gives the text of contents, and how many letters it has.
func (x *extraction) paint(contents []byte, resources dict) (string, int64) {
	var out strings.Builder
	p := &painter{f: x.f, out: &out, fonts: x.fonts, ops: x.ops, seen: x.seen, tm: identity, lm: identity,
		state: state{ctm: identity, scale: 1}}
	p.paint(contents, resources)
	if p.lost*20 > p.shown {
		x.lost++
	}
	return out.String(), p.shown
}
