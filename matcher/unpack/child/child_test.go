package child_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
)

func TestWhatIsHandedOver(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{})
	big := strings.Repeat("0123456789abcdef", 1<<16)
	got, o := read(t, p, "echo", big)
	if want := "0 {Name: Size:0 ModTime:0 Owner: Link: Comment: Format:} " + big + "\n"; got != want || o != child.Whole {
		t.Errorf("%q, %d bytes for %d", o, len(got), len(want))
	}
	got, o = read(t, p, "members", "a\nbb")
	want := "2 {Name:m\xe40.txt Size:1 ModTime:1700000000 Owner:o Link: Comment: Format:} a\n" +
		"2 {Name:m\xe41.txt Size:2 ModTime:1700000000 Owner:o Link: Comment: Format:} bb\n" +
		"2 {Name:dir/ Size:-1 ModTime:0 Owner: Link: Comment: Format:dir} \n3 damaged members\n"
	if d := cmp.Diff(want, got); d != "" || o != child.Whole {
		t.Error(o, d)
	}
	if _, o = read(t, p, "nothing known", "x"); o != child.Unsupported {
		t.Error(o)
	}
}

func TestBadParsers(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Memory: 96 << 20, Time: 2 * time.Second})
	for _, c := range []struct {
		format string
		want   child.Outcome
		text   string
	}{
		{"memory", child.OutOfMemory, ""}, {"stack", child.OutOfMemory, ""}, {"loop", child.OutOfTime, "before the loop"},
		{"panic", child.Panicked, "before the panic"}, {"garbage", child.Died, "before"}, {"exit", child.Died, ""}, {"error", child.Damaged, ""},
		{"locked", child.Encrypted, ""}, {"reread", child.OutOfTime, ""}, {"notes", child.Died, ""}, {"twice", child.Died, ""},
	} {
		got, o := read(t, p, c.format, strings.Repeat("x", 3<<20))
		slow := c.want == child.OutOfMemory && o == child.OutOfTime // where the machine is busy
		if o != c.want && !slow || !strings.Contains(got, c.text) || strings.Contains(got, "matti") {
			t.Errorf("%s: %q, %.100q", c.format, o, got)
		}
		if _, o := read(t, p, "echo", "the next document"); o != child.Whole {
			t.Errorf("after %s: %q", c.format, o)
		}
	}
}

func TestTheChildHasNoRights(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("the filter of calls is Linux's")
	}
	p := pool(t, child.Options{})
	got, o := read(t, p, "rights", "x")
	if !strings.HasSuffix(got, "could: \n") || o != child.Whole {
		t.Errorf("%q %s", o, got)
	}
	e, err := p.Probe(t.Context())
	if want := (child.Enforced{Memory: true, CPU: true, Files: true, Calls: true, Orphans: true}); e != want || err != nil {
		t.Errorf("%+v %v", e, err)
	}
}

// frame is one as a hostile child writes it.
func frame(kind byte, payload string) string {
	return string(binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(payload)))) + payload
}

func TestLiesAreNotBelieved(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Time: 2 * time.Second})
	ask := func(off uint64, n uint32) string {
		return frame('q', string(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, off), n)))
	}
	for name, doc := range map[string]string{
		"a note of its own":     frame('w', `{"Note":"matti %d","Count":1}`),
		"a count below zero":    frame('w', `{"Note":"%d encrypted members","Count":-1}`),
		"an outcome of its own": frame('x', `{"Outcome":"matti"}`),
		"an outcome of ours":    frame('x', `{"Outcome":"out of time"}`),
		"data of nothing":       frame('d', "x"),
		"an end of nothing":     frame('e', ""),
		"a text in a text":      frame('t', "") + frame('t', ""),
		"a text that ends all":  frame('t', "") + frame('x', `{}`),
		"empty data":            frame('t', "") + frame('d', ""),
		"a text with a name":    frame('t', "matti"),
		"a format of its own":   frame('m', `{"Size":1,"Format":"matti"}`),
		"a size below zero":     frame('m', `{"Size":-2}`),
		"a far time":            frame('m', `{"Size":1,"ModTime":9223372036854775807}`),
		"no JSON":               frame('m', `{"Size":`),
		"too long":              "d\xff\xff\xff\xff" + strings.Repeat("x", 1000),
		"bytes past the end":    ask(0, 64<<10),
		"bytes before it":       ask(1<<63, 1),
		"no bytes":              ask(0, 0),
		"a wrong question":      frame('q', "x"),
		"a frame for a child":   frame('o', "{}"),
		"ready again":           frame('r', "{}"),
	} {
		got, o := read(t, p, "lie", doc)
		if o != child.Died || strings.Contains(got, "matti") {
			t.Errorf("%s: %q %.100q", name, o, got)
		}
	}
}

