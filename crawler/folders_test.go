package crawler_test

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"leakwatch/configs"
	"leakwatch/leak"
)

var long = strings.Repeat("pitkä-nimi-", 8) + "x.txt" // 96 bytes

// awkward are names that some server, browser or client gets wrong.
var awkward = []string{
	"Matti Meikäläinen 131052-308T.txt", norm.NFD.String("nfd-Hämeenlinna.txt"), `"lainattu" 'nimi'.txt`, "risu#aita?.txt",
	"%41.txt", "<img src=x onerror=1>.txt", "klo 12:30.txt", long, "a&b;c=d+e,f@g.txt", ".piilo.txt", "päättyy välilyöntiin .txt",
	"100% varma.txt", "lista.tar.gz", "ääkköset/Örkki.txt",
}

// TestAwkwardNames lists a folder by Go's own file server, and fetches every file.
func TestAwkwardNames(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such file names")
	}
	root := t.TempDir()
	fillTree(t, root)
	s := site(t, http.FileServer(http.Dir(root)))
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	checkAwkward(t, b, awkward)
}

func checkAwkward(t *testing.T, b *bench, names []string) {
	t.Helper()
	got, listings, run := b.mustList("dir")
	for _, name := range names {
		base := norm.NFC.String(name[strings.LastIndexByte(name, '/')+1:])
		i, ok := got[base]
		if !ok {
			t.Errorf("not listed: %q", base)
			continue
		}
		body, cut, err := b.fetch(leak.Fetch{Source: "dir", Place: i.Place})
		if err != nil || cut != "" {
			t.Errorf("%q: %v %s", base, err, cut)
		}
		if string(body) != name {
			t.Errorf("%q: its body is %q", base, body)
		}
		discreet(t, "shown place", fmt.Sprintf("%v %+v %#v %s", i.Place, i.Place, i.Place, i.Title))
	}
	folders := 0
	for _, i := range got {
		if !i.Fetch {
			folders++
		}
	}
	if len(got) != len(names)+folders || folders != 1 {
		t.Errorf("%d items, %d of them folders, for %d files", len(got), folders, len(names))
	}
	if len(listings) != 2 || run.Pages != 2 || run.Listed != len(got) {
		t.Errorf("%d listings, run %+v", len(listings), run)
	}
}

func TestCollectionsOfFolders(t *testing.T) {
	t.Parallel()
	s := site(t, pages{
		"/d/":        `<h1>Index of /d/</h1><a href="../">..</a> <a href="one/">one/</a> <a href="two/">two/</a> <a href="root.txt">r</a>`,
		"/d/one/":    `<h1>Index of</h1><a href="in/">in/</a><a href="a.txt">a</a>`,
		"/d/one/in/": `<h1>Index of</h1><a href="b.txt">b</a>`,
		"/d/two/":    `<h1>Index of</h1><a href="c.txt">c</a>`,
	})
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/d/"))
	got, listings, _ := b.mustList("dir")
	if len(listings) != 3 {
		t.Fatalf("%d listings, want one each of the root, one and two", len(listings))
	}
	same := func(x, y string) bool { return got[x].Collection == got[y].Collection }
	if !same("a.txt", "b.txt") || same("a.txt", "c.txt") || same("a.txt", "root.txt") || !same("root.txt", "one") {
		t.Error("collections are not the first-level folders")
	}
	for _, l := range listings {
		found := slices.ContainsFunc([]string{"root.txt", "a.txt", "c.txt"}, func(n string) bool { return got[n].Collection == l.Collection })
		if !found || l.Mark == "" || !l.Fetch {
			t.Errorf("listing %v belongs to no collection", l.Place)
		}
	}
	if want := s.URL + "/d/one/"; got["b.txt"].Group.Reveal() != want {
		t.Errorf("group is %s, want %s", got["b.txt"].Group.Reveal(), want)
	}
	if i := got["one"]; i.Fetch || i.Skip == "" || i.Mark == "" {
		t.Errorf("a folder is an item that is not fetched: %+v", i)
	}
}

