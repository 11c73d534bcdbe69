package matcher

import "math/bits"

// name-dob in text: two names and a date of birth near each other. Dates are looked for first, and where there is one,
// the names beside it are tried in pairs, each pair with the date.
//
// Where the date is a field of a row (CSV, an SQL tuple, a JSON object), the names are those fields of it that hold
// nothing but one to six words, and a pair is of one field or of two that are not far apart: a row may be long, and hold
// cities too. Elsewhere they are the words nearest to the date, those with a capital letter first.
//
// What is looked at around a date is bounded in bytes of the text as it was read, so that where it is cut into chunks
// never matters. A match is placed at its date.

const (
	rowReach   = 3 << 10 // raw bytes of a row before a date and behind it
	proseReach = 128     // folded bytes in prose
	rowWords   = 12      // names of a row on one side of a date
	rowPairs   = 32      // pairs of a row
	rowFields  = 40      // fields on one side of a date
	rowSkipped = 16      // of them in a row that hold no name
	fieldsNear = 3       // how far apart two names may be, in fields
	fieldBytes = 96      // of a field that is a name
	fieldWords = 6       // of it
	nearWords  = 4       // in prose, of any letters
	nearNames  = 5       // in prose, with a capital letter
)

// beside is the names beside a date. It is used again for the next one.
type beside struct {
	date  birthDate
	words [2*rowWords + 2*fieldWords]besideWord
	n     int
	text  []byte // folded
	canon []byte
	tried int // pairs
}

// besideWord is a word that may be a name.
type besideWord struct {
	from, to int // of text
	field    int // of a row: 0 is that of the date, those before it are negative
	rank     int // in prose: how many words are nearer
	names    int // in prose: how many words with a capital letter are nearer; many when it has none itself
}

// scanBirths looks for dates whose year begins in b[lo:hi], which s.masks are of, and for names beside them.
func (s *scanner) scanBirths(b []byte, lo, hi int) {
	var carry uint64 // whether the byte before the block is a digit
	if lo >= block {
		carry = s.masks[lo/block-1].digit >> 63
	}
	for i := lo / block; i*block < hi; i++ {
		x := mask{s.masks[i].digit, s.masks[i+1].digit}
		starts := x.here &^ (x.here<<1 | carry)
		carry = x.here >> 63
		if starts == 0 {
			continue
		}
		four := starts & x.run(0, 4) & from(lo-i*block)
		eight := four & x.run(4, 4) &^ x.at(8)
		for f := four&^x.at(4) | eight; f != 0; f &= f - 1 {
			k := bits.TrailingZeros64(f)
			if i*block+k >= hi {
				return
			}
			s.birth(b, i*block+k, 4<<(eight>>k&1))
		}
	}
}

// birth tries the names beside the date that has the run of n digits at b[at].
func (s *scanner) birth(b []byte, at, n int) {
	d, ok := readBirth(b, at, n, s.monthFirst)
	if !ok || day(d.y, d.m, d.d) > s.today {
		return
	}
	x := &s.beside
	x.begin(d)
	lo := s.folded.index(max(0, s.folded.start(d.start)-rowReach))
	hi := s.folded.index(min(len(s.folded.raw), s.folded.end(d.end-1)+rowReach))
	r := dateRowOf(b, d, lo, hi)
	if r.sort != noRow {
		x.row(b, r)
		s.rowPairs()
	}
	if r.sort == noRow || r.loose || x.tried == 0 {
		x.clear()
		x.prose(b, max(lo, d.start-proseReach), min(hi, d.end+proseReach))
		s.prosePairs()
	}
}

// birthsIn tries the words of a component of a place with the dates that stand in it.
func (s *scanner) birthsIn(b []byte, start, end int, words []nameWord) {
	for i := start; i+4 <= end; i++ {
		n := 0
		for i+n < end && b[i+n]-'0' <= 9 {
			n++
		}
		if n == 4 || n == 8 {
			if d, ok := readBirth(b[:end], i, n, s.monthFirst); ok && d.start >= start && day(d.y, d.m, d.d) <= s.today {
				s.birthIn(d, words)
			}
		}
		i += n
	}
}

