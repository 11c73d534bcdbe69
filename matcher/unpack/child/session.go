package child

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"
)

// Session is one document while it is read. It is for one goroutine.
type Session struct {
	visit *Visit // nil of a document that is read in this process
	c     *process
	doc   Document
	src   io.ReaderAt
	ctx   context.Context
	stop  func() bool
	said  bool // the child has said something of this document

	served, given int64 // bytes to the child, bytes from it that were read
	counted       int64 // of them, by the Visit
	spent         time.Duration
	untried       int64 // passwords that no frame has room for
	notes         int
	inItem        bool
	rest          []byte // of a frame that was read in part
	over          bool
	outcome       Outcome
	words         map[Note]int64
	answer        []byte
	pull          func() (kind, []byte, bool) // of a document that is read in this process; then there is no c
}

const (
	secondBytes = 1 << 20 // read or handed over, for which there is a second more
	mostNotes   = 1000    // frames with notes of one document
)

func newSession(ctx context.Context, v *Visit, c *process, doc Document, src io.ReaderAt) *Session {
	s := &Session{visit: v, c: c, doc: doc, src: src, ctx: ctx, words: map[Note]int64{}}
	s.stop = context.AfterFunc(ctx, c.kill)
	return s
}

// again gives the document to a new child, when one that had served others died before it said anything of this one: an earlier
// document may be why.
func (s *Session) again() bool {
	if s.said || s.c.served < 2 || s.ctx.Err() != nil {
		return false
	}
	s.stop()
	s.c.end()
	c, err := s.visit.pool.fresh()
	if err != nil {
		return false
	}
	c.owner = s.visit
	s.c, s.stop = c, context.AfterFunc(s.ctx, c.kill)
	return s.open() == nil
}

func (s *Session) open() error {
	b, err := json.Marshal(s.doc)
	if err != nil {
		return err
	}
	if len(b) > maxFrame { // too many passwords
		half := len(s.doc.Passwords) / 2
		s.untried += int64(len(s.doc.Passwords) - half)
		s.doc.Passwords = s.doc.Passwords[:half]
		return s.open()
	}
	_ = s.c.in.SetWriteDeadline(time.Now().Add(startTime))
	s.c.served++
	return s.c.send(kOpen, b)
}

// Outcome is how the document ended. It is known once Next has given io.EOF.
func (s *Session) Outcome() Outcome { return s.outcome }

// Notes are what was not read, and how often, so far.
func (s *Session) Notes() map[Note]int64 { return s.words }

// Next gives what comes next, and io.EOF at the document's end, whatever the end was. What was left of the item before is passed
// over, and earns the child no time: else it could say for ever what nobody reads.
func (s *Session) Next() (*Item, error) {
	s.rest = nil
	for s.inItem {
		_, _ = s.data()
	}
	for !s.over {
		k, b, ok := s.frame()
		if !ok {
			break
		}
		switch k {
		case kText, kName, kMember:
			it, ok := s.item(k, b)
			if ok {
				s.inItem = true
				return it, nil
			}
			s.fail(Died)
		case kNote:
			s.note(b)
		case kDone:
			s.done(b)
		default:
			s.fail(Died)
		}
	}
	return nil, io.EOF
}

func (s *Session) item(k kind, b []byte) (*Item, bool) {
	switch {
	case k == kText && len(b) == 0:
		return &Item{Kind: Text, s: s}, true
	case k == kName && len(b) == 0:
		return &Item{Kind: Name, s: s}, true
	case k != kMember:
		return nil, false
	}
	var w wireEntry
	if json.Unmarshal(b, &w) != nil || w.Size < -1 || !knownFormat(w.Format) || w.ModTime < -1<<36 || w.ModTime > 1<<36 {
		return nil, false
	}
	return &Item{Kind: Member, Entry: w.entry(), s: s}, true
}

func (s *Session) note(b []byte) {
	var n wireNote
	s.notes++
	if json.Unmarshal(b, &n) != nil || !knownNote(n.Note) || n.Count < 1 || n.Count > 1<<40 || s.notes > mostNotes {
		s.fail(Died)
		return
	}
	s.words[n.Note] += n.Count
}

