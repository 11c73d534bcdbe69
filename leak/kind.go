package leak

// Kind names a sort of identifier, as it stands inside the keyed hash of LWH-1. A rule that changes a canonical form
// needs a new name (fi-hetu.2), never a silent change.
type Kind string

// The kinds that are found or registered now.
const (
	FIHetu    Kind = "fi-hetu"    // Finnish personal identity code
	SEPnr     Kind = "se-pnr"     // Swedish personnummer and samordningsnummer
	NOFnr     Kind = "no-fnr"     // Norwegian fødselsnummer and D-number
	DKCpr     Kind = "dk-cpr"     // Danish CPR number
	GBNhs     Kind = "gb-nhs"     // NHS number
	Email     Kind = "email"      // e-mail address, plus tag kept
	EmailBase Kind = "email-base" // e-mail address without its plus tag
	Phone     Kind = "phone"      // telephone number, E.164
	Name      Kind = "name"       // one given and one family name; looked for in places only
	NameDOB   Kind = "name-dob"   // two names and a date of birth; registered now, looked for later
	MRN       Kind = "mrn"        // a clinic's own record number; registered now, looked for later
)

// Class says how much one identifier of a kind proves by itself.
type Class uint8

// The classes. A weak identifier counts only with a keyword near it, in its printed form, or beside another
// identifier of the same person.
const (
	Weak Class = iota + 1
	Medium
	Strong
)

func (c Class) String() string {
	return [...]string{"unknown", "weak", "medium", "strong"}[min(int(c), 3)]
}

type kindFacts struct {
	class Class
	space float64 // how many valid codes there are; 0 when that has no meaning
}

// Sources of the sizes: exact counts of valid codes, see docs/hashing.md.
var kinds = map[Kind]kindFacts{
	FIHetu:    {Strong, 36_079_844},
	SEPnr:     {Medium, 40_137_822},
	NOFnr:     {Medium, 18_413_647},
	DKCpr:     {Weak, 225_695_319},
	GBNhs:     {Weak, 272_727_273},
	Email:     {Medium, 0},
	EmailBase: {Weak, 0},
	Phone:     {Weak, 0},
	Name:      {Weak, 0},
	NameDOB:   {Medium, 0},
	MRN:       {Weak, 0},
}

// Known says whether leakwatch has heard of the kind.
func (k Kind) Known() bool { _, ok := kinds[k]; return ok }

// Class is the kind's class, or 0 for a kind that is not known.
func (k Kind) Class() Class { return kinds[k].class }

// Space is the number of valid codes of the kind, or 0 when that has no meaning (addresses, names).
func (k Kind) Space() float64 { return kinds[k].space }

// National says whether the kind is a number that a state gives to a person.
func (k Kind) National() bool { return k.Space() > 0 }

// Address says whether the kind is an e-mail address in one of its forms. Addresses alone never prove a breach: every
// combo list holds thousands.
func (k Kind) Address() bool { return k == Email || k == EmailBase }

// Tokenised says whether a find keeps a token of every valid candidate of the kind, registered or not: national
// numbers with a date and a check. They link finds, and answer late registrations.
func (k Kind) Tokenised() bool { return k.National() && k.Class() >= Medium }
