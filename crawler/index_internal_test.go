package crawler

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"leakwatch/leak"
)

// The folder that all captures show.
var (
	shown = map[string]int64{ // name in NFC, size
		".hidden.txt":                                        7,
		`<img src=x onerror=1> "q" %41 #1;?.txt`:             2,
		norm.NFC.String("NFD-Hämeenlinna.txt"):               4,
		norm.NFC.String("Potilastiedot äöå Hämeenlinna.csv"): 13,
		"Vastaamo.tar":                                       24,
		"a_very_long_file_name_that_is_longer_than_fifty_characters_so_truncated_by_some_servers_2021.txt": 5,
		"big.sql.gz":              3 << 30,
		"dump_2020-10-24.txt":     6,
		"henrik.txt":              34,
		"klo 12:30.txt":           2,
		"lab results & notes.txt": 6,
		"multi.zip":               25712,
		"potilaat 2020":           -1,
	}
	written  = time.Date(2021, 2, 3, 10, 11, 12, 0, time.UTC)
	dumped   = time.Date(2020, 10, 24, 3, 4, 5, 0, time.UTC)
	captured = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
)

type capture struct {
	noHidden, noSizes, noTimes, flat, poor bool
	zone                                   string
	base                                   string
}

var captures = map[string]capture{
	"apache-fancy.html":          {zone: "Europe/Helsinki"},
	"apache-plain.html":          {noSizes: true, noTimes: true},
	"apache-table.html":          {zone: "Europe/Helsinki"},
	"apache-trackmodified.html":  {zone: "Europe/Helsinki"},
	"caddy-html.html":            {},
	"caddy-json.json":            {},
	"caddy2.11-html.html":        {},
	"caddy2.11-json.json":        {},
	"lighttpd.html":              {noHidden: true},
	"mini-httpd.html":            {flat: true},
	"nginx-fancyindex.html":      {noHidden: true},
	"nginx-html.html":            {noHidden: true},
	"nginx-html-humansize.html":  {noHidden: true},
	"nginx-json.json":            {noHidden: true},
	"nginx-xml.xml":              {noHidden: true},
	"npm-hfs.json":               {base: "http://files.example/~/api/get_file_list?uri=/"},
	"npm-http-server.html":       {},
	"npm-serve-html.html":        {noSizes: true, noTimes: true},
	"npm-serve-index-html.html":  {noHidden: true},
	"npm-serve-index-json.json":  {noHidden: true, noSizes: true, noTimes: true, flat: true, poor: true},
	"npm-serve-json.json":        {noTimes: true},
	"python-http.server.html":    {noSizes: true, noTimes: true},
	"rclone-serve-http.html":     {},
	"rclone1.7x-serve-http.html": {},
	"webfs.html":                 {},
}

func TestCapturedListings(t *testing.T) {
	t.Parallel()
	for file, c := range captures {
		for _, zoned := range []bool{false, true} {
			t.Run(file, func(t *testing.T) {
				t.Parallel()
				checkCapture(t, file, c, zoned)
			})
		}
	}
}

func checkCapture(t *testing.T, file string, c capture, zoned bool) {
	body, err := os.ReadFile(filepath.Join("testdata", "listings", file))
	if err != nil {
		t.Fatal(err)
	}
	r := indexReader{base: mustURL(t, "http://files.example/"), now: captured, max: 100}
	if c.base != "" {
		r.base = mustURL(t, c.base)
	}
	if zoned {
		r.zone = mustZone(t, c.zone)
	}
	x, err := r.read(body)
	if err != nil {
		t.Fatal(err)
	}
	if x.poor != c.poor {
		t.Errorf("poor is %v", x.poor)
	}
	got := map[string]entry{}
	for _, e := range x.entries {
		got[e.name] = e
	}
	if len(got) != len(x.entries) {
		t.Errorf("%d entries, %d names", len(x.entries), len(got))
	}
	for name, size := range shown {
		e, ok := got[name]
		delete(got, name)
		if !ok && name == ".hidden.txt" && c.noHidden {
			continue
		}
		if !ok {
			t.Errorf("no %q", name)
			continue
		}
		checkEntry(t, e, size, c)
	}
	for name := range got {
		t.Errorf("unexpected %q", name)
	}
}

func checkEntry(t *testing.T, e entry, size int64, c capture) {
	t.Helper()
	if want := size < 0 && !c.flat; e.folder != want {
		t.Errorf("%q: folder is %v", e.name, e.folder)
	}
	if e.folder != strings.HasSuffix(e.url.Path, "/") {
		t.Errorf("%q: url %s", e.name, e.url)
	}
	if got := strings.Trim(e.url.Path, "/"); clearName(got) != e.name {
		t.Errorf("%q: the URL leads to %q", e.name, got)
	}
	switch {
	case size < 0:
	case c.noSizes:
		if e.size != leak.UnknownSize {
			t.Errorf("%q: size %v", e.name, e.size)
		}
	case e.size.Min > size || e.size.Max < size:
		t.Errorf("%q: size %v, said %q", e.name, e.size, e.said)
	}
	mtime := written
	switch e.name {
	case ".hidden.txt":
		return
	case "dump_2020-10-24.txt":
		mtime = dumped
	}
	if c.noTimes != e.time.IsZero() {
		t.Errorf("%q: time %v", e.name, e.time)
	}
	if !c.noTimes && (e.time.From.After(mtime) || e.time.To.Before(mtime) && e.time.To.Sub(mtime).Abs() > time.Minute) {
		t.Errorf("%q: time %v", e.name, e.time)
	}
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