func (s *Session) done(b []byte) {
	var d done
	if json.Unmarshal(b, &d) != nil || !d.Outcome.fromChild() {
		s.fail(Died)
		return
	}
	s.over, s.outcome = true, d.Outcome
	if s.untried > 0 && (d.Outcome == Encrypted || s.words[EncryptedMembers] > 0) {
		s.words[PasswordsLeft] += s.untried
	}
	if s.c == nil {
		s.stop()
		return
	}
	s.c.spent += s.spent
	p := s.visit.pool
	well := d.Outcome != Panicked && d.Memory < p.o.Memory/2 && s.c.served < p.o.Documents && s.c.spent < cpuLimit/4
	if s.stop() && well {
		p.put(s.c)
	} else {
		s.c.end()
	}
	s.c = nil
	s.visit.leave()
}

// fail ends the child and the document.
func (s *Session) fail(o Outcome) {
	s.over, s.inItem, s.outcome = true, false, o
	s.stop()
	if s.c == nil {
		return
	}
	s.c.end()
	if o == Died {
		s.outcome = s.c.told.outcome()
	}
	s.c = nil
	s.visit.leave()
}

// Close ends a document, to its end or not. A child that was in the middle of one is killed.
func (s *Session) Close() {
	if !s.over {
		s.fail(Died)
	}
}

// data gives the next bytes of the item that is read, and at its end an error.
func (s *Session) data() ([]byte, error) {
	k, b, ok := s.frame()
	switch {
	case !ok:
	case k == kData && len(b) > 0:
		return b, nil
	case k == kEnd && len(b) == 0:
		s.inItem = false
		return nil, io.EOF
	case k == kEnd && len(b) == 1:
	default:
		s.fail(Died)
	}
	s.inItem = false
	return nil, ErrCut
}

// frame gives the next frame that is not a question, answering those. Without one the document has ended.
func (s *Session) frame() (kind, []byte, bool) {
	if s.over {
		return 0, nil, false
	}
	if s.pull != nil {
		return s.pulled()
	}
	for begin := time.Now(); ; {
		own, all := s.left(), s.visit.left()
		limit := begin.Add(min(own, all))
		_ = s.c.out.SetReadDeadline(limit)
		_ = s.c.in.SetWriteDeadline(limit)
		k, b, err := readFrame(s.c.r, s.c.buf)
		if err == nil && k == kRead {
			err = s.serve(b)
		}
		begin = s.count(begin)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.fail(late(own, all))
			return 0, nil, false
		case err != nil && s.again():
			continue
		case err != nil:
			s.fail(Died)
			return 0, nil, false
		}
		s.said = true
		if k != kRead {
			return k, b, true
		}
	}
}

// late is why the time is over: the document's own, or that of the Visit.
func late(own, all time.Duration) Outcome {
	if all < own {
		return UsedUp
	}
	return OutOfTime
}

// count adds the time since begin to what was taken, here and in the Visit, and gives the time that it is.
func (s *Session) count(begin time.Time) time.Time {
	now := time.Now()
	s.spent += now.Sub(begin)
	s.visit.count(now.Sub(begin), s.work()-s.counted)
	s.counted = s.work()
	return now
}

// work is how much was read and handed over. What the child reads again adds nothing.
func (s *Session) work() int64 { return min(s.served, s.doc.Size) + s.given }

// left is the time that the child still has.
func (s *Session) left() time.Duration {
	return s.visit.pool.o.Time + time.Duration(s.work()/secondBytes)*time.Second - s.spent
}

// serve answers a question for bytes of the document.
func (s *Session) serve(q []byte) error {
	if len(q) != 12 {
		return errFrame
	}
	off, n := int64(binary.LittleEndian.Uint64(q)), int64(binary.LittleEndian.Uint32(q[8:]))
	if off < 0 || n < 1 || n > maxFrame || off > s.doc.Size-n {
		return errFrame
	}
	if s.answer == nil {
		s.answer = make([]byte, maxFrame)
	}
	k, err := s.src.ReadAt(s.answer[:n], off)
	if err != nil && !(errors.Is(err, io.EOF) && int64(k) == n) {
		return errors.New("child: the document cannot be read")
	}
	s.served += n
	return s.c.send(kBytes, s.answer[:k])
}

// pulled gives the next frame of an extractor in this process.
func (s *Session) pulled() (kind, []byte, bool) {
	k, b, ok := s.pull()
	if !ok {
		s.fail(Died)
	}
	return k, b, ok
}
