package crawler_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"leakwatch/configs"
	"leakwatch/crawler"
	"leakwatch/leak"
)

// An onion address made from 32 bytes of 1, with its checksum.
const onion = "aeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaea37ead.onion"

// socks is a SOCKS5 proxy that notes what it is asked for and answers every connection with one server.
type socks struct {
	mu     sync.Mutex
	users  map[string]bool
	hosts  []string
	target string
	addr   string
}

func newSocks(t *testing.T, target string) *socks {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	onLoopback(t, l.Addr())
	s := &socks{users: map[string]bool{}, target: target, addr: l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return s
}

func (s *socks) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	host, err := s.greet(r, c)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.hosts = append(s.hosts, host)
	s.mu.Unlock()
	up, err := net.Dial("tcp", s.target)
	if err != nil {
		return
	}
	defer up.Close()
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	done := make(chan struct{})
	go func() { _, _ = io.Copy(up, r); _ = up.(*net.TCPConn).CloseWrite(); close(done) }()
	_, _ = io.Copy(c, up)
	_ = c.Close()
	<-done
}

// greet speaks RFC 1928 and 1929, and refuses what is no domain name.
func (s *socks) greet(r *bufio.Reader, c net.Conn) (string, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	if _, err := r.Discard(int(head[1])); err != nil {
		return "", err
	}
	_, _ = c.Write([]byte{5, 2})
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	user := make([]byte, head[1])
	if _, err := io.ReadFull(r, user); err != nil {
		return "", err
	}
	n, err := r.ReadByte()
	if err != nil {
		return "", err
	}
	if _, err := r.Discard(int(n)); err != nil {
		return "", err
	}
	_, _ = c.Write([]byte{1, 0})
	s.mu.Lock()
	s.users[string(user)] = true
	s.mu.Unlock()
	ask := make([]byte, 5)
	if _, err := io.ReadFull(r, ask); err != nil {
		return "", err
	}
	if ask[3] != 3 {
		return "", errors.New("not a name")
	}
	name := make([]byte, int(ask[4])+2)
	if _, err := io.ReadFull(r, name); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s:%d", name[:ask[4]], binary.BigEndian.Uint16(name[ask[4]:])), nil
}

// noDNS is a resolver that fails the test when anybody asks it.
func noDNS(t *testing.T) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a name was asked for at a resolver")
		return nil, errors.New("no resolver in this test")
	}}
}

func TestTorNamesGoToTheProxy(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/": `<h1>Index of</h1><a href="x.txt">x</a> 03-Feb-2021 10:11 5`, "/x.txt": "hello"})
	proxy := newSocks(t, s.Listener.Addr().String())
	config := quick()
	config.TorProxy = proxy.addr
	one, two, clear := directory("http://"+onion+"/"), directory("http://www."+onion+":81/"), directory("http://clear.example/")
	one.ID, two.ID, clear.ID = "one", "two", "clear"
	for _, src := range []*configs.Source{&one, &two, &clear} {
		src.Network, src.AllowPrivate = leak.Tor, false
	}
	b := newBench(t, config, crawler.Lab{Resolver: noDNS(t)}, one, two, clear)
	circuits := map[string]bool{}
	for _, id := range []string{"one", "two", "clear"} {
		for range 2 {
			pages, run, err := b.list(id)
			if err != nil || !run.Complete {
				t.Fatal(err, run)
			}
			circuits[pages[0].Exchange.Circuit] = true
			if pages[0].Exchange.Network != leak.Tor || pages[0].Place.Shown() == "" {
				t.Errorf("exchange %+v", pages[0].Exchange.Network)
			}
			body, _, err := b.fetch(leak.Fetch{Source: id, Place: pages[0].Items[0].Place})
			if err != nil || string(body) != "hello" {
				t.Errorf("%q %v", body, err)
			}
		}
	}
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	if len(proxy.users) != 3 || len(circuits) != 3 {
		t.Errorf("%d SOCKS users for 3 sources, %d circuits in the evidence", len(proxy.users), len(circuits))
	}
	for _, h := range proxy.hosts {
		if h != onion+":80" && h != "www."+onion+":81" && h != "clear.example:80" {
			t.Errorf("the proxy was asked for %s", h)
		}
	}
}

