package crawler_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/configs"
	"leakwatch/crawler"
	"leakwatch/leak"
)

const oneFile = `<h1>Index of</h1><a href="x.txt">x</a> 03-Feb-2021 10:11 5`

func TestHeadersAreAFixedSet(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	heads := map[string]http.Header{}
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		heads[r.URL.Path] = r.Header.Clone()
		mu.Unlock()
		fmt.Fprint(w, oneFile)
	}))
	config := quick()
	config.UserAgent = "leakwatch/9 (contact@example.test)"
	token := filepath.Join(t.TempDir(), "token")
	if err := configs.WriteSecret(token, []byte("s3cret\n")); err != nil {
		t.Fatal(err)
	}
	src := directory(s.URL + "/")
	src.AuthFile, src.AuthAs, src.Headers = token, "bearer", map[string]string{"X-Mine": "1"}
	b := newBench(t, config, crawlerLab(), src)
	pages, _, err := b.list("dir")
	if err != nil {
		t.Fatal(err)
	}
	if request := string(pages[0].Exchange.Request); strings.Contains(request, "s3cret") || !strings.Contains(request, "Authorization: <secret>\r\n") {
		t.Errorf("evidence holds the token: %q", request)
	}
	if _, _, err := b.fetch(leak.Fetch{Source: "dir", Place: pages[0].Items[0].Place}); err != nil {
		t.Fatal(err)
	}
	common := http.Header{"Connection": {"close"}, "User-Agent": {config.UserAgent}, "Authorization": {"Bearer s3cret"}, "X-Mine": {"1"}}
	want := func(accept, encoding string) http.Header {
		h := common.Clone()
		h.Set("Accept", accept)
		h.Set("Accept-Encoding", encoding)
		return h
	}
	mu.Lock()
	defer mu.Unlock()
	if d := cmp.Diff(want("application/json, text/html;q=0.9, application/xhtml+xml;q=0.9, */*;q=0.5", "gzip"), heads["/"]); d != "" {
		t.Error("listing:", d)
	}
	if d := cmp.Diff(want("*/*", "identity"), heads["/x.txt"]); d != "" {
		t.Error("body:", d)
	}
	if d := cmp.Diff(want("text/plain, */*;q=0.1", "identity"), heads["/robots.txt"]); d != "" {
		t.Error("robots:", d)
	}
}

// TestTokensStayAtHome: a source's token goes to the hosts that its configuration names, and a file that others can read
// is refused.
func TestTokensStayAtHome(t *testing.T) {
	t.Parallel()
	var leaked atomic.Bool
	other := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked.Store(leaked.Load() || r.Header.Get("X-Api-Key") != "" || r.Header.Get("X-Mine") != "")
		fmt.Fprint(w, "body")
	}))
	s := site(t, http.RedirectHandler(other.URL+"/x", http.StatusFound))
	token := filepath.Join(t.TempDir(), "token")
	if err := configs.WriteSecret(token, []byte("s3cret")); err != nil {
		t.Fatal(err)
	}
	src := directory(s.URL + "/")
	src.AuthFile, src.AuthAs, src.Headers, src.Robots = token, "X-Api-Key", map[string]string{"X-Mine": "1"}, "ignore"
	b := newBench(t, quick(), crawlerLab(), src)
	f := leak.Fetch{Source: "dir", Place: b.keys.Place(s.URL, s.URL+"/a")}
	if body, _, err := b.fetch(f); err != nil || string(body) != "body" || leaked.Load() {
		t.Errorf("%q %v, leaked %v", body, err, leaked.Load())
	}
	if runtime.GOOS == "windows" {
		return // rights are not modes there; configs tests them
	}
	if err := os.Chmod(token, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.fetch(f); err == nil || !strings.Contains(err.Error(), "auth_file") || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}

