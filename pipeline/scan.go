package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"leakwatch/leak"
)

// Scan reads local files against the registry and stores nothing: the mode for seized media.
type Scan struct {
	Begin   func(onMatch func(leak.Match)) Reading
	Unpack  Unpack
	Places  *leak.PlaceKey
	Workers int                                // files at once
	Match   func(leak.Match)                   // told of every registered identifier; the matches of one document come in one stretch
	Summary func(DocumentSummary)              // told at the end of each document
	Bytes   func(n int)                        // told of bytes read, for progress; may be nil
	open    func(string) (fs.File, error)      // for tests
	walk    func(string, fs.WalkDirFunc) error // for tests
	mu      sync.Mutex                         // the output's: a document of many matches holds it while it is read
	beside  sync.Mutex                         // of what follows
	words   []string                           // passwords that the files published so far
	sealed  []sealedFile                       // they wait for the others' passwords
	waited  bool                               // all files were read once
}

// DocumentSummary is what came of one document.
type DocumentSummary struct {
	Place        leak.Place
	Result       leak.Result
	Completeness leak.Completeness
	Reasons      []string
	Persons      int64
	Confidence   leak.Confidence
	Bytes        int64
	Matches      int64
	Named        map[string]int64 // by clinic, how often its watch terms stand there
}

// heldMatches is how many matches of a document wait for it to end before its stretch of the output begins early.
const heldMatches = 4096

// Paths reads files and folders. A folder's own listing is a document too: names alone may say enough. What cannot be
// opened is a summary with the result failed, not an error.
func (s *Scan) Paths(ctx context.Context, paths []string) error {
	if s.open == nil {
		s.open, s.walk = func(name string) (fs.File, error) { return os.Open(name) }, filepath.WalkDir
	}
	files := make(chan scanFile)
	results := make(chan error)
	workers := max(1, s.Workers)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range workers {
		go func() {
			var err error
			for f := range files {
				if err == nil {
					err = s.file(ctx, f)
				}
				if err != nil {
					cancel() // and go on receiving, so that the walk ends
				}
			}
			results <- err
		}()
	}
	err := s.find(ctx, paths, files)
	close(files)
	var first error
	for range workers {
		if werr := <-results; werr != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = werr
		}
	}
	if first == nil {
		first = err
	}
	if first == nil {
		first = s.again(ctx)
	}
	return first
}

// sealedFile is a file with something in it that could not be opened.
type sealedFile struct {
	file  scanFile
	sum   DocumentSummary // of what was read
	known int             // passwords that this was read with
}

// again reads what could not be opened, now that all files have said what passwords they publish. A file that none is new
// to, and that had nothing else in it, need not be read for that.
func (s *Scan) again(ctx context.Context) error {
	s.waited = true
	for _, f := range s.sealed {
		if f.sum.Matches == 0 && f.known == len(s.words) {
			s.summarise(f.sum)
		} else if err := s.file(ctx, f.file); err != nil {
			return err
		}
	}
	s.words, s.sealed, s.waited = nil, nil, false
	return nil
}

// known gives the passwords that were published so far.
func (s *Scan) known() []string {
	s.beside.Lock()
	defer s.beside.Unlock()
	return slices.Clone(s.words)
}

// learn takes what a file publishes, and says how many are new.
func (s *Scan) learn(words []string) (fresh int) {
	s.beside.Lock()
	defer s.beside.Unlock()
	before := len(s.words)
	for _, w := range words {
		if len(s.words) < knownPasswords && !slices.Contains(s.words, w) {
			s.words = append(s.words, w)
		}
	}
	return len(s.words) - before
}

// knownPasswords is how many passwords one scan keeps.
const knownPasswords = 1024

// wait puts a file off until the others were read, unless it was, or its output has begun. It was read with so many
// passwords, its own among them.
func (s *Scan) wait(f *scanFile, d *scanned, sum DocumentSummary, known int) bool {
	s.beside.Lock()
	defer s.beside.Unlock()
	if f == nil || s.waited || d.owns || !slices.ContainsFunc(sum.Reasons, sealedReason) {
		return false
	}
	sum.Matches = d.count
	s.sealed = append(s.sealed, sealedFile{*f, sum, known})
	return true
}

// sealedReason says whether a reason is that something is encrypted, and no password that was published opens it.
func sealedReason(r string) bool {
	return strings.Contains(r, "no password published") || strings.Contains(r, "no published password")
}

type scanFile struct {
	base, path string
	broken     error
}

// find walks the paths. Links are not followed: a link on seized media may lead anywhere.
func (s *Scan) find(ctx context.Context, paths []string, files chan<- scanFile) error {
	send := func(f scanFile) error {
		select {
		case files <- f:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil || !info.IsDir() {
			if err := send(scanFile{base: parent(root), path: root, broken: err}); err != nil {
				return err
			}
			continue
		}
		var names []string
		base := strings.TrimSuffix(filepath.ToSlash(root), "/") + "/"
		err = s.walk(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return send(scanFile{base: base, path: path, broken: err})
			case entry.IsDir() && path == root:
				return nil
			case entry.IsDir():
				names = append(names, entry.Name())
				return nil
			case !entry.Type().IsRegular():
				return send(scanFile{base: base, path: path, broken: errNotRegular})
			}
			names = append(names, entry.Name())
			return send(scanFile{base: base, path: path})
		})
		if err != nil {
			return err
		}
		if err := s.listing(ctx, base, names); err != nil {
			return err
		}
	}
	return nil
}

var errNotRegular = errors.New("not a regular file")

