package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
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
	recordContext  func(context.Context, leak.Find) error
	deliveries     []leak.Delivery
	delivered      map[string]string
	operator       []string
	runs           []leak.Run
	items          []leak.Item
	removed        []string
	failures       int
	passwords      []string
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

func (m *memory) Passwords(context.Context, leak.Item) ([]string, error) {
	defer m.lock()()
	return slices.Clone(m.passwords), nil
}

func (m *memory) PutPasswords(_ context.Context, _ leak.Item, words []string) (fresh int, err error) {
	defer m.lock()()
	for _, w := range words {
		if !slices.Contains(m.passwords, w) {
			m.passwords = append(m.passwords, w)
			fresh++
		}
	}
	return fresh, nil
}

func (m *memory) PutExchanges(_ context.Context, _ string, e []leak.Exchange, _ string) error {
	defer m.lock()()
	m.exchanges += len(e)
	return nil
}

func (m *memory) Record(ctx context.Context, f leak.Find, _ []leak.Seen, _ []leak.Token, decide func(leak.Known) leak.News) (leak.News, error) {
	defer m.lock()()
	if m.record != nil {
		if err := m.record(f); err != nil {
			return leak.News{}, err
		}
	}
	if m.recordContext != nil {
		if err := m.recordContext(ctx, f); err != nil {
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

func (m *memory) RemovedFinds(_ context.Context, n int) ([]string, error) {
	defer m.lock()()
	return slices.Clone(m.removed[:min(n, len(m.removed))]), nil
}

func (m *memory) FinishRemoved(_ context.Context, ids []string) error {
	defer m.lock()()
	m.removed = slices.DeleteFunc(m.removed, func(id string) bool { return slices.Contains(ids, id) })
	return nil
}

func (m *memory) LeaseDeliveries(context.Context, string, int, time.Duration) ([]leak.Delivery, error) {
	defer m.lock()()
	due := m.deliveries
	m.deliveries = nil
	return due, nil
}

func (m *memory) FinishDelivery(ctx context.Context, id string, _ time.Time) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
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
	index   *index
}

func (b *bench) Send(_ context.Context, d leak.Delivery) error { return b.sent(d) }

// index notes what was taken out of it; it is down when err is set.
type index struct {
	mu      sync.Mutex
	err     error
	removed []string
}

func (*index) Put(context.Context, []leak.IndexDoc) error { return nil }

func (x *index) Delete(_ context.Context, ids []string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err == nil {
		x.removed = append(x.removed, ids...)
	}
	return x.err
}

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
	b := &bench{dir: filepath.Join(t.TempDir(), "evidence"), web: &web{}, log: &bytes.Buffer{}, index: &index{}}
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
		Refresh: func(context.Context) error { return nil }, Vault: vault, Index: b.index, Sender: b,
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
