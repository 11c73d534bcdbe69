package ocr_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"leakwatch/matcher/unpack/ocr"
)

// TestMain is the command as well: the test program started again, with what it is to do as its argument.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && strings.HasPrefix(os.Args[1], "do-") {
		os.Exit(do(os.Args[1]))
	}
	goleak.VerifyTestMain(m)
}

func do(what string) int {
	switch what {
	case "do-echo":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "do-flood":
		for {
			if _, err := os.Stdout.WriteString(strings.Repeat("x", 1<<16)); err != nil {
				return 0
			}
		}
	case "do-hang":
		select {}
	case "do-fail":
		_, _ = os.Stderr.WriteString("Matti")
		return 1
	case "do-environment":
		_, _ = os.Stdout.WriteString(strings.Join(os.Environ(), " "))
	case "do-nothing":
	}
	return 0
}

func reader(t *testing.T, what string, o ocr.Options) *ocr.Reader {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Command = []string{self, what}
	if o.Time == 0 {
		o.Time = time.Minute
	}
	if o.Bytes == 0 {
		o.Bytes = 1 << 20
	}
	return ocr.New(o)
}

func TestRead(t *testing.T) {
	t.Parallel()
	got, err := reader(t, "do-echo", ocr.Options{}).Read(t.Context(), strings.NewReader("Potilas 131052-308T"))
	if string(got) != "Potilas 131052-308T" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	if got, err := reader(t, "do-nothing", ocr.Options{}).Read(t.Context(), bytes.NewReader(make([]byte, 1<<20))); len(got) > 0 || err != nil {
		t.Errorf("a command that does not read: %q %v", got, err)
	}
	got, err = reader(t, "do-environment", ocr.Options{}).Read(t.Context(), strings.NewReader(""))
	for _, e := range strings.Fields(string(got)) {
		if !strings.HasPrefix(e, "PATH=") && e != "OMP_THREAD_LIMIT=1" || err != nil {
			t.Error(e, err)
		}
	}
	if ocr.New(ocr.Options{}) != nil {
		t.Error("a reader without a command")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"do-fail", "do-hang", "do-flood"} {
		_, err := reader(t, what, ocr.Options{Time: 200 * time.Millisecond}).Read(t.Context(), strings.NewReader("x"))
		if err == nil || strings.Contains(err.Error(), "Matti") {
			t.Error(what, err)
		}
	}
	if _, err := ocr.New(ocr.Options{Command: []string{"/nonexistent"}, Time: time.Second}).Read(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("no error without a command")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader(t, "do-hang", ocr.Options{}).Read(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
