package child

import (
	"context"
	"encoding/json"
	"io"
	"iter"
)

// Local reads a document in this process, by an extractor that needs no child: a simple one, that cannot loop or take much
// memory, and of our own making. The session is used and closed like any other. The extractor runs only while Next or a
// read of an item waits for it.
func Local(ctx context.Context, x Extractor, doc Document, in io.ReaderAt) *Session {
	l := &local{}
	next, stop := iter.Pull(func(yield func(localFrame) bool) {
		l.yield = yield
		b, err := json.Marshal(done{Outcome: run(ctx, x, in, &Emitter{out: l, doc: doc})})
		if err == nil {
			yield(localFrame{kDone, b})
		}
	})
	s := &Session{doc: doc, src: in, words: map[Note]int64{}, stop: func() bool { stop(); return true }}
	s.pull = func() (kind, []byte, bool) {
		f, ok := next()
		return f.kind, f.payload, ok
	}
	return s
}

// local is where frames go that stay in this process.
type local struct {
	yield func(localFrame) bool
	ended bool
}

type localFrame struct {
	kind    kind
	payload []byte
}

func (l *local) frame(k kind, payload []byte) error {
	if l.ended || !l.yield(localFrame{k, payload}) {
		l.ended = true
		return io.ErrClosedPipe
	}
	return nil
}