func parent(path string) string {
	dir := filepath.ToSlash(filepath.Dir(path))
	return strings.TrimSuffix(dir, "/") + "/"
}

func (s *Scan) file(ctx context.Context, f scanFile) error {
	path := filepath.ToSlash(f.path)
	if !strings.HasPrefix(path, f.base) {
		path = f.base + path // a bare name under "./"
	}
	place := s.Places.Place(f.base, path)
	if f.broken != nil {
		s.summarise(DocumentSummary{Place: place, Result: leak.Failed, Completeness: leak.Unread, Reasons: []string{cause(f.broken)}})
		return nil
	}
	file, err := s.open(f.path)
	if err != nil {
		s.summarise(DocumentSummary{Place: place, Result: leak.Failed, Completeness: leak.Unread, Reasons: []string{cause(err)}})
		return nil
	}
	defer file.Close()
	size := int64(-1)
	if info, err := file.Stat(); err == nil {
		size = info.Size()
	}
	return s.document(ctx, &f, file, place, strings.TrimPrefix(path, f.base), size)
}

// cause is an error without the path in it.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Op + ": " + p.Err.Error()
	}
	return err.Error()
}

// Document reads one stream. name is its clear path below the base, to be matched as names are.
func (s *Scan) Document(ctx context.Context, r io.Reader, place leak.Place, name string, size int64) error {
	return s.document(ctx, nil, r, place, name, size)
}

// document reads a stream; f is the file that it is of, if it can be read again.
func (s *Scan) document(ctx context.Context, f *scanFile, r io.Reader, place leak.Place, name string, size int64) error {
	d := &scanned{scan: s}
	match := s.Begin(d.match)
	counted := &countingReader{r: r, told: s.Bytes}
	text := func(t leak.Text) error { return match.Text(ctx, t) }
	var u Unpacked
	passwords := s.known()
	err := guarded(func() error {
		err := nameTexts(place, strings.Split(name, "/"), text)
		if err == nil {
			u, err = s.Unpack(ctx, Document{Reader: counted, Place: place, Size: size, Passwords: passwords, Shape: func(string) {}}, text, nil)
		}
		match.Finish()
		return err
	}, func(string) {})
	fresh := s.learn(u.Published)
	sum := s.judge(match.Tally(), place, u)
	sum.Bytes = counted.n
	if err != nil && ctx.Err() == nil {
		sum.Completeness, sum.Reasons = leak.Partial, append(sum.Reasons, "read broke: "+cause(err))
		if sum.Result == leak.Clean {
			sum.Result = leak.Failed
		}
		err = nil
	}
	if err == nil && s.wait(f, d, sum, len(passwords)+fresh) {
		return nil
	}
	d.end(&sum)
	return err
}

// listing reads the names of a folder as one document.
func (s *Scan) listing(ctx context.Context, base string, names []string) error {
	place := s.Places.Place(base, base)
	d := &scanned{scan: s}
	match := s.Begin(d.match)
	if err := nameTexts(place, names, func(t leak.Text) error { return match.Text(ctx, t) }); err != nil {
		return err
	}
	match.Finish()
	sum := s.judge(match.Tally(), place, Unpacked{Completeness: leak.Whole})
	d.end(&sum)
	return nil
}

func nameTexts(place leak.Place, names []string, text func(leak.Text) error) error {
	for _, n := range names {
		if n == "" || n == "." {
			continue
		}
		if err := text(leak.Text{Place: place, Reader: strings.NewReader(n), Name: true}); err != nil {
			return fmt.Errorf("match names: %w", err)
		}
	}
	return nil
}

func (s *Scan) judge(t leak.Tally, place leak.Place, u Unpacked) DocumentSummary {
	sum := DocumentSummary{Place: place, Result: leak.Clean, Completeness: u.Completeness, Reasons: u.Reasons}
	sum.Named = named(t)
	if len(sum.Named) > 0 {
		sum.Result = leak.Mentioned
	}
	for clinic, c := range t.Clinics {
		v := leak.Judge(t, clinic)
		if v.Confidence == leak.None {
			continue
		}
		sum.Result = leak.Matched
		sum.Confidence = max(sum.Confidence, v.Confidence)
		sum.Persons += leak.PersonsOf(t, c)
	}
	return sum
}

// named counts how often each clinic is named.
func named(t leak.Tally) map[string]int64 {
	all := map[string]int64{}
	for clinic, c := range t.Clinics {
		for _, n := range c.Terms {
			all[clinic] += n
		}
	}
	return all
}

func (s *Scan) summarise(sum DocumentSummary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Summary(sum)
}

// scanned holds back a document's matches, so that those of several files at once do not mix; past a limit it takes
// the output for itself until it ends.
type scanned struct {
	scan  *Scan
	held  []leak.Match
	owns  bool
	count int64
	told  Repeats
}

func (d *scanned) match(m leak.Match) {
	if d.told.Seen(m) {
		return
	}
	d.count++
	if d.owns {
		d.scan.Match(m)
		return
	}
	d.held = append(d.held, m)
	if len(d.held) >= heldMatches {
		d.own()
	}
}

func (d *scanned) own() {
	if !d.owns {
		d.scan.mu.Lock()
		d.owns = true
	}
	for _, m := range d.held {
		d.scan.Match(m)
	}
	d.held = nil
}

func (d *scanned) end(sum *DocumentSummary) {
	sum.Matches = d.count
	d.own()
	d.scan.Summary(*sum)
	d.scan.mu.Unlock()
}

type countingReader struct {
	r    io.Reader
	n    int64
	told func(int)
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.told != nil {
		c.told(n)
	}
	return n, err
}
