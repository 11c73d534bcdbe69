package corpus

import (
	"math/rand/v2"
	"unicode/utf8"

	"leakwatch/leak"
)

// Document is a file and the truth about it.
type Document struct {
	Name  string
	Body  []byte
	Marks []Mark
	// Readable says that all of it is to be read. Of one that is not, an identifier that is not found is in order when
	// the report says that something was left, and why.
	Readable bool
}

// Mark is a planted identifier.
type Mark struct {
	Ref    string
	Kind   leak.Kind
	Offset int64 // of its first byte in the innermost member, before decoding; -1 where that is not promised
	Until  int64 // up to where the first one may be, for what begins with a tag, or may be said to lie at its date
	Odd    bool  // in a form that the issuer does not print
	InName bool  // in the name of a file or a member
}

// Item is an identifier that is to be planted, in one of its forms.
type Item struct {
	Person *Person
	ID     *Identifier
	Form   string
	Odd    bool
}

// page is a text that is being written.
type page struct {
	r      *rand.Rand
	b      []byte
	marks  []Mark
	escape func(string) string // how characters are written here; nil is as they are
	loose  bool                // characters have tags around them
}

// raw writes what belongs to the format.
func (p *page) raw(s ...string) {
	for _, s := range s {
		p.b = append(p.b, s...)
	}
}

// say writes text.
func (p *page) say(s ...string) {
	for _, s := range s {
		if p.escape != nil {
			s = p.escape(s)
		}
		p.b = append(p.b, s...)
	}
}

// plant writes an identifier, and notes where.
func (p *page) plant(i Item) {
	n := len(p.marks)
	p.mark(i, int64(len(p.b)))
	p.say(i.Form)
	for ; (p.loose || i.ID.Kind == leak.NameDOB) && n < len(p.marks); n++ {
		p.marks[n].Until = int64(len(p.b))
	}
}

// mark notes an identifier. Whoever finds an address has found its base, too.
func (p *page) mark(i Item, offset int64) {
	p.marks = append(p.marks, Mark{Ref: i.Person.Ref, Kind: i.ID.Kind, Offset: offset, Until: offset, Odd: i.Odd})
	if i.ID.Kind == leak.Email {
		p.marks = append(p.marks, Mark{Ref: i.Person.Ref, Kind: leak.EmailBase, Offset: offset, Until: offset, Odd: i.Odd})
	}
}

func (p *page) document(name string) Document {
	return Document{Name: name, Body: p.b, Marks: p.marks, Readable: true}
}

// Record is what stands of one person in one place of a document.
type Record []Item

// perRecord is how many identifiers a record has.
const perRecord = 3

// plan draws records in which every kind stands once or more, three of a person in each. Record numbers stand beside
// something that counts by itself. fits says which forms can be written at all; nil is all.
func plan(r *rand.Rand, people []*Person, fits func(string) bool) []Record {
	kinds := Kinds()
	r.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	for len(kinds)%perRecord != 1 {
		kinds = append(kinds, kinds[len(kinds)%7])
	}
	kinds = append(kinds, "it-cf", leak.MRN)
	order := r.Perm(len(people))
	var all []Record
	var one Record
	for i, k := range kinds {
		p := people[order[i/perRecord%len(order)]]
		id := p.ID(k)
		if form := id.Forms[r.IntN(len(id.Forms))]; fits == nil || fits(form) {
			one = append(one, Item{p, id, form, false})
		}
		if i%perRecord == perRecord-1 {
			all, one = append(all, one), nil
		}
	}
	return all
}

// Cut keeps the first two thirds of a document: a download that ended early.
func Cut(d Document) Document {
	d.Body, d.Readable = d.Body[:len(d.Body)*2/3], false
	return d
}

// moved gives the marks with their offsets changed; -1 stays what it is.
func moved(marks []Mark, to func(int64) int64) []Mark {
	out := make([]Mark, len(marks))
	for i, m := range marks {
		if out[i] = m; m.Offset >= 0 && !m.InName {
			out[i].Offset, out[i].Until = to(m.Offset), to(m.Until)
		}
	}
	return out
}

// unplaced gives the marks without offsets.
func unplaced(marks []Mark) []Mark { return moved(marks, func(int64) int64 { return -1 }) }

// eachRune writes every character of a string by f.
func eachRune(f func(rune) string) func(string) string {
	return func(s string) string {
		b := make([]byte, 0, 2*len(s))
		for len(s) > 0 {
			c, n := utf8.DecodeRuneInString(s)
			b, s = append(b, f(c)...), s[n:]
		}
		return string(b)
	}
}
