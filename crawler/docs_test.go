package crawler_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leakwatch/configs"
	"leakwatch/crawler"
	"leakwatch/leak"
)

// TestDocumentedSources loads every example of docs/sources.md.
func TestDocumentedSources(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := leak.NewPlaceKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	examples, folder := 0, t.TempDir()
	if err := configs.WriteSecret(filepath.Join(folder, "snippets.token"), []byte("token")); err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(b), "```") {
		text, ok := strings.CutPrefix(part, "yaml\n")
		if i%2 == 0 || !ok {
			continue
		}
		config, err := configs.Parse(filepath.Join(folder, "leakwatch.yaml"), []byte(text))
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		c, err := crawler.New(crawler.Options{Config: config.Crawler, Sources: config.Sources, Places: keys})
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		_ = c.Close()
		examples += len(config.Sources)
	}
	if examples < 6 {
		t.Errorf("%d examples", examples)
	}
}