func TestOnionIsNeverDialledDirectly(t *testing.T) {
	t.Parallel()
	dial := func(context.Context, string, string) (net.Conn, error) {
		t.Error("something was dialled")
		return nil, errors.New("no network in this test")
	}
	for _, host := range []string{onion, strings.ToUpper(onion), onion + ".", "x." + onion, "short.onion", "onion", "aeaqc。onion"} {
		b := newBench(t, quick(), crawler.Lab{Resolver: noDNS(t), Dial: dial}, directory("http://"+host+"/"))
		if _, run, err := b.list("dir"); !errors.Is(err, crawler.ErrOnion) {
			t.Errorf("%s: %v %s", host, err, run.Err)
		}
	}
	wrong := strings.Replace(onion, "aeaqcai", "aeaqcaj", 1)
	for _, host := range []string{wrong, "expyuzz4wqqyqhjn.onion", "x.onion", strings.Repeat("a", 56) + ".onion"} {
		src := directory("http://" + host + "/")
		src.Network = leak.Tor
		b := newBench(t, quick(), crawler.Lab{Resolver: noDNS(t), Dial: dial}, src)
		if _, run, err := b.list("dir"); !errors.Is(err, crawler.ErrOnion) || !errors.Is(err, leak.ErrRule) {
			t.Errorf("%s: %v %s", host, err, run.Err)
		}
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	s := site(t, pages{"/": `<h1>Index of</h1><a href="x.txt">x</a>`})
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	for _, host := range []string{"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
		"[fe80::1]", "[fd00:ec2::254]", "224.0.0.1", "127.1", "2130706433", "0x7f.1", "192.168.0.1", "[64:ff9b::7f00:1]", "168.63.129.16", "router.local"} {
		for _, network := range []leak.Network{leak.Direct, leak.Tor} {
			src := directory("http://" + host + port + "/")
			src.AllowPrivate, src.Network = false, network
			b := newBench(t, quick(), crawlerLab(), src)
			if _, _, err := b.list("dir"); !errors.Is(err, crawler.ErrForbiddenAddress) {
				t.Errorf("%s by %s: %v", host, network, err)
			}
		}
	}
}

// TestNamesThatResolveToPrivateAddresses is what the dialer's own guard is for.
func TestNamesThatResolveToPrivateAddresses(t *testing.T) {
	t.Parallel()
	src := directory("http://rebind.example/")
	src.AllowPrivate = false
	b := newBench(t, quick(), crawler.Lab{Resolver: localResolver(t, [4]byte{127, 0, 0, 1})}, src)
	if _, _, err := b.list("dir"); !errors.Is(err, crawler.ErrForbiddenAddress) {
		t.Error(err)
	}
}

// localResolver answers every question for an address.
func localResolver(t *testing.T, ip [4]byte) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() { // ends with the resolver's connection
			defer there.Close()
			for {
				b := make([]byte, 2)
				if _, err := io.ReadFull(there, b); err != nil {
					return
				}
				q := make([]byte, binary.BigEndian.Uint16(b))
				if _, err := io.ReadFull(there, q); err != nil {
					return
				}
				a := dnsAnswer(q, ip)
				_, _ = there.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...))
			}
		}()
		return here, nil
	}}
}

func dnsAnswer(q []byte, ip [4]byte) []byte {
	end := 12
	for q[end] != 0 {
		end += int(q[end]) + 1
	}
	kind := q[end+2]
	a := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end+5]...)
	if kind == 1 {
		a[7] = 1
		a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ip[0], ip[1], ip[2], ip[3])
	}
	return a
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := site(t, pages{"/there.txt": "moved body", "/": `<h1>Index of</h1><a href="x">x</a>`})
	s := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" || r.Header.Get("Cookie") != "" {
			t.Errorf("headers %v", r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "id", Value: "1"})
		to := map[string]string{"/a.txt": other.URL + "/there.txt", "/loop.txt": "/loop.txt", "/ftp.txt": "ftp://files.example/x", "/meta.txt": "http://169.254.169.254/latest",
			"/onion.txt": "http://" + onion + "/", "/dir": "/dir/", "/away/": strings.Replace(other.URL, "127.0.0.1", "127.0.0.2", 1) + "/", "/Meik%C3%A4l%C3%A4inen": "/dir/"}[r.URL.EscapedPath()]
		switch {
		case to != "":
			http.Redirect(w, r, to, http.StatusFound)
		case r.URL.Path == "/dir/":
			fmt.Fprint(w, `<h1>Index of</h1><a href="x.txt">x</a> 03-Feb-2021 10:11 5`)
		default:
			http.NotFound(w, r)
		}
	}))
	b := newBench(t, quick(), crawlerLab(), directory(s.URL+"/dir"), func() configs.Source { d := directory(s.URL + "/away/"); d.ID = "away"; return d }())
	pages, _, err := b.list("dir")
	if err != nil || pages[0].Place.Reveal() != s.URL+"/dir/" || len(pages[0].Exchange.Redirects) != 1 || !strings.Contains(string(pages[0].Exchange.Response), "302 Found") {
		t.Errorf("%v %+v", err, pages)
	}
	if _, _, err := b.list("away"); !errors.Is(err, crawler.ErrScope) {
		t.Errorf("a listing went to another host: %v", err)
	}
	at := func(path string) leak.Fetch { return leak.Fetch{Source: "dir", Place: b.keys.Place(s.URL, s.URL+path)} }
	got, err := b.Open(t.Context(), at("/a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(got)
	_ = got.Close()
	if e := got.Exchanges(); string(body) != "moved body" || len(e) != 1 || len(e[0].Redirects) != 1 || e[0].Redirects[0] != other.URL+"/there.txt" {
		t.Errorf("%q %+v", body, e)
	}
	for path, want := range map[string]error{"/loop.txt": crawler.ErrRedirects, "/ftp.txt": crawler.ErrScope, "/onion.txt": crawler.ErrOnion} {
		if _, err := b.Open(t.Context(), at(path)); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestRedirectIntoTheHouse: a public server sends us to a private address.
func TestRedirectIntoTheHouse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1/secret", http.StatusFound)
	}))
	_ = s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	src := directory("http://public.example/")
	src.AllowPrivate = false
	b := newBench(t, quick(), crawler.Lab{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
	}}, src)
	if _, err := b.Open(t.Context(), leak.Fetch{Source: "dir", Place: b.keys.Place("", "http://public.example/x")}); !errors.Is(err, crawler.ErrForbiddenAddress) {
		t.Error(err)
	}
}
