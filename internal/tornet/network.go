//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	relays = 6
	nodes  = relays + 3 // and the authority, the client, the onion service's node

	resolvFile = "resolv.conf"
)

// node is one process of Tor.
type node struct {
	name, dir                       string
	control, orPort, dirPort, socks int
	ended                           chan struct{} // closed when the process has ended
	err                             error         // why; valid once ended is closed
}

// network is a network that is being started.
type network struct {
	settings
	began         time.Time
	ports         ports
	auth, client  *node
	service       *node
	relayNodes    []*node
	started       []*node
	dirAuth, host string // the DirAuthority line of every torrc; the onion service's name
}

// variables are what tests read.
func (w *network) variables() string {
	return fmt.Sprintf("LEAKWATCH_TEST_TOR_SOCKS=%s\nLEAKWATCH_TEST_TOR_ONION=%s:%d\nLEAKWATCH_TEST_TOR_TARGET=%s\n",
		address(w.client.socks), w.host, w.port, address(w.target))
}

func (w *network) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "tornet: %5.1fs %s\n", time.Since(w.began).Seconds(), fmt.Sprintf(format, args...))
}

// noDefaults is an empty file in place of the system's torrc-defaults.
func (w *network) noDefaults() string { return filepath.Join(w.dir, "torrc-defaults") }

// bootstrap starts everything and returns when all of it works end to end.
func (w *network) bootstrap(ctx context.Context) error {
	defer w.ports.releaseAll()
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"folders and ports", func(context.Context) error { return w.makeNodes() }},
		{"keys of the authority", w.makeAuthority},
		{"registration of the relays", w.startRelays},
		{"first consensus", w.vote},
		{"consensus at the relays", w.fetchConsensus},
		{"client and onion service", w.startClients},
		{"all of it, end to end", w.check},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		w.say("%s", step.name)
	}
	return nil
}

