package configs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"leakwatch/configs"
	"leakwatch/leak"
)

// write puts a file of settings into a folder of its own.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leakwatch.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, text string) configs.Config {
	t.Helper()
	c, err := configs.Load(write(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestExampleIsTheDefaults holds the example to what it says of itself: what stands in it is what holds without it.
func TestExampleIsTheDefaults(t *testing.T) {
	t.Parallel()
	path := write(t, string(configs.Example))
	got, err := configs.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := configs.Default()
	want.Path = path
	want.Data = filepath.Join(filepath.Dir(path), want.Data)
	want.Keys.Dir = filepath.Join(filepath.Dir(path), want.Keys.Dir)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(configs.Config{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the example is not the defaults (-default +example):\n%s", diff)
	}
}

// commented is a setting that the example has as a comment.
var commented = regexp.MustCompile(`(?m)^( *)# ( *[a-z_]+:)`)

// TestExampleUncommented loads the example's commented-out parts too.
func TestExampleUncommented(t *testing.T) {
	t.Parallel()
	text := strings.Replace(string(configs.Example), "sources: []\n", "sources:\n", 1)
	text = regexp.MustCompile(`(?m)^#(  )`).ReplaceAllString(text, "$1")
	text = commented.ReplaceAllString(text, "$1$2")
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	text = strings.Replace(text, "age1…", id.Recipient().String(), 1)
	path := write(t, text)
	for _, name := range []string{"elastic.key", "elastic-ca.crt", "smtp.password", "webhook.secret"} {
		if err := configs.WriteSecret(filepath.Join(filepath.Dir(path), name), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	c, err := configs.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 3 || c.Keys.Rings[0] != "fi-2027a" || c.Alerts.SMTP.Host == "" || len(c.Finds.Elastic.URLs) != 1 {
		t.Fatalf("not all comments were taken away: %+v", c)
	}
	for _, s := range c.Sources {
		if l := s.Leak(); l.Schedule == "" || l.MaxBytes == 0 || l.Timeout == 0 {
			t.Errorf("source %s is incomplete: %+v", s.ID, l)
		}
	}
	if c.Sources[1].Network != leak.Tor {
		t.Errorf("the onion source is not reached by Tor")
	}
}

// TestSourceLayers checks the order: defaults of the kind, the preset, the source's own keys.
func TestSourceLayers(t *testing.T) {
	t.Parallel()
	c := load(t, `
sources:
  - id: pastes
    preset: pastebin-scraping
    fields: {poster: owner}
    limits: {max_items: 10}
    legal: listing
  - {id: dir, kind: directory-index, url: "https://files.example/", schedule: "@every 10m", depth: 0}
  - {id: hourly, preset: apache, url: "https://files2.example/", schedule: "15 * * * *", jitter: 0s, tz: Europe/Helsinki}
`)
	s := c.Sources[0]
	if s.Kind != configs.JSONListing || s.Items != "@this" || s.Schedule != "@every 60s" || s.Jitter != 10*time.Second {
		t.Errorf("the preset is not there: %+v", s)
	}
	if s.Fields["poster"].Path != "owner" || s.Fields["id"].Path != "key" || s.Fields["time"].Unix != "s" {
		t.Errorf("fields are not merged: %+v", s.Fields)
	}
	if s.Limits.MaxItems != 10 || s.Limits.MaxBytes != 16<<20 || s.Limits.Parallel != 2 || s.Legal != leak.LegalListing {
		t.Errorf("limits are not layered: %+v", s)
	}
	if d := c.Sources[1]; d.Depth != 0 || d.Jitter != 2*time.Minute || d.Collection != configs.ByFolder || d.Server != "auto" {
		t.Errorf("a directory's defaults: %+v", d)
	}
	if h := c.Sources[2]; h.Jitter != 0 || h.TZ != "Europe/Helsinki" || h.Server != "apache" {
		t.Errorf("what is said as zero must stay zero: %+v", h)
	}
}

// TestPresets loads every preset with what it leaves open.
func TestPresets(t *testing.T) {
	t.Parallel()
	const at = `url: "https://files.example/"`
	for preset, more := range map[string]string{
		"nginx": at, "apache": at, "lighttpd": at, "caddy": at, "pastebin-scraping": "", "github-gists": "",
		"gitlab-snippets": `url: "https://gitlab.example/api/v4/snippets/public"`,
		"stikked":         `url: "https://paste.example/api/recent", body: {url: "https://paste.example/view/raw/{id}"}`,
	} {
		t.Run(preset, func(t *testing.T) {
			t.Parallel()
			c := load(t, "sources:\n  - {id: a, preset: "+preset+", "+more+"}\n")
			if c.Sources[0].Schedule == "" {
				t.Error("no schedule")
			}
		})
	}
}
