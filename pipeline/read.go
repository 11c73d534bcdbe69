package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"leakwatch/leak"
	"leakwatch/pipeline/evidence"
)

// Tips is the source of places that a person asked for.
const Tips = "tips"

func (p *Pipeline) versionStep(ctx context.Context) (bool, error) {
	versions, err := p.Store.LeaseVersions(ctx, p.worker, 1, p.Config.Lease)
	if err != nil || len(versions) == 0 {
		return false, err
	}
	return true, p.readVersion(ctx, versions[0])
}

// crashesMost is how many leases of a version may end without a word before it is given up: a document that kills
// whoever reads it must not do so for ever.
const crashesMost = 30

var errWorn = fmt.Errorf("whoever read it never came to an end: %w", leak.ErrPermanent)

// reading is one version on its way.
type reading struct {
	p          *Pipeline
	v          leak.Version
	log        *slog.Logger
	generation int64 // of the registry, or an older one than it reads with
	passwords  int   // published beside it, that it knows
	match      Reading
	find       *revisions
	started    time.Time
	unpacked   Unpacked
	bytes      int64
	sum        string
	cut        string
	asked      []leak.Exchange
}

// readVersion reads one leased version to an outcome, a later attempt, or back into the hands of others. Its error is
// one of the store; whatever the other side does is an outcome.
func (p *Pipeline) readVersion(ctx context.Context, v leak.Version) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := p.keepLease(ctx, cancel, func(ctx context.Context) error {
		return p.Store.ExtendVersion(ctx, v.ID, p.worker, p.Config.Lease)
	})
	defer stop()
	r := &reading{p: p, v: v, started: p.Now(), generation: p.Generation(),
		log: p.Log.With("source", v.Item.Source, "version", v.ID, "place", v.Item.Place)}
	spool, err := p.Vault.Spool(v.ID)
	if err != nil {
		return r.failed(ctx, nil, fmt.Errorf("spool: %w", err))
	}
	if v.Attempt > p.Config.Retries+crashesMost {
		return r.failed(ctx, spool, errWorn)
	}
	for range 3 {
		if err = r.once(ctx, spool); !errors.Is(err, errChanged) {
			break
		}
		end := spool.Drop
		if r.find.anybody() { // what they were found in is evidence, though another version follows
			end = spool.Keep
		}
		if err = end(); err == nil {
			spool, err = p.Vault.Spool(v.ID)
		}
		if err != nil {
			break
		}
		err = errChanged
	}
	if ctx.Err() != nil { // stopped or lost: another worker takes it up from here
		return errors.Join(r.pause(spool), p.Store.PutExchanges(context.WithoutCancel(ctx), v.ID, r.asked, p.Digest))
	}
	if err != nil {
		return r.failed(ctx, spool, err)
	}
	return r.finish(ctx, spool)
}

// once reads the document from its first byte to its last.
func (r *reading) once(ctx context.Context, spool *evidence.Spool) error {
	r.match = r.p.Begin()
	r.find = newRevisions(r)
	stop := r.find.start(ctx)
	err := guarded(func() error {
		err := errors.Join(r.names(ctx), r.body(ctx, spool))
		r.match.Finish()
		return err
	}, func(stack string) { r.log.Error("reader failed", "stack", stack) })
	return errors.Join(err, stop())
}

// names matches what the place itself says: a file may be named after a patient.
func (r *reading) names(ctx context.Context) error {
	texts := []string{r.v.Item.Name}
	if u, err := url.Parse(r.v.Item.Place.Reveal()); err == nil {
		texts = append(texts, strings.Split(strings.Trim(u.Path, "/"), "/")...)
		if q, err := url.QueryUnescape(u.RawQuery); err == nil {
			texts = append(texts, q)
		}
	}
	return r.matchNames(ctx, r.v.Item.Place, texts)
}

func (r *reading) matchNames(ctx context.Context, place leak.Place, texts []string) error {
	for _, s := range texts {
		if s == "" {
			continue
		}
		if err := r.text(ctx, leak.Text{Place: place, Reader: strings.NewReader(s), Name: true}); err != nil {
			return err
		}
	}
	return nil
}

// text matches one text, with what its source says of it.
func (r *reading) text(ctx context.Context, t leak.Text) error {
	t.MonthFirst = r.p.MonthFirst[r.v.Item.Source]
	return r.match.Text(ctx, t)
}

