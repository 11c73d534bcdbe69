package demo

import (
	"errors"
	"fmt"
	"net"
)

// World is everything outside of leakwatch that the demo has.
type World struct {
	Mailbox *Mailbox
	Pastes  *Pastes
	Files   *Directory
	Mirror  *Directory

	pastes, files, mirror *Site
}

// NewWorld starts it, with nothing of interest on its sites yet. Close ends it.
func NewWorld() (*World, error) {
	w := &World{Pastes: &Pastes{}, Files: NewDirectory(), Mirror: NewDirectory()}
	w.Pastes.Post("untitled", "", "just some words, and the number 12345\n")
	w.Files.Put("readme.txt", []byte("nothing to see here\n"))
	w.Mirror.Put("holiday/beach.txt", []byte("sun and sand\n"))
	var err error
	if w.Mailbox, err = OpenMailbox(); err != nil {
		return nil, err
	}
	if w.pastes, err = Serve(w.Pastes); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if w.files, err = Serve(w.Files); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if w.mirror, err = Serve(w.Mirror); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Close ends all of it.
func (w *World) Close() error {
	var err error
	for _, s := range []*Site{w.pastes, w.files, w.mirror} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return errors.Join(err, w.Mailbox.Close())
}

// Leak puts the register into the open directory: as a tar.gz, and as a zip of files named after clients.
func (w *World) Leak(seed uint64, people []Person) error {
	dump, err := TarGz(seed, people)
	if err != nil {
		return err
	}
	byName, err := Zip(seed, people)
	if err != nil {
		return err
	}
	w.Files.Put("dump/clients.tar.gz", dump)
	w.Files.Put("dump/by-name.zip", byName)
	w.Pastes.Post("my config", "somebody", "listen = 8080\n")
	return nil
}

// TakeDown removes every copy.
func (w *World) TakeDown() {
	w.Files.Remove("dump/clients.tar.gz")
	w.Files.Remove("dump/by-name.zip")
}

// Resurface puts the same people on another host, a loose file each, named after them, and a sample of them as a paste.
func (w *World) Resurface(seed uint64, people []Person) {
	var sample []byte
	for _, p := range people[:5] {
		sample = append(sample, Loose(seed, p)...)
	}
	w.Pastes.Post("sample of the register of "+people[0].Family, "somebody", string(sample))
	for _, p := range people {
		w.Mirror.Put("notes/"+p.FileName("md"), Loose(seed, p))
	}
}

// Config is the configuration that watches this world: a real one, but for its pace.
func (w *World) Config() []byte {
	host, port, _ := net.SplitHostPort(w.Mailbox.Addr)
	return fmt.Appendf(nil, `# Written by leakwatch demo.
data: data
keys:
  dir: keys
crawler:
  pace: 5ms
matcher:
  regions: [FI, GB]
rules:
  window: 4s
pipeline:
  workers: 4
  recheck_every: 1s
alerts:
  smtp: {host: %q, port: %s, tls: none, from: leakwatch@monitor.example}
  operator: operator@monitor.example
web:
  listen: 127.0.0.1:0
sources:
  - id: pastes
    kind: json-listing
    url: %sapi/recent
    schedule: "@every 1s"
    jitter: 0s
    allow_private: true
    robots: ignore
    pace: 5ms
    recheck: 1s
    items: "@this"
    fields:
      id: key
      title: title
      poster: user
      size: size
      time: {path: date, unix: s}
    body: {url: "%sraw/{id}"}
  - id: open-directory
    kind: directory-index
    url: %s
    schedule: "@every 1s"
    jitter: 0s
    allow_private: true
    robots: ignore
    pace: 5ms
    recheck: 1s
  - id: mirror
    kind: directory-index
    url: %s
    schedule: "@every 1s"
    jitter: 0s
    allow_private: true
    robots: ignore
    pace: 5ms
    recheck: 1s
`, host, port, w.pastes.URL, w.pastes.URL, w.files.URL, w.mirror.URL)
}
