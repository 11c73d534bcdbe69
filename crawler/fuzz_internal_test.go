package crawler

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"leakwatch/configs"
	"leakwatch/leak"
)

func FuzzIndex(f *testing.F) {
	files, err := filepath.Glob("testdata/listings/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 8<<10 {
			f.Add(b)
		}
	}
	base, err := url.Parse("http://files.example/d%C3%A4/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		x, err := indexReader{base: base, now: captured, max: 1000}.read(body)
		if err != nil && len(x.entries) > 0 {
			t.Error("entries beside an error")
		}
		if len(x.entries) > 1000 {
			t.Error("too many entries")
		}
		for _, e := range x.entries {
			if e.url.Host != base.Host || e.url.RawQuery != "" || e.name == "" || !utf8.ValidString(e.name) || !norm.NFC.IsNormalString(e.name) {
				t.Errorf("%q %s", e.name, e.url)
			}
			if _, _, ok := below(base, e.url); !ok {
				t.Errorf("%s is not in the folder", e.url)
			}
			if e.size.Max < e.size.Min || e.time.To.Before(e.time.From) || len(e.time.Said) > 64 {
				t.Errorf("%+v", e)
			}
		}
	})
}

func FuzzSaid(f *testing.F) {
	for _, s := range []string{"3.0G", "0.1K", "2 B", "25.1 KiB", "3072 MB", "1,234", "99999999999999999999", "03-Feb-2021 10:11", "2021-02-03 12:11",
		"2021-02-03 10:11:12.181251108 +0000 UTC", "2/3/2021 10:11:12 AM", "Feb 03  2021", "Nov 22 02:15", "Wed, 03 Feb 2021 10:11:12 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if size, ok := parseSize(s); ok && (size.Min < 0 || size.Max < size.Min) || !ok && size != leak.UnknownSize {
			t.Errorf("%q is %v", s, size)
		}
		for _, zone := range []*time.Location{nil, time.UTC} {
			stamp, from, to := findTime(s, zone, captured)
			if from >= 0 && (stamp.IsZero() || stamp.To.Before(stamp.From) || to > len(s) || !strings.Contains(s, stamp.Said)) {
				t.Errorf("%q is %v", s, stamp)
			}
		}
	})
}

