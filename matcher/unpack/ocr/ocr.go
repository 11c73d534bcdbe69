// Package ocr has a command that an operator names read the letters in pictures: the picture on its standard input, text on its
// standard output. The command gets nothing else: no name, no environment but the path to programs. What it may take is bounded.
package ocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Options say which command, and what it may take.
type Options struct {
	Command   []string
	Time      time.Duration // for one picture
	Bytes     int64         // of text
	Processes int           // at once
}

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
	return &Reader{o: o, seats: make(chan struct{}, max(o.Processes, 1))}
}

// errFailed is every failure of the command: its own words may be of the picture.
var errFailed = errors.New("ocr: the command failed")

// killWait is how long a command that was killed may hold its output open.
const killWait = 5 * time.Second

// Read gives the text in a picture, cut at Options.Bytes. It waits for its turn. The error is the context's, or says that the command failed, and
// nothing else. No process outlives it.
func (r *Reader) Read(ctx context.Context, picture io.Reader) ([]byte, error) {
	select {
	case r.seats <- struct{}{}:
		defer func() { <-r.seats }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for ocr: %w", ctx.Err())
	}
	timed, cancel := context.WithTimeout(ctx, r.o.Time)
	defer cancel()
	cmd := exec.CommandContext(timed, r.o.Command[0], r.o.Command[1:]...)
	out := &limited{left: r.o.Bytes}
	cmd.Stdin, cmd.Stdout = picture, out
	// Programs for it use all processors unless they are told otherwise.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "OMP_THREAD_LIMIT=1"}
	cmd.WaitDelay = killWait
	ownGroup(cmd)
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("ocr: %w", ctx.Err())
	}
	if err != nil {
		return nil, errFailed
	}
	return out.b.Bytes(), nil
}

// limited keeps the first bytes and takes the rest for nothing.
type limited struct {
	b    bytes.Buffer
	left int64
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(int64(len(p)), l.left)
	l.b.Write(p[:n])
	l.left -= n
	return len(p), nil
}