func TestDepthCyclesAndEscapes(t *testing.T) {
	t.Parallel()
	loop := `<h1>Index of</h1><a href="loop/">loop/</a><a href="x.txt">x</a> 03-Feb-2021 10:11 5`
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/loop"):
			fmt.Fprint(w, loop)
		case strings.HasPrefix(r.URL.Path, "/deep"):
			fmt.Fprintf(w, `<h1>Index of</h1><a href="in%d/">in</a>`, strings.Count(r.URL.Path, "/"))
		case r.URL.Path == "/":
			fmt.Fprint(w, `<h1>Index of</h1><a href="loop/">l</a><a href="deep/">d</a>
				<a href="http://other.example/x.txt">o</a><a href="//other.example/y.txt">o</a>
				<a href="a/b.txt">two levels</a><a href="?C=N">q</a><a href="z.txt?x=1">q</a><a href="#f">f</a><a href="javascript:x">j</a>
				<a href="mailto:x@example.test">m</a><a href="%2e%2e">dots</a><a href="/">root</a><a href="">self</a><a href="ok.txt">ok</a>`)
		default:
			http.NotFound(w, r)
		}
	}))
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	pages, run, err := b.list("dir")
	if err != nil || !run.Complete {
		t.Fatal(err, run)
	}
	if run.Pages > 10 {
		t.Errorf("%d pages", run.Pages)
	}
	got, _ := items(pages)
	var names []string
	for n := range got {
		names = append(names, n)
	}
	slices.Sort(names)
	if want := []string{"deep", "in2", "in3", "in4", "in5", "in6", "loop", "ok.txt", "x.txt"}; !slices.Equal(names, want) {
		t.Errorf("items %v, want %v", names, want)
	}
	if i := got["in6"]; i.Skip != "folder: depth limit 5" {
		t.Errorf("the deepest folder is skipped by %q", i.Skip)
	}
}

func TestLegalSwitch(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/": `<h1>Index of</h1><a href="Meik%C3%A4l%C3%A4inen.txt">x</a>`, "/Meik%C3%A4l%C3%A4inen.txt": strings.Repeat("x", 3000)})
	for legal, want := range map[leak.Legal]struct {
		name     bool
		listings int
		bytes    int
		cut      bool
	}{
		leak.LegalMetadata: {},
		leak.LegalListing:  {name: true, listings: 1},
		leak.LegalHead:     {name: true, listings: 1, bytes: 1024, cut: true},
		leak.LegalFull:     {name: true, listings: 1, bytes: 3000},
	} {
		t.Run(string(legal), func(t *testing.T) {
			t.Parallel()
			src := directory(s.URL + "/")
			src.Legal, src.Limits.HeadBytes = legal, 1024
			b := newBench(t, quick(), crawlerLab(), src)
			got, listings, _ := b.mustList("dir")
			var i leak.Item
			for _, i = range got {
			}
			if (i.Name != "") != want.name || len(listings) != want.listings {
				t.Errorf("name %q, %d listings", i.Name, len(listings))
			}
			if i.Fetch != (want.bytes > 0) || !i.Fetch && i.Skip != "legal: "+string(legal) {
				t.Errorf("fetch is %v, skip %q", i.Fetch, i.Skip)
			}
			body, cut, err := b.fetch(leak.Fetch{Source: "dir", Place: i.Place})
			if len(body) != want.bytes || (cut != "") != want.cut || (err == nil) != (want.bytes > 0) {
				t.Errorf("%d bytes, cut %q, error %v", len(body), cut, err)
			}
		})
	}
}

