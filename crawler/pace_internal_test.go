package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
)

// pipes is a network in memory: it has no clock of its own, so it runs inside synctest.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// inBubble runs a crawler and a server in a world where waiting takes no time.
func inBubble(t *testing.T, config configs.Crawler, h http.HandlerFunc, test func(t *testing.T, c *Crawler)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		s := &http.Server{Handler: h}
		var wg sync.WaitGroup
		wg.Go(func() { _ = s.Serve(p) })
		keys, err := leak.NewPlaceKey(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		var sources []configs.Source
		for _, id := range []string{"a", "b"} {
			sources = append(sources, configs.Source{ID: id, Kind: configs.DirectoryIndex, URL: "http://files.example/" + id + "/", Robots: "ignore"})
		}
		c, err := build(Options{Config: config, Sources: sources, Places: keys}, lab{dial: p.dial, retry: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		test(t, c)
		_ = c.Close()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}

func listing(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `<h1>Index of</h1><a href="x.txt">x</a> 03-Feb-2021 10:11 5`)
}

func listOf(t *testing.T, c *Crawler, source string) (leak.Run, error) {
	t.Helper()
	return c.List(t.Context(), source, func(leak.Page) error { return nil })
}

// TestPaceIsOfTheHost: sources of one host share its pace.
func TestPaceIsOfTheHost(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var at []time.Time
	config := configs.Crawler{Pace: 10 * time.Second, Timeout: time.Minute, Retries: 3}
	inBubble(t, config, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		at = append(at, time.Now())
		mu.Unlock()
		listing(w, r)
	}, func(t *testing.T, c *Crawler) {
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				if _, err := listOf(t, c, []string{"a", "b"}[n%2]); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(at) != 8 {
			t.Fatalf("%d requests", len(at))
		}
		for n := 1; n < len(at); n++ {
			if gap := at[n].Sub(at[n-1]); gap < 10*time.Second || gap > 12*time.Second {
				t.Errorf("%s between requests %d and %d", gap, n, n+1)
			}
		}
	})
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	inBubble(t, configs.Crawler{Pace: time.Hour, Timeout: time.Minute}, listing, func(t *testing.T, c *Crawler) {
		if _, err := listOf(t, c, "a"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := c.List(ctx, "a", func(leak.Page) error { return nil }); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

// TestBusyHostRests: 429 and 503 hold every request to the host back, for as long as it says.
func TestBusyHostRests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status     int
		retryAfter string
		least      time.Duration
		most       time.Duration
	}{
		"seconds": {429, "30", 30 * time.Second, 40 * time.Second},
		"date":    {503, "date", 29 * time.Second, 40 * time.Second},
		"no word": {503, "", firstRest, 2 * firstRest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var busy sync.Once
			inBubble(t, configs.Crawler{Timeout: time.Minute, Retries: 3}, func(w http.ResponseWriter, r *http.Request) {
				first := false
				busy.Do(func() { first = true })
				if !first {
					listing(w, r)
					return
				}
				switch test.retryAfter {
				case "":
				case "date":
					w.Header().Set("Retry-After", time.Now().Add(30*time.Second).UTC().Format(http.TimeFormat))
				default:
					w.Header().Set("Retry-After", test.retryAfter)
				}
				w.WriteHeader(test.status)
			}, func(t *testing.T, c *Crawler) {
				began := time.Now()
				run, err := listOf(t, c, "a")
				if took := time.Since(began); err != nil || !run.Complete || took < test.least || took > test.most {
					t.Errorf("%v after %s", err, took)
				}
			})
		})
	}
}

// TestLongRestIsAnError: nobody holds a lease for an hour because a host is busy.
func TestLongRestIsAnError(t *testing.T) {
	t.Parallel()
	requests := 0
	inBubble(t, configs.Crawler{Timeout: time.Minute, Retries: 3}, func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.Header().Set("Retry-After", "99999999")
		w.WriteHeader(429)
	}, func(t *testing.T, c *Crawler) {
		for _, source := range []string{"a", "b"} {
			began := time.Now()
			if _, err := listOf(t, c, source); !errors.Is(err, ErrBusy) || time.Since(began) > 5*time.Second {
				t.Errorf("%v after %s", err, time.Since(began))
			}
		}
		time.Sleep(maxPause + time.Second)
		if _, err := listOf(t, c, "a"); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		if requests != 2 {
			t.Errorf("%d requests", requests)
		}
	})
}

// TestDeadHostIsLeftAlone: a host that does not answer costs a few tries, not one for every file that it had.
func TestDeadHostIsLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, err := leak.NewPlaceKey(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		dials := 0
		c, err := build(Options{Config: configs.Crawler{Timeout: time.Minute, Retries: 3}, Places: keys,
			Sources: []configs.Source{{ID: "a", Kind: configs.DirectoryIndex, URL: "http://files.example/", Robots: "ignore"}}},
			lab{retry: time.Second, dial: func(context.Context, string, string) (net.Conn, error) {
				dials++
				return nil, syscall.ECONNREFUSED
			}})
		if err != nil {
			t.Fatal(err)
		}
		var last error
		for range 100 {
			_, last = c.Open(t.Context(), leak.Fetch{Source: "a", Place: c.places.Place("", "http://files.example/x")})
		}
		if dials > 20 || !errors.Is(last, ErrBusy) || !strings.Contains(last.Error(), "left alone for") {
			t.Errorf("%d dials, %v", dials, last)
		}
	})
}