// TestEnvironmentIsNotAsked plants what colly would take over.
func TestEnvironmentIsNotAsked(t *testing.T) {
	for k, v := range map[string]string{"USER_AGENT": "evil", "MAX_BODY_SIZE": "10", "CACHE_DIR": t.TempDir(), "DISALLOWED_DOMAINS": "127.0.0.1", "FOLLOW_REDIRECTS": "n"} {
		t.Setenv("COLLY_"+k, v)
	}
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() == "evil" {
			t.Error("the environment's user agent was sent")
		}
		fmt.Fprint(w, oneFile)
	}))
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	if _, ok := os.LookupEnv("COLLY_USER_AGENT"); ok {
		t.Error("the environment still has it")
	}
	t.Setenv("COLLY_USER_AGENT", "evil") // planted after New
	t.Setenv("COLLY_MAX_BODY_SIZE", "10")
	b.mustList("dir")
}

func TestExchangesAreExact(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.Header().Set("X-Odd", "  spaced  ")
		w.Header().Set("Content-Length", "58")
		_, _ = io.WriteString(w, oneFile)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	b := newBench(t, quick(), crawler.Lab{Roots: pool}, directory(s.URL+"/"))
	for range 2 {
		pages, _, err := b.list("dir")
		if err != nil {
			t.Fatal(err)
		}
		e := pages[0].Exchange
		sum := sha256.Sum256(s.Certificate().Raw)
		if e.Certificate != hex.EncodeToString(sum[:]) || e.Status != 200 || e.Method != "GET" || e.URL != s.URL+"/" || e.At.IsZero() {
			t.Errorf("%+v", e)
		}
		if e.ClockOffset < 59*time.Minute || e.ClockOffset > 61*time.Minute {
			t.Errorf("clock offset %s", e.ClockOffset)
		}
		request, response := string(e.Request), string(e.Response)
		if !strings.HasPrefix(request, "GET / HTTP/1.1\r\nHost: "+s.Listener.Addr().String()+"\r\nUser-Agent: ") || !strings.HasSuffix(request, "\r\n\r\n") {
			t.Errorf("request %q", request)
		}
		if !strings.HasPrefix(response, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(response, "\r\n\r\n") || strings.Count(response, "HTTP/1.1") != 1 {
			t.Errorf("response %q", response)
		}
		if string(pages[0].Raw) != oneFile {
			t.Errorf("raw %q", pages[0].Raw)
		}
	}
	untrusted := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	if _, run, err := untrusted.list("dir"); err == nil || !strings.Contains(run.Err, "certificate is not trusted") {
		t.Error(err, run.Err)
	}
}

// TestServersThatSpeakUnasked: net/http logs what it did not ask for. There must be no such thing.
func TestServersThatSpeakUnasked(t *testing.T) {
	var std lockedBuffer
	old := log.Writer()
	log.SetOutput(&std)
	defer log.SetOutput(old)
	const word = "131052-308T Meikäläinen"
	for name, test := range map[string]struct{ before, answer string }{
		"before":      {word + "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		"after":       {"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + word},
		"no HTTP":     {"", word + "\r\n\r\n"},
		"bad header":  {"", "HTTP/1.1 200 OK\r\n" + word + "\r\n\r\n"},
		"bad status":  {"", "HTTP/1.1 " + word + "\r\n\r\n"},
		"bad chunks":  {"", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + word + "\r\n"},
		"bad length":  {"", "HTTP/1.1 200 OK\r\nContent-Length: " + word + "\r\n\r\n"},
		"bad to":      {"", "HTTP/1.1 302 Found\r\nLocation: http://[" + word + "/\r\n\r\n"},
		"endless":     {"", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat(word, 10_000)},
		"bad coding":  {"", "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + word + "\r\n\r\n"},
		"bad cookies": {"", "HTTP/1.1 404 " + word + "\r\nSet-Cookie: =" + word + "; Domain=" + word + "\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			port := speak(t, test.before, test.answer)
			src := directory(fmt.Sprintf("http://127.0.0.1:%d/Meik%%C3%%A4l%%C3%%A4inen/", port))
			src.Robots = "ignore"
			config := quick()
			config.Retries = 1 // with more the host would be left alone
			b := newBench(t, config, crawlerLab(), src)
			_, run, err := b.list("dir")
			if err == nil || run.Err == "" {
				t.Errorf("%v %+v", err, run)
			}
			_, _, _ = b.fetch(leak.Fetch{Source: "dir", Place: b.keys.Place("", src.URL)})
		})
	}
	discreet(t, "log of the standard library", std.String())
	if std.String() != "" {
		t.Error(std.String())
	}
}

// speak serves connections that say one thing at once and another when asked.
func speak(t *testing.T, before, answer string) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	onLoopback(t, l.Addr())
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				_, _ = io.WriteString(c, before)
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, answer)
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, c)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return l.Addr().(*net.TCPAddr).Port
}

func TestListingsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	zeros := func(n int64) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.CopyN(z, zeroReader{}, n)
		_ = z.Close()
		return b.Bytes()
	}
	bomb := zeros(64 << 20)
	fine := func() []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, oneFile)
		_ = z.Close()
		return b.Bytes()
	}()
	for name, test := range map[string]struct {
		head map[string]string
		body []byte
		want error
	}{
		"plain":         {nil, bytes.Repeat([]byte("x"), 2<<20), crawler.ErrTooLarge},
		"bomb":          {map[string]string{"Content-Encoding": "gzip"}, bomb, crawler.ErrTooLarge},
		"typed as gzip": {map[string]string{"Content-Type": "application/gzip"}, bomb, crawler.ErrListing},
		"named xml.gz":  {map[string]string{"Content-Type": "application/x-gzip; charset=x"}, bomb, crawler.ErrListing},
		"other coding":  {map[string]string{"Content-Encoding": "br"}, fine, crawler.ErrListing},
		"broken gzip":   {map[string]string{"Content-Encoding": "gzip"}, fine[:20], crawler.ErrListing},
		"good gzip":     {map[string]string{"Content-Encoding": "gzip"}, fine, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for k, v := range test.head {
					w.Header().Set(k, v)
				}
				_, _ = w.Write(test.body)
			}))
			config := quick()
			config.ListingBytes = 1 << 20
			src := directory(s.URL + "/a.xml.gz")
			src.Robots = "ignore"
			b := newBench(t, config, crawlerLab(), src)
			pages, run, err := b.list("dir")
			if !errors.Is(err, test.want) || run.Complete != (test.want == nil) {
				t.Errorf("%v %+v", err, run)
			}
			if len(pages) != 1 || len(pages[0].Raw) > 1<<20 {
				t.Errorf("%d pages", len(pages))
			}
		})
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestRobots(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	rules := "User-agent: *\nDisallow: /\n\nodd line\nUser-Agent: Leakwatch # us\nCrawl-delay: x\nDisallow: /d/secret\nAllow: /d/\n"
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			asked.Add(1)
			fmt.Fprint(w, rules)
			return
		}
		fmt.Fprint(w, `<h1>Index of</h1><a href="secret.txt">s</a> <a href="x.txt">x</a>`)
	}))
	closed := directory(s.URL + "/d/secret/")
	closed.ID = "closed"
	ignore := directory(s.URL + "/d/secret/")
	ignore.ID, ignore.Robots = "ignore", "ignore"
	src := directory(s.URL + "/d/")
	src.Limits.MaxPages = 1
	b := newBench(t, quick(), crawlerLab(), src, closed, ignore)
	got, _, _ := b.mustList("dir")
	if i := got["secret.txt"]; i.Fetch || i.Skip != "robots.txt" || !got["x.txt"].Fetch {
		t.Errorf("%+v", i)
	}
	if _, _, err := b.fetch(leak.Fetch{Source: "dir", Place: got["secret.txt"].Place}); !errors.Is(err, crawler.ErrRobots) || !errors.Is(err, leak.ErrRule) {
		t.Error(err)
	}
	if _, run, err := b.list("closed"); !errors.Is(err, crawler.ErrRobots) || !strings.Contains(run.Err, "robots.txt") {
		t.Error(err, run.Err)
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
	b.mustList("ignore")
}