func (r *reading) body(ctx context.Context, spool *evidence.Spool) error {
	if r.v.Item.Listing {
		return r.listing(ctx)
	}
	passwords, err := r.p.Store.Passwords(ctx, r.v.Item)
	if err != nil {
		return err
	}
	r.passwords = len(passwords)
	d := newDownload(ctx, r.p.Crawler, r.v, spool)
	defer d.close()
	media, charset, size, err := d.start()
	if err == nil {
		r.unpacked, err = r.p.Unpack(ctx, Document{Reader: d, Place: r.v.Item.Place, MediaType: media, Charset: charset,
			Size: size, Passwords: passwords, Shape: r.find.shape}, func(t leak.Text) error { return r.text(ctx, t) }, spool.Member)
	}
	if err == nil && (r.unpacked.Completeness != leak.Unreadable || r.find.anybody()) {
		err = d.rest()
	}
	r.bytes, r.sum, r.cut, r.asked = d.got, d.sum(), d.cut(), d.exchanges()
	return err
}

// listing is the document that a listing is: the names in it.
func (r *reading) listing(ctx context.Context) error {
	r.unpacked = Unpacked{Completeness: leak.Whole, Shape: "listing"}
	r.find.shape("listing")
	return r.p.Store.ListingItems(ctx, r.v.Item, func(i leak.Item) error {
		r.unpacked.Texts++
		return r.matchNames(ctx, i.Place, []string{i.Name})
	})
}

// finish writes a reading's last revision, its evidence and its outcome.
func (r *reading) finish(ctx context.Context, spool *evidence.Spool) error {
	o := r.outcome(r.generation)
	found, err := r.find.last(ctx, &o)
	if err == nil {
		err = r.holds(ctx)
	}
	if err != nil {
		return errors.Join(err, r.pause(spool))
	}
	switch {
	case r.v.Item.Listing: // its pages are kept as they were received
		err = spool.Drop()
	case found, o.Completeness == leak.Partial && (r.cut != "" || r.unpacked.Cut):
		err = spool.Keep()
	default:
		err = spool.Drop()
	}
	if err != nil {
		return r.failed(ctx, spool, fmt.Errorf("spool: %w", err))
	}
	if o.Result != leak.Matched && r.generation < r.p.Generation() { // somebody registered meanwhile, whom this reading did not know
		return r.again(ctx, o)
	}
	return r.end(ctx, o)
}

// holds makes sure, after a long reading, that the version is still this worker's before its spool is ended: one that
// slept too long would end another's.
func (r *reading) holds(ctx context.Context) error {
	if r.p.Now().Sub(r.started) < r.p.Config.Lease {
		return nil
	}
	return r.p.Store.ExtendVersion(ctx, r.v.ID, r.p.worker, r.p.Config.Lease)
}

// pause leaves the spool for a later reading. What somebody was found in goes to the disk first, however little it is:
// the place may be gone by then.
func (r *reading) pause(spool *evidence.Spool) error {
	var err error
	if r.find != nil && r.find.anybody() {
		err = spool.Hold()
	}
	return errors.Join(err, spool.Pause())
}

// again makes the version due at once.
func (r *reading) again(ctx context.Context, o leak.Outcome) error {
	if _, err := r.leave(ctx); err != nil {
		return err
	}
	return r.p.Store.RetryVersion(ctx, r.v.ID, r.p.worker, o, r.p.Now())
}

func (r *reading) outcome(generation int64) leak.Outcome {
	o := leak.Outcome{Result: leak.Clean, Completeness: r.unpacked.Completeness, Reasons: r.unpacked.Reasons, Bytes: r.bytes,
		Texts: r.unpacked.Texts, SHA256: r.sum, MediaType: r.unpacked.MediaType, Generation: generation,
		Matcher: r.p.Matcher, Passwords: r.passwords, FetchedAt: r.started}
	if r.cut != "" {
		o.Reasons = append(o.Reasons, r.cut)
		if o.Completeness == leak.Whole {
			o.Completeness = leak.Partial
		}
	}
	return o
}

