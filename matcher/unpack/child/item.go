package child

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
