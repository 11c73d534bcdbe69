package unpack

import (
	"maps"
	"slices"

	"leakwatch/matcher/unpack/child"
)

// outcome is how a child's reading ended.
type outcome struct {
	word   child.Outcome
	sealed bool // something is encrypted, and no password was tried yet
}

// failed says that something was left that another way of reading may find.
func (o outcome) failed() bool { return o.word != child.Whole }

// parseNotes passes a child's notes on. That members are encrypted is said when passwords were tried.
func (w *walker) parseNotes(n *node, notes map[child.Note]int64, sealed bool, passwords int) {
	for _, word := range slices.Sorted(maps.Keys(notes)) {
		said := string(n.format) + ": " + string(word)
		if word == child.EncryptedMembers {
			if sealed {
				continue
			}
			said += ": " + sealedWord(passwords)
		}
		w.notes.addN(said, notes[word])
	}
}

// timeUsedUp is the note on documents for which none was left.
const timeUsedUp = "reader's time for one document used up: %d members left"

// outcomeWord says in fixed words why a child did not read all.
func (w *walker) outcomeWord(f format, o child.Outcome, passwords int) string {
	var limits child.Options
	if w.parsers != nil {
		limits = w.parsers.pool.Options()
	}
	switch o {
	case child.Damaged:
		return string(f) + ": damaged, rest left"
	case child.Truncated:
		return string(f) + ": truncated"
	case child.Encrypted:
		return string(f) + ": %d encrypted: " + sealedWord(passwords)
	case child.Unsupported:
		return string(f) + ": %d of a sort that is not read"
	case child.Bounded:
		return string(f) + ": parts limit: rest of %d left"
	case child.OutOfMemory:
		return string(f) + ": reader's memory limit " + bytesWord(limits.Memory) + ": rest of %d left"
	case child.OutOfTime:
		return string(f) + ": reader's time limit " + limits.Time.String() + ": rest of %d left"
	case child.Inside:
		return string(f) + ": limit of readers inside one another: %d left"
	case child.UsedUp:
		return timeUsedUp
	case child.Unconfined:
		return string(f) + ": %d not read, the system does not confine a reader"
	case child.NotStarted:
		return string(f) + ": %d not read, no reader could be started"
	}
	return string(f) + ": reader ended, rest of %d left"
}
