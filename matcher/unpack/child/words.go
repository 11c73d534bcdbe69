package child

import (
	"errors"
	"slices"
)

// Note is something about a document that was not read, in fixed words without a name. One %d in it stands for how often; the
// format's name is put before it. Only the notes of this file pass from a child.
type Note string

// The notes. A reader of a new format adds what it needs, here and to notes.
const (
	EncryptedMembers Note = "%d encrypted members"
	DamagedMembers   Note = "%d damaged members"
	UnknownMembers   Note = "%d members packed in a way not known"
	EncryptedParts   Note = "%d encrypted"
	DamagedParts     Note = "%d damaged parts left"
	DamagedInOrder   Note = "%d damaged, read without its structure"
	WithoutText      Note = "%d pages without text"
	PartsLeft        Note = "%d parts left"
	VolumesMissing   Note = "%d volumes missing"
	Links            Note = "%d links to what is elsewhere"
	RawText          Note = "%d read as raw text"
	UnknownLetters   Note = "%d pages with letters that the file does not tell"
	UnknownPictures  Note = "%d pictures of a sort that is not read"
	PasswordsLeft    Note = "%d passwords untried"
	MemoElsewhere    Note = "%d with memos in a file of their own"
	RecoveredPages   Note = "%d damaged pages read in part"
	Apart            Note = "%d columns read apart from their rows"
)

func notes() []Note {
	return []Note{EncryptedMembers, DamagedMembers, UnknownMembers, EncryptedParts, DamagedParts, DamagedInOrder, WithoutText,
		PartsLeft, VolumesMissing, Links, RawText, UnknownLetters, UnknownPictures, PasswordsLeft, MemoElsewhere, RecoveredPages, Apart}
}

func knownNote(n Note) bool { return slices.Contains(notes(), n) }

// Outcome is how the reading of a document ended. It is one of a few words.
type Outcome string

// The outcomes. The first few come from the parser, the rest is what became of the child.
const (
	Whole       Outcome = ""            // to its end; notes may say what was left
	Damaged     Outcome = "damaged"     // the rest could not be read
	Truncated   Outcome = "truncated"   // it ends too early
	Encrypted   Outcome = "encrypted"   // without a password that opens it
	Unsupported Outcome = "unsupported" // a sort of the format that is not read
	Bounded     Outcome = "bounded"     // a limit of the parser's own left something
	Panicked    Outcome = "panicked"

	Died        Outcome = "died" // or did not keep to the protocol
	OutOfMemory Outcome = "out of memory"
	OutOfTime   Outcome = "out of time"
	UsedUp      Outcome = "time of all used up" // of all documents of a Visit
	Inside      Outcome = "too many inside one another"
	Unconfined  Outcome = "not confined"
	NotStarted  Outcome = "not started"
)

// NotOpened is why there is no Session, by the error that Open gave.
func NotOpened(err error) Outcome {
	switch {
	case errors.Is(err, ErrInside):
		return Inside
	case errors.Is(err, ErrUsedUp):
		return UsedUp
	case errors.Is(err, ErrUnconfined):
		return Unconfined
	}
	return NotStarted
}

// fromChild says whether a child may say it.
func (o Outcome) fromChild() bool {
	return slices.Contains([]Outcome{Whole, Damaged, Truncated, Encrypted, Unsupported, Bounded, Panicked}, o)
}

// Entry is what a container says of a member.
type Entry struct {
	Name    string // as it lies there; what is not UTF-8 is decoded by the other side
	Size    int64  // -1 when it is not said
	ModTime int64  // seconds since 1970, 0 when it is not said
	Owner   string
	Link    string // target of a link, a name too
	Comment string // a name too
	Format  string // of an entry that has no contents: dir, link, device, fifo, encrypted, damaged. Else ""
}

func knownFormat(f string) bool {
	return slices.Contains([]string{"", "dir", "link", "device", "fifo", "encrypted", "damaged"}, f)
}
