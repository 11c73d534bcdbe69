package store_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"leakwatch/leak"
	"pgregory.net/rapid"
)

// leaseModel is what should be true of versions, whatever workers do: none is lost, none is held by two at once, no
// source has more under way than it allows.
type leaseModel struct {
	b        *base
	parallel int
	next     int
	held     map[string]holding // by version, as long as nobody else took it
	open     map[string]string  // versions without outcome, and their source
	notYet   map[string]time.Time
}

type holding struct {
	worker string
	until  time.Time
}

const leaseTTL = time.Minute

func (m *leaseModel) lease(t *rapid.T) {
	worker := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "worker")
	got, err := m.b.LeaseVersions(m.b.ctx, worker, rapid.IntRange(1, 6).Draw(t, "n"), leaseTTL)
	if err != nil {
		t.Fatal(err)
	}
	now := m.b.clock.now()
	for _, v := range got {
		if h, ok := m.held[v.ID]; ok && h.until.After(now) {
			t.Fatalf("%s leased what %s holds", worker, h.worker)
		}
		if _, ok := m.open[v.ID]; !ok {
			t.Fatalf("leased a version that is done, or was never made")
		}
		if m.notYet[v.ID].After(now) {
			t.Fatalf("leased before its next attempt")
		}
		m.held[v.ID] = holding{worker, now.Add(leaseTTL)}
	}
	busy := map[string]int{}
	for id, h := range m.held {
		if h.until.After(now) {
			busy[m.open[id]]++
		}
	}
	for source, n := range busy {
		if n > m.parallel {
			t.Fatalf("%d versions of %s at once", n, source)
		}
	}
}

// touch picks a version and a worker that may or may not hold it, and says whether it does.
func (m *leaseModel) touch(t *rapid.T) (id, worker string, holds bool) {
	if len(m.open) == 0 {
		t.Skip("nothing open")
	}
	id = rapid.SampledFrom(slices.Sorted(maps.Keys(m.open))).Draw(t, "version")
	worker = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "worker")
	return id, worker, m.held[id].worker == worker
}

func (m *leaseModel) check(t *rapid.T, holds bool, err error) {
	if holds != (err == nil) {
		t.Fatalf("holds: %v, got %v", holds, err)
	}
}

func (m *leaseModel) finish(t *rapid.T) {
	id, worker, holds := m.touch(t)
	m.check(t, holds, m.b.FinishVersion(m.b.ctx, id, worker, leak.Outcome{Result: leak.Clean, Completeness: leak.Whole}))
	if holds {
		delete(m.held, id)
		delete(m.open, id)
	}
}

func (m *leaseModel) retry(t *rapid.T) {
	id, worker, holds := m.touch(t)
	next := m.b.clock.now().Add(2 * time.Minute)
	m.check(t, holds, m.b.RetryVersion(m.b.ctx, id, worker, leak.Outcome{Reasons: []string{"reset"}}, next))
	if holds {
		delete(m.held, id)
		m.notYet[id] = next
	}
}

func (m *leaseModel) extend(t *rapid.T) {
	id, worker, holds := m.touch(t)
	m.check(t, holds, m.b.ExtendVersion(m.b.ctx, id, worker, leaseTTL))
	if holds {
		m.held[id] = holding{worker, m.b.clock.now().Add(leaseTTL)}
	}
}

func (m *leaseModel) handBack(t *rapid.T) {
	worker := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "worker")
	if err := m.b.HandBackVersions(m.b.ctx, worker); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(m.held, func(_ string, h holding) bool { return h.worker == worker })
}

func (m *leaseModel) add(t *rapid.T) {
	source := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "source")
	m.next++
	before := m.ids(t)
	if _, err := m.b.PutItems(m.b.ctx, m.b.clock.now(), []leak.Item{m.b.item(source, m.next)}); err != nil {
		t.Fatal(err)
	}
	for id := range m.ids(t) {
		if !before[id] {
			m.open[id] = source
		}
	}
}

// ids are the versions that the file says are open.
func (m *leaseModel) ids(t *rapid.T) map[string]bool {
	ids, err := m.b.Open(m.b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func TestLeasesHoldWhateverWorkersDo(t *testing.T) {
	t.Parallel()
	n := 0
	shared := newBase(t)
	rapid.Check(t, func(t *rapid.T) {
		n++
		m := &leaseModel{b: shared, parallel: 3, next: n * 1_000_000, held: map[string]holding{}, open: map[string]string{}, notYet: map[string]time.Time{}}
		m.reset(t)
		t.Repeat(map[string]func(*rapid.T){
			"lease": m.lease, "finish": m.finish, "retry": m.retry, "extend": m.extend, "handBack": m.handBack, "add": m.add,
			"wait": func(t *rapid.T) { m.b.clock.add(time.Duration(rapid.IntRange(1, 90).Draw(t, "seconds")) * time.Second) },
			"": func(t *rapid.T) {
				if got := m.ids(t); len(got) != len(m.open) {
					t.Fatalf("%d open, want %d", len(got), len(m.open))
				}
			},
		})
	})
}

// reset empties the store for the next sequence: opening one anew for each would be most of the test's time.
func (m *leaseModel) reset(t *rapid.T) {
	m.b.sources(m.parallel, "one", "two")
	m.b.clock.add(24 * time.Hour)
	for len(m.ids(t)) > 0 {
		for _, v := range m.b.lease("reset", 100) {
			m.b.finish(v, "reset", leak.Clean)
		}
	}
}
