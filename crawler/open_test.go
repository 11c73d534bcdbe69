package crawler_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leakwatch/configs"
	"leakwatch/crawler"
	"leakwatch/leak"
)

// brittle serves one body, and breaks connections off.
type brittle struct {
	mu       sync.Mutex
	body     []byte
	breaks   []int // after so many bytes of an answer, one a request
	etag, lm string
	noRange  bool
	chunked  bool
	lie      func(h http.Header, from int) // what a hostile server changes
	asked    []string                      // Range headers
	later    func(b *brittle)              // after the first request
	statuses []int                         // of the requests after the first
}

func (b *brittle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/robots.txt" {
		http.NotFound(w, r)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.asked) == 1 && b.later != nil {
		b.later(b)
	}
	b.asked = append(b.asked, r.Header.Get("Range"))
	if len(b.asked) > 1 && len(b.statuses) > 0 {
		status := b.statuses[0]
		b.statuses = b.statuses[1:]
		if status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	h := w.Header()
	if b.etag != "" {
		h.Set("ETag", b.etag)
	}
	if b.lm != "" {
		h.Set("Last-Modified", b.lm)
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	from := b.from(r)
	status := http.StatusOK
	if from > 0 {
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(b.body)-1, len(b.body)))
	}
	if !b.chunked {
		h.Set("Content-Length", strconv.Itoa(len(b.body)-from))
	}
	if b.lie != nil && len(b.asked) > 1 {
		b.lie(h, from)
		if s := h.Get("X-Status"); s != "" {
			status, _ = strconv.Atoi(s)
		}
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	rest := b.body[from:]
	if len(b.breaks) > 0 {
		n := b.breaks[0]
		b.breaks = b.breaks[1:]
		if n < len(rest) {
			_, _ = w.Write(rest[:n])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	}
	_, _ = w.Write(rest)
}

// from is where the answer begins: RFC 9110's rules for Range and If-Range.
func (b *brittle) from(r *http.Request) int {
	span, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	if !ok || b.noRange {
		return 0
	}
	if c := r.Header.Get("If-Range"); c != "" && c != b.etag && c != b.lm {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSuffix(span, "-"))
	if err != nil || n >= len(b.body) {
		return 0
	}
	return n
}

func (b *brittle) ranges() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.asked...)
}

func noise(n int) []byte {
	r := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}

const when = "Wed, 03 Feb 2021 10:11:12 GMT"

func fileBench(t *testing.T, h http.Handler, change func(*configs.Source)) (*bench, leak.Fetch) {
	t.Helper()
	s := site(t, h)
	src := directory(s.URL + "/")
	if change != nil {
		change(&src)
	}
	b := newBench(t, quick(), crawlerLab(), src)
	return b, leak.Fetch{Source: "dir", Place: b.keys.Place(src.URL, s.URL+"/Meik%C3%A4l%C3%A4inen.txt")}
}

