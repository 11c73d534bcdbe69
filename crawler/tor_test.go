package crawler_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"leakwatch/crawler"
	"leakwatch/leak"
)

// pattern is a body of any size that no memory holds: every eight bytes say where they stand.
type pattern struct{ at, size int64 }

func (p *pattern) Read(b []byte) (int, error) {
	if p.at >= p.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), p.size-p.at))
	for i := range b[:n] {
		block := uint64(p.at+int64(i)) / 8 * 0x9e3779b97f4a7c15
		b[i] = byte(block >> (8 * (uint64(p.at+int64(i)) % 8)))
	}
	p.at += int64(n)
	return n, nil
}

func (p *pattern) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += p.at
	case io.SeekEnd:
		offset += p.size
	}
	p.at = offset
	return offset, nil
}

func sumOf(t *testing.T, r io.Reader) (string, int64) {
	t.Helper()
	var h hash.Hash = sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil)), n
}

// breaking ends a connection after so many bytes of a body.
type breaking struct {
	http.ResponseWriter
	left int64
}

func (b *breaking) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		panic(http.ErrAbortHandler)
	}
	return b.ResponseWriter.Write(p)
}

// TestTor reads a listing and 200 MB from an onion service whose connection breaks in the middle.
func TestTor(t *testing.T) {
	const size = 200 << 20
	socks, onion, target := os.Getenv("LEAKWATCH_TEST_TOR_SOCKS"), os.Getenv("LEAKWATCH_TEST_TOR_ONION"), os.Getenv("LEAKWATCH_TEST_TOR_TARGET")
	if socks == "" || onion == "" || target == "" {
		t.Skip("LEAKWATCH_TEST_TOR_SOCKS, LEAKWATCH_TEST_TOR_ONION or LEAKWATCH_TEST_TOR_TARGET is not set: " +
			"the SOCKS port of a Tor client, an onion service, and where on loopback it leads")
	}
	l, err := net.Listen("tcp", target)
	if err != nil {
		t.Fatal(err)
	}
	onLoopback(t, l.Addr())
	var requests atomic.Int64
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.EscapedPath() {
		case "/":
			fmt.Fprint(w, `<h1>Index of /</h1><pre><a href="Meik%C3%A4l%C3%A4inen.tar">x</a> 03-Feb-2021 10:11 209715200`+"\n</pre>")
		case "/Meik%C3%A4l%C3%A4inen.tar":
			w.Header().Set("ETag", `"v1"`)
			if requests.Add(1) == 1 {
				w = &breaking{w, size / 2}
			}
			http.ServeContent(w, r, "x.tar", time.Unix(1612347072, 0), &pattern{size: size})
		default:
			t.Errorf("asked for something else")
			http.NotFound(w, r)
		}
	})}
	served := make(chan struct{})
	go func() { _ = s.Serve(l); close(served) }()
	t.Cleanup(func() { _ = s.Close(); <-served })
	config := quick()
	config.TorProxy, config.Timeout = socks, 90*time.Second
	src := directory("http://" + onion + "/")
	src.Network, src.AllowPrivate = leak.Tor, false
	b := newBench(t, config, crawler.Lab{Resolver: noDNS(t), Retry: 200 * time.Millisecond}, src)
	if err := b.CheckSource(context.Background(), src); err != nil {
		t.Fatal(err)
	}
	got, _, run := b.mustList("dir")
	i, ok := got["Meikäläinen.tar"]
	if !ok || i.Size.Max != size || run.Pages != 1 {
		t.Fatalf("%+v", run)
	}
	body, err := b.Open(context.Background(), leak.Fetch{Source: "dir", Place: i.Place})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	sum, n := sumOf(t, body)
	want, _ := sumOf(t, &pattern{size: size})
	if n != size || sum != want || body.Cut() != "" {
		t.Errorf("%d bytes, sum right: %v, cut %q", n, sum == want, body.Cut())
	}
	exchanges := body.Exchanges()
	if requests.Load() < 2 || len(exchanges) < 2 || exchanges[1].Status != http.StatusPartialContent || exchanges[0].Circuit == "" {
		t.Errorf("%d requests, %d exchanges", requests.Load(), len(exchanges))
	}
	for path, want := range map[string]leak.Liveness{i.Place.Reveal(): leak.Live} {
		if live, _, err := b.Look(context.Background(), leak.Watch{Source: "dir", Place: b.keys.Place(src.URL, path), Validators: body.Validators}); live != want || err != nil {
			t.Errorf("%s %v", live, err)
		}
	}
	wrong := directory("http://" + onion + "/")
	wrong.ID = "wrong"
	if err := b.CheckSource(context.Background(), wrong); !errors.Is(err, crawler.ErrOnion) {
		t.Error(err)
	}
}
