package matcher

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"leakwatch/leak"
)

// A text is read in chunks. What stands in a chunk is decided by it and a bounded stretch on both sides: the longest
// candidate is an address, and folding makes it longer by a bounded factor (maxDeleted). So where chunks are cut never
// hides a match nor doubles it: a candidate belongs to the chunk in which its first digit, or its @, lies.
const (
	chunkSize = 256 << 10
	behind    = 8 << 10 // raw bytes kept before a chunk
	ahead     = 8 << 10 // and needed after it
)

// scanner reads one text at a time. It is used again for other texts, and holds nothing of them in between.
type scanner struct {
	m       *Matcher
	macs    []*mac // by ring
	regions []*plan
	starts  [100]bool // first two digits with which a number without a plus may begin
	chunk   int

	raw    []byte
	used   int // of raw, by the text under way
	folded folded
	reg    *registry
	view   *view // while a chunk is looked at
	watch  *watch
	want   kindSet
	today  int
	header kindSet // kinds that the first line of the text names

	monthFirst bool // in dates with slashes or hyphens

	testing bool  // some ring takes test numbers
	inName  bool  // the text is the name of something
	settled int32 // where a candidate begins that was found to be registered in one of the forms that it may have

	// what the chunk held
	seen   [kinds][]uint64 // valid candidates: the first half of T1 under their kind's first ring
	tokens []tokenRow
	hits   []hit
	people []uint32 // owners of the hits
	names  []uint64
	terms  []int // watch terms

	// memory
	addr, base []byte
	dial       dialled
	shape      shape
	beside     beside
	searched   []searched      // for record numbers
	whole      [maxDigits]byte // a number that was filled up with zeros
	queue      *queue
	triage     triage
	masks      []masks // of the folded text
}

// tokenRow is a candidate of which a find keeps a token.
type tokenRow struct {
	t1     [16]byte
	people [2]int32 // whose it is, among the chunk's people; none for one that nobody registered
	kind   kindID
	ring   uint8
}

// hit is a registered candidate.
type hit struct {
	id         uint64
	start, end int32 // in the folded text
	people     [2]int32
	kind       kindID
	marks      marks
	near       bool // a keyword stands near it
}

func newScanner(m *Matcher) *scanner {
	s := &scanner{m: m, regions: m.regions, chunk: chunkSize, queue: newQueue(len(m.rings))}
	for i := range m.rings {
		s.macs = append(s.macs, newMAC(&m.rings[i].secret).with(&m.kernels))
		s.testing = s.testing || m.rings[i].test
	}
	for _, p := range m.regions {
		p.starts(&s.starts)
	}
	return s
}

// window is where a scanner stands in its text.
type window struct {
	n      int   // bytes in raw
	lo, hi int   // of which these are to be decided now
	at     int64 // offset of raw[0] in the text
	eof    bool
	err    error
}

// size is how many bytes a window holds.
func (s *scanner) size() int { return behind + s.chunk + ahead }

// room makes room for a window.
func (s *scanner) room() {
	if cap(s.raw) < s.size()+slack {
		s.raw = make([]byte, s.size()+slack)
	}
}

// fill reads until the window is full or the text ends, and says what of it is to be decided now. A full window every
// time, however the reader splits, is what makes every reading of a text the same.
func (s *scanner) fill(w *window, t leak.Text) {
	s.room()
	size, idle := s.size(), 0
	for w.n < size {
		n, err := t.Reader.Read(s.raw[w.n:size])
		w.n += n
		if err != nil {
			w.eof = true
			if !errors.Is(err, io.EOF) {
				w.err = err
			}
			break
		}
		if idle++; n > 0 {
			idle = 0
		}
		if idle == 100 {
			w.eof, w.err = true, io.ErrNoProgress
			break
		}
	}
	clear(s.raw[w.n : w.n+slack])
	s.used = max(s.used, w.n)
	if w.hi = w.n; !w.eof {
		w.hi = runeFloor(s.raw[:w.n], w.n-ahead)
		if t.Name {
			w.hi = lineFloor(s.raw[w.lo:w.hi]) + w.lo
		}
	}
}

// runeFloor goes back from i to where a rune begins. Bytes that are no UTF-8 begin anywhere.
func runeFloor(b []byte, i int) int {
	for j := i; j > 0 && i-j < utf8.UTFMax; j-- {
		if j < len(b) && utf8.RuneStart(b[j]) {
			if r, n := utf8.DecodeRune(b[j:]); r == utf8.RuneError || j+n <= i {
				return i
			}
			return j
		}
	}
	return i
}

// lineFloor goes back to the end of the last whole line, if there is one, so that no name is cut.
func lineFloor(b []byte) int {
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

// look finds what stands in the window's undecided part.
func (s *scanner) look(w *window, name bool) {
	for k := range s.seen {
		s.seen[k] = s.seen[k][:0]
	}
	s.tokens, s.hits, s.people, s.names, s.terms = s.tokens[:0], s.hits[:0], s.people[:0], s.names[:0], s.terms[:0]
	s.fold(s.raw[:w.n], name)
	s.settled, s.inName = -1, name
	b := s.folded.text
	lo, hi := s.folded.index(w.lo), s.folded.index(w.hi)
	if s.watch != nil {
		s.terms = s.watch.find(b, lo, hi, s.terms)
	}
	s.reg.mu.RLock()
	defer s.reg.mu.RUnlock()
	s.view = s.reg.view()
	defer s.reg.done(s.view)
	s.want = s.reg.wanted()
	if w.at == 0 && w.lo == 0 {
		s.header = headerKinds(b, s.want)
	}
	s.prepare()
	s.scanDigits(b, lo, hi)
	if s.want&lettered != 0 {
		s.scanLetters(b, lo, hi)
	}
	if s.want.has(kEmail) || s.want.has(kEmailBase) {
		s.scanAddresses(b, lo, hi)
	}
	if name {
		s.scanNames(b, lo, hi)
	} else if s.want.has(kNameDOB) {
		s.scanBirths(b, lo, hi)
	}
	s.flush()
	s.sortHits()
	if s.want.has(kMRN) && len(s.hits) > 0 {
		s.scanRecords(w, b)
		s.sortHits()
	}
}

// sortHits brings the hits into the order of the text.
func (s *scanner) sortHits() {
	slices.SortStableFunc(s.hits, func(x, y hit) int { return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.kind, y.kind)) })
}

// fold brings a window into common form, and tells where what is in it.
func (s *scanner) fold(raw []byte, name bool) {
	if name {
		s.folded.fold(raw, true)
	} else {
		s.classify(raw, false)
		s.folded.foldMarked(raw, s.masks)
	}
	if name || len(s.folded.spans) > 0 || s.m.kernels.masks == nil {
		s.classify(s.folded.text, true)
	}
}

// forget wipes what a text left behind, so that a pooled scanner holds no text.
func (s *scanner) forget() {
	clear(s.raw[:s.used])
	s.used = 0
	clear(s.folded.own[:cap(s.folded.own)])
	clear(s.addr[:cap(s.addr)])
	clear(s.base[:cap(s.base)])
	s.queue.wipe()
	s.dial, s.shape = dialled{}, shape{}
	s.beside.wipe()
	for _, m := range s.macs {
		m.wipe()
	}
	s.folded.text, s.reg, s.view, s.watch = nil, nil, nil, nil
}
