package crawler

import (
	"crypto/sha3"
	"encoding/base32"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"leakwatch/leak"
)

// closed are the ranges, beside those that netip names, where no public server is: IANA's special-purpose registries,
// ranges that carry a v4 address inside a v6 one, and Azure's metadata address, the one that looks public.
var closed = func() []netip.Prefix {
	var list []netip.Prefix
	for _, p := range strings.Fields(`0.0.0.0/8 100.64.0.0/10 168.63.129.16/32 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
		198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
		::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fec0::/10`) {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}()

// private says whether an address is none of the internet's.
func private(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() {
		return true
	}
	for _, p := range closed {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// guard is asked by the dialer with the address that a name resolved to, right before it connects: what a name resolves
// to between two questions changes nothing.
func guard(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ErrForbiddenAddress
	}
	a, err := netip.ParseAddr(host)
	if err != nil || private(a) {
		return ErrForbiddenAddress
	}
	return nil
}

// isOnion says whether a host is of Tor's top-level domain, however it is spelled.
func isOnion(host string) bool {
	host = strings.TrimRight(strings.ToLower(host), ".")
	return host == "onion" || strings.HasSuffix(host, ".onion")
}

// checkOnion checks a v3 onion address without asking anybody: version and checksum as Tor's rend-spec-v3 section 6 says.
func checkOnion(host string) error {
	name := strings.TrimSuffix(strings.ToLower(host), ".onion")
	name = name[strings.LastIndexByte(name, '.')+1:]
	b, err := base32.StdEncoding.DecodeString(strings.ToUpper(name))
	if err != nil || len(b) != 35 {
		return fmt.Errorf("not one of version 3: %w", ErrOnion)
	}
	if b[34] != 3 {
		return fmt.Errorf("of version %d, want 3: %w", b[34], ErrOnion)
	}
	sum := sha3.Sum256(append(append([]byte(".onion checksum"), b[:32]...), 3))
	if sum[0] != b[32] || sum[1] != b[33] {
		return fmt.Errorf("wrong checksum: %w", ErrOnion)
	}
	return nil
}

// checkURL says whether a network may be asked for a URL at all. What a name resolves to is looked at by the dialer.
func checkURL(u *url.URL, n leak.Network, allowPrivate bool) error {
	if s := strings.ToLower(u.Scheme); s != "http" && s != "https" {
		return fmt.Errorf("neither http nor https: %w", ErrScope)
	}
	if u.Opaque != "" || u.Hostname() == "" || u.User != nil {
		return fmt.Errorf("no plain host: %w", ErrScope)
	}
	return checkHost(u.Hostname(), n, allowPrivate)
}

func checkHost(host string, n leak.Network, allowPrivate bool) error {
	host = strings.TrimRight(strings.ToLower(host), ".")
	if isOnion(host) {
		if n != leak.Tor {
			return fmt.Errorf("needs network tor, is never resolved or dialled directly: %w", ErrOnion)
		}
		return checkOnion(host)
	}
	if allowPrivate {
		return nil
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if private(a) {
			return ErrForbiddenAddress
		}
		return nil
	}
	if numeric(host) || inside(host) {
		return ErrForbiddenAddress
	}
	return nil
}

// numeric says whether a host that is no plain address would be read as one by some resolvers: 127.1, 2130706433, 0x7f.1.
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" {
		return true
	}
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// inside says whether a name is of a network of its own, which an exit of Tor might resolve to itself.
func inside(host string) bool {
	if !strings.Contains(host, ".") {
		return true
	}
	for _, d := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp"} {
		if strings.HasSuffix(host, d) {
			return true
		}
	}
	return false
}