func TestBrokenDownloadsGoOn(t *testing.T) {
	t.Parallel()
	body := noise(300_000)
	for name, server := range map[string]*brittle{
		"etag":                        {etag: `"v1"`, breaks: []int{10_000, 20_000, 0, 50_000}},
		"last-modified":               {lm: when, breaks: []int{10_000, 100_000}},
		"no ranges, same version":     {etag: `"v1"`, noRange: true, breaks: []int{10_000, 200_000}},
		"broken at once":              {breaks: []int{0, 0}},
		"busy in between":             {etag: `"v1"`, breaks: []int{10_000}, statuses: []int{500, 502}},
		"chunked":                     {etag: `"v1"`, chunked: true, breaks: []int{10_000}},
		"weak etag and last-modified": {etag: `W/"v1"`, lm: when, breaks: []int{10_000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server.body = body
			breaks := len(server.breaks)
			b, f := fileBench(t, server, nil)
			got, err := b.Open(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			read, err := io.ReadAll(got)
			if err != nil || !bytes.Equal(read, body) {
				t.Fatalf("%d of %d bytes, %v", len(read), len(body), err)
			}
			if got.Cut() != "" || got.MediaType != "text/plain" || got.Charset != "utf-8" || got.From != 0 {
				t.Errorf("%+v cut %q", got, got.Cut())
			}
			if e := got.Exchanges(); len(e) <= breaks-1 || e[0].Status != 200 {
				t.Errorf("%d exchanges for %d breaks", len(e), breaks)
			}
			if err := got.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestHostileResumption: another version, or bytes from elsewhere, is never mixed in.
func TestHostileResumption(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		server *brittle
		want   error
	}{
		"other etag on 206":      {&brittle{lie: func(h http.Header, _ int) { h.Set("ETag", `"v2"`) }}, crawler.ErrChanged},
		"no etag on 206":         {&brittle{lie: func(h http.Header, _ int) { h.Del("ETag") }}, crawler.ErrChanged},
		"other range":            {&brittle{lie: func(h http.Header, f int) { h.Set("Content-Range", fmt.Sprintf("bytes %d-99999/100000", f-1)) }}, crawler.ErrChanged},
		"other size":             {&brittle{lie: func(h http.Header, f int) { h.Set("Content-Range", fmt.Sprintf("bytes %d-199999/200000", f)) }}, crawler.ErrChanged},
		"no content-range":       {&brittle{lie: func(h http.Header, _ int) { h.Del("Content-Range") }}, crawler.ErrChanged},
		"multipart":              {&brittle{lie: func(h http.Header, _ int) { h.Set("Content-Range", "multipart") }}, crawler.ErrChanged},
		"replaced, 200":          {&brittle{later: func(b *brittle) { b.etag = `"v2"` }}, crawler.ErrChanged},
		"gone":                   {&brittle{statuses: []int{404}}, crawler.ErrGone},
		"past the end":           {&brittle{statuses: []int{416}}, crawler.ErrChanged},
		"strange status":         {&brittle{statuses: []int{204}}, crawler.ErrChanged},
		"fails for good":         {&brittle{statuses: []int{500, 500, 500, 500}}, nil},
		"nothing to go on by":    {&brittle{etag: "-"}, crawler.ErrBroken},
		"a byte at a time":       {&brittle{breaks: []int{10_000, 1, 1, 1, 1, 1, 1, 1, 1, 1}}, crawler.ErrBroken},
		"weak etag alone":        {&brittle{etag: `W/"v1"`}, crawler.ErrBroken},
		"206 that nobody wanted": {&brittle{statuses: []int{206}}, crawler.ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := test.server
			s.body = noise(100_000)
			if s.breaks == nil {
				s.breaks = []int{10_000}
			}
			switch s.etag {
			case "":
				s.etag = `"v1"`
			case "-":
				s.etag = ""
			}
			b, f := fileBench(t, s, nil)
			got, _, err := b.fetch(f)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if len(got) > 11_000 || !bytes.HasPrefix(s.body, got) {
				t.Errorf("%d bytes", len(got))
			}
		})
	}
}

func TestResumeAfterRestart(t *testing.T) {
	t.Parallel()
	v1 := leak.Validators{ETag: `"v1"`, LastModified: when}
	body := noise(100_000)
	for name, test := range map[string]struct {
		server *brittle
		from   int64
		have   leak.Validators
		starts int64
	}{
		"goes on":                  {&brittle{etag: `"v1"`, lm: when}, 60_000, v1, 60_000},
		"all is here":              {&brittle{etag: `"v1"`, lm: when, statuses: nil}, 100_000, v1, 100_000},
		"another version":          {&brittle{etag: `"v2"`, lm: when}, 60_000, v1, 0},
		"no ranges, same version":  {&brittle{etag: `"v1"`, lm: when, noRange: true}, 60_000, v1, 60_000},
		"no ranges, other version": {&brittle{etag: `"v2"`, noRange: true}, 60_000, v1, 0},
		"nothing known":            {&brittle{etag: `"v1"`}, 60_000, leak.Validators{}, 0},
		"shorter now":              {&brittle{etag: `"v2"`}, 200_000, v1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := test.server
			s.body = body
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if n, err := strconv.Atoi(strings.Trim(r.Header.Get("Range"), "bytes=-")); err == nil && n >= len(body) && !s.noRange {
					w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
					return
				}
				s.ServeHTTP(w, r)
			})
			b, f := fileBench(t, h, nil)
			f.From, f.Validators = test.from, test.have
			got, err := b.Open(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			defer got.Close()
			read, err := io.ReadAll(got)
			if err != nil || got.From != test.starts || got.Size != int64(len(body)) || !bytes.Equal(read, body[test.starts:]) {
				t.Errorf("from %d, want %d; %d bytes of %d, %v; asked %v", got.From, test.starts, len(read), got.Size, err, s.ranges())
			}
		})
	}
}

func TestCuts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size    int
		chunked bool
		cut     string
	}{
		"smaller":         {999, false, ""},
		"exact":           {4096, false, ""},
		"exact, chunked":  {4096, true, ""},
		"larger":          {5000, false, "byte limit 4096: 904 bytes left"},
		"larger, chunked": {5000, true, "byte limit 4096: unknown rest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, f := fileBench(t, &brittle{body: noise(test.size), chunked: test.chunked}, func(s *configs.Source) { s.Limits.MaxBytes = 4096 })
			got, cut, err := b.fetch(f)
			if err != nil || cut != test.cut || len(got) != min(test.size, 4096) {
				t.Errorf("%d bytes, cut %q, %v", len(got), cut, err)
			}
		})
	}
}

