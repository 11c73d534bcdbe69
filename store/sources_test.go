package store_test

import (
	"errors"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

func TestRunsAndFailures(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste", "dump")
	b.clock.add(time.Second)
	one, ok, err := b.LeaseSource(b.ctx, "w1", time.Minute)
	b.ok(err)
	two, ok2, err := b.second().LeaseSource(b.ctx, "w2", time.Minute)
	b.ok(err)
	if !ok || !ok2 || one.ID == two.ID {
		t.Fatalf("leased %q %v, %q %v", one.ID, ok, two.ID, ok2)
	}
	if _, ok, err := b.LeaseSource(b.ctx, "w3", time.Minute); ok || err != nil {
		t.Fatalf("leased a third: %v", err)
	}
	for want := 1; want <= 3; want++ {
		n, err := b.FinishRun(b.ctx, leak.Run{Source: one.ID, Err: "no answer"}, b.clock.now())
		b.ok(err)
		if n != want {
			t.Fatalf("%d failures, want %d", n, want)
		}
		if want < 3 {
			if again, ok, err := b.LeaseSource(b.ctx, "w1", time.Minute); !ok || again.ID != one.ID || err != nil {
				t.Fatalf("leased %q %v %v", again.ID, ok, err)
			}
		}
	}
	_, _, err = b.LeaseSource(b.ctx, "w1", time.Minute)
	b.ok(err)
	if n, err := b.FinishRun(b.ctx, leak.Run{Source: one.ID, Complete: true}, b.clock.now().Add(time.Hour)); n != 0 || err != nil {
		t.Fatalf("%d failures after a good run, %v", n, err)
	}
	states, err := b.SourceStates(b.ctx)
	b.ok(err)
	for _, st := range states {
		if st.ID == one.ID && (st.Running || !st.LastComplete.Equal(b.clock.now()) || !st.NextRun.Equal(b.clock.now().Add(time.Hour))) {
			t.Errorf("state %+v", st)
		}
		if st.ID == two.ID && !st.Running {
			t.Errorf("state %+v", st)
		}
	}
	b.ok(b.HandBackSource(b.ctx, two.ID))
	if again, ok, err := b.LeaseSource(b.ctx, "w3", time.Minute); !ok || again.ID != two.ID || err != nil {
		t.Fatalf("leased %q %v %v", again.ID, ok, err)
	}
}

func TestNothingIsGoneThatAnInterruptedRunSaw(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	one, two := b.item("paste", 1), b.item("paste", 2)
	b.run(one, two)
	_, _, err := b.LeaseSource(b.ctx, "dies", time.Minute)
	b.ok(err)
	b.put(one)
	b.clock.add(2 * time.Minute) // its lease runs out; another worker goes on, and the slow one still writes
	b.run(two)
	if due := b.run(one); due != 0 {
		t.Fatal("taken for new")
	}
	states, err := b.SourceStates(b.ctx)
	b.ok(err)
	if states[0].Failures != 0 || states[0].Running {
		t.Errorf("state %+v", states[0])
	}
}

func TestSourcesComeAndGo(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste", "dump")
	b.run(b.item("dump", 1))
	b.sources(4, "paste")
	if n := b.open(); n != 0 {
		t.Fatalf("%d open of a source that is not configured", n)
	}
	if err := b.RunNow(b.ctx, "dump"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("run of a disabled source gave %v", err)
	}
	if _, ok, err := b.LeaseSourceNow(b.ctx, "dump", "w", time.Minute); ok || !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("lease of a disabled source gave %v, %v", ok, err)
	}
	b.sources(4, "paste", "dump")
	if n := b.open(); n != 1 {
		t.Fatalf("%d open when it is configured again", n)
	}
	if v, err := b.LeaseVersionsOf(b.ctx, "dump", "w", 9, time.Minute); err != nil || len(v) != 1 {
		t.Fatalf("leased %d, %v", len(v), err)
	}
}

func TestMissedRunIsMadeUpOnce(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	b.run()
	b.clock.add(48 * time.Hour) // down
	next := func(leak.Source) time.Time { t.Error("the schedule did not change"); return time.Time{} }
	b.ok(b.SyncSources(b.ctx, []leak.Source{{ID: "paste", Kind: "directory-index", Schedule: "@every 15m", Parallel: 9}}, next))
	_, ok, err := b.LeaseSource(b.ctx, "w", time.Minute)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	_, err = b.FinishRun(b.ctx, leak.Run{Source: "paste"}, b.clock.now().Add(time.Minute))
	b.ok(err)
	if _, ok, _ := b.LeaseSource(b.ctx, "w", time.Minute); ok {
		t.Fatal("made up twice")
	}
	b.ok(b.RunNow(b.ctx, "paste"))
	if src, ok, _ := b.LeaseSource(b.ctx, "w", time.Minute); !ok || src.Parallel != 9 {
		t.Fatalf("run now gave %v %+v", ok, src)
	}
	if _, ok, err := b.LeaseSourceNow(b.ctx, "paste", "w2", time.Minute); ok || err != nil {
		t.Fatalf("another worker took it: %v", err)
	}
	b.ok(b.ExtendSource(b.ctx, "paste", "w", time.Minute))
	if err := b.ExtendSource(b.ctx, "paste", "w2", time.Minute); !errors.Is(err, store.ErrLeaseLost) {
		t.Fatalf("another worker extended it: %v", err)
	}
}
