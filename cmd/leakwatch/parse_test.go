package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"leakwatch/configs"
	"leakwatch/matcher/unpack"
)

// What the system does not keep a reader from is told once at the start, in fixed words.
func TestWarnUnconfined(t *testing.T) {
	t.Parallel()
	if got := strings.Join(unlimited(unpack.Enforced{Memory: true, CPU: true, Orphans: true}), ", "); got != "files, calls of the system" {
		t.Error(got)
	}
	if got := unlimited(unpack.Enforced{Memory: true, CPU: true, Files: true, Calls: true, Orphans: true}); got != nil {
		t.Error(got)
	}
	for _, c := range []struct {
		command []string
		want    string
	}{{[]string{"/nonexistent"}, "no reader of documents can be started"}, {nil, "no reader of documents can be started"}} {
		loaded := configs.Default()
		var said strings.Builder
		a := newApp(os.Stdin, os.Stdout, os.Stderr)
		a.loaded, a.err = &loaded, &said
		p := unpack.NewParsers(unpack.ParsersOptions{Command: c.command})
		a.warnUnconfined(context.Background(), p)
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if strings.Count(said.String(), c.want) != 1 {
			t.Errorf("%q", said.String())
		}
	}
}
