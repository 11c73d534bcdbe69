package ocr_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
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
		<-time.After(time.Hour)
	case "do-fail":
		_, _ = os.Stderr.WriteString("Matti")
		return 1
	case "do-environment":
		dir, _ := os.Getwd()
		_, _ = os.Stdout.WriteString(strings.Join(append([]string{dir}, os.Environ()...), " "))
		_ = os.WriteFile("left", []byte("x"), 0o600)
	case "do-limits":
		_, _ = io.Copy(io.Discard, os.Stdin)
		b, _ := os.ReadFile("/proc/self/limits")
		_, _ = os.Stdout.WriteString(strings.Join(strings.Fields(string(b)), " "))
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
	got, err := reader(t, "do-echo", ocr.Options{}).Read(t.Context(), strings.NewReader("Potilas 131052-308T"), time.Minute)
	if string(got.Text) != "Potilas 131052-308T" || got.Cut || got.Took <= 0 || err != nil {
		t.Errorf("%q %v %v", got.Text, got.Cut, err)
	}
	if got, err := reader(t, "do-nothing", ocr.Options{}).Read(t.Context(), bytes.NewReader(make([]byte, 1<<20)), time.Minute); len(got.Text) > 0 || err != nil {
		t.Errorf("a command that does not read: %q %v", got.Text, err)
	}
	got, err = reader(t, "do-echo", ocr.Options{Bytes: 7}).Read(t.Context(), strings.NewReader("Potilas 131052-308T"), time.Minute)
	if string(got.Text) != "Potilas" || !got.Cut || err != nil {
		t.Errorf("%q %v %v", got.Text, got.Cut, err)
	}
	if ocr.New(ocr.Options{}) != nil {
		t.Error("a reader without a command")
	}
}

// The command knows nothing but where programs and its tables are, works in a folder of its own, and leaves nothing there.
func TestWhatTheCommandHas(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	got, err := reader(t, "do-environment", ocr.Options{Temp: temp}).Read(t.Context(), strings.NewReader(""), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	dir, env, _ := strings.Cut(string(got.Text), " ")
	if !strings.HasPrefix(dir, temp) {
		t.Errorf("it works in %s", dir)
	}
	for _, e := range strings.Fields(env) {
		if k, _, _ := strings.Cut(e, "="); !slices.Contains([]string{"PATH", "LANG", "TESSDATA_PREFIX", "OMP_THREAD_LIMIT", "TMPDIR"}, k) {
			t.Error(e)
		}
	}
	if left, err := os.ReadDir(temp); len(left) > 0 || err != nil {
		t.Error(left, err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("limits of another process are Linux's")
	}
	got, err := reader(t, "do-limits", ocr.Options{Memory: 3 << 30, Time: 70 * time.Second}).Read(t.Context(), strings.NewReader("x"), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Max cpu time 71 71", "Max file size 268435456 268435456", "Max core file size 0 0", "Max address space 3221225472 3221225472"} {
		if !strings.Contains(string(got.Text), want) {
			t.Errorf("no %q in %s", want, got.Text)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"do-fail", "do-hang", "do-flood"} {
		_, err := reader(t, what, ocr.Options{Time: 200 * time.Millisecond}).Read(t.Context(), strings.NewReader("x"), time.Minute)
		if err == nil || strings.Contains(err.Error(), "Matti") {
			t.Error(what, err)
		}
	}
	if _, err := ocr.New(ocr.Options{Command: []string{"/nonexistent"}, Time: time.Second}).Read(t.Context(), strings.NewReader("x"), time.Minute); err == nil {
		t.Error("no error without a command")
	}
	if got, err := reader(t, "do-hang", ocr.Options{}).Read(t.Context(), strings.NewReader("x"), 50*time.Millisecond); err == nil || got.Took < 50*time.Millisecond {
		t.Errorf("%v after %s", err, got.Took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader(t, "do-hang", ocr.Options{}).Read(ctx, strings.NewReader("x"), time.Minute); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