func TestRobotsOfAFailingServer(t *testing.T) {
	t.Parallel()
	for status, allowed := range map[int]bool{404: true, 403: true, 500: false, 502: false} {
		s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				w.WriteHeader(status)
			}
			fmt.Fprint(w, oneFile)
		}))
		_, _, err := newBench(t, quick(), crawlerLab(), directory(s.URL+"/")).list("dir")
		if allowed != (err == nil) || !allowed && !errors.Is(err, crawler.ErrRobots) {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func TestNoRobotsOnOnions(t *testing.T) {
	t.Parallel()
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			t.Error("robots.txt was asked for on Tor")
		}
		if !strings.HasPrefix(r.UserAgent(), "Mozilla/5.0 ") {
			t.Errorf("user agent on Tor: %s", r.UserAgent())
		}
		fmt.Fprint(w, oneFile)
	}))
	config := quick()
	config.TorProxy = newSocks(t, s.Listener.Addr().String()).addr
	src := directory("http://" + onion + "/")
	src.Network = leak.Tor
	newBench(t, config, crawlerLab(), src).mustList("dir")
}

func TestJSONFirst(t *testing.T) {
	t.Parallel()
	var accepts []string
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		accepts = append(accepts, strings.SplitN(r.Header.Get("Accept"), ",", 2)[0])
		if strings.Contains(r.Header.Get("Accept"), "json") {
			fmt.Fprint(w, `["x.txt","sub"]`) // names only: Express
			return
		}
		fmt.Fprint(w, `<h1>Index of</h1><ul id="files"><li><a href="/x.txt" class="icon"><span class="name">x.txt</span><span class="size">5</span></a></li></ul>`)
	}))
	src := directory(s.URL + "/")
	src.Robots = "ignore"
	got, _, _ := newBench(t, quick(), crawlerLab(), src).mustList("dir")
	if !slices.Equal(accepts, []string{"application/json", "text/html"}) || got["x.txt"].Size.Max != 5 || len(got) != 1 {
		t.Errorf("%v %v", accepts, got)
	}
}

func TestCheckSource(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/": oneFile, "/Meik%C3%A4l%C3%A4inen/": "no listing"})
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/"))
	if err := b.CheckSource(t.Context(), directory(s.URL+"/")); err != nil {
		t.Error(err)
	}
	tor := directory("http://" + onion + "/")
	tor.ID, tor.Network = "tor", leak.Tor
	for want, src := range map[string]configs.Source{
		"needs network tor":  func() configs.Source { d := directory("http://" + onion + "/"); d.ID = "o"; return d }(),
		"status 404":         func() configs.Source { d := directory(s.URL + "/nothing/"); d.ID = "n"; return d }(),
		"neither HTML":       func() configs.Source { d := directory(s.URL + "/Meikäläinen/"); d.ID = "m"; return d }(),
		"private address":    func() configs.Source { d := directory(s.URL); d.ID, d.AllowPrivate = "p", false; return d }(),
		"connection refused": func() configs.Source { d := directory("http://127.0.0.1:1/"); d.ID = "r"; return d }(),
	} {
		err := b.CheckSource(t.Context(), src)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
			continue
		}
		discreet(t, "error", err.Error())
	}
	config := quick()
	config.TorProxy = "127.0.0.1:1"
	if err := newBench(t, config, crawlerLab()).CheckSource(t.Context(), tor); err == nil || !strings.Contains(err.Error(), "tor proxy 127.0.0.1:1: connection refused") {
		t.Error(err)
	}
}
