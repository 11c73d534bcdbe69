package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"leakwatch/leak"
	"leakwatch/pipeline"
)

func newScanCommand(a *app) *cobra.Command {
	var s scanCommand
	cmd := &cobra.Command{
		Use:   "scan PATH… or -",
		Short: "Match files, folders, archives or standard input against the registry",
		Long: `Reads local files with nothing stored, unless --record says so: the air-gapped mode for seized media. One line for every
registered identifier, weak ones without context too, then one summary a document and one for all. Values are never
shown; file names are shown as codes, in clear only with --reveal, which needs --purpose and writes an audit row.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.a, s.seen = a, map[leak.Person]struct{}{}
			return s.run(cmd.Context(), args)
		},
	}
	cmd.Flags().BoolVar(&s.record, "record", false, "store what is found, with evidence, as finds of the source \"scan\"")
	cmd.Flags().BoolVar(&s.reveal, "reveal", false, "show paths in clear (needs --purpose)")
	cmd.Flags().StringVar(&s.purpose, "purpose", "", "reason or case number, for the audit row")
	cmd.Flags().IntVar(&s.workers, "workers", runtime.NumCPU(), "files at once")
	return cmd
}

type scanCommand struct {
	a              *app
	record, reveal bool
	purpose        string
	workers        int
	bar            *progressbar.ProgressBar
	total          totals
	seen           map[leak.Person]struct{} // counted, over all documents
	writeErr       error
}

// totals are what the last line says of all documents.
type totals struct {
	Documents, Matched, Mentioned, Clean, Failed int64
	Partial, Unreadable                          int64
	Matches, Persons, Bytes                      int64
	Confidence                                   leak.Confidence
}

func (s *scanCommand) run(ctx context.Context, paths []string) error {
	if s.reveal && strings.TrimSpace(s.purpose) == "" {
		return usageError("--reveal needs --purpose: a reason or case number, for the audit row")
	}
	m, err := s.a.matcher(ctx)
	if err != nil {
		return err
	}
	if m.Size() == 0 {
		return usageError("no identifier is registered: a scan would find nothing; see `leakwatch clinic` and `leakwatch register`")
	}
	places, err := s.a.places(ctx)
	if err != nil {
		return err
	}
	if s.reveal {
		if err := s.a.audit(ctx, s.a.principal(s.purpose), "reveal", "scan of local paths"); err != nil {
			return err
		}
	}
	s.progress()
	if s.record {
		err = s.recorded(ctx, places, paths)
	} else {
		err = s.unrecorded(ctx, places, paths)
	}
	if s.bar != nil {
		_ = s.bar.Finish()
		fmt.Fprintln(s.a.err)
	}
	if err != nil {
		return err
	}
	if s.writeErr != nil {
		return fmt.Errorf("write output: %w", s.writeErr)
	}
	return s.end()
}

func (s *scanCommand) unrecorded(ctx context.Context, places *leak.PlaceKey, paths []string) error {
	scan := &pipeline.Scan{
		Begin:  func(on func(leak.Match)) pipeline.Reading { return s.a.match.Begin(on) },
		Unpack: s.a.unpack(ctx), Places: places, Workers: s.workers, Match: s.match, Summary: s.summary, Bytes: s.read,
	}
	defer s.a.followRegistry(ctx)()
	if len(paths) == 1 && paths[0] == "-" {
		return scan.Document(ctx, s.a.in, places.Place("stdin", "stdin"), "", -1)
	}
	return scan.Paths(ctx, paths)
}

// recorded takes each file the way of any item, with the file system in the crawler's place.
func (s *scanCommand) recorded(ctx context.Context, places *leak.PlaceKey, paths []string) error {
	files := pipeline.Files{Places: places, Now: s.a.now}
	var matches int64
	svc, err := s.a.newService(ctx, changes{
		crawler: files,
		begin: func() pipeline.Reading {
			var told pipeline.Repeats
			return s.a.match.Begin(func(m leak.Match) {
				if !told.Seen(m) {
					matches++
					s.match(m)
				}
			})
		},
		happened: func(h pipeline.Happening) {
			if h.What == "read" {
				s.summary(pipeline.DocumentSummary{Place: h.Place, Result: h.Outcome.Result, Completeness: h.Outcome.Completeness,
					Reasons: h.Outcome.Reasons, Bytes: h.Outcome.Bytes, Matches: matches, Persons: h.Persons, Confidence: h.Confidence})
				matches = 0
				s.read(int(h.Outcome.Bytes))
			}
		},
	})
	if err != nil {
		return err
	}
	return files.Walk(ctx, paths, func(item leak.Item) error {
		version, err := s.a.opened.AddTip(ctx, item)
		if err != nil {
			return fmt.Errorf("write down file: %w", err)
		}
		if !item.Fetch { // written down with why
			s.summary(pipeline.DocumentSummary{Place: item.Place, Result: leak.Skipped, Completeness: leak.Unread, Reasons: []string{item.Skip}})
			return nil
		}
		return svc.Fetch(ctx, version)
	})
}

// matchLine is one registered identifier; the fields stand in this order.
type matchLine struct {
	Path    string    `json:"path"`
	Kind    leak.Kind `json:"kind"`
	Offset  int64     `json:"offset"`
	Length  int64     `json:"length"`
	Class   string    `json:"class"`
	Counted bool      `json:"counted"`
	Clinic  string    `json:"clinic"`
	Ref     string    `json:"ref"`
}

func (s *scanCommand) match(m leak.Match) {
	if m.Counted {
		s.seen[m.Person] = struct{}{}
	}
	line := matchLine{s.path(m.Place), m.Kind, m.Offset, m.Length, m.Class.String(), m.Counted, m.Person.Clinic, m.Person.Ref}
	if s.a.json {
		s.write(line)
		return
	}
	counted := "counted"
	if !m.Counted {
		counted = "not counted"
	}
	s.say("%s\t%s\t%d+%d\t%s, %s\t%s\t%s\n", line.Path, line.Kind, line.Offset, line.Length, line.Class, counted, line.Clinic, line.Ref)
}

type summaryLine struct {
	Summary      string            `json:"summary"` // "document" or "all"
	Path         string            `json:"path,omitempty"`
	Documents    int64             `json:"documents,omitempty"`
	Result       leak.Result       `json:"result"`
	Completeness leak.Completeness `json:"completeness"`
	Reasons      []string          `json:"reasons,omitempty"`
	Matches      int64             `json:"matches"`
	Persons      int64             `json:"persons"`
	Confidence   leak.Confidence   `json:"confidence"`
	Bytes        int64             `json:"bytes"`
	Named        map[string]int64  `json:"named,omitempty"` // by clinic, how often its watch terms stand there
}

func (s *scanCommand) summary(d pipeline.DocumentSummary) {
	s.total.add(d)
	line := summaryLine{Summary: "document", Path: s.path(d.Place), Result: d.Result, Completeness: d.Completeness,
		Reasons: d.Reasons, Matches: d.Matches, Persons: d.Persons, Confidence: d.Confidence, Bytes: d.Bytes, Named: d.Named}
	if s.a.json {
		s.write(line)
		return
	}
	s.say("%s\t%s, %s\t%d persons, %s\n", line.Path, line.Result, line.Completeness, line.Persons, line.Confidence)
	for _, r := range line.Reasons {
		s.say("  %s\n", r)
	}
	for _, clinic := range slices.Sorted(maps.Keys(line.Named)) {
		s.say("  names %s %d times\n", clinic, line.Named[clinic])
	}
}

func (t *totals) add(d pipeline.DocumentSummary) {
	t.Documents++
	switch d.Result {
	case leak.Matched:
		t.Matched++
	case leak.Mentioned:
		t.Mentioned++
	case leak.Clean:
		t.Clean++
	default:
		t.Failed++
	}
	switch d.Completeness {
	case leak.Partial:
		t.Partial++
	case leak.Unreadable, leak.Unread:
		t.Unreadable++
	}
	t.Matches += d.Matches
	t.Persons = max(t.Persons, d.Persons) // by names alone nobody is counted one by one
	t.Bytes += d.Bytes
	t.Confidence = max(t.Confidence, d.Confidence)
}

// end writes the last line and gives the exit status.
func (s *scanCommand) end() error {
	t := s.total
	t.Persons = max(t.Persons, int64(len(s.seen)))
	result, completeness := leak.Clean, leak.Whole
	switch {
	case t.Matched > 0:
		result = leak.Matched
	case t.Mentioned > 0:
		result = leak.Mentioned
	case t.Failed > 0:
		result = leak.Failed
	}
	if t.Partial+t.Unreadable+t.Failed > 0 {
		completeness = leak.Partial
	}
	if s.a.json {
		s.write(summaryLine{Summary: "all", Documents: t.Documents, Result: result, Completeness: completeness,
			Matches: t.Matches, Persons: t.Persons, Confidence: t.Confidence, Bytes: t.Bytes})
	} else {
		s.say("%d documents, %s: %d matched, %d mentioned, %d clean, %d failed; %d partial, %d unreadable; %d identifiers of %d persons, %s\n",
			t.Documents, size(t.Bytes), t.Matched, t.Mentioned, t.Clean, t.Failed, t.Partial, t.Unreadable, t.Matches, t.Persons, t.Confidence)
	}
	switch {
	case s.writeErr != nil:
		return fmt.Errorf("write output: %w", s.writeErr)
	case completeness != leak.Whole:
		return errUnfinished
	case t.Matches == 0 && t.Matched+t.Mentioned == 0:
		return errNothing
	}
	return nil
}

func (s *scanCommand) path(p leak.Place) string {
	if s.reveal {
		return printable(p.Reveal())
	}
	return p.Shown()
}

// printable makes a hostile name harmless on a terminal.
func printable(name string) string {
	quoted := fmt.Sprintf("%q", name)
	if quoted[1:len(quoted)-1] == name {
		return name
	}
	return quoted
}

func (s *scanCommand) write(v any) {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = s.a.out.Write(append(b, '\n'))
	}
	if err != nil && s.writeErr == nil {
		s.writeErr = err
	}
}

func (s *scanCommand) say(format string, args ...any) {
	if _, err := fmt.Fprintf(s.a.out, format, args...); err != nil && s.writeErr == nil {
		s.writeErr = err
	}
}

// progress is a bar with bytes per second, on a terminal only, and not where the lines go to the same terminal.
func (s *scanCommand) progress() {
	out, ok := s.a.out.(*os.File)
	if !s.a.terminal() || ok && isTerminal(out) {
		return
	}
	s.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(s.a.err), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription("scanned"), progressbar.OptionThrottle(200*time.Millisecond))
}

func (s *scanCommand) read(n int) {
	if s.bar != nil {
		_ = s.bar.Add(n)
	}
}
