package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/pipeline"
	"leakwatch/pipeline/evidence"
)

const patient = "Meikäläinen"

// memory is a store of one version, in memory: what the pipeline writes is looked at by the tests.
type memory struct {
	pipeline.Store // what a test does not need panics
	mu             sync.Mutex
	version        leak.Version
	outcome        *leak.Outcome
	retried        []leak.Outcome
	next           []time.Time
	finds          []leak.Find
	exchanges      int
	handedBack     int
	extend         func() error
	record         func(leak.Find) error
	deliveries     []leak.Delivery
	delivered      map[string]string
	operator       []string
	runs           []leak.Run
	items          []leak.Item
	failures       int
}

func (m *memory) lock() func() { m.mu.Lock(); return m.mu.Unlock }

func (m *memory) LeaseVersion(context.Context, string, string, time.Duration) (leak.Version, bool, error) {
	defer m.lock()()
	return m.version, m.outcome == nil, nil
}

func (m *memory) ExtendVersion(context.Context, string, string, time.Duration) error {
	if m.extend != nil {
		return m.extend()
	}
	return nil
}

func (m *memory) FinishVersion(_ context.Context, _, _ string, o leak.Outcome) error {
	defer m.lock()()
	m.outcome = &o
	return nil
}

func (m *memory) RetryVersion(_ context.Context, _, _ string, o leak.Outcome, next time.Time) error {
	defer m.lock()()
	m.retried, m.next = append(m.retried, o), append(m.next, next)
	return nil
}

func (m *memory) HandBackVersions(context.Context, string) error {
	defer m.lock()()
	m.handedBack++
	return nil
}

func (m *memory) PutExchanges(_ context.Context, _ string, e []leak.Exchange, _ string) error {
	defer m.lock()()
	m.exchanges += len(e)
	return nil
}

func (m *memory) Record(_ context.Context, f leak.Find, _ []leak.Seen, _ []leak.Token, decide func(leak.Known) leak.News) (leak.News, error) {
	defer m.lock()()
	if m.record != nil {
		if err := m.record(f); err != nil {
			return leak.News{}, err
		}
	}
	m.finds = append(m.finds, f)
	return decide(leak.Known{Now: time.Now(), Persons: 1}), nil
}

