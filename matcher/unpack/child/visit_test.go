package child_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leakwatch/matcher/unpack/child"
)

// keepSaying says who it is, and whatever it was told in documents before.
func keepSaying() child.Extractor {
	told := ""
	return func(_ context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
		b, err := io.ReadAll(io.NewSectionReader(in, 0, size))
		if err != nil {
			return err
		}
		before := told
		told += string(b)
		return e.Text(strings.NewReader(fmt.Sprintf("%d was told %q", os.Getpid(), before)))
	}
}

// flood goes on after its document: it says more on standard output, or on standard error, as the document wants it.
func flood(_ context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	b, err := io.ReadAll(io.NewSectionReader(in, 0, size))
	if err != nil {
		return err
	}
	to, delay := os.Stdout, 50*time.Millisecond // after the document's end
	if string(b) == "errors" {
		to, delay = os.Stderr, 0
	}
	time.AfterFunc(delay, func() {
		for {
			_, _ = to.Write(bytes.Repeat([]byte("x"), 1<<10))
		}
	})
	return e.Text(strings.NewReader(strconv.Itoa(os.Getpid())))
}

func longNames(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	return e.Member(child.Entry{Name: strings.Repeat("n", 100<<10) + "end", Owner: strings.Repeat("o", 9<<10), Comment: "short"}, strings.NewReader("x"))
}

// work takes a while.
func work(context.Context, io.ReaderAt, int64, *child.Emitter) error {
	time.Sleep(time.Second)
	return nil
}

// What takes a child over by a document of one source sees nothing of another source's, and can plant nothing in it.
func TestAChildServesOneVisit(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Processes: 1})
	first := p.Visit()
	a, _ := readIn(t, first, "keep", "of the first source")
	b, _ := readIn(t, first, "keep", "of it too")
	if !strings.Contains(b, "told \"of the first source\"") || strings.Fields(a)[8] != strings.Fields(b)[8] {
		t.Errorf("%s %s", a, b)
	}
	second := p.Visit()
	defer second.End()
	for range 3 {
		c, o := readIn(t, second, "keep", "")
		if !strings.Contains(c, "told \"\"") || o != child.Whole {
			t.Errorf("%q %s", o, c)
		}
	}
	pid, err := strconv.Atoi(strings.Fields(a)[8])
	if err != nil || !running(pid) {
		t.Error("not the child of the first visit:", a, err)
	}
	if first.End(); running(pid) {
		t.Error("a child outlives its visit")
	}
}

func running(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && len(b) > 0 || !os.IsNotExist(err)
}

// Only as many children live as the pool says, however many documents lie in one another and however many Visits rest.
func TestChildrenAreCounted(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Processes: 2})
	var visits []*child.Visit
	for range 2 {
		v := p.Visit()
		defer v.End()
		visits = append(visits, v)
		open := func() (*child.Session, error) {
			return v.Open(t.Context(), child.Document{Format: "echo", Size: 1}, strings.NewReader("x"))
		}
		for range 2 {
			s, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
		}
		if _, err := open(); !errors.Is(err, child.ErrInside) {
			t.Error("a third inside one another:", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	third := p.Visit()
	defer third.End()
	if _, err := third.Open(ctx, child.Document{Format: "echo"}, strings.NewReader("")); !errors.Is(err, context.Canceled) {
		t.Error("more seats than there are:", err)
	}
	if n := child.Living(p); n > 5 {
		t.Errorf("%d children live", n)
	}

	q := pool(t, child.Options{Processes: 1})
	for range 8 {
		v := q.Visit()
		defer v.End()
		if _, o := readIn(t, v, "echo", "x"); o != child.Whole {
			t.Error(o)
		}
		if n := child.Living(q); n > 3 {
			t.Errorf("%d children live", n)
		}
	}
	for _, v := range visits {
		if v.Idle() {
			t.Error("a visit at work is idle")
		}
	}
}

// A seat is had only while a document is being read: who keeps a Visit open keeps nobody else waiting.
func TestASeatIsGivenBack(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Processes: 1})
	slow := p.Visit()
	defer slow.End()
	if _, o := readIn(t, slow, "echo", "x"); o != child.Whole || !slow.Idle() {
		t.Fatal(o)
	}
	if _, o := read(t, p, "echo", "x"); o != child.Whole {
		t.Error(o)
	}
	if _, o := readIn(t, slow, "echo", "x"); o != child.Whole {
		t.Error(o)
	}
}

func TestTheTimeOfAll(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Total: 2500 * time.Millisecond})
	v := p.Visit()
	defer v.End()
	var last child.Outcome
	for range 10 {
		s, err := v.Open(t.Context(), child.Document{Format: "work", Size: 1}, strings.NewReader("x"))
		if err != nil {
			last = child.NotOpened(err)
			break
		}
		if _, err := s.Next(); err != io.EOF {
			t.Fatal(err)
		}
		last = s.Outcome()
		s.Close()
	}
	if last != child.UsedUp {
		t.Error(last)
	}
	if _, err := v.Open(t.Context(), child.Document{Format: "echo"}, strings.NewReader("")); !errors.Is(err, child.ErrUsedUp) {
		t.Error(err)
	}
	if _, o := read(t, p, "echo", "of another"); o != child.Whole {
		t.Error(o)
	}
}

func TestAnUnconfinedChildIsRefused(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Confined: true})
	e, err := p.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := p.Visit()
	defer v.End()
	s, err := v.Open(t.Context(), child.Document{Format: "echo"}, strings.NewReader(""))
	if err == nil {
		s.Close()
	}
	if (err == nil) != (e.Calls && e.Memory) {
		t.Errorf("%+v %v", e, err)
	}
	q := pool(t, child.Options{Confined: true})
	child.Refuse(q)
	w := q.Visit()
	defer w.End()
	if _, err := w.Open(t.Context(), child.Document{Format: "echo"}, strings.NewReader("")); child.NotOpened(err) != child.Unconfined || !w.Idle() {
		t.Error(err)
	}
}

func TestMorePasswordsThanAFrameHolds(t *testing.T) {
	t.Parallel()
	v := pool(t, child.Options{}).Visit()
	defer v.End()
	for format, want := range map[string]int64{"locked": 750, "work": 0} {
		s, err := v.Open(t.Context(), child.Document{Format: format, Passwords: slices.Repeat([]string{strings.Repeat("p", 200)}, 1000)}, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Next(); err != io.EOF || s.Notes()[child.PasswordsLeft] != want {
			t.Errorf("%s: %v %v", format, err, s.Notes())
		}
		s.Close()
	}
}

func TestLongNamesAreWhole(t *testing.T) {
	t.Parallel()
	got, o := read(t, pool(t, child.Options{}), "long names", "")
	if o != child.Whole || !strings.Contains(got, "nend\n") || strings.Count(got, strings.Repeat("o", 9<<10)) != 1 {
		t.Errorf("%q, %d bytes", o, len(got))
	}
}

// BenchmarkStart is what a Visit of one document costs, with the start of its child.
func BenchmarkStart(b *testing.B) {
	p := pool(b, child.Options{})
	for b.Loop() {
		if _, o := read(b, p, "echo", "x"); o != child.Whole {
			b.Fatal(o)
		}
	}
}

// BenchmarkServed is what a document costs that a child of its Visit reads.
func BenchmarkServed(b *testing.B) {
	p := pool(b, child.Options{})
	v := p.Visit()
	defer v.End()
	for b.Loop() {
		if _, o := readIn(b, v, "echo", "x"); o != child.Whole {
			b.Fatal(o)
		}
	}
}
