package child_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"leakwatch/matcher/unpack/child"
)

// TestMain is the child as well: the test program started again, as the program itself is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "parse" {
		if child.Serve(os.Stdin, os.Stdout, parsers()) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// parsers are as bad as parsers can be.
func parsers() map[string]child.Extractor {
	return map[string]child.Extractor{
		"echo": echo, "members": members, "memory": memory, "stack": stack, "loop": loop, "panic": panics, "rights": rights, "garbage": garbage,
		"lie": lie, "exit": func(context.Context, io.ReaderAt, int64, *child.Emitter) error { os.Exit(3); return nil },
		"error":  func(context.Context, io.ReaderAt, int64, *child.Emitter) error { return errors.New("matti was here") },
		"locked": func(context.Context, io.ReaderAt, int64, *child.Emitter) error { return child.ErrEncrypted },
		"trap":   trap, "drip": drip, "reread": reread, "notes": manyNotes, "twice": twice, "wait": wait,
		"keep": keepSaying(), "flood": flood, "long names": longNames, "work": work,
	}
}

// echo hands the document over as a text.
func echo(_ context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	return e.Text(io.NewSectionReader(in, 0, size))
}

// members hands every line over as a member.
func members(_ context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	b, err := io.ReadAll(io.NewSectionReader(in, 0, size))
	if err != nil {
		return err
	}
	for i, line := range bytes.Split(b, []byte("\n")) {
		m := child.Entry{Name: fmt.Sprintf("m\xe4%d.txt", i), Size: int64(len(line)), ModTime: 1700000000, Owner: "o"}
		if err := e.Member(m, bytes.NewReader(line)); err != nil {
			return err
		}
	}
	if err := e.Member(child.Entry{Name: "dir/", Size: -1, Format: "dir"}, nil); err != nil {
		return err
	}
	return e.Note(child.DamagedMembers, 3)
}

func memory(context.Context, io.ReaderAt, int64, *child.Emitter) error {
	var all [][]byte
	for {
		b := make([]byte, 16<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
		if len(all) > 1<<12 {
			return nil
		}
	}
}

func stack(_ context.Context, in io.ReaderAt, n int64, e *child.Emitter) error {
	var deep func(n int64) int64
	deep = func(n int64) int64 { return deep(n+1) + 1 }
	_ = deep(n)
	return nil
}

func loop(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	_ = e.Text(strings.NewReader("before the loop"))
	for i := 0; ; i++ {
		runtime.KeepAlive(i)
	}
}

func panics(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	_ = e.Text(strings.NewReader("before the panic"))
	panic("matti was here")
}

// drip never ends, and always hands something over.
func drip(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	w, err := e.Writer()
	for err == nil {
		_, err = w.Write([]byte("drip "))
	}
	return err
}

// reread never ends, and always asks for something.
func reread(_ context.Context, in io.ReaderAt, size int64, _ *child.Emitter) error {
	b := make([]byte, 10)
	for i := int64(0); ; i += 64 << 10 {
		if _, err := in.ReadAt(b, i%(size-10)); err != nil {
			return err
		}
	}
}

func manyNotes(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	for {
		if err := e.Note(child.Links, 1); err != nil {
			return err
		}
	}
}

// twice hands over two things at a time, which is refused.
func twice(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	if _, err := e.Writer(); err != nil {
		return err
	}
	return e.Name("matti")
}

// wait sleeps in the middle of a text until it is killed.
func wait(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	w, err := e.Writer()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "%d %s", os.Getpid(), strings.Repeat("x", 64<<10))
	for {
		time.Sleep(time.Hour)
	}
}

// garbage writes past the emitter.
func garbage(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	_ = e.Text(strings.NewReader("before"))
	_, _ = os.Stdout.WriteString(strings.Repeat("garbage", 100))
	return nil
}

// lie says as its note, its name's kind and its outcome what no child may say: the document tells which frame.
func lie(_ context.Context, in io.ReaderAt, size int64, _ *child.Emitter) error {
	b, _ := io.ReadAll(io.NewSectionReader(in, 0, size))
	_, _ = os.Stdout.Write(b)
	os.Exit(0)
	return nil
}

// trap says that it is done, and ends at the first byte of the next document.
func trap(_ context.Context, in io.ReaderAt, size int64, _ *child.Emitter) error {
	b, _ := io.ReadAll(io.NewSectionReader(in, 0, size))
	_, _ = os.Stdout.Write(b)
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
	return nil
}

// rights tries what a parser that was taken over would try, and tells what the system let it do.
func rights(_ context.Context, _ io.ReaderAt, _ int64, e *child.Emitter) error {
	var could []string
	try := func(what string, err error) {
		if err == nil {
			could = append(could, what)
		}
	}
	_, err := os.Open("/etc/hostname")
	try("open", err)
	_, err = os.Create(os.TempDir() + "/leakwatch-child-test")
	try("create", err)
	try("remove", os.Remove("/nonexistent/x")) // refused either way
	_, err = net.Dial("tcp", "127.0.0.1:9")
	if !refused(err) {
		try("dial", nil)
	}
	_, err = net.Listen("tcp", "127.0.0.1:0")
	try("listen", err)
	try("run", exec.Command("/bin/true").Run())
	try("kill", killParent())
	_, err = os.Stat("/etc/hostname")
	try("stat", err)
	if len(os.Environ()) > 0 {
		could = append(could, "environment")
	}
	return e.Text(strings.NewReader("could: " + strings.Join(could, " ")))
}

// refused says whether no socket was even made.
func refused(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EMFILE)
}

func pool(t testing.TB, o child.Options) *child.Pool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Command = []string{self, "parse"}
	p := child.NewPool(o)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// read has a document read and gives what came of it, an item a line.
func read(t testing.TB, p *child.Pool, format, doc string) (string, child.Outcome) {
	t.Helper()
	v := p.Visit()
	defer v.End()
	return readIn(t, v, format, doc)
}

func readIn(t testing.TB, v *child.Visit, format, doc string) (string, child.Outcome) {
	t.Helper()
	s, err := v.Open(t.Context(), child.Document{Format: format, Size: int64(len(doc))}, strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var out strings.Builder
	for {
		it, err := s.Next()
		if err == io.EOF {
			break
		}
		b, err := io.ReadAll(it)
		if err != nil && !errors.Is(err, child.ErrCut) {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%d %+v %s\n", it.Kind, it.Entry, b)
	}
	for n, k := range s.Notes() {
		fmt.Fprintf(&out, string(n)+"\n", k)
	}
	return out.String(), s.Outcome()
}