func (m *memory) ListingItems(_ context.Context, _ leak.Item, yield func(leak.Item) error) error {
	for _, i := range m.items {
		if err := yield(i); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) LeaseSourceNow(_ context.Context, source, _ string, _ time.Duration) (leak.Source, bool, error) {
	return leak.Source{ID: source}, true, nil
}

func (m *memory) ExtendSource(context.Context, string, string, time.Duration) error { return nil }
func (m *memory) PutListing(context.Context, string, leak.Page) error               { return nil }

func (m *memory) PutItems(_ context.Context, _ time.Time, items []leak.Item) (int, error) {
	defer m.lock()()
	m.items = append(m.items, items...)
	return len(items), nil
}

func (m *memory) FinishRun(_ context.Context, r leak.Run, _ time.Time) (int, error) {
	defer m.lock()()
	m.runs = append(m.runs, r)
	if r.Err != "" {
		m.failures++
	}
	return m.failures, nil
}

func (m *memory) LeaseVersionsOf(context.Context, string, string, int, time.Duration) ([]leak.Version, error) {
	return nil, nil
}

func (m *memory) TellOperator(_ context.Context, key, _, text string) error {
	defer m.lock()()
	m.operator = append(m.operator, key+": "+text)
	return nil
}

func (m *memory) LeaseUnindexed(context.Context, string, int, time.Duration) ([]leak.IndexDoc, error) {
	return nil, nil
}

func (m *memory) LeaseDeliveries(context.Context, string, int, time.Duration) ([]leak.Delivery, error) {
	defer m.lock()()
	due := m.deliveries
	m.deliveries = nil
	return due, nil
}

func (m *memory) FinishDelivery(_ context.Context, id string, _ time.Time) error {
	defer m.lock()()
	m.delivered[id] = "sent"
	return nil
}

func (m *memory) RetryDelivery(_ context.Context, id, reason string, next time.Time) error {
	defer m.lock()()
	m.delivered[id] = "retry: " + reason
	if next.IsZero() {
		m.delivered[id] = "given up: " + reason
	}
	return nil
}

// web is a crawler whose answers a test writes.
type web struct {
	list func(yield func(leak.Page) error) (leak.Run, error)
	open func(leak.Fetch) (*leak.Body, error)
}

func (w *web) List(_ context.Context, _ string, yield func(leak.Page) error) (leak.Run, error) {
	return w.list(yield)
}
func (w *web) Open(_ context.Context, f leak.Fetch) (*leak.Body, error) { return w.open(f) }
func (w *web) Look(context.Context, leak.Watch) (leak.Liveness, leak.Exchange, error) {
	return leak.Live, leak.Exchange{}, nil
}

func body(r io.Reader, from int64, etag string) *leak.Body {
	return &leak.Body{ReadCloser: io.NopCloser(r), From: from, Size: -1, Validators: leak.Validators{ETag: etag},
		Cut: func() string { return "" }, Exchanges: func() []leak.Exchange { return []leak.Exchange{{Method: "GET"}} }}
}

// counter is a reading that counts the word "hit" as a confirmed person each.
type counter struct {
	mu   sync.Mutex
	hits int64
	text strings.Builder
}

func (c *counter) Text(_ context.Context, t leak.Text) error {
	buffer := make([]byte, 32<<10)
	for {
		n, err := t.Reader.Read(buffer)
		c.mu.Lock()
		c.text.Write(buffer[:n])
		c.hits = int64(strings.Count(c.text.String(), "hit"))
		c.mu.Unlock()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (c *counter) Tally() leak.Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := leak.Tally{Candidates: map[leak.Kind]int64{leak.FIHetu: c.hits}, Clinics: map[string]*leak.ClinicTally{}}
	if c.hits > 0 {
		t.Clinics["a"] = &leak.ClinicTally{Persons: c.hits, Together: c.hits, Hits: map[leak.Kind]int64{leak.FIHetu: c.hits}}
	}
	return t
}
func (c *counter) Drain() ([]leak.Seen, []leak.Token, string) { return nil, nil, "" }
func (c *counter) Finish()                                    {}

type bench struct {
	*pipeline.Pipeline
	store   *memory
	web     *web
	dir     string
	log     *bytes.Buffer
	sent    func(leak.Delivery) error
	reading *counter
}

func (b *bench) Send(_ context.Context, d leak.Delivery) error { return b.sent(d) }

type noIndex struct{}

func (noIndex) Put(context.Context, []leak.IndexDoc) error { return nil }

func setup(t *testing.T) *bench {
	t.Helper()
	places, err := leak.NewPlaceKey(bytes.Repeat([]byte{3}, 32))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{dir: filepath.Join(t.TempDir(), "evidence"), web: &web{}, log: &bytes.Buffer{}}
	vault, err := evidence.Open(b.dir, places, []string{identity.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { vault.Close() })
	place := places.Place("https://files.example/", "https://files.example/"+patient+".txt")
	b.store = &memory{version: leak.Version{ID: "v-1", Attempt: 1, Item: leak.Item{Source: "s", Place: place, Name: patient + ".txt"}}, delivered: map[string]string{}}
	b.Pipeline = pipeline.New(pipeline.Options{
		Config: configs.Pipeline{Workers: 1, Lease: time.Minute, Grace: time.Second, RevisionEvery: time.Second, RecheckEvery: time.Hour, Retries: 2},
		Rules:  leak.DefaultRules(), Store: b.store, Crawler: b.web, Generation: func() int64 { return 4 }, Matcher: "m",
		Begin:   func() pipeline.Reading { b.reading = &counter{}; return b.reading },
		Refresh: func(context.Context) error { return nil }, Vault: vault, Index: noIndex{}, Sender: b,
		Backoff: func(n int) time.Duration { return max(0, time.Duration(3-n)) * time.Second },
		NextRun: func(_ leak.Source, after time.Time) (time.Time, error) { return after.Add(time.Hour), nil },
		Unpack: func(ctx context.Context, d pipeline.Document, text func(leak.Text) error, _ func(leak.Member) error) (pipeline.Unpacked, error) {
			d.Shape("txt")
			err := text(leak.Text{Place: d.Place, Reader: d.Reader})
			return pipeline.Unpacked{Completeness: leak.Whole, Texts: 1, Shape: "txt"}, err
		},
		Now: time.Now, Log: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return b
}

func (b *bench) kept(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

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
	done := make(chan error, 1)
	go func() { done <- b.Fetch(t.Context(), "v-1") }()
	fmt.Fprint(w, "hit ")
	first := <-told
	if first.Final || first.Shape != "txt" || first.Best() != leak.Confirmed {
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
