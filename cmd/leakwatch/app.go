package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/store"
)

// commands is the list of them all.
func commands(a *app) []*cobra.Command {
	return []*cobra.Command{
		newInitCommand(a), newServeCommand(a), newCrawlCommand(a), newFetchCommand(a), newScanCommand(a),
		newClinicCommand(a), newHashCommand(a), newRegisterCommand(a), newResolveCommand(a),
		newSearchCommand(a), newFindCommand(a), newLookupCommand(a), newAlertsCommand(a), newCoverageCommand(a),
		newReindexCommand(a), newPurgeCommand(a), newDoctorCommand(a), newDemoCommand(a),
		newVersionCommand(a), newHealthCommand(a), newParseCommand(a),
	}
}

// app opens the rooms as commands ask for them, each once, and closes them at the end. Not for concurrent use.
type app struct {
	in         *os.File
	out        io.Writer
	err        io.Writer
	configPath string
	json       bool
	logLevel   string
	now        func() time.Time

	loaded  *configs.Config
	secrets *configs.Keys
	opened  *store.Store
	match   *matcher.Matcher
	logger  *slog.Logger

	// only refresh touches these
	dueAgain   bool      // what was read with an older registry is still to be made due
	registryAt time.Time // when a registry that could not be taken up is tried again

	closers []func() error
}

func newApp(in, out, errOut *os.File) *app {
	return &app{in: in, out: out, err: errOut, now: time.Now}
}

func (a *app) close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i](); err != nil {
			fmt.Fprintln(a.err, "leakwatch: close:", err)
		}
	}
	a.closers = nil
}

// config loads the configuration once. A missing or wrong one is bad usage.
func (a *app) config(context.Context) (*configs.Config, error) {
	if a.loaded != nil {
		return a.loaded, nil
	}
	c, err := configs.Load(a.configPath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageError("there is no configuration at %s; `leakwatch init DIR` writes one, --config FILE names another", a.configPath)
	case err != nil:
		return nil, badUsage{err}
	}
	a.loaded = &c
	return a.loaded, nil
}

// log is the logger of the whole program, on standard error.
func (a *app) log() *slog.Logger {
	if a.logger != nil {
		return a.logger
	}
	level, format := a.logLevel, ""
	if a.loaded != nil {
		format = a.loaded.Log.Format
		if level == "" {
			level = a.loaded.Log.Level
		}
	}
	var l slog.Level
	if level == "" || l.UnmarshalText([]byte(level)) != nil {
		l = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: l}
	if format == "json" {
		a.logger = slog.New(slog.NewJSONHandler(a.err, options))
	} else {
		a.logger = slog.New(slog.NewTextHandler(a.err, options))
	}
	return a.logger
}

func (a *app) keys(ctx context.Context) (configs.Keys, error) {
	if a.secrets != nil {
		return *a.secrets, nil
	}
	c, err := a.config(ctx)
	if err != nil {
		return configs.Keys{}, err
	}
	keys, err := configs.LoadKeys(c.Keys)
	if err != nil {
		return configs.Keys{}, badUsage{fmt.Errorf("load keys: %w", err)}
	}
	a.secrets = &keys
	return keys, nil
}

func (a *app) places(ctx context.Context) (*leak.PlaceKey, error) {
	keys, err := a.keys(ctx)
	if err != nil {
		return nil, err
	}
	return leak.NewPlaceKey(keys.Place[:])
}

