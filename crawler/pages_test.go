package crawler_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
)

const pastes = `[
 {"scrape_url":"https://x.example","full_url":"%[1]s/aB3dE","date":"1606046400","key":"aB3dE","size":"890","expire":"0","title":"Potilastiedot Meikäläinen","syntax":"text","user":"tekijä"},
 {"full_url":"%[1]s/zzzzz","date":"1606046401","key":"zz zz/?#","size":"12","expire":"1700000000","title":"","user":""}]`

func pasteSource(url string) configs.Source {
	return configs.Source{ID: "pastes", Kind: configs.JSONListing, URL: url + "/list?limit=2", Schedule: "@every 1m", AllowPrivate: true,
		RejectText: "DOES NOT HAVE ACCESS", Items: "@this", Body: configs.Body{URL: url + "/raw.php?i={id}"},
		Fields: map[string]configs.Field{"id": {Path: "key"}, "title": {Path: "title"}, "url": {Path: "full_url"}, "poster": {Path: "user"},
			"size": {Path: "size", Size: "bytes"}, "time": {Path: "date", Unix: "s"}, "expires": {Path: "expire", Unix: "s", Zero: "never"}}}
}

func TestPasteListing(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/list":
			fmt.Fprintf(w, pastes, s.URL)
		case "/raw.php":
			fmt.Fprintf(w, "paste %s", r.URL.Query().Get("i"))
		default:
			http.NotFound(w, r)
		}
	})
	b := newBench(t, quick(), crawlerLab(), pasteSource(s.URL))
	got, listings, _ := b.mustList("pastes")
	i, ok := got["Potilastiedot Meikäläinen"]
	if !ok || len(got) != 2 || len(listings) != 0 {
		t.Fatalf("items %v, %d listings", got, len(listings))
	}
	if i.Size != (leak.Size{Min: 890, Max: 890}) || !i.Published.From.Equal(time.Unix(1606046400, 0)) || i.Published.Said != "1606046400" {
		t.Errorf("size %v, published %v", i.Size, i.Published)
	}
	if i.Poster == "" || i.Poster == "tekijä" || i.Group.Reveal() != s.URL+"/list?limit=2#tekij%C3%A4" || i.Collection == i.Key {
		t.Errorf("poster %q, group %q", i.Poster, i.Group.Reveal())
	}
	discreet(t, "title", i.Title)
	if anonymous := got[""]; anonymous.Collection != anonymous.Key {
		t.Error("a paste without a poster is a collection of its own")
	}
	for _, want := range []string{"paste aB3dE", "paste zz zz/?#"} {
		if !slices.ContainsFunc([]leak.Item{i, got[""]}, func(i leak.Item) bool {
			body, _, err := b.fetch(leak.Fetch{Source: "pastes", Place: i.Place})
			return err == nil && string(body) == want
		}) {
			t.Errorf("no body %q", want)
		}
	}
}

// TestNamesOfUnreadBodies: where bodies may not be read, titles are matched together.
func TestNamesOfUnreadBodies(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, pastes, s.URL) })
	src := pasteSource(s.URL)
	src.Legal = leak.LegalListing
	got, listings, _ := newBench(t, quick(), crawlerLab(), src).mustList("pastes")
	if len(listings) != 1 || got["Potilastiedot Meikäläinen"].Collection != listings[0].Collection {
		t.Errorf("%d listings", len(listings))
	}
}

func TestPagesOfAListing(t *testing.T) {
	t.Parallel()
	const all = 4
	handler := func(byLink bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			n := 1
			_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
			next := fmt.Sprint(n + 1)
			if n == all {
				next = ""
			} else if byLink {
				w.Header().Set("Link", fmt.Sprintf(`<http://%s/l?page=1>; rel="first", </l?page=%d>; rel="next"`, r.Host, n+1))
			}
			fmt.Fprintf(w, `{"data":{"items":[{"id":%d,"u":"/p/%d"}]},"cursor":%q}`, n, n, next)
		})
	}
	for name, test := range map[string]struct {
		byLink bool
		url    string
		page   configs.Page
		pages  int
	}{
		"link header": {true, "/l", configs.Page{LinkHeader: "next"}, all},
		"cursor":      {false, "/l?page={cursor}", configs.Page{Next: "cursor"}, all},
		"max":         {true, "/l", configs.Page{LinkHeader: "next", Max: 2}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site(t, handler(test.byLink))
			src := configs.Source{ID: "l", Kind: configs.JSONListing, URL: s.URL + test.url, AllowPrivate: true, Items: "data.items",
				Fields: map[string]configs.Field{"id": {Path: "id"}, "url": {Path: "u"}}, Page: test.page}
			_, run, err := newBench(t, quick(), crawlerLab(), src).list("l")
			if err != nil || run.Pages != test.pages || run.Listed != test.pages || run.Complete != (test.pages == all) {
				t.Errorf("%v %+v", err, run)
			}
		})
	}
}

