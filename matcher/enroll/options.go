package enroll

import (
	"time"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// Options say what HashTable and Preview do.
type Options struct {
	Table   string // CSV, TSV or XLSX file
	Kit     Kit
	ID      string   // column with the clinic's own patient id: its header, or #3
	Map     []string // kind=column, as ParseMap reads them
	Region  string   // for telephone numbers; "" means the kit's
	Bundle  string   // file to write; it must not exist
	Mapping string   // the clinic's mapping file; its keys lie beside it
	Report  string   // file for what was refused; "" means none is written
	Erase   string   // file with patient ids, one a line, whose former identifiers are taken out; "" means none
	AllNew  bool     // take a table that has nobody of the mapping; without it such a table is a mistake
	Delta   bool     // send only what changed since the bundle before

	Sheet       string // of an XLSX file; "" means the first
	Charset     string // "" means find out
	Delimiter   string // one character; "" means find out
	FamilyFirst bool   // full names begin with the family name
	NewMapping  bool   // begin a new mapping although keys are there: the old mapping is lost

	Workers  int                                   // how many hash at once; 0 means one a core
	Progress func(stage string, done, total int64) // now and then, from one goroutine at a time; may be nil
	Now      func() time.Time
}

// The stages of HashTable, as Progress names them.
const (
	StageRead = "reading" // in bytes of the table
	StageHash = "hashing" // in patients
)

// hasher is what is needed of matcher.Hasher. It is used by one goroutine.
type hasher interface {
	T1(kind leak.Kind, value string) ([32]byte, error)
	Names(kind leak.Kind, given, family []string, dob string) ([][32]byte, error)
}

func (o Options) hasher() hasher {
	r := o.Region
	if r == "" {
		r = o.Kit.Region
	}
	return matcher.NewHasher(o.Kit.key(), r)
}

// UsageError is a mistake in the options, and none of the table or the files.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives what is wrong.
func (e *UsageError) Unwrap() error { return e.Err }

// usage marks an error as one of the options; nil stays nil.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &UsageError{err}
}

// Refusals counts what was refused of one kind for one reason.
type Refusals struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// Summary is what HashTable did, or would do: counts only.
type Summary struct {
	Rows          int64               `json:"rows"`           // of the table, without its header
	Patients      int64               `json:"patients"`       // distinct patient ids in the table
	NewPatients   int64               `json:"new_patients"`   // of them not known before
	Carried       int64               `json:"carried"`        // patients known from former exports and not in the table
	Former        int64               `json:"former"`         // former identifiers, carried forward
	Identifiers   map[leak.Kind]int64 `json:"identifiers"`    // hashes in the register, by kind
	Added         int64               `json:"added"`          // hashes that no bundle held before
	Removed       int64               `json:"removed"`        // hashes taken out by an erasure
	Erased        int64               `json:"erased"`         // patients whose former identifiers were taken out
	EraseKept     int64               `json:"erase_kept"`     // of them still in the table: what it says of them stays
	EraseUnknown  int64               `json:"erase_unknown"`  // ids in the erasure file that the mapping does not know
	WithoutStrong int64               `json:"without_strong"` // patients without a strong identifier
	WithoutAny    int64               `json:"without_any"`    // patients without any
	Refused       []Refusals          `json:"refused"`
	RefusedRows   int64               `json:"refused_rows"`
	Charset       string              `json:"charset"`
	Delimiter     string              `json:"delimiter,omitempty"`
	Sheet         int                 `json:"sheet,omitempty"` // its number: a name could be anybody's
	Mode          string              `json:"mode"`
	Sequence      int64               `json:"sequence"`
	Bundle        string              `json:"bundle,omitempty"` // the file, as it was named
	BundleRows    int64               `json:"bundle_rows"`
	Signer        string              `json:"signer"`      // public key, hex
	Fingerprint   string              `json:"fingerprint"` // of it, for the telephone
	FirstUse      bool                `json:"first_use"`   // the keys were made just now
}
