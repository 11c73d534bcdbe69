package unpack_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"leakwatch/matcher/unpack"
)

// TestMain is the child process as well: the test program started again, as the program itself is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "parse" {
		if unpack.ServeChild(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// parsersOf starts child processes as they are needed.
func parsersOf(t testing.TB, o unpack.ParsersOptions) *unpack.Parsers {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Command = []string{self, "parse"}
	p := unpack.NewParsers(o)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// walkParsed walks with child processes.
func walkParsed(t testing.TB, p *unpack.Parsers, name string, b []byte, l unpack.Limits, passwords ...string) (*recorder, unpack.Report) {
	t.Helper()
	r := &recorder{}
	rep, err := unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(b), Place: place(t, name),
		Size: int64(len(b)), Temp: t.TempDir(), Parsers: p, Passwords: passwords}, l, r.sink())
	if err != nil {
		t.Fatalf("walk %s: %v", name, err)
	}
	return r, rep
}
