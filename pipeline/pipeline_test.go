package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leakwatch/leak"
)

func TestCleanBodyLeavesAnOutcomeAndNothingElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(strings.NewReader("nothing"), 0, "e"), nil }
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	o := b.store.outcome
	if o == nil || o.Result != leak.Clean || o.Completeness != leak.Whole || o.Bytes != 7 || o.Generation != 4 || len(o.SHA256) != 64 {
		t.Errorf("outcome %+v", o)
	}
	if files := b.kept(t); len(files) > 0 || b.store.exchanges != 1 || len(b.store.finds) > 0 {
		t.Errorf("files %v, exchanges %d, finds %d", files, b.store.exchanges, len(b.store.finds))
	}
}

func TestToldWhileStillBeingRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, w := io.Pipe()
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(r, 0, "e"), nil }
	told := make(chan leak.Find, 10)
	b.store.record = func(f leak.Find) error { told <- f; return nil }
	var generation atomic.Int64
	generation.Store(4)
	b.Generation = generation.Load
	done := make(chan error, 1)
	go func() { done <- b.Fetch(t.Context(), "v-1") }()
	fmt.Fprint(w, "h")
	generation.Store(5) // of which this reading knows nothing
	fmt.Fprint(w, "it ")
	first := <-told
	if first.Final || first.Shape != "txt" || first.Best() != leak.Confirmed || first.Outcome.Generation != 4 {
		t.Errorf("first revision %+v", first)
	}
	fmt.Fprint(w, "hit hit")
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	last := b.store.finds[len(b.store.finds)-1]
	if !last.Final || last.Outcome.Completeness != leak.Whole || last.Tally.Clinics["a"].Persons != 3 {
		t.Errorf("last revision %+v", last)
	}
	if b.store.outcome.Result != leak.Matched || len(b.kept(t)) == 0 {
		t.Error("matched, but not kept")
	}
}

// The document may end while a revision of it is being recorded: that one is recorded all the same, and the last after it.
func TestDocumentThatEndsWhileItIsBeingRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, w := io.Pipe()
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(r, 0, "e"), nil }
	recording := make(chan struct{})
	b.store.recordContext = func(ctx context.Context, f leak.Find) error {
		if f.Final {
			return nil
		}
		close(recording)
		select { // long enough for the reading to end meanwhile
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
			return nil
		}
	}
	done := make(chan error, 1)
	go func() { done <- b.Fetch(t.Context(), "v-1") }()
	fmt.Fprint(w, "hit ")
	<-recording
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := len(b.store.finds); n != 2 || b.store.finds[0].Final || !b.store.finds[1].Final {
		t.Errorf("%d revisions recorded, want the one under way and the last", n)
	}
}

