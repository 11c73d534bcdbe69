package corpus

import (
	"math/rand/v2"
	"slices"
	"strings"

	"leakwatch/leak"
)

// Shape is a way in which a document is written, encoded and packed.
type Shape struct {
	Group, Name string
	make        func(*rand.Rand, []*Person) Document
}

// Make makes a document of this shape, in which an identifier of every kind that can be written in it stands once.
func (s Shape) Make(seed uint64, people []*Person) Document {
	h := uint64(14695981039346656037)
	for _, c := range []byte(s.Group + "/" + s.Name) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return s.make(rand.New(rand.NewPCG(seed, h)), people)
}

// Shapes are all shapes that this package knows.
func Shapes() []Shape {
	var all []Shape
	add := func(group, name string, make func(*rand.Rand, []*Person) Document) {
		all = append(all, Shape{group, name, make})
	}
	for _, w := range writings {
		add("text", w.name, w.document)
	}
	for _, s := range spellings {
		add("spelling", s.name, s.document)
	}
	for _, c := range charsets {
		add("charset", c.name, c.document)
	}
	for _, f := range tables {
		add("table", f.name, f.document)
	}
	for _, f := range documents {
		add("document", f.name, f.document)
	}
	for _, g := range []struct {
		name   string
		stages []stage
	}{{"encoding", encodings}, {"compression", compressions}, {"container", containers()}} {
		for _, s := range g.stages {
			add(g.name, s.name, func(r *rand.Rand, people []*Person) Document { return s.do(some(r).document(r, people)) })
		}
	}
	for _, n := range listings {
		add("name", n.name, n.document)
	}
	for _, n := range nested() {
		add("nested", n.name, n.document)
	}
	return all
}

func containers() []stage { return append(append(append([]stage{}, tars...), zips...), archives...) }

// document writes a text.
func (w writing) document(r *rand.Rand, people []*Person) Document {
	p := &page{r: r}
	w.write(p, plan(r, people, nil))
	return p.document(w.file)
}

// document writes a format whose places are not promised.
func (f format) document(r *rand.Rand, people []*Person) Document {
	p := &page{r: r}
	records := plan(r, people, f.fits)
	for _, rec := range records {
		for _, i := range rec {
			p.mark(i, -1)
		}
	}
	p.b = f.make(records)
	return p.document(f.file)
}

// some is a format of text that stands in packed documents: of one that says what is in it.
func some(r *rand.Rand) writing { return writings[r.IntN(3)] }

// document speaks of identifiers in a charset's language.
func (c charset) document(r *rand.Rand, people []*Person) Document {
	p := &page{r: r}
	prose(c.language)(p, plan(r, people, c.fits))
	return c.in(p.document("notes.txt"))
}

// document spells all identifiers in one way.
func (s spelling) document(r *rand.Rand, people []*Person) Document {
	p := &page{r: r, loose: s.odd} // what is deleted in reading may stand before it
	records := plan(r, people, nil)
	for n, rec := range records {
		if s.name == "lower case" { // names are then looked for among the nearest words only: docs/formats.md
			rec = slices.DeleteFunc(rec, func(i Item) bool { return i.ID.Kind == leak.NameDOB })
		}
		for i := range rec {
			rec[i].Form, rec[i].Odd = s.write(rec[i].Form), s.odd
		}
		records[n] = rec
	}
	prose("en")(p, records)
	return p.document("notes.txt")
}

// chain is stages one after the other, the innermost first.
type chain struct {
	name   string
	stages []stage
}

func (c chain) document(r *rand.Rand, people []*Person) Document {
	d := some(r).document(r, people)
	for _, s := range c.stages {
		d = s.do(d)
	}
	return d
}

// markless are stages of which nothing but a name tells what they are, or little but zeros begins them: they are not seen in
// every encoding, or in an archive that keeps no names. docs/formats.md gives these limits.
var markless = map[string]bool{"br": true, "iso": true, "zip behind other bytes": true}

// Chain draws a shape of two to four stages in one another, of those that can be read.
func Chain(seed uint64) Shape {
	r := rand.New(rand.NewPCG(seed, 0xc4a1))
	var all []stage
	for _, list := range [][]stage{encodings, compressions, containers()} {
		for _, s := range list {
			if s.name != headless {
				all = append(all, s)
			}
		}
	}
	var c chain
	var names []string
	for range 2 + r.IntN(3) {
		s := all[r.IntN(len(all))]
		if n := len(names); n > 0 && (s.name == "base64 in lines of a log" || s.name == "tar sparse" || markless[names[n-1]]) {
			continue
		}
		c.stages, names = append(c.stages, s), append(names, s.name)
	}
	return Shape{"chain", strings.Join(names, ">"), c.document}
}

// nested are stages in stages, as leaks have them.
func nested() []chain {
	all := map[string]stage{}
	for _, list := range [][]stage{encodings, compressions, containers()} {
		for _, s := range list {
			all[s.name] = s
		}
	}
	var out []chain
	for _, names := range []string{"tar>gz", "gz>tar", "zip>tar>gz", "tar>gz>zip", "tar>bz2", "tar>xz", "tar>zst", "zip>zip>zip", "gz>base64", "gz>base64>gz",
		"base64>base64", "base64>base64>base64", "hex>base64", "base64>hex lines", "zip>base64 lines of 76", "base64 in json>tar>gz", "data URI>zip", "pem>zip",
		"gz>gz>gz>gz", "gz>zip>tar>xz", "tar>zip>tar>zip", "base32>gz", "zip>hex bytea", "ascii85>zip", "br>tar", "lz4>tar>gz", "Z>zip", "sz>tar"} {
		c := chain{name: names}
		for _, n := range strings.Split(names, ">") {
			s, ok := all[n]
			if !ok {
				panic("corpus: no stage " + n)
			}
			c.stages = append(c.stages, s)
		}
		out = append(out, c)
	}
	return out
}
