package matcher

import (
	"math/bits"

	"leakwatch/leak"
)

// kindID is a kind as an index into small tables.
type kindID uint8

const (
	kHetu kindID = iota
	kPnr
	kFnr
	kCpr
	kNhs
	kEmail
	kEmailBase
	kPhone
	kName
	kNameDOB
	kMRN
	kEeIk
	kLtAk
	kLvPk
	kIsKt
	kNino
	kPpsn
	kBsn
	kBeNrn
	kKvnr
	kNir
	kDni
	kNie
	kCf
	kNif
	kSns
	kPesel
	kRc
	kAhv
	kSvnr
	kSsn
	kItin
	kMbi
	kSin
	kHcn
	kMcn
	kIhi
	kNhi
	kCpf
	kCns
	kAadhaar
	kinds
)

// rules is the one table of all kinds: a kind is a file with its rule, a name above, and a line here.
var rules = [kinds]rule{
	kHetu:      hetuRule,
	kPnr:       pnrRule,
	kFnr:       fnrRule,
	kCpr:       cprRule,
	kNhs:       nhsRule,
	kEmail:     emailRule,
	kEmailBase: emailBaseRule,
	kPhone:     phoneRule,
	kName:      nameRule,
	kNameDOB:   nameDOBRule,
	kMRN:       mrnRule,
	kEeIk:      ikRule,
	kLtAk:      akRule,
	kLvPk:      pkRule,
	kIsKt:      ktRule,
	kNino:      ninoRule,
	kPpsn:      ppsnRule,
	kBsn:       bsnRule,
	kBeNrn:     nrnRule,
	kKvnr:      kvnrRule,
	kNir:       nirRule,
	kDni:       dniRule,
	kNie:       nieRule,
	kCf:        cfRule,
	kNif:       nifRule,
	kSns:       snsRule,
	kPesel:     peselRule,
	kRc:        rcRule,
	kAhv:       ahvRule,
	kSvnr:      svnrRule,
	kSsn:       ssnRule,
	kItin:      itinRule,
	kMbi:       mbiRule,
	kSin:       sinRule,
	kHcn:       hcnRule,
	kMcn:       mcnRule,
	kIhi:       ihiRule,
	kNhi:       nhiRule,
	kCpf:       cpfRule,
	kCns:       cnsRule,
	kAadhaar:   aadhaarRule,
}

// rule is what is to be known of a kind. Its functions are pure: whether and how a kind is looked for is the scanner's
// business. A kind that is digits only says all in digits, and needs no code elsewhere.
type rule struct {
	name leak.Kind

	// canon reads a value as a clinic's table has it, folded and trimmed, and gives its canonical forms: one for most
	// kinds. It answers testOnly, with the form, for a number of a test range. nil means that digits has it all.
	canon func(v []byte, in input) ([][]byte, reason)

	// words are the keywords that make a weak identifier count when one stands near it: beginnings of words, in ASCII
	// lower case, and other letters as they are written. nil means that the surroundings are nothing to it.
	words [][]byte

	digits digits // how a kind that is digits only is checked and printed
}

// input is what a value is read with.
type input struct {
	region *plan // where telephone numbers without a country code are at home, or nil
	today  int   // as day makes it
}

// words makes a list of keywords.
func words(lists ...[]string) (all [][]byte) {
	for _, list := range lists {
		for _, w := range list {
			all = append(all, []byte(w))
		}
	}
	return all
}

// personWords are keywords of many national numbers, in English.
var personWords = []string{"personal", "national id", "identity n", "id number", "id no", "identif"}

// kindNames are the names of the kinds.
var kindNames = func() (n [kinds]leak.Kind) {
	for i := range rules {
		n[i] = rules[i].name
	}
	return n
}()

// kindPrefixes are what stands before the canonical form inside T1.
var kindPrefixes = func() (p [kinds][]byte) {
	for i, k := range kindNames {
		p[i] = []byte("leakwatch/v1/reg\n" + string(k) + "\n")
	}
	return p
}()

var kindClasses = func() (c [kinds]leak.Class) {
	for i, k := range kindNames {
		c[i] = k.Class()
	}
	return c
}()

// kindIDs are the kinds by name.
var kindIDs = func() map[leak.Kind]kindID {
	m := make(map[leak.Kind]kindID, kinds)
	for i, k := range kindNames {
		m[k] = kindID(i)
	}
	return m
}()

// tokenKinds are those of which a find keeps a token of every valid candidate that is looked for.
var tokenKinds = func() (s kindSet) {
	for i, k := range kindNames {
		if k.Tokenised() {
			s = s.with(kindID(i))
		}
	}
	return s
}()

// kindOf gives the index of a kind, and false for one that this package does not know.
func kindOf(k leak.Kind) (kindID, bool) {
	i, ok := kindIDs[k]
	return i, ok
}

// tokenised says whether a find keeps a token of every valid candidate of the kind.
func (k kindID) tokenised() bool { return tokenKinds.has(k) }

// address says whether the kind is one of the two forms of an e-mail address.
func (k kindID) address() bool { return k == kEmail || k == kEmailBase }

// kindSet is a set of kinds.
type kindSet uint64

func (s kindSet) has(k kindID) bool     { return s>>k&1 != 0 }
func (s kindSet) with(k kindID) kindSet { return s | 1<<k }

// first is the kind with the lowest number of a set that is not empty.
func (s kindSet) first() kindID { return kindID(bits.TrailingZeros64(uint64(s))) }

// named says whether the kind is a person's name, alone or with a date of birth: one says nothing new beside the other.
func (k kindID) named() bool { return k == kName || k == kNameDOB }

// merged counts the kinds of a set, the two forms of an address as one, and a name with a date of birth and without.
func (s kindSet) merged() int {
	n := bits.OnesCount64(uint64(s))
	if s.has(kEmail) && s.has(kEmailBase) {
		n--
	}
	if s.has(kName) && s.has(kNameDOB) {
		n--
	}
	return n
}

// reason says why something is no identifier; good is none.
type reason uint8

const (
	good reason = iota
	badChecksum
	badDate
	badFormat
	testOnly // a number of a test range, good in a ring for tests
	badContext
	unsure // good by the rules that are known, but of a form that proves less than the kind
)

var reasonNames = [...]string{"", "checksum", "date", "format", "test", "context", ""}

// BadIdentifier says why a value is no identifier of its kind. It never holds the value.
type BadIdentifier struct {
	Kind leak.Kind
	Why  string // "checksum", "date", "format", "test" (a test number in a ring that is not for tests) or "context"
}

func (e *BadIdentifier) Error() string { return "not a valid " + string(e.Kind) + ": " + e.Why }

func (k kindID) bad(r reason) error { return &BadIdentifier{Kind: kindNames[k], Why: reasonNames[r]} }

// marks say how a candidate stood in the text.
type marks uint8

const (
	variant  marks = 1 << iota // a form that the issuer does not print
	testMark                   // a number of a test range
	printed                    // in the separator form in which the issuer prints it
	tagged                     // an address with a plus tag
	doubtful                   // weaker than its kind: counts like a weak one
	silent                     // looked up, but neither counted as a candidate nor tokenised unless it is registered
	counted                    // silent, but counted as a candidate
)

// judged gives the marks of a verdict, and whether there is a candidate at all.
func (r reason) judged() (marks, bool) {
	switch r {
	case good:
		return 0, true
	case testOnly:
		return testMark, true
	case unsure:
		return doubtful, true
	}
	return 0, false
}