// birthIn tries the words nearest to a date, whether they have capital letters or not: in names few have.
func (s *scanner) birthIn(d birthDate, words []nameWord) {
	x := &s.beside
	x.begin(d)
	before, behind := 0, 0
	for before < len(words) && words[before].end <= d.start {
		before++
	}
	for behind = before; behind < len(words) && words[behind].start < d.end; behind++ {
	}
	for x.n < nearNames && (before > 0 || behind < len(words)) {
		var w nameWord
		if before > 0 && (behind == len(words) || d.start-words[before-1].end <= words[behind].start-d.end) {
			before--
			w = words[before]
		} else {
			w = words[behind]
			behind++
		}
		from := len(x.text)
		x.text = append(x.text, w.text...)
		x.keep(from, 0, x.n, x.n)
	}
	s.prosePairs()
}

func (x *beside) begin(d birthDate) {
	x.clear()
	x.date, x.tried = d, 0
}

func (x *beside) clear() { x.n, x.text = 0, x.text[:0] }

// wipe leaves nothing of what was in it.
func (x *beside) wipe() {
	clear(x.text[:cap(x.text)])
	clear(x.canon[:cap(x.canon)])
	x.clear()
	x.date = birthDate{}
}

// add takes a word, once, and says whether it may be a name.
func (x *beside) add(word []byte, field, rank, names int) bool {
	if x.n == len(x.words) {
		return false
	}
	if national(word) { // a name as it is, or one in quotation marks of SQL
		if x.add(word[2:], field, rank, names); x.n == len(x.words) {
			return true
		}
	}
	from := len(x.text)
	x.text = appendName(x.text, word)
	return x.keep(from, field, rank, names)
}

// keep takes the folded word that ends the text.
func (x *beside) keep(from, field, rank, names int) bool {
	if len(x.text)-from < 2 {
		x.text = x.text[:from]
		return false
	}
	for _, w := range x.words[:x.n] {
		if string(x.text[w.from:w.to]) == string(x.text[from:]) {
			x.text = x.text[:from]
			return true
		}
	}
	x.words[x.n] = besideWord{from, len(x.text), field, rank, names}
	x.n++
	return true
}

func (x *beside) particle(i int) bool {
	w := &x.words[i]
	return w.to-w.from <= 3 && particles[string(x.text[w.from:w.to])]
}

// drop takes words out from a place on.
func (x *beside) drop(from int) {
	if x.n > from {
		x.n, x.text = from, x.text[:x.words[from].from]
	}
}

// dropParticles takes particles out of the words from a place on, when there are other words.
func (x *beside) dropParticles(from int) {
	to := from
	for i := from; i < x.n; i++ {
		if !x.particle(i) {
			x.words[to] = x.words[i]
			to++
		}
	}
	if to > from {
		x.n = to
	}
}

// rowPairs tries the pairs of names that are of one field, or of fields near each other.
func (s *scanner) rowPairs() {
	x := &s.beside
	for j := range x.n {
		for i := range j {
			if gap := x.words[j].field - x.words[i].field; gap >= -fieldsNear && gap <= fieldsNear && x.tried < rowPairs {
				s.pair(i, j)
			}
		}
	}
}

// prosePairs tries the pairs of the nearest words, and of the nearest that have a capital letter.
func (s *scanner) prosePairs() {
	x := &s.beside
	for j := range x.n {
		for i := range j {
			v, w := &x.words[i], &x.words[j]
			if v.names < nearNames && w.names < nearNames || v.rank < nearWords && w.rank < nearWords {
				s.pair(i, j)
			}
		}
	}
}

// pair tries two names with the date. One pair of a date is counted among the candidates, the others only if they are
// registered: a date is one candidate, however many words stand beside it.
func (s *scanner) pair(i, j int) {
	x := &s.beside
	a, b := x.text[x.words[i].from:x.words[i].to], x.text[x.words[j].from:x.words[j].to]
	if string(b) < string(a) {
		a, b = b, a
	}
	d := x.date
	c := append(append(append(append(x.canon[:0], a...), '|'), b...), '|')
	c = append(c, byte('0'+d.y/1000), byte('0'+d.y/100%10), byte('0'+d.y/10%10), byte('0'+d.y%10), '-',
		byte('0'+d.m/10), byte('0'+d.m%10), '-', byte('0'+d.d/10), byte('0'+d.d%10))
	x.canon = c
	var f marks
	if x.tried++; x.tried > 1 {
		f = silent
	}
	s.candidate(kNameDOB, c, d.start, d.end, f)
}