// TestSlowServers give nothing for too long, or a byte at a time for ever.
func TestSlowServers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		most    time.Duration
	}{
		"silent head": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 5 * time.Minute},
		"silent body": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, 5 * time.Minute},
		"a byte a second": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, "x"); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Second)
			}
		}, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := configs.Crawler{Timeout: time.Minute, Retries: 2}
			inBubble(t, config, test.handler, func(t *testing.T, c *Crawler) {
				began := time.Now()
				_, err := listOf(t, c, "a")
				if took := time.Since(began); err == nil || took > test.most || ctxErr(err) {
					t.Errorf("listing: %v after %s", err, took)
				}
				began = time.Now()
				body, err := c.Open(t.Context(), leak.Fetch{Source: "a", Place: c.places.Place("", "http://files.example/a/x")})
				if err == nil {
					_, err = io.Copy(io.Discard, body)
					_ = body.Close()
				}
				if took := time.Since(began); err == nil || took > test.most || ctxErr(err) {
					t.Errorf("body: %v after %s", err, took)
				}
			})
		})
	}
}

func ctxErr(err error) bool { return errors.Is(err, context.Canceled) }

// TestOpenBodiesAreBounded: one more waits until one is closed.
func TestOpenBodiesAreBounded(t *testing.T) {
	t.Parallel()
	inBubble(t, configs.Crawler{Timeout: time.Minute, Parallel: 2}, listing, func(t *testing.T, c *Crawler) {
		f := leak.Fetch{Source: "a", Place: c.places.Place("", "http://files.example/a/x")}
		var open []*leak.Body
		for range 2 {
			b, err := c.Open(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, b)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Open(ctx, f); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		for range 2 {
			_ = open[0].Close()
		}
		third, err := c.Open(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		_ = third.Close()
		_ = open[1].Close()
	})
}

func TestRunTimeLimit(t *testing.T) {
	t.Parallel()
	inBubble(t, configs.Crawler{Timeout: time.Hour, Pace: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		for n := range 10 {
			fmt.Fprintf(&b, `<a href="%d/">x</a>`, n)
		}
		_, _ = io.WriteString(w, `<h1>Index of</h1>`+b.String())
	}, func(t *testing.T, c *Crawler) {
		s := c.sources["a"]
		s.Depth, s.Limits.Timeout = 1, 5*time.Minute
		var listings int
		run, err := c.List(t.Context(), "a", func(p leak.Page) error {
			for _, i := range p.Items {
				if i.Listing {
					listings++
				}
			}
			return nil
		})
		if err != nil || run.Complete || !strings.Contains(run.Cut, "time limit 5m0s") || run.Pages < 3 || run.Pages > 6 {
			t.Errorf("%v %+v", err, run)
		}
		if listings == 0 {
			t.Error("what was read has no listing")
		}
	})
}