func TestCutDownloadGoesOnFromTheSpool(t *testing.T) {
	t.Parallel()
	b := setup(t)
	text := bytes.Repeat([]byte("0123456789 "), 200_000)
	half := len(text) / 2
	broken := errors.New("connection reset")
	b.web.open = func(f leak.Fetch) (*leak.Body, error) {
		return body(io.MultiReader(bytes.NewReader(text[:half]), failing{broken}), 0, "e"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if len(b.store.retried) != 1 || b.store.next[0].IsZero() || b.store.outcome != nil {
		t.Fatalf("retried %v at %v", b.store.retried, b.store.next)
	}
	b.store.version.Attempt = 2
	var from int64
	b.web.open = func(f leak.Fetch) (*leak.Body, error) {
		from = f.From
		return body(bytes.NewReader(append(text[f.From:len(text):len(text)], " hit"...)), f.From, "e"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if from == 0 || from > int64(half) {
		t.Errorf("asked from %d of %d", from, half)
	}
	if got := b.reading.text.String(); !strings.HasSuffix(got, string(text)+" hit") {
		t.Errorf("the matcher read %d bytes", len(got))
	}
	if b.store.outcome == nil || b.store.outcome.Bytes != int64(len(text)+4) {
		t.Errorf("outcome %+v", b.store.outcome)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAnotherVersionAtThePlaceStartsOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := bytes.Repeat([]byte("old "), 300_000)
	b.web.open = func(f leak.Fetch) (*leak.Body, error) {
		return body(io.MultiReader(bytes.NewReader(old), failing{errors.New("reset")}), 0, "one"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	b.web.open = func(f leak.Fetch) (*leak.Body, error) { return body(strings.NewReader("new text"), 0, "two"), nil }
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if b.store.outcome == nil || b.store.outcome.Bytes != 8 {
		t.Fatalf("outcome %+v", b.store.outcome)
	}
	if got := b.reading.text.String(); strings.Contains(got, "old ") {
		t.Error("two versions were read as one")
	}
}

func TestWhatIsGoneOrForbiddenIsAnOutcomeAtOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err    error
		result leak.Result
	}{
		{fmt.Errorf("404: %w", leak.ErrPermanent), leak.Failed},
		{fmt.Errorf("robots.txt: %w", leak.ErrRule), leak.Skipped},
	} {
		b := setup(t)
		b.web.open = func(leak.Fetch) (*leak.Body, error) { return nil, tc.err }
		if err := b.Fetch(t.Context(), "v-1"); err != nil {
			t.Fatal(err)
		}
		if o := b.store.outcome; o == nil || o.Result != tc.result || o.Completeness != leak.Unread || len(o.Reasons) == 0 {
			t.Errorf("%v: outcome %+v", tc.err, o)
		}
	}
}

func TestRetriesEndInTheDeadLetterState(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return nil, errors.New("timeout") }
	for attempt := range 3 {
		b.store.version.Attempt = attempt + 1
		if err := b.Fetch(t.Context(), "v-1"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.store.next); n != 3 || b.store.next[1].IsZero() || !b.store.next[2].IsZero() {
		t.Errorf("attempts at %v", b.store.next)
	}
}

// What was told stays true when the download then fails for good.
func TestMatchedAndThenBrokenIsMatchedAndPartial(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.version.Attempt = 3
	b.web.open = func(leak.Fetch) (*leak.Body, error) {
		return body(io.MultiReader(strings.NewReader("hit "), failing{errors.New("reset")}), 0, "e"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if o := b.store.outcome; o == nil || o.Result != leak.Matched || o.Completeness != leak.Partial {
		t.Fatalf("outcome %+v", o)
	}
	if len(b.kept(t)) == 0 {
		t.Error("the evidence is gone")
	}
}

func TestFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 { // root writes anywhere: a file where the folder should be does it too
		b := setup(t)
		if err := os.WriteFile(filepath.Join(b.dir, "-1"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		b.web.open = func(leak.Fetch) (*leak.Body, error) {
			return body(strings.NewReader(strings.Repeat("hit ", 200_000)), 0, "e"), nil
		}
		if err := b.Fetch(t.Context(), "v-1"); err != nil {
			t.Fatal(err)
		}
		if len(b.store.retried) != 1 || b.store.outcome != nil {
			t.Fatalf("outcome %+v, retried %v", b.store.outcome, b.store.retried)
		}
		return
	}
	b := setup(t)
	if err := os.Chmod(b.dir, 0o500); err != nil {
		t.Fatal(err)
	}
	b.web.open = func(leak.Fetch) (*leak.Body, error) {
		return body(strings.NewReader(strings.Repeat("hit ", 200_000)), 0, "e"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if len(b.store.retried) != 1 {
		t.Fatalf("outcome %+v", b.store.outcome)
	}
}

func TestStoppedReadingIsHandedBackWithoutAnOutcome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(stopping{cancel}, 0, "e"), nil }
	if err := b.Fetch(ctx, "v-1"); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if b.store.outcome != nil || len(b.store.retried) > 0 || b.store.handedBack == 0 {
		t.Errorf("outcome %v, retried %v, handed back %d", b.store.outcome, b.store.retried, b.store.handedBack)
	}
}

type stopping struct{ cancel context.CancelFunc }

func (s stopping) Read([]byte) (int, error) { s.cancel(); return 0, context.Canceled }

func TestListingIsADocumentOfNames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.version.Item.Listing = true
	b.store.items = []leak.Item{{Name: "hit one"}, {Name: "hit two"}}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if o := b.store.outcome; o == nil || o.Result != leak.Matched || o.Texts != 2 || b.store.finds[0].Shape != "listing" {
		t.Errorf("outcome %+v", o)
	}
}

func TestFailingSourceTellsTheOperatorOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.web.list = func(func(leak.Page) error) (leak.Run, error) { return leak.Run{}, errors.New("no answer") }
	for range 3 {
		run, err := b.Crawl(t.Context(), "s")
		if err != nil || run.Err != "no answer" {
			t.Fatalf("run %+v, %v", run, err)
		}
	}
	if len(b.store.operator) != 1 || !strings.HasPrefix(b.store.operator[0], "source-failing/s") {
		t.Errorf("operator was told %q", b.store.operator)
	}
}

func TestDeliveriesAreToldRetriedOrGivenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.deliveries = []leak.Delivery{{ID: "good", Attempt: 1}, {ID: "later", Attempt: 1}, {ID: "never", Attempt: 1}, {ID: "worn", Attempt: 3}}
	b.sent = func(d leak.Delivery) error {
		switch d.ID {
		case "later", "worn":
			return errors.New("busy")
		case "never":
			return fmt.Errorf("550: %w", leak.ErrPermanent)
		}
		return nil
	}
	if err := b.Deliver(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"good": "sent", "later": "retry: ", "never": "given up: ", "worn": "given up: "} {
		if got := b.store.delivered[id]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

// A reader of ours that fails on a document ends that document, not the program, and does not say what it was reading.
func TestReaderThatPanicsIsAnOutcome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(panicking{}, 0, "e"), nil }
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if o := b.store.outcome; o == nil || o.Result != leak.Failed {
		t.Errorf("outcome %+v", o)
	}
	if log := b.log.String(); strings.Contains(log, patient) || !strings.Contains(log, "reader failed") {
		t.Errorf("log: %s", log)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic(patient) }

func TestLogsHoldNoPlaceInClear(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(strings.NewReader("hit"), 0, "e"), nil }
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if log := b.log.String(); strings.Contains(log, patient) || !strings.Contains(log, "n-") {
		t.Errorf("log: %s", log)
	}
}