func TestTimeLimitCuts(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	b, f := fileBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(make([]byte, 10))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}), func(s *configs.Source) { s.Limits.BodyTime, s.Robots = 200*time.Millisecond, "ignore" })
	defer close(stop)
	got, cut, err := b.fetch(f)
	if err != nil || len(got) != 10 || cut != "time limit 200ms: 990 bytes left" {
		t.Errorf("%d bytes, cut %q, %v", len(got), cut, err)
	}
}

func TestOpenStops(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	b, f := fileBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 10))
		_ = http.NewResponseController(w).Flush()
		<-stop
	}), func(s *configs.Source) { s.Robots = "ignore" })
	defer close(stop)
	ctx, cancel := context.WithCancel(context.Background())
	got, err := b.Open(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if _, err := io.ReadFull(got, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := got.Read(make([]byte, 10)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("s"))
		if n == 429 {
			w.Header().Set("Retry-After", "300")
		}
		w.WriteHeader(n)
	}))
	for status, want := range map[int]struct{ is, mark error }{
		404: {crawler.ErrGone, leak.ErrPermanent}, 410: {crawler.ErrGone, leak.ErrPermanent}, 451: {crawler.ErrGone, leak.ErrPermanent},
		400: {crawler.ErrRefused, leak.ErrPermanent}, 401: {crawler.ErrRefused, leak.ErrPermanent},
		403: {}, 500: {}, 429: {is: crawler.ErrBusy},
	} {
		src := directory(s.URL + "/")
		src.Robots = "ignore"
		b := newBench(t, quick(), crawlerLab(), src)
		_, _, err := b.fetch(leak.Fetch{Source: "dir", Place: b.keys.Place("", fmt.Sprintf("%s/Meikäläinen?s=%d", s.URL, status))})
		switch {
		case err == nil, want.is != nil && !errors.Is(err, want.is), want.mark != nil && !errors.Is(err, want.mark):
			t.Errorf("status %d: %v", status, err)
		case want.mark == nil && (errors.Is(err, leak.ErrPermanent) || errors.Is(err, leak.ErrRule)):
			t.Errorf("status %d is for good: %v", status, err)
		}
	}
	b := newBench(t, quick(), crawlerLab())
	for _, place := range []string{"", "::", "file:///etc/passwd", "http://", "ftp://files.example/x", "http://u:p@files.example/"} {
		if _, _, err := b.fetch(leak.Fetch{Place: b.keys.Place("", place), Tip: true}); !errors.Is(err, leak.ErrRule) {
			t.Errorf("%q: %v", place, err)
		}
	}
	if _, _, err := b.fetch(leak.Fetch{Source: "none", Place: b.keys.Place("", "http://files.example/")}); !errors.Is(err, crawler.ErrUnknownSource) {
		t.Error(err)
	}
}

// TestTips go the way of the source that has their host, and whole.
func TestTips(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/robots.txt": "User-agent: *\nDisallow: /", "/x": "paste"})
	src := directory(s.URL + "/d/")
	src.Legal = leak.LegalMetadata
	b := newBench(t, quick(), crawlerLab(), src)
	body, _, err := b.fetch(leak.Fetch{Source: "tips", Tip: true, Place: b.keys.Place("", s.URL+"/x")})
	if err != nil || string(body) != "paste" {
		t.Errorf("%q %v", body, err)
	}
	stranger := newBench(t, quick(), crawlerLab())
	if _, _, err := stranger.fetch(leak.Fetch{Source: "tips", Tip: true, Place: b.keys.Place("", s.URL+"/x")}); !errors.Is(err, crawler.ErrForbiddenAddress) {
		t.Error(err)
	}
}