// leave writes down what a reading leaves besides its outcome, however it ended: what was asked and answered, and the
// passwords that it gives. It does so while the version is this worker's, so that what it says itself does not make it
// due; fresh is how many passwords nobody gave before.
func (r *reading) leave(ctx context.Context) (fresh int, err error) {
	if err := r.p.Store.PutExchanges(ctx, r.v.ID, r.asked, r.p.Digest); err != nil {
		return 0, err
	}
	if len(r.unpacked.Published) == 0 {
		return 0, nil
	}
	return r.p.Store.PutPasswords(ctx, r.v.Item, r.unpacked.Published)
}

func (r *reading) end(ctx context.Context, o leak.Outcome) error {
	fresh, err := r.leave(ctx)
	if err != nil {
		return err
	}
	o.Passwords += fresh
	if err := r.p.Store.FinishVersion(ctx, r.v.ID, r.p.worker, o); err != nil {
		return err
	}
	r.told(o)
	return nil
}

func (r *reading) told(o leak.Outcome) {
	m, source := r.p.Metrics, r.v.Item.Source
	m.Versions.WithLabelValues(source, string(o.Result), string(o.Completeness)).Inc()
	m.Bytes.WithLabelValues(source).Add(float64(o.Bytes))
	took := r.p.Now().Sub(r.started)
	m.Reading.WithLabelValues(source).Observe(took.Seconds())
	r.log.Debug("read", "result", o.Result, "completeness", o.Completeness, "bytes", o.Bytes, "took", took)
	h := Happening{What: "read", Source: source, Place: r.v.Item.Place, Outcome: o, Took: took}
	if r.find != nil {
		h.Persons, h.Confidence = r.find.persons, r.find.told
	}
	r.p.Happened(h)
}

// failed writes down what went wrong: for good, for a later attempt, or, once a find was told of it, as the end of what
// could be read. The spool stays for the next attempt.
func (r *reading) failed(ctx context.Context, spool *evidence.Spool, cause error) error {
	if spool != nil {
		if err := r.pause(spool); err != nil {
			r.log.Warn("pause spool", "err", err)
		}
	}
	r.log.Info("read failed", "attempt", r.v.Attempt, "err", cause)
	o := r.outcome(0)
	o.Result, o.Completeness = leak.Failed, leak.Unread
	o.Reasons = append(o.Reasons, cause.Error())
	permanent := errors.Is(cause, leak.ErrPermanent)
	if errors.Is(cause, leak.ErrRule) {
		o.Result, permanent = leak.Skipped, true
	}
	if !permanent && r.v.Attempt <= r.p.Config.Retries {
		if r.find != nil { // a name may already say enough
			if err := r.find.poll(ctx); err != nil {
				return err
			}
		}
		next := r.p.Now().Add(retryAfter(r.v.Attempt))
		if _, err := r.leave(ctx); err != nil {
			return err
		}
		return r.p.Store.RetryVersion(ctx, r.v.ID, r.p.worker, o, next)
	}
	return r.giveUp(ctx, spool, o, permanent)
}

// giveUp ends a version that cannot be read to its end.
func (r *reading) giveUp(ctx context.Context, spool *evidence.Spool, o leak.Outcome, permanent bool) error {
	untouched := r.find == nil && spool != nil && spool.Resumed() // of an earlier reading, which may have found somebody
	if r.bytes > 0 || untouched {
		o.Completeness = leak.Partial
	}
	matched := false
	if r.find != nil {
		var err error
		if matched, err = r.find.last(ctx, &o); err != nil {
			return err
		}
	}
	if spool != nil {
		keep := spool.Drop
		if r.bytes > 0 && matched || untouched {
			keep = spool.Keep
		}
		if err := keep(); err != nil {
			r.log.Warn("end spool", "err", err)
		}
	}
	if permanent || matched {
		return r.end(ctx, o)
	}
	if _, err := r.leave(ctx); err != nil {
		return err
	}
	if err := r.p.Store.RetryVersion(ctx, r.v.ID, r.p.worker, o, time.Time{}); err != nil {
		return err
	}
	r.told(o)
	return nil
}

// retryAfter is the pause before the next attempt at a version: a minute, then five times longer each, a day at most.
func retryAfter(attempt int) time.Duration {
	pause := time.Minute
	for range min(attempt-1, 6) {
		pause *= 5
	}
	return min(pause, 24*time.Hour)
}
