package matcher

import (
	"context"
	"errors"
	"iter"

	"leakwatch/leak"
)

// Version is raised when what is found changes, so that documents can be read again.
const Version = "1"

// Key is a registration key of a ring, or a pepper.
type Key struct {
	ID         string
	Secret     [32]byte
	SearchOnly bool
}

// Keys are all keys of a deployment. Rings[0], Index[0] and Find[0] are the current ones.
type Keys struct{ Rings, Index, Find []Key }

// Options are the matcher's settings. Zero values mean defaults.
type Options struct {
	Regions      []string
	CandidateCap int
	TokenCap     int
}

// Matcher holds the registry. Its methods may run at the same time.
type Matcher struct{}

// Reading is one document under way.
type Reading struct{}

// Hasher makes T1 on a clinic's machine.
type Hasher struct{}

// BadIdentifier says why a value is no identifier of its kind. It never holds the value.
type BadIdentifier struct {
	Kind leak.Kind
	Why  string // checksum, date, format, test, context
}

func (e *BadIdentifier) Error() string { return "not a valid " + string(e.Kind) + ": " + e.Why }

var errSkeleton = errors.New("matcher: skeleton")

func New(k Keys, o Options) (*Matcher, error) { return nil, errSkeleton }

func (m *Matcher) Checks() map[string]string { return nil }
func (m *Matcher) Load(generation int64, tags iter.Seq2[leak.Tag, error]) error {
	return errSkeleton
}
func (m *Matcher) Add(tags []leak.Tag) error                   { return errSkeleton }
func (m *Matcher) Remove(tags []leak.Tag) error                { return errSkeleton }
func (m *Matcher) Generation() int64                           { return 0 }
func (m *Matcher) SetGeneration(int64)                         {}
func (m *Matcher) Size() int                                   { return 0 }
func (m *Matcher) Begin(onMatch func(leak.Match)) *Reading     { return nil }
func (r *Reading) Text(ctx context.Context, t leak.Text) error { return errSkeleton }
func (r *Reading) Tally() leak.Tally                           { return leak.Tally{} }
func (r *Reading) Drain() ([]leak.Seen, []leak.Token, string)  { return nil, nil, "" }
func (r *Reading) Finish()                                     {}
func NewHasher(ring Key, region string) *Hasher                { return nil }
func (h *Hasher) T1(kind leak.Kind, value string) ([32]byte, error) {
	return [32]byte{}, errSkeleton
}
func (h *Hasher) Names(kind leak.Kind, given, family []string, dob string) ([][32]byte, error) {
	return nil, errSkeleton
}
func (h *Hasher) KCV() string { return "" }
func (m *Matcher) Wrap(clinic, ring string, kind leak.Kind, t1 [32]byte, ref string) (leak.Tag, []leak.Token, error) {
	return leak.Tag{}, nil, errSkeleton
}
func (m *Matcher) Rewrap(t leak.Tag) (leak.Tag, error) { return t, errSkeleton }
func (m *Matcher) Tokens(kind leak.Kind, value string) ([]leak.Token, error) {
	return nil, errSkeleton
}
