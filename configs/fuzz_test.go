package configs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leakwatch/configs"
)

// FuzzLoad reads anything as settings: it must not panic, and what it takes must be valid, complete and the same twice.
func FuzzLoad(f *testing.F) {
	f.Add(configs.Example)
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := configs.Parse("leakwatch.yaml", b)
		var ms configs.Mistakes
		if err != nil {
			if !errors.As(err, &ms) || len(ms) == 0 {
				t.Fatalf("an error without mistakes: %v", err)
			}
			for _, m := range ms {
				if m.File == "" || m.Text == "" || strings.ContainsAny(m.String(), "\n\x00") {
					t.Fatalf("a mistake that is not one line: %q", m.String())
				}
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("was taken, but is not valid: %v", err)
		}
		again, err := configs.Parse("leakwatch.yaml", b)
		if err != nil || again.Digest() != c.Digest() {
			t.Fatalf("read twice, it differs: %v", err)
		}
		for _, s := range c.Sources {
			if l := s.Leak(); l.ID == "" || l.URL == "" || l.Schedule == "" || l.MaxBytes <= 0 {
				t.Fatalf("an incomplete source: %+v", l)
			}
		}
	})
}
