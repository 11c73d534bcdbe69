package child

import (
	"os/exec"
	"runtime"
	"sync"
)

// launcher starts processes from one thread that lives as long as the pool: Linux kills a child that asked for it when the thread that
// started it ends, and Go's runtime ends threads while the program goes on.
type launcher struct {
	once  sync.Once
	asked chan launch
	ended chan struct{}
}

type launch struct {
	cmd *exec.Cmd
	err chan error
}

// start starts a command. It is not called after end.
func (l *launcher) start(cmd *exec.Cmd) error {
	l.once.Do(func() {
		l.asked, l.ended = make(chan launch), make(chan struct{})
		go l.run()
	})
	a := launch{cmd, make(chan error, 1)}
	l.asked <- a
	return <-a.err
}

func (l *launcher) run() {
	defer close(l.ended)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for a := range l.asked {
		a.err <- a.cmd.Start()
	}
}

// end ends the thread's part, when no process lives any more. It may be called again.
func (l *launcher) end() {
	l.once.Do(func() {})
	if l.asked == nil {
		return
	}
	close(l.asked)
	<-l.ended
	l.asked = nil
}
