package crawler

import (
	"net/http"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"leakwatch/configs"
	"leakwatch/leak"
)

// TestLatin1 reads pages and names that are not UTF-8.
func TestLatin1(t *testing.T) {
	t.Parallel()
	page, err := charmap.ISO8859_1.NewEncoder().String(`<h1>Index of /</h1><a href="H%E4me.txt">Häme.txt</a> <p>äöå`)
	if err != nil {
		t.Fatal(err)
	}
	x, err := indexReader{base: mustURL(t, "http://files.example/"), now: captured, max: 10}.read([]byte(page))
	if err != nil || len(x.entries) != 1 || x.entries[0].name != "Häme.txt" || x.entries[0].url.EscapedPath() != "/H%E4me.txt" {
		t.Errorf("%+v %v", x.entries, err)
	}
	x, err = indexReader{base: mustURL(t, "http://files.example/"), now: captured, max: 10}.read([]byte("[{\"name\":\"H\xe4me.txt\",\"size\":5}]"))
	if err != nil || len(x.entries) != 1 || x.entries[0].name != "Häme.txt" || x.entries[0].url.EscapedPath() != "/H%E4me.txt" {
		t.Errorf("%+v %v", x.entries, err)
	}
}

// TestIconAndName: two links to one file are one entry, with what both say.
func TestIconAndName(t *testing.T) {
	t.Parallel()
	x, err := indexReader{base: mustURL(t, "http://files.example/"), now: captured, zone: time.UTC, max: 10}.read([]byte(
		`<h1>Index of</h1><pre><a href="x.txt"><img></a> <a href="x.txt">x.txt</a>  03-Feb-2021 10:11  3.0K</pre>`))
	if err != nil || len(x.entries) != 1 || x.entries[0].said != "3.0K" || x.entries[0].time.IsZero() {
		t.Errorf("%+v %v", x.entries, err)
	}
}

// TestIIS reads a listing that puts date and size before the name. Written by hand after its source.
func TestIIS(t *testing.T) {
	t.Parallel()
	x, err := indexReader{base: mustURL(t, "http://files.example/d/"), now: captured, zone: time.UTC, max: 10}.read([]byte(
		`<H1>files.example - /d/</H1><hr><pre><A HREF="/">[To Parent Directory]</A><br><br> 2/3/2021 10:11 AM        25712 <A HREF="/d/a.zip">a.zip</A><br>` +
			` 2/3/2021 10:11 AM        &lt;dir&gt; <A HREF="/d/sub/">sub</A><br></pre>`))
	if err != nil || len(x.entries) != 2 || x.entries[0].size.Max != 25712 || x.entries[0].time.From.Hour() != 10 || !x.entries[1].folder {
		t.Errorf("%+v %v", x.entries, err)
	}
}

func TestTimesOfFields(t *testing.T) {
	t.Parallel()
	helsinki := mustZone(t, "Europe/Helsinki")
	for name, test := range map[string]struct {
		field configs.Field
		value string
		zone  *time.Location
		want  string
		exact bool
	}{
		"seconds":          {configs.Field{Unix: "s"}, "1612347072", nil, "2021-02-03T10:11:12Z", true},
		"milliseconds":     {configs.Field{Unix: "ms"}, "1612347072000", nil, "2021-02-03T10:11:12Z", true},
		"no number":        {configs.Field{Unix: "s"}, "x", nil, "", true},
		"never":            {configs.Field{Unix: "s", Zero: "never"}, "0", nil, "", true},
		"layout with zone": {configs.Field{Date: time.RFC3339}, "2021-02-03T12:11:12+02:00", nil, "2021-02-03T10:11:12Z", true},
		"layout, zone set": {configs.Field{Date: "2.1.2006 15:04"}, "3.2.2021 12:11", helsinki, "2021-02-03T10:11:00Z", true},
		"layout alone":     {configs.Field{Date: "2.1.2006 15:04"}, "3.2.2021 12:11", nil, "2021-02-02T22:11:00Z", false},
		"other layout":     {configs.Field{Date: "2.1.2006"}, "yesterday", nil, "", true},
		"found":            {configs.Field{}, "posted 2021-02-03T10:11:12Z by", nil, "2021-02-03T10:11:12Z", true},
	} {
		r, err := newReader(test.field)
		if err != nil {
			t.Fatal(err)
		}
		s := r.time(r.clean(test.value), test.zone, captured)
		if test.want == "" {
			if !s.IsZero() {
				t.Errorf("%s: %v", name, s)
			}
			continue
		}
		if s.From.Format(time.RFC3339) != test.want || s.From.Equal(s.To) != test.exact {
			t.Errorf("%s: %v to %v", name, s.From, s.To)
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	s := &source{Source: configs.Source{URL: "http://l.example/{date:-2d}/{date}?c={cursor}"}}
	u, err := s.start(time.Date(2026, 3, 1, 23, 0, 0, 0, time.FixedZone("x", -7200)), "a&b /")
	if err != nil || u.String() != "http://l.example/2026-02-28/2026-03-02?c=a%26b+%2F" {
		t.Errorf("%s %v", u, err)
	}
	values := map[string]string{"id": "a/b ?#%", "user": "x"}
	u, ok := fill("http://l.example/{user}/{id}?i={id}", func(n string) string { return values[n] })
	if !ok || u.String() != "http://l.example/x/a%2Fb%20%3F%23%25?i=a%2Fb+%3F%23%25" {
		t.Errorf("%s", u)
	}
	for _, id := range []string{"", ".", ".."} {
		if u, ok := fill("http://l.example/{id}", func(string) string { return id }); ok {
			t.Errorf("%q makes %s", id, u)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, coding, media, charset string }{
		{"text/plain; charset=ISO-8859-1", "", "text/plain", "windows-1252"},
		{"text/html;charset=%s", "", "text/html", ""},
		{"text/Meikalainen-131052-308T; charset=Meikalainen", "", "text/meikalainen-131052-308t", ""},
		{"meikalainen/x", "", "", ""},
		{"nonsense;;=", "", "", ""},
		{"text/plain", "gzip", "application/gzip", ""},
		{"text/plain", "zstd", "application/zstd", ""},
		{"text/plain", "br", "application/x-brotli", ""},
	} {
		h := http.Header{"Content-Type": {test.kind}, "Content-Encoding": {test.coding}}
		if media, charset := mediaType(h); media != test.media || charset != test.charset {
			t.Errorf("%q %q is %q %q", test.kind, test.coding, media, charset)
		}
	}
}

func TestOneCollection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind, collection string
		legal            leak.Legal
		want             string
	}{
		{configs.DirectoryIndex, configs.ByFolder, leak.LegalFull, configs.ByFolder},
		{configs.DirectoryIndex, configs.ByPoster, leak.LegalFull, configs.ByFolder},
		{configs.DirectoryIndex, configs.ByListing, leak.LegalListing, configs.ByListing},
		{configs.DirectoryIndex, configs.ByItem, leak.LegalFull, configs.ByItem},
		{configs.DirectoryIndex, configs.ByItem, leak.LegalListing, configs.ByFolder},
		{configs.JSONListing, configs.ByPoster, leak.LegalFull, configs.ByPoster},
		{configs.JSONListing, configs.ByPoster, leak.LegalListing, configs.ByListing},
	} {
		s := &source{Source: configs.Source{Kind: test.kind, Collection: test.collection, Legal: test.legal}}
		if got := s.by(); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