// TestFilesOfGists flattens files of posts by gjson alone.
func TestFilesOfGists(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/gists": `[{"id":"a","files":{"one.txt":{"filename":"one.txt","size":5,"raw_url":"http://raw.example/1"},
		"two.csv":{"filename":"two.csv","size":7,"raw_url":"http://raw.example/2"}}},{"id":"b","files":{}}]`})
	src := configs.Source{ID: "g", Kind: configs.JSONListing, URL: s.URL + "/gists", AllowPrivate: true, Items: "#.files|@values|#.@values|@flatten",
		Fields: map[string]configs.Field{"name": {Path: "filename"}, "url": {Path: "raw_url"}, "size": {Path: "size", Size: "bytes"}}}
	got, _, _ := newBench(t, quick(), crawlerLab(), src).mustList("g")
	if got["one.txt"].Place.Reveal() != "http://raw.example/1" || got["two.csv"].Size.Max != 7 || len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func TestPostsOfAPage(t *testing.T) {
	t.Parallel()
	page := func(next string, n int) string {
		return fmt.Sprintf(`<form><input type=password></form><div class=post><h2> Klinikka  %[1]d </h2><p>kuvaus</p><time datetime="2024-05-0%[1]dT10:00:00Z">x</time>
			<span onclick="go('/post/%[1]d')">open</span></div><div class=post><h2>no link</h2></div><a class=next href="%[2]s">n</a>`, n, next)
	}
	s := site(t, pages{"/new": page("/new/2", 1), "/new/2": page("/new/3", 2), "/new/3": page("http://other.example/", 3), "/post/1": "body 1"})
	src := configs.Source{ID: "posts", Kind: configs.HTMLListing, URL: s.URL + "/new", AllowPrivate: true, Item: "div.post",
		Fields: map[string]configs.Field{"title": {CSS: "h2"}, "time": {CSS: "time", Attr: "datetime"},
			"url": {CSS: "span", Attr: "onclick", Re: `'([^']+)'`, Resolve: true}},
		Next: configs.Field{CSS: "a.next", Attr: "href", Resolve: true}}
	b := newBench(t, quick(), crawlerLab(), src)
	got, _, run := b.mustList("posts")
	if run.Pages != 3 || len(got) != 4 {
		t.Fatalf("%d items, run %+v", len(got), run)
	}
	i := got["Klinikka 1"]
	if body, _, err := b.fetch(leak.Fetch{Source: "posts", Place: i.Place}); err != nil || string(body) != "body 1" {
		t.Errorf("%q %v", body, err)
	}
	if !i.Published.From.Equal(time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("published %v", i.Published)
	}
	if i := got["no link"]; i.Fetch || i.Skip != "no link" {
		t.Errorf("%+v", i)
	}
}

