package child

import "errors"

// Kind says what an Item is.
type Kind int8

// The kinds of Items.
const (
	Text   Kind = iota // text of the document, in UTF-8 as far as the child is honest
	Name               // a text that is a name
	Member             // a member, of whatever format
)

// Item is something that a document holds. It is read, as far as wanted, before the next one is asked for.
type Item struct {
	Kind  Kind
	Entry Entry // of a Member
	s     *Session
	err   error
}

// ErrCut is the end of an item of which not all could be read. Why stands in the Outcome or the Notes.
var ErrCut = errors.New("child: the rest could not be read")

// Read reads an item. The error is io.EOF or ErrCut.
func (it *Item) Read(p []byte) (int, error) {
	s := it.s
	for len(s.rest) == 0 {
		if it.err != nil {
			return 0, it.err
		}
		s.rest, it.err = s.data()
		s.given += int64(len(s.rest))
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
