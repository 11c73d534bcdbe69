package matcher

import "leakwatch/leak"

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
	kinds
)

var kindNames = [kinds]leak.Kind{leak.FIHetu, leak.SEPnr, leak.NOFnr, leak.DKCpr, leak.GBNhs, leak.Email,
	leak.EmailBase, leak.Phone, leak.Name, leak.NameDOB, leak.MRN}

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

// kindOf gives the index of a kind, and false for one that this package does not know.
func kindOf(k leak.Kind) (kindID, bool) {
	for i, n := range kindNames {
		if n == k {
			return kindID(i), true
		}
	}
	return 0, false
}

// tokenised says whether a find keeps a token of every valid candidate of the kind.
func (k kindID) tokenised() bool { return k <= kFnr }

// address says whether the kind is one of the two forms of an e-mail address.
func (k kindID) address() bool { return k == kEmail || k == kEmailBase }

// kindSet is a set of kinds.
type kindSet uint16

func (s kindSet) has(k kindID) bool     { return s>>k&1 != 0 }
func (s kindSet) with(k kindID) kindSet { return s | 1<<k }

// merged counts the kinds of a set, the two forms of an address as one.
func (s kindSet) merged() int {
	n := 0
	if s.has(kEmail) && s.has(kEmailBase) {
		n--
	}
	for ; s != 0; s &= s - 1 {
		n++
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
)

var reasonNames = [...]string{"", "checksum", "date", "format", "test", "context"}

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
)
