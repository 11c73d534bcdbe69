package leak

import "maps"

// Tally is what a document held, counted: the denominators that cannot be had later. Distinct counts are exact up to a
// limit and estimates past it; Estimated names the kinds.
type Tally struct {
	Candidates map[Kind]int64          // distinct valid candidates, registered or not
	Clinics    map[string]*ClinicTally // by clinic id, those with at least one match
	Names      int64                   // distinct names looked at in places
	Estimated  []Kind
}

// ClinicTally is one clinic's part of a document.
type ClinicTally struct {
	Registered map[Kind]int64 // size of the clinic's registry, for the base rate
	Patients   int64          // distinct refs registered
	Persons    int64          // distinct refs with at least one counted identifier
	Kinds      map[Kind]int64 // distinct refs by counted kind
	Hits       map[Kind]int64 // distinct registered identifiers by kind, counted ones only
	Lesser     map[Kind]int64 `json:",omitempty"` // of Hits, those seen only in a form that proves less than the kind: a HETU without its sign
	Weak       int64          // distinct refs with nothing but uncounted identifiers
	Two        int64          // refs with two kinds anywhere in the document; the two forms of an address are one kind
	Together   int64          // refs with two kinds in one record
	Tagged     int64          // refs by an address with a plus tag
	// Terms is how often each of the clinic's watch terms stood there. They say that the clinic is named, nothing of
	// patients.
	Terms map[string]int64 `json:",omitempty"`
}

// Clone copies a tally, so that a revision can be kept while reading goes on.
func (t Tally) Clone() Tally {
	c := t
	c.Candidates = maps.Clone(t.Candidates)
	c.Clinics = make(map[string]*ClinicTally, len(t.Clinics))
	for id, ct := range t.Clinics {
		d := *ct
		d.Registered, d.Kinds, d.Hits, d.Lesser = maps.Clone(ct.Registered), maps.Clone(ct.Kinds), maps.Clone(ct.Hits), maps.Clone(ct.Lesser)
		d.Terms = maps.Clone(ct.Terms)
		c.Clinics[id] = &d
	}
	return c
}