func TestMarksFollowTheListing(t *testing.T) {
	t.Parallel()
	row := "03-Feb-2021 10:11  3.0G"
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `<h1>Index of</h1><pre><a href="dump.tar">dump</a> %s`+"\n"+`<a href="other.txt">o</a> 03-Feb-2021 10:11 5</pre><!-- %p -->`, row, r)
	}))
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	first, lists1, _ := b.mustList("dir")
	again, lists2, _ := b.mustList("dir")
	if first["dump.tar"].Mark != again["dump.tar"].Mark || first["dump.tar"].Key != again["dump.tar"].Key || lists1[0].Mark != lists2[0].Mark {
		t.Error("the same listing gives other marks")
	}
	row = "03-Feb-2021 10:11  3.1G"
	after, lists3, _ := b.mustList("dir")
	if first["dump.tar"].Mark == after["dump.tar"].Mark || lists1[0].Mark == lists3[0].Mark {
		t.Error("another size gives the same mark")
	}
	if first["other.txt"].Mark != after["other.txt"].Mark {
		t.Error("what did not change has another mark")
	}
	if i := first["dump.tar"]; i.Size.Exact() || i.Published.From.Equal(i.Published.To) {
		t.Errorf("a rounded size and a time without zone are intervals: %+v %+v", i.Size, i.Published)
	}
}

// TestBareListing replaces a file whose listing says neither size nor time.
func TestBareListing(t *testing.T) {
	t.Parallel()
	tag := `"one"`
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<title>Directory listing for /</title><ul><li><a href="dump.tar">dump.tar</a></li></ul>`)
		case "/dump.tar":
			w.Header().Set("ETag", tag)
			w.Header().Set("Content-Length", "12")
		default:
			http.NotFound(w, r)
		}
	}))
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	first, _, _ := b.mustList("dir")
	again, _, _ := b.mustList("dir")
	tag = `"two"`
	after, _, _ := b.mustList("dir")
	if m := first["dump.tar"].Mark; m == "" || m != again["dump.tar"].Mark || m == after["dump.tar"].Mark {
		t.Errorf("marks %q, %q, %q", m, again["dump.tar"].Mark, after["dump.tar"].Mark)
	}
	if size := first["dump.tar"].Size; size != (leak.Size{Min: 12, Max: 12}) {
		t.Errorf("size %v", size)
	}
}

func TestUnicodeTwins(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/": `<h1>Index of</h1><a href="H%C3%A4me.txt">nfc</a><a href="Ha%CC%88me.txt">nfd</a>`, "/H%C3%A4me.txt": "nfc", "/Ha%CC%88me.txt": "nfd"})
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	pages, _, err := b.list("dir")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[leak.Digest]string{}
	for _, i := range pages[0].Items {
		if i.Listing {
			continue
		}
		if i.Name != "Häme.txt" {
			t.Errorf("name %q is not in NFC", i.Name)
		}
		body, _, err := b.fetch(leak.Fetch{Source: "dir", Place: i.Place})
		if err != nil {
			t.Error(err)
		}
		keys[i.Key] = string(body)
	}
	if len(keys) != 2 {
		t.Errorf("two files are %d items: %v", len(keys), keys)
	}
}

func TestLimitsOfAListing(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for n := range 50 {
		fmt.Fprintf(&many, `<a href="f%d.txt">x</a><br>`, n)
	}
	s := site(t, pages{"/": `<h1>Index of</h1><a href="in/">in</a>` + many.String(), "/in/": `<h1>Index of</h1><a href="y.txt">y</a>`})
	for name, test := range map[string]struct {
		limit func(*configs.Source)
		cut   string
	}{
		"items": {func(s *configs.Source) { s.Limits.MaxItems = 20 }, "item limit 20"},
		"pages": {func(s *configs.Source) { s.Limits.MaxPages = 1 }, "page limit 1: 1 folders left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := directory(s.URL + "/")
			test.limit(&src)
			b := newBench(t, quick(), crawlerLab(), src)
			_, run, err := b.list("dir")
			if err != nil || run.Complete || !strings.Contains(run.Cut, test.cut) {
				t.Errorf("%v %+v", err, run)
			}
			if run.Listed > 51 || name == "items" && run.Listed != 20 {
				t.Errorf("%d items", run.Listed)
			}
		})
	}
}