// store opens the store and checks that the keys are the ones it was filled under.
func (a *app) store(ctx context.Context) (*store.Store, error) {
	if a.opened != nil {
		return a.opened, nil
	}
	c, err := a.config(ctx)
	if err != nil {
		return nil, err
	}
	places, err := a.places(ctx)
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{c.Data, filepath.Join(c.Data, "temp")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make data folder: %w", err)
		}
	}
	s, err := store.Open(ctx, store.Options{
		Path: filepath.Join(c.Data, "leakwatch.db"), Places: places, Rules: c.Rules.Leak(), Retention: c.Retention,
		Now: a.now, Log: a.log().With("room", "store"),
	})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, s.Close)
	m, err := a.emptyMatcher(ctx)
	if err != nil {
		return nil, err
	}
	checks := m.Checks()
	checks["place"] = places.Check()
	if err := s.CheckKeys(ctx, checks); err != nil {
		return nil, badUsage{err}
	}
	a.opened = s
	return s, nil
}

func (a *app) emptyMatcher(ctx context.Context) (*matcher.Matcher, error) {
	if a.match != nil {
		return a.match, nil
	}
	c, err := a.config(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := a.keys(ctx)
	if err != nil {
		return nil, err
	}
	m, err := matcher.New(matcherKeys(keys), matcher.Options{
		Regions: c.Matcher.Regions, Kinds: c.Matcher.Kinds, CandidateCap: c.Matcher.CandidateCap, TokenCap: c.Matcher.TokenCap, Temp: filepath.Join(c.Data, "temp"),
	})
	if err != nil {
		return nil, fmt.Errorf("make matcher: %w", err)
	}
	a.match = m
	return m, nil
}

// matcher gives the matcher with the registry loaded.
func (a *app) matcher(ctx context.Context) (*matcher.Matcher, error) {
	s, err := a.store(ctx)
	if err != nil {
		return nil, err
	}
	if a.match.Generation() > 0 {
		return a.match, nil
	}
	_, err = a.takeUp(ctx, a.match, s)
	return a.match, err
}

// watchTerms has the matcher look for the words that clinics have watched. Words that this version refuses, though an
// earlier one took them, are said and left out: nothing of them may keep people from being looked for.
func (a *app) watchTerms(ctx context.Context, m *matcher.Matcher, s *store.Store) error {
	terms, err := s.Terms(ctx, "")
	if err != nil {
		return err
	}
	if err := m.Watch(terms); err != nil {
		a.log().Error("watch terms are left out; see `leakwatch clinic watch`", "err", err)
	}
	return nil
}

func matcherKeys(k configs.Keys) matcher.Keys {
	convert := func(in []configs.Key) []matcher.Key {
		out := make([]matcher.Key, len(in))
		for i, key := range in {
			out[i] = matcher.Key{ID: key.ID, Secret: key.Secret, SearchOnly: key.SearchOnly}
		}
		return out
	}
	return matcher.Keys{Rings: convert(k.Rings), Index: convert(k.Index), Find: convert(k.Find)}
}

// principal is who runs this command, on whose behalf the operating system says.
func (a *app) principal(purpose string) leak.Principal {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return leak.Principal{Name: name, Role: leak.RoleOperator, Purpose: purpose}
}

// audit writes the row before the answer goes out.
func (a *app) audit(ctx context.Context, p leak.Principal, action, object string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if err := s.Audit(ctx, leak.AuditEntry{Time: a.now(), Actor: p, Action: action, Object: object, Outcome: "granted"}); err != nil {
		return fmt.Errorf("write audit row: %w", err)
	}
	return nil
}

// terminal says whether standard error is one: progress goes there.
func (a *app) terminal() bool {
	f, ok := a.err.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// writeJSON writes one line of data.
func (a *app) writeJSON(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	_, err = a.out.Write(append(b, '\n'))
	return err
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// readLine reads one line from the terminal without echo, or from standard input: what must not stay in a shell's
// history or in a list of processes.
func (a *app) readLine() (string, error) {
	if isTerminal(a.in) {
		fmt.Fprint(a.err, "value (not shown): ")
		b, err := term.ReadPassword(int(a.in.Fd()))
		fmt.Fprintln(a.err)
		return strings.TrimSpace(string(b)), err
	}
	line, err := bufio.NewReader(io.LimitReader(a.in, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return strings.TrimSpace(line), nil
}