// TestListingsThatFail are answers that are no listing: none may look like a deletion of everything.
func TestListingsThatFail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind, body string
		status     int
		says       string
	}{
		"login page":     {configs.DirectoryIndex, `<form>user <input name=u><input type="PASSWORD"></form>`, 200, "login page"},
		"no entries":     {configs.DirectoryIndex, `<p>Welcome, Meikäläinen</p>`, 200, "no entries"},
		"no listing":     {configs.DirectoryIndex, `Meikäläinen`, 200, "neither HTML nor JSON"},
		"empty page":     {configs.DirectoryIndex, ``, 200, "empty page"},
		"bad json":       {configs.DirectoryIndex, `[{"name":`, 200, "malformed JSON"},
		"other json":     {configs.DirectoryIndex, `{"error":"Meikäläinen"}`, 200, "without a list"},
		"deep json":      {configs.DirectoryIndex, strings.Repeat("[", 100_000), 200, "nested too deep"},
		"deep html":      {configs.DirectoryIndex, strings.Repeat("<b><i>", 100_000), 200, "listing not understood"},
		"forbidden":      {configs.DirectoryIndex, `no`, 403, "status 403"},
		"gone":           {configs.DirectoryIndex, `no`, 404, "status 404"},
		"reject text":    {configs.JSONListing, `[] DOES NOT HAVE ACCESS Meikäläinen`, 200, "reject_text"},
		"not json":       {configs.JSONListing, `<html>`, 200, "malformed JSON"},
		"no such array":  {configs.JSONListing, `{"x":[]}`, 200, "no array"},
		"nothing usable": {configs.JSONListing, `[{"x":1},{"x":2}]`, 200, "none with an id"},
		"login":          {configs.HTMLListing, `<input type=password>`, 200, "login page"},
		"no items":       {configs.HTMLListing, `<p>x`, 200, "no items"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.NotFound(w, r)
					return
				}
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			}))
			src := pasteSource(s.URL)
			src.Kind, src.Item = test.kind, "div"
			if test.kind == configs.HTMLListing {
				src.Items, src.Fields, src.Body.URL = "", map[string]configs.Field{"url": {CSS: "a", Attr: "href"}}, ""
			}
			b := newBench(t, quick(), crawlerLab(), src)
			pages, run, err := b.list("pastes")
			if err == nil || run.Err == "" || run.Complete || !strings.Contains(run.Err, test.says) {
				t.Errorf("%v %+v", err, run)
			}
			if len(pages) == 0 || len(pages[0].Items) > 0 || pages[0].Exchange.Status != test.status {
				t.Errorf("what the server said instead is evidence: %+v", pages)
			}
		})
	}
}

func TestEmptyFolderIsNoFailure(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"nginx": `<h1>Index of /</h1><hr><pre><a href="../">../</a></pre>`, "json": `[]`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site(t, pages{"/": body})
			if got, _, _ := newBench(t, quick(), crawlerLab(), directory(s.URL+"/")).mustList("dir"); len(got) != 0 {
				t.Error(got)
			}
		})
	}
}

// TestFallIsDoubted: a listing that suddenly names less than half is not believed at once.
func TestFallIsDoubted(t *testing.T) {
	t.Parallel()
	files := 40
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `<h1>Index of</h1><pre>`)
		for n := range files {
			fmt.Fprintf(w, `<a href="%d">x</a> 03-Feb-2021 10:11 5`+"\n", n)
		}
	}))
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	b.mustList("dir")
	files = 10
	for n := range 3 {
		_, run, err := b.list("dir")
		if doubted := n < 2; doubted != (err != nil) || doubted == run.Complete || doubted != strings.Contains(run.Err, "fell from 40 to 10") {
			t.Errorf("run %d: %v %+v", n, err, run)
		}
	}
}

func TestUnreadFolder(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/": `<h1>Index of</h1><a href="bad/">b</a><a href="good/">g</a>`, "/good/": `<h1>Index of</h1><a href="x.txt">x</a>`})
	pages, run, err := newBench(t, quick(), crawlerLab(), directory(s.URL+"/")).list("dir")
	got, _ := items(pages)
	if err != nil || run.Complete || run.Err != "" || !strings.Contains(run.Cut, "1 folders unread: status 404") || got["x.txt"].Name == "" {
		t.Errorf("%v %+v", err, run)
	}
}

// TestCapturedServers reads what real servers answered, through the whole room.
func TestCapturedServers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/listings/*")
	if err != nil || len(files) < 20 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/~/"):
					w.Header().Set("Content-Type", "text/html; charset=%s") // as mini_httpd says
					_, _ = w.Write(body)
				default:
					http.NotFound(w, r)
				}
			}))
			src := directory(s.URL + "/")
			if strings.Contains(file, "hfs") {
				src.URL = s.URL + "/~/api/get_file_list?uri=/"
			}
			src.Depth = 0
			got, listings, _ := newBench(t, quick(), crawlerLab(), src).mustList("dir")
			if len(listings) != 1 || len(got) < 12 || got["klo 12:30.txt"].Key == (leak.Digest{}) {
				t.Errorf("%d items, %d listings", len(got), len(listings))
			}
		})
	}
}
