package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// A large find is staged: until its last transaction nobody sees it, and other writers never wait for long.
func TestStaged(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 persons in -short")
	}
	t.Parallel()
	n := 100_000
	if raced {
		n = 15_000
	}
	l := newLab(t, "ca")
	l.doc("a", "dump/", "sample.txt", 1).people("ca", 0, 50).record()
	l.told(2)
	big := l.doc("b", "dump/", "all.tar", 1).shape("tar/txt").people("ca", 0, n)
	ctx, stop := context.WithCancel(l.ctx)
	var slowest time.Duration
	var others sync.WaitGroup
	others.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			start := time.Now()
			l.doc("c", fmt.Sprint("x", i, "/"), "other.txt", 1).strangers(n+10*i, n+10*i+5).people("ca", n+i, n+i+1).record()
			slowest = max(slowest, time.Since(start))
			if _, err := l.Find(l.ctx, asSystem, big.f.ID); i == 0 && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("seen while it is staged: %v", err)
			}
		}
	})
	start := time.Now()
	news := big.record()
	took := time.Since(start)
	stop()
	others.Wait()
	l.want(news, "ca", leak.EventResurfaced)
	if c := news.Clinics[0]; c.Persons != n || c.Seen != 50 || news.Join.Overlap != 1 {
		t.Errorf("%+v", news)
	}
	for _, a := range l.alerts("ca") {
		if a.Event == leak.EventResurfaced && (a.Persons != n || a.SeenBefore != 50) {
			t.Errorf("%d persons, %d seen before", a.Persons, a.SeenBefore)
		}
	}
	t.Logf("%d persons in %v; a small find beside it took %v at most", n, took, slowest)
	if slowest > 5*time.Second {
		t.Errorf("a small find waited %v", slowest)
	}
}

// The process dies at every point of a recording: in the end there is one find, one alert, one message a contact.
func TestCrashes(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "sample.txt", 1).people("ca", 0, 5).record()
	l.told(2)
	l.clock.add(24 * time.Hour)
	const n = 4800 // staged in two chunks
	d := l.doc("b", "dump/", "all.tar", 1).shape("tar/txt").people("ca", 0, n)
	died := 0
	for cut := range 4 { // more rows of the reading are there at each try
		f := d.judge()
		ctx, cancel := context.WithCancel(l.ctx)
		boom := errors.New("died")
		_, err := func() (news leak.News, err error) {
			defer func() {
				if r := recover(); r != nil {
					err = boom
				}
			}()
			part := (cut + 1) * n / 4
			return l.Store.Record(ctx, f, d.seen[:part], d.tokens[:part], func(k leak.Known) leak.News {
				cancel() // what comes after the decision fails
				return leak.Decide(leak.DefaultRules(), k, f)
			})
		}()
		cancel()
		if err != nil {
			died++
			if _, err := l.Find(l.ctx, asSystem, d.f.ID); !errors.Is(err, store.ErrNotFound) {
				t.Fatalf("half a find is seen: %v", err)
			}
			l.told(0)
		}
		l.ok(l.Store.Close())
		l.Store = l.second()
	}
	if died != 4 {
		t.Errorf("%d recordings died", died)
	}
	d.record()
	d.record()
	l.clock.add(3 * time.Hour)
	sent := l.told(2)
	if a := sent[0].Alert; a.Persons != n || a.SeenBefore != 5 || a.Event != leak.EventResurfaced {
		t.Errorf("%+v", a)
	}
}

// Two workers record copies of one leak at the same moment: only one of them is new, however large they are.
func TestOnlyOneIsNew(t *testing.T) {
	t.Parallel()
	for _, persons := range []int{30, 3000} {
		t.Run(fmt.Sprint(persons), func(t *testing.T) { t.Parallel(); onlyOneIsNew(t, persons) })
	}
}

func onlyOneIsNew(t *testing.T, persons int) {
	l := newLab(t, "ca")
	const n = 8
	docs := make([]*doc, n)
	for i := range docs {
		docs[i] = l.doc(fmt.Sprint("h", i), "d/", "all.tar", 1).people("ca", 0, persons)
	}
	events := make([]leak.Event, n)
	other := l.second()
	var all sync.WaitGroup
	for i, d := range docs {
		all.Go(func() {
			s := l.Store
			if i%2 == 1 {
				s = other
			}
			news, err := d.recordBy(l.ctx, s, leak.DefaultRules())
			if err != nil {
				t.Error(err)
			}
			events[i] = event(news, "ca")
		})
	}
	all.Wait()
	count := map[leak.Event]int{}
	for _, e := range events {
		count[e]++
	}
	if count[leak.EventNew] != 1 || count[leak.EventSpread] != n-1 {
		t.Errorf("%v", count)
	}
	if got := len(l.alerts("ca")); got != 2 {
		t.Errorf("%d alerts", got)
	}
}

// Nothing of a find gives the patient away: not in the file, not in what is told or indexed.
func TestFindsNameNobody(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.sources(1, "a")
	root := "https://a.test/"
	url := root + plantedName + "/" + plantedHetu + " " + plantedName + ".txt"
	d := l.doc("a", "dump/", "x", 1).people("ca", 0, 20)
	d.f.Item.Place, d.f.Item.Group = l.places.Place(root, url), l.places.Place(root, root+plantedName+"/")
	d.f.Item.Name, d.f.Item.Title, d.f.Item.Poster = plantedName, l.places.Title(plantedName), l.places.Title(plantedName)
	d.f.Item.Published.Said = plantedName
	d.f.Indicators = []leak.Indicator{{Type: "etag", Value: plantedName}}
	d.f.Outcome.MediaType = "text/" + plantedHetu
	d.record()
	l.look(d, leak.GoneNow)
	said := fmt.Sprintf("%+v %+v %+v", l.unindexed(1), l.told(4), l.alerts("ca"))
	f, err := l.Find(l.ctx, asSystem, d.f.ID)
	l.ok(err)
	if f.Find.Item.Place.Reveal() != url || f.Group.Reveal() != root+plantedName+"/" {
		t.Error("the place did not come back")
	}
	said += fmt.Sprintf("%+v", f)
	_, err = l.Store.Record(l.ctx, leak.Find{ID: "f-1", VersionID: "1", Item: d.f.Item}, nil, nil, func(leak.Known) leak.News { return leak.News{} })
	said += fmt.Sprint(err)
	files := map[string][]byte{"said": []byte(said)}
	l.ok(l.Close())
	if files["file"], err = os.ReadFile(l.path); err != nil || len(files["file"]) < 100_000 {
		t.Fatal(err)
	}
	for name, content := range files {
		for _, p := range planted() {
			if bytes.Contains(content, p) {
				t.Errorf("%s holds %q", name, p)
			}
		}
	}
}