func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{})
	v := p.Visit()
	defer v.End()
	s, err := v.Open(t.Context(), child.Document{Format: "wait", Size: 1}, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	it, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1000)
	n, err := it.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	word, _, _ := strings.Cut(string(b[:n]), " ")
	pid, err := strconv.Atoi(word)
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Signal(syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, it); err != child.ErrCut {
		t.Error(err)
	}
	if _, err := s.Next(); err != io.EOF || s.Outcome() != child.Died {
		t.Error(err, s.Outcome())
	}
	if runtime.GOOS == "linux" {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !os.IsNotExist(err) {
			t.Error("a dead child was not waited for")
		}
	}
	if _, o := readIn(t, v, "echo", "next"); o != child.Whole {
		t.Error(o)
	}
}

func TestOneChildServesMany(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Processes: 1, Documents: 50})
	v := p.Visit()
	defer v.End()
	for i := range 120 {
		doc := fmt.Sprintf("document %d", i)
		if got, o := readIn(t, v, "echo", doc); o != child.Whole || !strings.Contains(got, doc+"\n") {
			t.Fatalf("%q %q", o, got)
		}
	}
	if n := child.Started(p); n != 4 { // and a spare
		t.Errorf("%d children for 120 documents, 50 each", n)
	}
}

func TestManyAtOnceAndInsideOneAnother(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Processes: 2})
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			doc := strings.Repeat(strconv.Itoa(i), 200_000)
			v := p.Visit()
			defer v.End()
			outer, err := v.Open(t.Context(), child.Document{Format: "echo", Size: int64(len(doc))}, strings.NewReader(doc))
			if err != nil {
				t.Error(err)
				return
			}
			defer outer.Close()
			it, err := outer.Next()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = it.Read(make([]byte, 10))
			if got, o := readIn(t, v, "echo", "inside"); o != child.Whole || !strings.HasSuffix(got, "inside\n") {
				t.Error(o, got)
			}
			b, _ := io.ReadAll(it)
			if _, err := outer.Next(); err != io.EOF || len(b) != len(doc)-10 || outer.Outcome() != child.Whole {
				t.Error(err, len(b), outer.Outcome())
			}
		})
	}
	wg.Wait()
}

func TestGivenUp(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{})
	v := p.Visit()
	defer v.End()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i, format := range []string{"drip", "drip", "loop", "wait"} {
		s, err := v.Open(ctx, child.Document{Format: format, Size: 1}, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		it, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := it.Read(make([]byte, 10)); err != nil {
			t.Error(err)
		}
		if i == 3 {
			cancel() // in the middle, while the child sleeps
			if _, err := io.Copy(io.Discard, it); err != child.ErrCut {
				t.Error(err)
			}
			if _, err := s.Next(); err != io.EOF || s.Outcome() != child.Died {
				t.Error(err, s.Outcome())
			}
		}
		s.Close()
	}
	if _, err := v.Open(ctx, child.Document{Format: "echo"}, strings.NewReader("")); !errors.Is(err, context.Canceled) {
		t.Error("a seat after the end:", err)
	}
	if _, err := child.NewPool(child.Options{}).Probe(t.Context()); err == nil {
		t.Error("a child without a command")
	}
	closed := pool(t, child.Options{})
	_ = closed.Close()
	if _, err := closed.Probe(t.Context()); err == nil {
		t.Error("a child of a closed pool")
	}
}

// FuzzFrames has a child say anything: the parent neither panics nor believes it, and the next document is read.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(frame('t', "") + frame('d', "x") + frame('e', "") + frame('x', "{}")))
	f.Add([]byte(frame('m', `{"Name":"YQ==","Size":1}`) + frame('d', "x") + frame('e', "\x01") + frame('w', `{"Note":"%d encrypted members","Count":1}`)))
	f.Add([]byte(frame('q', "\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00")))
	p := pool(f, child.Options{Time: 5 * time.Second})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, o := read(t, p, "lie", string(b)); o == child.OutOfMemory || o == child.NotStarted {
			t.Errorf("%q", o)
		}
	})
}

// A child that is taken over may say that it is done, and die when the next document comes.
func TestATrapForTheNext(t *testing.T) {
	t.Parallel()
	p := pool(t, child.Options{Processes: 1})
	v := p.Visit()
	defer v.End()
	for range 20 {
		if _, o := readIn(t, v, "trap", frame('x', "{}")); o != child.Whole {
			t.Fatal(o)
		}
		if got, o := readIn(t, v, "echo", "the next one"); o != child.Whole || !strings.Contains(got, "the next one") {
			t.Errorf("%q %q", o, got)
		}
	}
}
