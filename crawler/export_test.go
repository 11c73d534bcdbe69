package crawler

import (
	"crypto/x509"
	"net"
	"time"
)

// Lab is what tests put in place of the world.
type Lab struct {
	Dial     dialFunc
	Roots    *x509.CertPool
	Resolver *net.Resolver
	Retry    time.Duration
}

// NewLab makes a crawler in a lab.
func NewLab(o Options, l Lab) (*Crawler, error) {
	return build(o, lab{dial: l.Dial, roots: l.Roots, resolver: l.Resolver, retry: l.Retry})
}
