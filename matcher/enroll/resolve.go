package enroll

import (
	"context"
	"fmt"
	"os"
	"time"

	"leakwatch/leak"
)

// The standings of a resolved patient.
const (
	StandingNew  = "new"  // in no list before
	StandingMore = "more" // in a list before, but with fewer kinds
	StandingTold = "told" // in a list before, with these kinds
)

// ResolveOptions say what Resolve does.
type ResolveOptions struct {
	Export  string // file, sealed to the clinic
	Mapping string // the clinic's mapping file; its keys lie beside it
	Now     func() time.Time
}

// Patient is one line of the list: who, which kinds are exposed, newly or already told.
type Patient struct {
	Patient  string      `json:"patient"` // the clinic's own id
	Kinds    []leak.Kind `json:"kinds"`
	NewKinds []leak.Kind `json:"new_kinds"` // of them in no list before
	Standing string      `json:"standing"`  // new, more or told
	Earlier  bool        `json:"earlier"`   // an earlier find of the same leak had the patient
}

// Resolved is an export turned into people. It is as secret as the patient register.
type Resolved struct {
	Alert      string
	Clinic     string
	Event      leak.Event
	Confidence leak.Confidence
	Test       bool
	Patients   []Patient // by patient id
	Unknown    int       // refs that the mapping does not know
}

// Resolve turns an export into the patient list, and notes in the mapping who was listed. The same export again gives
// the same list.
func Resolve(ctx context.Context, o ResolveOptions) (Resolved, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	keys, err := readKeys(KeysPath(o.Mapping))
	if err != nil {
		return Resolved{}, err
	}
	f, err := os.Open(o.Export)
	if err != nil {
		return Resolved{}, fmt.Errorf("read export: %w", withoutPath(err))
	}
	defer f.Close()
	e, err := readExport(f, keys.identity)
	if err != nil {
		return Resolved{}, fmt.Errorf("read export: %w", err)
	}
	if e.Clinic != keys.clinic {
		return Resolved{}, fmt.Errorf("the export is for clinic %.70q, the mapping is %q's", e.Clinic, keys.clinic)
	}
	m, err := readMapping(o.Mapping, keys)
	if err != nil {
		return Resolved{}, err
	}
	r := m.resolve(e)
	if ctx.Err() != nil {
		return Resolved{}, ctx.Err()
	}
	if err := m.save(o.Mapping, keys, o.Now()); err != nil {
		return Resolved{}, err
	}
	return r, nil
}
