package leak

import (
	"io"
	"time"
)

// Text is one piece of readable text out of a document, in UTF-8. Whoever made it closes what lies under it; the
// receiver reads Reader to its end or stops early, and does not keep it.
type Text struct {
	Place  Place     // of the member that the text came from
	Reader io.Reader // UTF-8; bytes that are not valid stay as they are
	// Offset turns an offset in Reader into the offset in the member's bytes before decoding. It answers for the last
	// megabyte that was read; nil means the two are the same.
	Offset func(int64) int64
	// Name marks a text that is a name itself: of a member, a file, a title. The kind `name` is looked for only there.
	Name bool
	// MonthFirst says that the source writes dates with slashes or hyphens month first, as the United States do. Without
	// it 05/01/1994 is 5 January.
	MonthFirst bool
}

// Member is one entry of a container, for evidence: what the container said of it, and what it held.
type Member struct {
	Place   Place
	Order   int64
	Size    int64 // -1 when the container did not say
	ModTime time.Time
	Owner   string // as the container says, "uid:gid" or names; sealed like the place
	SHA256  string // hex; "" when it was not read to its end
	Format  string // what it was read as
}
