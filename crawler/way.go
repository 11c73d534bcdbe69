package crawler

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/proxy"

	"leakwatch/leak"
)

// way is how one source's requests leave the machine: its own connections, and on Tor its own circuits.
type way struct {
	network      leak.Network
	circuit      string // SOCKS user
	allowPrivate bool
	transport    *http.Transport
	dial         dialFunc
	roots        *x509.CertPool
	timeout      time.Duration
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// wayOptions are what New and tests say of a way.
type wayOptions struct {
	network      leak.Network
	allowPrivate bool
	torProxy     string
	timeout      time.Duration
	roots        *x509.CertPool // nil means the system's
	resolver     *net.Resolver  // nil means the system's
	dial         dialFunc       // instead of the internet
}

func newWay(o wayOptions) (*way, error) {
	w := &way{network: o.network, allowPrivate: o.allowPrivate, roots: o.roots, timeout: o.timeout}
	switch {
	case o.dial != nil:
		w.dial = o.dial
	case o.network == leak.Tor:
		if err := w.throughTor(o.torProxy); err != nil {
			return nil, err
		}
	default:
		d := &net.Dialer{Timeout: o.timeout, Resolver: o.resolver}
		if !o.allowPrivate {
			d.Control = guard
		}
		w.dial = d.DialContext
	}
	w.transport = &http.Transport{
		DialContext:           w.dialPlain,
		DialTLSContext:        w.dialTLS,
		TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 only: its heads can be kept as they are
		DisableCompression:    true,
		DisableKeepAlives:     true, // net/http logs what comes over an idle connection, and each exchange is one for itself
		ResponseHeaderTimeout: o.timeout,
		ExpectContinueTimeout: time.Second,

		MaxResponseHeaderBytes: maxHead,
	}
	return w, nil
}

// throughTor dials by SOCKS5. The proxy resolves names. User and password are random for each way and process: Tor puts
// streams of different users on different circuits.
func (w *way) throughTor(address string) error {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	w.circuit = "lw-" + hex.EncodeToString(b[:8])
	auth := &proxy.Auth{User: w.circuit, Password: hex.EncodeToString(b[8:])}
	d, err := proxy.SOCKS5("tcp", address, auth, &net.Dialer{Timeout: w.timeout})
	if err != nil {
		return fmt.Errorf("tor proxy: %w", plain(err))
	}
	socks, ok := d.(proxy.ContextDialer)
	if !ok {
		return fmt.Errorf("tor proxy: its dialer knows no context")
	}
	w.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, w.timeout)
		defer cancel()
		return socks.DialContext(ctx, network, address)
	}
	return nil
}

// connect looks at the host once more, in the spelling that is dialled: this is where an onion address would leave for a
// resolver.
func (w *way) connect(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, ErrScope
	}
	if err := checkHost(host, w.network, w.allowPrivate); err != nil {
		return nil, err
	}
	return w.dial(ctx, network, address)
}

func (w *way) dialPlain(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := w.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return newWireConn(c, ""), nil
}

func (w *way) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := w.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, ErrScope
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	t := tls.Client(c, &tls.Config{ServerName: host, RootCAs: w.roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	if err := t.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	sum := sha256.Sum256(t.ConnectionState().PeerCertificates[0].Raw)
	return newWireConn(t, hex.EncodeToString(sum[:])), nil
}
