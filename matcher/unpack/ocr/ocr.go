// Package ocr has a command that an operator names read the letters in pictures: the picture on its standard input, text on its
// standard output. The command gets nothing else: no name, an environment of a few words, a folder of its own that is removed behind
// it. What it may take is bounded, by the kernel where the system can. It still has the rights of whoever runs this program: it is for
// the operator to wrap it.
package ocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// Options say which command, and what it may take.
type Options struct {
	Command   []string
	Time      time.Duration // for one picture; as much on a processor where the kernel counts it
	Budget    time.Duration // for the pictures of one document together; 0 is 10 minutes. Whoever reads a document keeps to it
	Bytes     int64         // of text of one picture
	Memory    int64         // of address space, where the kernel keeps it; 0 is 4 GiB
	Processes int           // at once
	Temp      string        // where the folders that it works in are made; "" is the system's
}

const (
	usualBudget = 10 * time.Minute
	usualMemory = 4 << 30
	mostFile    = 256 << 20 // bytes of one file that the command writes
)

// Reader runs the command. It is for concurrent use.
type Reader struct {
	o     Options
	seats chan struct{}
}

// New gives a Reader, nil when there is no command.
func New(o Options) *Reader {
	if len(o.Command) == 0 {
		return nil
	}
	if o.Budget <= 0 {
		o.Budget = usualBudget
	}
	if o.Memory <= 0 {
		o.Memory = usualMemory
	}
	return &Reader{o: o, seats: make(chan struct{}, max(o.Processes, 1))}
}

// Budget is how long the pictures of one document may take together.
func (r *Reader) Budget() time.Duration { return r.o.Budget }

// Text is what was read in a picture.
type Text struct {
	Text []byte
	Cut  bool          // there was more than Options.Bytes
	Took time.Duration // without the wait for its turn; it is told with an error too
}

// errFailed is every failure of the command: its own words may be of the picture.
var errFailed = errors.New("ocr: the command failed")

// killWait is how long a command that was killed may hold its output open.
const killWait = 5 * time.Second

// Read gives the text in a picture, cut at Options.Bytes, in the lesser of most and Options.Time. It waits for its turn, which does not
// count. The error is the context's, or says that the command failed, and nothing else. No process outlives it, but one that left the
// command's group.
func (r *Reader) Read(ctx context.Context, picture io.Reader, most time.Duration) (Text, error) {
	select {
	case r.seats <- struct{}{}:
		defer func() { <-r.seats }()
	case <-ctx.Done():
		return Text{}, fmt.Errorf("wait for ocr: %w", ctx.Err())
	}
	begin := time.Now()
	out := &limited{left: r.o.Bytes}
	timed, cancel := context.WithTimeout(ctx, min(r.o.Time, most))
	defer cancel()
	err := r.run(timed, picture, out)
	took := time.Since(begin)
	if ctx.Err() != nil {
		return Text{Took: took}, fmt.Errorf("ocr: %w", ctx.Err())
	}
	if err != nil {
		return Text{Took: took}, errFailed
	}
	return Text{out.b.Bytes(), out.cut, took}, nil
}

// run runs the command. It sees the first byte of the picture when its limits are set.
func (r *Reader) run(ctx context.Context, picture io.Reader, out io.Writer) error {
	dir, err := os.MkdirTemp(r.o.Temp, "leakwatch-ocr-")
	if err != nil {
		return errFailed
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cmd := exec.CommandContext(ctx, r.o.Command[0], r.o.Command[1:]...)
	limits := make(chan struct{})
	cmd.Stdin, cmd.Stdout = &gate{limits, picture}, out
	cmd.Env, cmd.Dir = environment(dir), dir
	cmd.WaitDelay = killWait
	ownGroup(cmd)
	runtime.LockOSThread() // where it ends with the thread that started it, that one lives as long
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		close(limits)
		return errFailed
	}
	limit(cmd.Process.Pid, r.o)
	close(limits)
	return cmd.Wait()
}

// environment is what the command knows of the world.
func environment(dir string) []string {
	// Programs for it use all processors unless they are told otherwise.
	env := []string{"OMP_THREAD_LIMIT=1", "TMPDIR=" + dir}
	for _, k := range []string{"PATH", "LANG", "TESSDATA_PREFIX"} {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}

// gate is a picture that is read once its gate is open.
type gate struct {
	open <-chan struct{}
	r    io.Reader
}

func (g *gate) Read(p []byte) (int, error) {
	<-g.open
	return g.r.Read(p)
}

// limited keeps the first bytes and takes the rest for nothing.
type limited struct {
	b    bytes.Buffer
	left int64
	cut  bool
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(int64(len(p)), l.left)
	l.b.Write(p[:n])
	l.left -= n
	l.cut = l.cut || n < int64(len(p))
	return len(p), nil
}
