package child

import (
	"context"
	"encoding/json"
	"errors"
	"io"
)

// Record is what an Extractor handed over, for tests: in this process and without any limit that only a child has.
type Record struct {
	Texts   []string
	Names   []string
	Members []RecordedMember
	Notes   map[Note]int64
	Outcome Outcome

	most int64 // bytes that are still taken
	cur  []byte
	kind kind
}

// RecordedMember is a member with its contents.
type RecordedMember struct {
	Entry Entry
	Body  string
}

// ErrRecord ends an Extractor that hands over more than a Record takes.
var ErrRecord = errors.New("child: more than is recorded")

// Run runs an extractor in this process and keeps up to most bytes of what it hands over; at that it is ended. A panic of
// it is the outcome Panicked.
func Run(ctx context.Context, x Extractor, doc Document, in io.ReaderAt, most int64) *Record {
	r := &Record{Notes: map[Note]int64{}, most: most}
	r.Outcome = run(ctx, x, in, &Emitter{out: r, doc: doc})
	return r
}

func (r *Record) frame(k kind, payload []byte) error {
	if r.most -= int64(len(payload)) + 1; r.most < 0 {
		return ErrRecord
	}
	switch k {
	case kText, kName:
		r.kind, r.cur = k, nil
	case kMember:
		var w wireEntry
		if err := json.Unmarshal(payload, &w); err != nil {
			return err
		}
		r.kind, r.cur = k, nil
		r.Members = append(r.Members, RecordedMember{Entry: w.entry()})
	case kData:
		r.cur = append(r.cur, payload...)
	case kEnd:
		r.end()
	case kNote:
		var n wireNote
		if err := json.Unmarshal(payload, &n); err != nil {
			return err
		}
		r.Notes[n.Note] += n.Count
	}
	return nil
}

func (r *Record) end() {
	switch r.kind {
	case kText:
		r.Texts = append(r.Texts, string(r.cur))
	case kName:
		r.Names = append(r.Names, string(r.cur))
	case kMember:
		r.Members[len(r.Members)-1].Body = string(r.cur)
	}
}

func (w wireEntry) entry() Entry {
	return Entry{string(w.Name), w.Size, w.ModTime, string(w.Owner), string(w.Link), string(w.Comment), w.Format}
}
