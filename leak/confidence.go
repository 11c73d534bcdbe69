package leak

import (
	"fmt"
	"math"
	"slices"
)

// Confidence says how sure it is that a find holds a clinic's patients.
type Confidence uint8

// The levels of confidence.
const (
	None      Confidence = iota // kept, not told
	Possible                    // could be chance, a combo list, or names alone
	Probable                    // an identifier that proves itself, or several that nearly do
	Confirmed                   // two kinds of one person together, or many people far above chance
)

var confidences = []string{"none", "possible", "probable", "confirmed"}

func (c Confidence) String() string { return confidences[min(int(c), len(confidences)-1)] }

// MarshalText gives the word.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the word.
func (c *Confidence) UnmarshalText(b []byte) error {
	i := slices.Index(confidences, string(b))
	if i < 0 {
		return fmt.Errorf("confidence %q: want none, possible, probable or confirmed", b)
	}
	*c = Confidence(i)
	return nil
}

// Nature says whose data a find is.
type Nature string

// The natures.
const (
	OwnRegister Nature = "register" // mostly this clinic's people: a copy of its register
	OthersData  Nature = "others"   // this clinic's people among many others: somebody else's data
)

// Verdict is what a tally means for one clinic.
type Verdict struct {
	Confidence Confidence
	Reasons    []string // fixed words and counts
	Nature     Nature
}

// The thresholds of the verdict. Measured on the corpus of the tests; see docs/confidence.md.
const (
	manyPersons  = 10   // "many": what chance does not bring together
	farAbove     = 10.0 // times the base rate
	floodFrom    = 1000 // candidates of a kind from which on a hit rate near the base rate is an enumerated list
	floodWithin  = 3.0  // times the base rate
	mostly       = 0.5  // of the candidates; where so many are registered that nothing is ten times the base rate
	rare         = 1e-4 // what chance brings less often than that is not chance
	ownShare     = 0.5  // of the people in a find, from which on it is the clinic's own register
	addressShare = 0.2  // of the addresses, from which on addresses alone say more than "possible"
	nameShare    = 0.2  // of the names in a listing or container
)

// Judge gives the verdict on one clinic's part of a tally. It is pure.
func Judge(t Tally, clinic string) Verdict {
	c := t.Clinics[clinic]
	if c == nil {
		return Verdict{}
	}
	v := Verdict{Nature: nature(t, c)}
	raise := func(to Confidence, format string, args ...any) {
		v.Confidence = max(v.Confidence, to)
		v.Reasons = append(v.Reasons, fmt.Sprintf(format, args...))
	}
	if c.Together > 0 {
		raise(Confirmed, "%d with two kinds in one record", c.Together)
	} else if c.Two > 0 {
		raise(Probable, "%d with two kinds in one document", c.Two)
	}
	if c.Tagged > 0 {
		raise(Probable, "%d by an address with a tag of its own", c.Tagged)
	}
	for _, k := range slices.Sorted(mapKeys(c.Hits)) {
		if n := c.Hits[k]; n > 0 {
			judgeKind(t, c, k, n, raise)
		}
	}
	if len(c.Terms) > 0 {
		raise(None, "names the clinic: %d of its watch terms", len(c.Terms))
	}
	if NamesSuffice(t, c) {
		raise(Possible, "the names of %d people, among %d names", c.Kinds[Name], t.Names)
	}
	return v
}

func judgeKind(t Tally, c *ClinicTally, k Kind, hits int64, raise func(Confidence, string, ...any)) {
	all := max(t.Candidates[k], hits)
	rate := float64(hits) / float64(all)
	switch {
	case k == Name:
	case k.Address():
		if hits >= manyPersons && rate >= addressShare {
			raise(Probable, "%d of %d %s", hits, all, k)
		} else {
			raise(Possible, "%d of %d %s alone", hits, all, k)
		}
	case k.National():
		base, sure := float64(c.Registered[k])/k.Space(), hits-c.Lesser[k]
		above := rate >= farAbove*base && beyondChance(hits, all, base) || rate >= mostly && rate > floodWithin*base
		switch {
		case all >= floodFrom && rate <= floodWithin*base:
			raise(Possible, "%d of %d %s: no more than an enumerated list would hold", hits, all, k)
		case hits >= manyPersons && above:
			raise(Confirmed, "%d of %d %s, far above chance", hits, all, k)
		case k.Class() == Strong && sure >= 1, hits >= 2 && above:
			raise(Probable, "%d of %d %s", hits, all, k)
		case k.Class() >= Medium && hits == 1:
			raise(None, "1 %s, which may be chance", k)
		case k.Class() >= Medium:
			raise(Possible, "%d of %d %s, which may be chance", hits, all, k)
		default:
			raise(Possible, "%d of %d %s in context", hits, all, k)
		}
	default:
		raise(Possible, "%d of %d %s", hits, all, k)
	}
}

// beyondChance says whether chance would bring so many registered ones among made-up codes less often than rare. It is
// Chernoff's bound on the tail of the binomial distribution.
func beyondChance(hits, all int64, base float64) bool {
	rate := float64(hits) / float64(all)
	distance := rate * math.Log(rate/base)
	if rate < 1 {
		distance += (1 - rate) * math.Log((1-rate)/(1-base))
	}
	return math.Exp(-float64(all)*distance) < rare
}

// NamesSuffice says whether names alone make a find: enough people of the clinic, and a fair share of all names.
func NamesSuffice(t Tally, c *ClinicTally) bool {
	n := c.Kinds[Name]
	return n >= manyPersons && float64(n) >= nameShare*float64(t.Names)
}

// nature compares the clinic's hits with all candidates, in the kind that has the most hits.
func nature(t Tally, c *ClinicTally) Nature {
	var hits, all int64
	for k, n := range c.Hits {
		if n > hits || n == hits && t.Candidates[k] > all {
			hits, all = n, t.Candidates[k]
		}
	}
	if hits == 0 {
		hits, all = c.Kinds[Name], t.Names
	}
	if float64(hits) >= ownShare*float64(all) {
		return OwnRegister
	}
	return OthersData
}

func mapKeys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
