package corpus_test

import (
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

// parsers starts child processes as they are needed.
func parsers(t testing.TB) *unpack.Parsers {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := unpack.NewParsers(unpack.ParsersOptions{Command: []string{self, "parse"}})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}
