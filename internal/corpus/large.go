package corpus

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"

	"leakwatch/leak"
)

// Large is a long text of one sort, for measuring. docs/performance.md says what each is.
type Large struct {
	Name string
	fill func(*writer)
}

// Larges are the texts that are measured.
func Larges() []Large {
	return []Large{{"notes", notes}, {"dump", dump}, {"paste", paste}, {"adv", adverse}, {"flood", floods}}
}

// Planted is an identifier in a long text that is to be registered.
type Planted struct {
	Kind   leak.Kind
	Canon  string
	Offset int64
}

// Content is what a long text holds.
type Content struct {
	Size  int64
	IDs   int       // identifiers that were planted, registered or not
	Truth []Planted // every place of every identifier that is to be registered: one value in 32
}

// Write writes a text of at least size bytes. The same seed gives the same bytes.
func (l Large) Write(to io.Writer, seed uint64, size int64) (Content, error) {
	w := &writer{b: bufio.NewWriterSize(to, 1<<20), r: rand.New(rand.NewPCG(seed, uint64(len(l.Name))<<8|uint64(l.Name[0])))}
	for w.Size < size {
		l.fill(w)
	}
	if err := w.b.Flush(); err != nil {
		return Content{}, fmt.Errorf("write text %s: %w", l.Name, err)
	}
	return w.Content, nil
}

// writer writes a long text and notes what it plants.
type writer struct {
	Content
	b *bufio.Writer
	r *rand.Rand
}

func (w *writer) put(s string) {
	n, _ := w.b.WriteString(s) // an error comes out of Flush
	w.Size += int64(n)
}

func (w *writer) putf(format string, args ...any) { w.put(fmt.Sprintf(format, args...)) }

// plant writes an identifier; one value in 32 is registered. shown is how it stands in the text.
func (w *writer) plant(k leak.Kind, shown, canon string) {
	w.IDs++
	h := fnv.New32a()
	h.Write([]byte(canon))
	if h.Sum32()>>8%32 == 0 {
		w.Truth = append(w.Truth, Planted{k, canon, w.Size})
	}
	w.put(shown)
}

// Eight are the kinds that are looked for in long texts. An address is looked for in both its forms.
var Eight = []leak.Kind{"fi-hetu", leak.Email, leak.Phone, "se-pnr", "no-fnr", "dk-cpr", "us-ssn", "gb-nhs", leak.EmailBase}

// any plants an identifier of any of the eight kinds.
func (w *writer) any() {
	d := draw{w.r, born(w.r), true, 0}
	switch w.r.IntN(8) {
	case 0:
		id := hetu(d)
		w.plant("fi-hetu", id.Forms[0], id.Canon)
	case 1:
		s := fmt.Sprintf("%s.%s%d@%s", pick(w.r, given), pick(w.r, family4), w.r.IntN(10000), pick(w.r, domains))
		w.plant(leak.Email, s, s)
	case 2:
		w.phone()
	case 3:
		id := pnr(d)
		w.plant("se-pnr", id.Forms[0], id.Canon)
	case 4:
		id := fnr(d)
		w.plant("no-fnr", id.Forms[0], id.Canon)
	case 5:
		id := cpr(d)
		w.plant("dk-cpr", id.Forms[0], id.Canon)
	case 6:
		id := ssn(d)
		w.plant("us-ssn", id.Forms[0], id.Canon)
	default:
		id := nhs(d)
		w.plant("gb-nhs", id.Forms[0], id.Canon)
	}
}

func (w *writer) phone() {
	n := w.r.IntN(10_000_000)
	switch w.r.IntN(3) {
	case 0:
		w.plant(leak.Phone, fmt.Sprintf("+35840%07d", n), fmt.Sprintf("+35840%07d", n))
	case 1:
		w.plant(leak.Phone, fmt.Sprintf("040 %03d %04d", n/10000, n%10000), fmt.Sprintf("+35840%07d", n))
	default:
		w.plant(leak.Phone, fmt.Sprintf("07700 900%03d", n%1000), fmt.Sprintf("+447700900%03d", n%1000))
	}
}

func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }

var (
	given   = []string{"matti", "maija", "teppo", "liisa", "kalle", "anna", "ville", "sanna", "juha", "eeva", "john", "mary", "erik", "astrid"}
	family4 = []string{"meikalainen", "virtanen", "korhonen", "nieminen", "laine", "smith", "hansen", "lindqvist", "jensen", "berg"}
)
