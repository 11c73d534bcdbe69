package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"leakwatch/leak"
)

func exchange(at time.Time, status int, headers string) leak.Exchange {
	return leak.Exchange{At: at, Method: "GET", URL: "https://paste.test/d/file-1.txt", Request: []byte("GET /d/file-1.txt HTTP/1.1\r\n\r\n"),
		Response: []byte("HTTP/1.1 200 OK\r\n" + headers + "\r\n"), Status: status, Redirects: []string{"https://paste.test/x"},
		Network: leak.Tor, Circuit: "paste", Certificate: "ab", ClockOffset: time.Second}
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(9, "paste")
	b.run(b.item("paste", 1))
	v := b.lease("w", 1)[0]
	want := []leak.Exchange{exchange(b.clock.now(), 503, "Retry-After: 1\r\n"), exchange(b.clock.now(), 200, "ETag: \"e1\"\r\nLast-Modified: Mon, 02 Mar 2026 10:00:00 GMT\r\n")}
	b.ok(b.PutExchanges(b.ctx, v.ID, want, "digest"))
	b.ok(b.PutExchanges(b.ctx, v.ID, nil, "digest"))
	got, err := b.Exchanges(b.ctx, v.ID)
	b.ok(err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	b.ok(b.RetryVersion(b.ctx, v.ID, "w", leak.Outcome{}, b.clock.now()))
	again := b.lease("w", 1)[0]
	if (again.Validators != leak.Validators{ETag: `"e1"`, LastModified: "Mon, 02 Mar 2026 10:00:00 GMT"}) {
		t.Errorf("validators %+v", again.Validators)
	}
	b.finish(again, "w", leak.Matched)
	b.ok(b.PutExchanges(b.ctx, v.ID, []leak.Exchange{exchange(b.clock.now(), 200, "ETag: \"e2\"\r\n")}, "digest"))
	if after := b.version(v.ID); after.Validators.ETag != `"e1"` {
		t.Errorf("a later look changed the validators: %+v", after.Validators)
	}
}

// version makes one due again to see it.
func (b *base) version(id string) leak.Version {
	b.t.Helper()
	_, err := b.raw().Exec(`UPDATE versions SET due_at = 0 WHERE id = ?`, id)
	b.ok(err)
	v, ok, err := b.LeaseVersion(b.ctx, id, "look", time.Minute)
	if !ok || err != nil {
		b.t.Fatal(ok, err)
	}
	return v
}

func TestListings(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(9, "paste")
	place := b.places.Place("https://paste.test/", "https://paste.test/d/")
	look := func(raw string, items ...leak.Item) {
		b.t.Helper()
		_, _, err := b.LeaseSource(b.ctx, "w", time.Minute)
		b.ok(err)
		b.ok(b.PutListing(b.ctx, "paste", leak.Page{Place: place, Raw: []byte(raw), Exchange: exchange(b.clock.now(), 200, "")}))
		b.clock.add(time.Second)
		b.put(items...)
		_, err = b.FinishRun(b.ctx, leak.Run{Source: "paste", Complete: true}, b.clock.now())
		b.ok(err)
		b.clock.add(time.Hour)
		b.ok(b.RunNow(b.ctx, "paste"))
	}
	start := b.clock.now()
	look("page one", b.item("paste", 1))
	look("page one", b.item("paste", 1))
	look("page two", b.item("paste", 1), b.item("paste", 2))
	look("page one", b.item("paste", 1))
	for _, v := range b.lease("w", 9) {
		pages, err := b.ListingsOf(b.ctx, v.ID)
		b.ok(err)
		want := "page one"
		if v.Item.Key == b.item("paste", 2).Key {
			want = "page two"
		}
		if len(pages) != 1 || string(pages[0].Raw) != want || pages[0].Place.Reveal() != place.Reveal() {
			t.Errorf("pages %+v, want %q", pages, want)
		}
		if want == "page one" && (pages[0].Times != 2 || !pages[0].FirstAt.Equal(start)) {
			t.Errorf("page %+v", pages[0])
		}
	}
	if n, _ := b.Stats(b.ctx); n["listings"] != 3 || n["exchanges"] != 4 {
		t.Errorf("stats %v", n)
	}
}
