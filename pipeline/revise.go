package pipeline

import (
	"context"
	"maps"
	"sync"
	"time"

	"leakwatch/leak"
)

// pollTally is how often a document under way is asked whether it suffices to be told.
const pollTally = 250 * time.Millisecond

// revisions are the find of one reading: recorded when it first suffices, revised while reading goes on, and once more
// at its end.
type revisions struct {
	r        *reading
	mu       sync.Mutex
	shaped   string
	recorded int
	named    int // watch terms at the last recording
	told     leak.Confidence
	persons  int64 // at the last recording
	at       time.Time
	matched  time.Time
	seen     []leak.Seen // drained, and not yet recorded
	tokens   []leak.Token
}

func newRevisions(r *reading) *revisions { return &revisions{r: r} }

// shape is told what the document is made of, as far as it is known.
func (f *revisions) shape(s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shaped = s
}

// start revises in the background. The function that it returns ends that, waits, and gives its error. A revision that
// is being recorded is let finish: what it took from the matcher is nowhere else.
func (f *revisions) start(ctx context.Context) func() error {
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		ticker := time.NewTicker(pollTally)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				done <- nil
				return
			case <-ctx.Done():
				done <- nil
				return
			case <-ticker.C:
				if err := f.poll(ctx); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	return func() error { close(stop); return <-done }
}

// poll records a revision if one is worth it: at first sight, when confidence rises, and when people were added and
// the last one is old enough.
func (f *revisions) poll(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	find := f.judge()
	best, persons := find.Best(), personsOf(find)
	switch {
	case best < max(f.r.p.Rules.Minimum, leak.Possible):
		if !f.mentionDue(find) {
			return nil
		}
	case f.recorded == 0, best > f.told:
	case persons > f.persons && f.r.p.Now().Sub(f.at) >= f.r.p.Config.RevisionEvery:
	default:
		return nil
	}
	return f.record(ctx, find)
}

// mentionDue says whether to record that a clinic is named before the document is at its end. That waits as long as a
// revision does: if patients turn up meanwhile the clinic is told of them at once, and of them only.
func (f *revisions) mentionDue(find leak.Find) bool {
	last := f.at
	if last.IsZero() {
		last = f.r.started
	}
	return find.Named() > f.named && f.r.p.Now().Sub(last) >= f.r.p.Config.RevisionEvery
}

// anybody says whether anybody's patient was seen so far.
func (f *revisions) anybody() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.judge().Best() > leak.None
}

// last records the final revision, if there is a find, and puts the result into the outcome: whether a find was made,
// and whether it has patients in it or names a clinic only.
func (f *revisions) last(ctx context.Context, o *leak.Outcome) (found bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.r.unpacked.Shape != "" {
		f.shaped = f.r.unpacked.Shape
	}
	find := f.judge()
	if find.Best() == leak.None {
		if uncounted(find.Tally) {
			o.Reasons = append(o.Reasons, "registered weak identifiers without context")
		}
		if find.Named() == 0 {
			return false, nil
		}
		o.Result = leak.Mentioned
	} else {
		o.Result = leak.Matched
	}
	find.Final, find.Outcome = true, *o
	if o.SHA256 != "" {
		find.Indicators = append(find.Indicators, leak.Indicator{Type: "sha256", Value: o.SHA256})
	}
	return true, f.record(ctx, find)
}

func uncounted(t leak.Tally) bool {
	for _, c := range t.Clinics {
		if c.Weak > 0 {
			return true
		}
	}
	return false
}

func (f *revisions) judge() leak.Find {
	r := f.r
	t := r.match.Tally()
	find := leak.Find{ID: leak.FindID(r.v.ID), VersionID: r.v.ID, Item: r.v.Item, Shape: f.shaped, Tally: t,
		Verdicts: map[string]leak.Verdict{}, ListedAt: r.v.ListedAt, MatchedAt: f.matched, Config: r.p.Digest,
		Outcome: leak.Outcome{Completeness: leak.Partial, FetchedAt: r.started, Matcher: r.p.Matcher, Generation: r.generation}}
	for clinic := range maps.Keys(t.Clinics) {
		if v := leak.Judge(t, clinic); v.Confidence > leak.None {
			find.Verdicts[clinic] = v
		}
	}
	if tag := r.v.Validators.ETag; tag != "" {
		find.Indicators = append(find.Indicators, leak.Indicator{Type: "etag", Value: tag})
	}
	return find
}

func personsOf(f leak.Find) int64 {
	var n int64
	for clinic := range f.Verdicts {
		n += leak.PersonsOf(f.Tally, f.Tally.Clinics[clinic])
	}
	return n
}

func (f *revisions) record(ctx context.Context, find leak.Find) error {
	r := f.r
	if f.matched.IsZero() {
		f.matched = r.p.Now()
		find.MatchedAt = f.matched
	}
	seen, tokens, cut := r.match.Drain()
	f.seen, f.tokens = append(f.seen, seen...), append(f.tokens, tokens...)
	if cut != "" {
		find.Outcome.Reasons = append(find.Outcome.Reasons, cut)
	}
	seen, tokens = f.seen, f.tokens
	if find.Best() == leak.None { // a clinic is named: who else is in it is nobody's find
		seen, tokens = nil, nil
	}
	news, err := r.p.Store.Record(ctx, find, seen, tokens, func(k leak.Known) leak.News {
		return leak.Decide(r.p.Rules, k, find)
	})
	if err != nil {
		return err
	}
	if find.Best() > leak.None {
		f.seen, f.tokens = nil, nil
		f.recorded++
	}
	f.named = find.Named()
	f.told, f.persons, f.at = find.Best(), personsOf(find), r.p.Now()
	r.p.Metrics.Finds.WithLabelValues(find.Best().String()).Inc()
	r.log.Info("find", "find", find.ID, "leak", news.Join.Leak, "confidence", find.Best(), "persons", f.persons, "final", find.Final)
	r.p.Happened(Happening{What: "find", Source: find.Item.Source, Place: find.Item.Place, Find: find, News: news})
	r.p.wakeUp("outbox")
	r.p.wakeUp("index")
	return nil
}
