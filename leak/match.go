package leak

import "log/slog"

// Person is everything about "the same people": one patient of one clinic, by the handle that the clinic's tool made.
type Person struct {
	Clinic string
	Ref    string
}

// Match is a candidate whose hash a clinic registered. It never holds the value.
type Match struct {
	Place   Place
	Kind    Kind
	Person  Person
	Offset  int64 // bytes of the member before decoding
	Length  int64
	Class   Class
	Counted bool // strong enough by itself, by its surroundings, or by another identifier of the same person
	Variant bool // read in a form that the issuer does not print, such as a HETU without its sign
	Tagged  bool // an address with a plus tag, which proves where it came from
}

// LogValue shows a match.
func (m Match) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("place", m.Place), slog.String("kind", string(m.Kind)),
		slog.String("clinic", m.Person.Clinic), slog.Int64("offset", m.Offset))
}

// Tag is one registered identifier as the store keeps it. W says nothing without the clinic's wrapping key.
type Tag struct {
	Clinic string
	W      [16]byte
	Ref    string
	Kind   Kind
	RK     string // id of the registration key
	PK     string // id of the index pepper
}

// Token is F of LWH-1: an identifier that was seen in a find, under one registration key and one find pepper.
type Token struct {
	F          [16]byte
	Kind       Kind
	RK, PK     string
	Registered bool
	// Person is whose identifier a registered one is, so that erasing the person takes the token along. One that several
	// persons share, as families share a telephone, comes once for each of them.
	Person Person
}
