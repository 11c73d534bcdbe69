package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"

	"leakwatch/internal/corpus"
)

// text is a long text on disk. What is in it lies beside it, as path with truthExt.
type text struct {
	name, path string
	corpus.Content
}

const truthExt = ".truth"

// makeTexts writes the texts into a folder.
func makeTexts(dir string, o options) ([]*text, error) {
	var all []*text
	for _, l := range corpus.Larges() {
		if o.only != "" && o.only != l.Name {
			continue
		}
		t := &text{name: l.Name, path: filepath.Join(dir, l.Name)}
		f, err := os.Create(t.path)
		if err != nil {
			return nil, fmt.Errorf("make text %s: %w", l.Name, err)
		}
		t.Content, err = l.Write(f, o.seed, int64(o.mib)<<20)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		b, err := json.Marshal(t.Truth)
		if err != nil {
			return nil, fmt.Errorf("note the truth of %s: %w", l.Name, err)
		}
		if err := os.WriteFile(t.path+truthExt, b, 0o600); err != nil {
			return nil, fmt.Errorf("note the truth of %s: %w", l.Name, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// readTexts finds the texts of a folder again.
func readTexts(dir string) (map[string][]corpus.Planted, error) {
	all := map[string][]corpus.Planted{}
	names, err := filepath.Glob(filepath.Join(dir, "*"+truthExt))
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("read the truth of a text: %w", err)
		}
		var truth []corpus.Planted
		if err := json.Unmarshal(b, &truth); err != nil {
			return nil, fmt.Errorf("read the truth of a text: %w", err)
		}
		all[n[:len(n)-len(truthExt)]] = truth
	}
	return all, nil
}

// mix writes notes, dump and paste, one after the other, as one gzip file.
func mix(dir string, texts []*text) (path string, size int64, err error) {
	path = filepath.Join(dir, "mix.gz")
	f, err := os.Create(path)
	if err != nil {
		return "", 0, fmt.Errorf("make the archive: %w", err)
	}
	z := gzip.NewWriter(f)
	for _, t := range texts {
		if t.name == "flood" || t.name == "adv" {
			continue
		}
		in, err := os.Open(t.path)
		if err != nil {
			return "", 0, errors.Join(err, f.Close())
		}
		n, err := io.Copy(z, in)
		size += n
		if err := errors.Join(err, in.Close()); err != nil {
			return "", 0, errors.Join(fmt.Errorf("make the archive: %w", err), f.Close())
		}
	}
	return path, size, errors.Join(z.Close(), f.Close())
}
