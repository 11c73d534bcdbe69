//go:build linux

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	s, err := parse("up", []string{"--onion", "80:18080", "--dir", t.TempDir()})
	if err != nil || s.port != 80 || s.target != 18080 || !filepath.IsAbs(s.dir) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range [][]string{{}, {"--onion", "80"}, {"--onion", "0:1"}, {"--onion", "1:70000"}, {"--onion", "1:2", "--dir", "a b"}} {
		if _, err := parse("up", bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestFolders keeps its hands off what it did not make.
func TestFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir); err == nil {
		t.Error("took a folder that holds other things")
	}
	if err := status(settings{dir: dir}); err == nil {
		t.Error("a network runs where none was started")
	}
	if err := down(settings{dir: filepath.Join(dir, "none")}); err != nil {
		t.Errorf("down of nothing: %v", err)
	}
}

// TestControlReply reads a reply of several lines, and an error.
func TestControlReply(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	c := newControl(ours)
	defer c.close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 64)
		for _, reply := range []string{"250-a=b\r\n250 OK\r\n", "552 no such thing\r\n"} {
			if _, err := theirs.Read(b); err != nil {
				t.Error(err)
			}
			if _, err := theirs.Write([]byte(reply)); err != nil {
				t.Error(err)
			}
		}
	}()
	lines, err := c.command("GETINFO a")
	if err != nil || len(lines) != 2 || lines[0] != "250-a=b" {
		t.Errorf("%q, %v", lines, err)
	}
	if _, err := c.command("GETINFO secret"); err == nil || !strings.Contains(err.Error(), "GETINFO: 552") {
		t.Errorf("%v", err)
	}
	<-done
}

// TestComplete wants every relay with every flag.
func TestComplete(t *testing.T) {
	t.Parallel()
	line := "s Exit Fast Guard HSDir Running Stable V2Dir Valid\n"
	if err := complete(strings.Repeat(line, relays+1)); err != nil {
		t.Error(err)
	}
	if complete(strings.Repeat(line, relays)+strings.Replace(line, "HSDir ", "", 1)) == nil {
		t.Error("a relay without a flag was taken")
	}
}

// TestSocks checks the bytes that are sent.
func TestSocks(t *testing.T) {
	t.Parallel()
	var sent bytes.Buffer
	reply := strings.NewReader("\x05\x00\x05\x05\x00\x01")
	if err := socks(readWriter{reply, &sent}, "a.onion", 258, refused); err != nil {
		t.Error(err)
	}
	if got := sent.String(); got != "\x05\x01\x00\x05\x01\x00\x03\x07a.onion\x01\x02" {
		t.Errorf("%q", got)
	}
}

type readWriter struct {
	r *strings.Reader
	w *bytes.Buffer
}

func (rw readWriter) Read(b []byte) (int, error)  { return rw.r.Read(b) }
func (rw readWriter) Write(b []byte) (int, error) { return rw.w.Write(b) }
