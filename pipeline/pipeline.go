// Package pipeline is the way of a document: listed, fetched, unpacked, matched, recorded, indexed, told. Its workers
// take due rows of the store; there is no other queue. Every step may run twice: the same document read again gives the
// same find, the same alert, one message.
//
// It knows the other rooms only as the interfaces of rooms.go.
package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/pipeline/evidence"
)

// Reading is one document being matched. Its methods may run at the same time.
type Reading interface {
	Text(ctx context.Context, t leak.Text) error
	Tally() leak.Tally
	Drain() (seen []leak.Seen, tokens []leak.Token, cut string)
	Finish()
}

// Document is what Unpack reads.
type Document struct {
	Reader    io.Reader
	Place     leak.Place
	MediaType string // as the server says
	Charset   string
	Size      int64    // -1 when unknown
	Passwords []string // published beside it
	// Shape is told, as soon as it is known and whenever it changes, what the document is made of.
	Shape func(string)
}

// Unpacked is what came of unpacking.
type Unpacked struct {
	Completeness leak.Completeness
	Reasons      []string
	Texts        int64
	Shape        string
	MediaType    string
	Cut          bool     // a limit cut it
	Published    []string // words that it gives as passwords, for what lies beside it; never printed
}

// Unpack turns a document into texts. An error is that of the context, of a callback, or of reading; all else is said
// in Unpacked.
type Unpack func(ctx context.Context, d Document, text func(leak.Text) error, member func(leak.Member) error) (Unpacked, error)

// Store is all that the pipeline keeps.
type Store interface {
	Sources
	Items
	Versions
	Evidence
	Published
	Finds
	Watches
	Outbox
	Operator
	Unindexed
	Housekeeping
	Narrow
}

// Options are what a pipeline needs. All but Happened are required.
type Options struct {
	Config     configs.Pipeline
	Rules      leak.Rules
	Digest     string // of software and configuration, for evidence
	Matcher    string // version of matcher and unpacker
	Store      Store
	Crawler    Crawler
	Begin      func() Reading
	Generation func() int64                    // of the registry that Begin reads with
	Refresh    func(ctx context.Context) error // takes up a newer registry, if there is one
	Unpack     Unpack
	Vault      *evidence.Vault
	Index      Index
	Sender     Sender
	Backoff    func(attempt int) time.Duration // of deliveries
	NextRun    func(s leak.Source, after time.Time) (time.Time, error)
	PurgeHour  int
	MonthFirst map[string]bool // sources whose documents write dates with the month first; may be nil
	Now        func() time.Time
	Log        *slog.Logger
	Metrics    *Metrics
	Happened   func(Happening) // told of each step, may be nil; must not block
}

// Happening is one step that a person may want to watch. Places are in shown form.
type Happening struct {
	What    string // "listed", "read", "find", "sent", "gone", "run"
	Source  string
	Place   leak.Place
	Run     leak.Run
	Outcome leak.Outcome
	Find    leak.Find
	News    leak.News
	Message leak.Delivery
	Took    time.Duration
	// of a version that was read
	Persons    int64
	Confidence leak.Confidence
}

// Pipeline runs the workers. Make one with New.
type Pipeline struct {
	Options
	worker string
	wake   map[string]chan struct{}
}

// New makes a pipeline. It starts nothing.
func New(o Options) *Pipeline {
	id := make([]byte, 4)
	_, _ = rand.Read(id) // never fails
	host, _ := os.Hostname()
	p := &Pipeline{Options: o, wake: map[string]chan struct{}{}}
	p.worker = host + "-" + strconv.Itoa(os.Getpid()) + "-" + hex.EncodeToString(id)
	if p.Happened == nil {
		p.Happened = func(Happening) {}
	}
	if p.Metrics == nil {
		p.Metrics = NewMetrics()
	}
	for _, name := range []string{"sources", "versions", "outbox", "index", "watches"} {
		p.wake[name] = make(chan struct{}, 1)
	}
	return p
}

// Run works until ctx ends, then gives what is under way the grace of the configuration to finish, and hands the rest
// back. It returns nil after an orderly stop.
func (p *Pipeline) Run(ctx context.Context) error {
	work, kill := context.WithCancelCause(context.WithoutCancel(ctx))
	defer kill(nil)
	var group sync.WaitGroup
	start := func(name string, workers int, step stepFunc) {
		for range workers {
			group.Go(func() { p.loop(ctx, work, name, step) })
		}
	}
	start("sources", max(1, p.Config.Workers/2), p.sourceStep)
	start("versions", max(1, p.Config.Workers), p.versionStep)
	start("outbox", 2, p.outboxStep)
	start("index", 1, p.indexStep)
	start("watches", 1, p.watchStep)
	group.Go(func() { p.every(ctx, registryPoll, "registry", p.Refresh) })
	group.Go(func() { p.daily(ctx) })

	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	<-ctx.Done()
	p.Log.Info("stopping", "grace", p.Config.Grace)
	select {
	case <-done:
	case <-time.After(p.Config.Grace):
		kill(errStopping)
		<-done
	}
	return p.handBack(context.WithoutCancel(ctx))
}

var errStopping = errors.New("stopping")

// handBack makes what this worker still holds due for others at once.
func (p *Pipeline) handBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return p.Store.HandBackVersions(ctx, p.worker)
}

// wakeUp lets the named workers look for due rows at once, instead of at their next poll.
func (p *Pipeline) wakeUp(name string) {
	select {
	case p.wake[name] <- struct{}{}:
	default:
	}
}