func (w *network) makeNodes() error {
	err := errors.Join(os.WriteFile(w.noDefaults(), nil, 0o600),
		os.WriteFile(filepath.Join(w.dir, resolvFile), []byte("nameserver 127.0.0.1:1\n"), 0o600))
	if err != nil {
		return err
	}
	for i := range relays {
		w.relayNodes = append(w.relayNodes, &node{name: "relay" + strconv.Itoa(i)})
	}
	w.auth, w.client, w.service = &node{name: "authority"}, &node{name: "client"}, &node{name: "service"}
	for _, n := range slices.Concat(w.relayNodes, []*node{w.auth, w.client, w.service}) {
		n.dir = filepath.Join(w.dir, "nodes", n.name)
		if err := os.MkdirAll(filepath.Join(n.dir, "keys"), 0o700); err != nil {
			return err
		}
		for _, p := range []*int{&n.control, &n.orPort, &n.dirPort, &n.socks} {
			if *p, err = w.ports.take(); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeAuthority makes the authority's keys, and the line by which all nodes know it.
func (w *network) makeAuthority(ctx context.Context) error {
	n := w.auth
	cmd := exec.CommandContext(ctx, "tor-gencert", "--create-identity-key", "--passphrase-fd", "0", "-m", "12", "-a", address(n.dirPort))
	cmd.Dir, cmd.Stdin = filepath.Join(n.dir, "keys"), strings.NewReader("tornet\n")
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("tor-gencert: %w: %s", err, b)
	}
	certificate, err := os.ReadFile(filepath.Join(n.dir, "keys", "authority_certificate"))
	if err != nil {
		return err
	}
	cmd = exec.CommandContext(ctx, "tor", "-f", w.noDefaults(), "--defaults-torrc", w.noDefaults(), "--list-fingerprint", "--quiet",
		"--DataDirectory", n.dir, "--Nickname", n.name, "--ORPort", address(n.orPort), "--Address", "127.0.0.1",
		"--TestingTorNetwork", "1", "--DirAuthority", "x 127.0.0.1:1 ffffffffffffffffffffffffffffffffffffffff")
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("tor --list-fingerprint: %w: %s", err, b)
	}
	b, err := os.ReadFile(filepath.Join(n.dir, "fingerprint"))
	if err != nil {
		return err
	}
	identity, _, _ := strings.Cut(after(string(certificate), "\nfingerprint "), "\n")
	words := strings.Fields(string(b)) // nickname fingerprint
	if identity == "" || len(words) != 2 {
		return errors.New("unexpected output of tor-gencert or tor --list-fingerprint")
	}
	w.dirAuth = fmt.Sprintf("DirAuthority %s orport=%d no-v2 v3ident=%s %s %s\n", n.name, n.orPort, identity, address(n.dirPort), words[1])
	return nil
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}

// startRelays starts the authority, then the relays, and waits until it knows them all. Relays upload their descriptor
// once and try again only after a minute: the authority has to listen before they start.
func (w *network) startRelays(ctx context.Context) error {
	if err := w.start(w.auth, w.authority(w.auth)); err != nil {
		return err
	}
	err := w.wait(ctx, func() error {
		_, err := w.directory(ctx, "/tor/keys/all")
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range w.relayNodes {
		if err := w.start(n, w.relay(n)); err != nil {
			return err
		}
	}
	return w.wait(ctx, func() error {
		s, err := w.directory(ctx, "/tor/server/all")
		if got := strings.Count("\n"+s, "\nrouter "); err == nil && got != relays+1 {
			err = fmt.Errorf("%d of %d are known", got, relays+1)
		}
		return err
	})
}

// vote moves the authority's first vote into the next seconds, and waits for a consensus that lists all relays with all
// flags. A vote that was missed, say by a stall of the machine, is called again.
func (w *network) vote(ctx context.Context) error {
	c, err := dialControl(ctx, w.auth)
	if err != nil {
		return err
	}
	defer c.close()
	var again time.Time
	return w.wait(ctx, func() error {
		s, err := w.directory(ctx, "/tor/status-vote/current/consensus")
		if err == nil {
			return complete(s)
		}
		if now := time.Now(); now.After(again) {
			again = now.Add(8 * time.Second)
			_, err = c.command(fmt.Sprintf("SETCONF TestingV3AuthVotingStartOffset=%d", (now.Unix()+2)%votePeriod))
		}
		return errors.Join(errors.New("no vote yet"), err)
	})
}

// complete says whether a consensus has all relays with all flags.
func complete(consensus string) error {
	good := 0
	for line := range strings.Lines(consensus) {
		flags := strings.Fields(line)
		missing := func(flag string) bool { return !slices.Contains(flags, flag) }
		if len(flags) > 0 && flags[0] == "s" && !slices.ContainsFunc([]string{"Running", "Guard", "Exit", "HSDir", "Fast"}, missing) {
			good++
		}
	}
	if good != relays+1 {
		return fmt.Errorf("%d of %d relays have all flags", good, relays+1)
	}
	return nil
}

// fetchConsensus makes the relays fetch the consensus now, by SIGHUP: one without it would answer the clients' first
// requests with an error, which costs them ten seconds.
func (w *network) fetchConsensus(ctx context.Context) error {
	for _, n := range w.relayNodes {
		c, err := dialControl(ctx, n)
		if err != nil {
			return err
		}
		_, err = c.command("SIGNAL HUP")
		c.close()
		if err != nil {
			return err
		}
	}
	for _, n := range w.relayNodes {
		if err := w.bootstrapped(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// startClients starts the client and the onion service, and waits until the service is published.
func (w *network) startClients(ctx context.Context) error {
	err := errors.Join(w.start(w.client, w.clientNode(w.client)), w.start(w.service, w.serviceNode(w.service)))
	if err != nil {
		return err
	}
	for _, n := range []*node{w.client, w.service} {
		if err := w.bootstrapped(ctx, n); err != nil {
			return err
		}
	}
	name, err := os.ReadFile(filepath.Join(w.service.dir, "onion", "hostname"))
	w.host = strings.TrimSpace(string(name))
	return err
}

// wait asks until ask gives nil. It fails when ctx ends or a node dies.
func (w *network) wait(ctx context.Context, ask func() error) error {
	for {
		last := ask()
		if last == nil {
			return nil
		}
		for _, n := range w.started {
			select {
			case <-n.ended:
				return fmt.Errorf("%s: %w", n.name, n.err)
			default:
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (last: %w)", context.Cause(ctx), last)
		case <-time.After(40 * time.Millisecond):
		}
	}
}

// ports hands out free ports below the kernel's ephemeral range. Each stays bound until release, so that networks that
// start at the same time do not collide.
type ports map[int]net.Listener

func (p *ports) take() (int, error) {
	if *p == nil {
		*p = ports{}
	}
	for range 2000 {
		n := 20000 + rand.IntN(10000)
		if l, err := net.Listen("tcp", address(n)); err == nil {
			(*p)[n] = l
			return n, nil
		}
	}
	return 0, errors.New("no free port between 20000 and 29999")
}

func (p ports) release(ns ...int) {
	for _, n := range ns {
		if l := p[n]; l != nil {
			_ = l.Close() // a listener that nobody used
			delete(p, n)
		}
	}
}

func (p ports) releaseAll() {
	for n := range p {
		p.release(n)
	}
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