// TestAnyBreaks gives the whole body wherever the connection breaks, or an error; never other bytes.
func TestAnyBreaks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		server := &brittle{
			body:    noise(rapid.IntRange(0, 60_000).Draw(rt, "size")),
			breaks:  rapid.SliceOfN(rapid.IntRange(0, 30_000), 0, 6).Draw(rt, "breaks"),
			etag:    rapid.SampledFrom([]string{`"v1"`, `W/"v1"`, ""}).Draw(rt, "etag"),
			lm:      rapid.SampledFrom([]string{when, ""}).Draw(rt, "last-modified"),
			noRange: rapid.Bool().Draw(rt, "no ranges"),
			chunked: rapid.Bool().Draw(rt, "chunked"),
		}
		if rapid.Bool().Draw(rt, "replaced") {
			server.later = func(b *brittle) {
				b.etag, b.lm, b.body = `"v2"`, "Thu, 04 Feb 2021 10:11:12 GMT", noise(70_000)[10_000:]
			}
		}
		first := server.body
		b, f := fileBench(t, server, nil)
		got, cut, err := b.fetch(f)
		if cut != "" {
			rt.Fatal(cut)
		}
		second := server.body
		if err == nil && !bytes.Equal(got, first) && !bytes.Equal(got, second) || !bytes.HasPrefix(first, got) && !bytes.HasPrefix(second, got) {
			rt.Fatalf("%d bytes that are no version's, %v", len(got), err)
		}
	})
}

func TestLook(t *testing.T) {
	t.Parallel()
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.Method == http.MethodHead && q.Get("nohead") != "" {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		for _, h := range []string{"ETag", "Last-Modified"} {
			if v := q.Get(h); v != "" {
				w.Header().Set(h, v)
			}
		}
		status, _ := strconv.Atoi(q.Get("s"))
		w.WriteHeader(max(status, 200))
		if r.Method == http.MethodGet {
			_, _ = w.Write(make([]byte, 1<<20))
		}
	}))
	src := directory(s.URL + "/")
	src.Robots = "ignore"
	b := newBench(t, quick(), crawlerLab(), src)
	for query, test := range map[string]struct {
		was  leak.Validators
		want leak.Liveness
	}{
		`ETag="1"`:                           {leak.Validators{ETag: `"1"`}, leak.Live},
		`ETag=W/"1"`:                         {leak.Validators{ETag: `"1"`}, leak.Live},
		`ETag="2"`:                           {leak.Validators{ETag: `"1"`}, leak.Changed},
		`Last-Modified=a`:                    {leak.Validators{LastModified: "a"}, leak.Live},
		`Last-Modified=b`:                    {leak.Validators{LastModified: "a"}, leak.Changed},
		`x=deleted+with+200`:                 {leak.Validators{ETag: `"1"`}, leak.Changed},
		`x=1`:                                {leak.Validators{}, leak.Live},
		`s=404`:                              {leak.Validators{}, leak.GoneNow},
		`s=410`:                              {leak.Validators{}, leak.GoneNow},
		`s=401`:                              {leak.Validators{}, leak.Unknown},
		`s=500`:                              {leak.Validators{}, leak.Unknown},
		`nohead=1&ETag="1"`:                  {leak.Validators{ETag: `"1"`}, leak.Live},
		`nohead=1&s=404&x=Meik%C3%A4l%C3%A4`: {leak.Validators{ETag: `"1"`}, leak.GoneNow},
	} {
		got, e, err := b.Look(t.Context(), leak.Watch{Source: "dir", Place: b.keys.Place(s.URL, s.URL+"/f?"+query), Validators: test.was})
		if err != nil || got != test.want || e.URL == "" || e.Status == 0 {
			t.Errorf("%s: %s, want %s; %v %+v", query, got, test.want, err, e)
		}
	}
	nobody := b.keys.Place("", "http://127.0.0.1:1/x")
	if got, e, err := b.Look(t.Context(), leak.Watch{Source: "dir", Place: nobody}); got != leak.Unknown || err != nil || e.Error != "connection refused" {
		t.Errorf("%s %+v %v", got, e, err)
	}
}