func FuzzChild(f *testing.F) {
	for _, s := range []string{"x.txt", "./klo%2012:30.txt", "../x", "/d/x/", "a b#c?d%41", "//h/x", "javascript:x", "%2e%2e", "x?y", "http://files.example/d/x", "\x00", "%zz"} {
		f.Add("http://files.example/d/", s)
	}
	f.Fuzz(func(t *testing.T, where, href string) {
		base, err := url.Parse(where)
		if err != nil || base.Host == "" {
			return
		}
		u, name, _, ok := child(base, href)
		if !ok {
			return
		}
		if authority(u) != authority(base) || !strings.EqualFold(u.Scheme, base.Scheme) || name == "" || name == "." || name == ".." || u.RawQuery != "" || u.User != nil {
			t.Errorf("%q in %q is %q %q", href, where, u, name)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add("HTTP://Files.Example:80/H%c3%a4me/a%2fb/%41 b?q=%C3%A4&x#f")
	f.Add("http://Files.example../a")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Opaque != "" {
			return
		}
		once := canonical(u)
		v, err := url.Parse(once)
		if err != nil {
			return // some hosts print in a form that does not parse
		}
		if twice := canonical(v); twice != once {
			t.Errorf("%q: %q, then %q", s, once, twice)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add("bytes 0-9/10", `<a>; rel="next", </b>; rel=prev`, "120", "User-agent: *\nDisallow: /x*y$")
	f.Add("bytes 5-9/*", `<,<>;>`, "Wed, 03 Feb 2021 10:11:12 GMT", "Crawl-delay: 1e400\nUser-agent:")
	f.Fuzz(func(t *testing.T, span, link, after, robots string) {
		if start, size, ok := contentRange(span); ok && (start < 0 || size >= 0 && start >= size) {
			t.Errorf("%q is %d/%d", span, start, size)
		}
		if target := linkOf([]string{link}, "next"); !strings.Contains(link, target) {
			t.Errorf("%q leads to %q", link, target)
		}
		if d := retryAfter(after, captured); d < 0 {
			t.Errorf("%q is %s", after, d)
		}
		if g := parseRobots([]byte(robots), "leakwatch/1"); g != nil {
			g.Test("/x")
		}
		_, _ = NextRun(after, captured, time.Minute, func() float64 { return 0.5 })
		_ = checkOnion(link + ".onion")
		_ = checkHost(link, leak.Direct, false)
	})
}

func FuzzHead(f *testing.F) {
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\nbody"), 3)
	f.Fuzz(func(t *testing.T, b []byte, step int) {
		var whole, parts head
		whole.answer, parts.answer = true, true
		whole.add(b)
		for p := b; len(p) > 0; {
			n := min(len(p), max(1, step))
			parts.add(p[:n])
			p = p[n:]
		}
		if !bytes.Equal(whole.b, parts.b) || !bytes.HasPrefix(b, whole.b) || len(whole.b) > maxHead {
			t.Errorf("%q, in parts %q", whole.b, parts.b)
		}
	})
}

// pageRun is a run at the point of reading a page.
func pageRun(f *testing.F, s configs.Source) *run {
	keys, err := leak.NewPlaceKey(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	s.ID, s.URL = "s", "http://files.example/list"
	c, err := New(Options{Sources: []configs.Source{s}, Places: keys})
	if err != nil {
		f.Fatal(err)
	}
	src := c.sources["s"]
	u, err := url.Parse(s.URL)
	if err != nil {
		f.Fatal(err)
	}
	return &run{c: c, s: src, w: c.wire(src), start: u, page: u, seen: map[leak.Digest]string{}}
}

// checkPage reads a hostile page and makes items of it.
func checkPage(t *testing.T, like *run, body []byte, read func(*run) func(*fetched) (listed, error)) {
	r := *like
	r.seen = map[leak.Digest]string{}
	p, err := r.understand(&fetched{url: r.start, body: body, header: map[string][]string{}}, read(&r))
	if err != nil {
		return
	}
	for _, i := range r.itemsOf(p.entries, 1) {
		if len(i.Name) > 2*maxName || i.Place.IsZero() || i.Fetch == (i.Skip != "") || i.Size.Max < i.Size.Min || !utf8.ValidString(i.Name) {
			t.Errorf("%+v", i)
		}
	}
	if p.next != nil && p.next.Host != "files.example" {
		t.Errorf("goes on at %s", p.next)
	}
}

func FuzzJSONPage(f *testing.F) {
	r := pageRun(f, configs.Source{Kind: configs.JSONListing, Items: "items", Page: configs.Page{Next: "next"},
		Fields: map[string]configs.Field{"id": {Path: "id"}, "title": {Path: "title"}, "url": {Path: "url"}, "time": {Path: "t", Unix: "s"}, "size": {Path: "size", Size: "human"}, "poster": {Path: "by", Re: "(.)"}}})
	f.Add([]byte(`{"items":[{"id":1,"title":"x","url":"/a","t":"1606046400","size":"3 GB","by":"me"}],"next":"/list?2"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkPage(t, r, body, func(r *run) func(*fetched) (listed, error) { return r.jsonPage })
	})
}

func FuzzHTMLPage(f *testing.F) {
	r := pageRun(f, configs.Source{Kind: configs.HTMLListing, Item: "div.p, li", Next: configs.Field{CSS: "a.next", Attr: "href"},
		Fields: map[string]configs.Field{"title": {CSS: "h2"}, "url": {CSS: "a", Attr: "href", Resolve: true}, "time": {CSS: "time", Attr: "datetime"}, "text": {CSS: "&"}}})
	f.Add([]byte(`<div class=p><h2>x</h2><a href="/a">a</a><time datetime="2021-02-03T10:11:12Z"></time></div><a class=next href="?2">n</a>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkPage(t, r, body, func(r *run) func(*fetched) (listed, error) { return r.htmlPage })
	})
}

// TestNamesSurviveAListing: whatever a file is called, a listing that escapes as servers do gives the name back, and a
// URL that leads to it.
func TestNamesSurviveAListing(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("http://files.example/d/")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.Rune(), 1, 60, 250).Filter(func(s string) bool {
			return s != "." && s != ".." && !strings.ContainsAny(s, "/\x00") && utf8.ValidString(s) && strings.TrimSpace(s) != ""
		}).Draw(t, "name")
		x, err := indexReader{base: base, now: captured, max: 10}.read([]byte(`<pre><a href="` + url.PathEscape(name) + `">x</a>  03-Feb-2021 10:11  5</pre>`))
		if strings.Contains(url.PathEscape(name), ":") && err != nil {
			return // a server that does not put ./ before it
		}
		if err != nil || len(x.entries) != 1 || x.entries[0].name != norm.NFC.String(name) || x.entries[0].url.Path != "/d/"+name || x.entries[0].size.Max != 5 {
			t.Fatalf("%q: %+v %v", name, x.entries, err)
		}
		u, ok := namedChild(base, name, false)
		if !ok || u.Path != "/d/"+name {
			t.Fatalf("%q leads to %v", name, u)
		}
	})
}

// TestSizesHoldTheTruth: what a server rounds lies within what is read.
func TestSizesHoldTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<50).Draw(t, "size")
		for _, said := range roundings(n) {
			size, ok := parseSize(said)
			if !ok || size.Min > n || size.Max < n {
				t.Fatalf("%d is said %q, read as %v", n, said, size)
			}
		}
	})
}

func TestFirstWordsOfErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&url.Error{Op: "Get", URL: "http://files.example/Meikalainen", Err: os.ErrDeadlineExceeded}, &url.Error{Op: "Get", URL: "http://files.example/Meikalainen", Err: ErrScope}} {
		if text := plain(err).Error(); strings.Contains(text, "Meikalainen") || text == "" {
			t.Error(text)
		}
	}
}
