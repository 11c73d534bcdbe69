package configs_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leakwatch/configs"
	"leakwatch/leak"
)

func TestDefaultIsValid(t *testing.T) {
	t.Parallel()
	c := configs.Default()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if c.Rules.Leak() != leak.DefaultRules() {
		t.Errorf("rules: %+v", c.Rules.Leak())
	}
	empty := load(t, "")
	if empty.Log != c.Log {
		t.Error("an empty file is not the defaults")
	}
}

// TestMistakeWithoutFile validates settings that were made in code: no file, no line.
func TestMistakeWithoutFile(t *testing.T) {
	t.Parallel()
	c := configs.Default()
	c.Sources = []configs.Source{configs.Source{
		ID: "a", Kind: configs.DirectoryIndex, URL: "https://files.example/", Schedule: "@every 5 apples",
	}.WithDefaults()}
	err := c.Validate()
	const want = `sources[0].schedule: "@every 5 apples" is neither five fields nor such as @every 15m`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPathsStandBesideTheFile(t *testing.T) {
	t.Parallel()
	absolute := filepath.Join(t.TempDir(), "elsewhere")
	path := write(t, "data: sub/data\nkeys: {dir: "+absolute+"}\n")
	c, err := configs.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != filepath.Join(filepath.Dir(path), "sub", "data") || c.Keys.Dir != absolute || c.Path != path {
		t.Errorf("data %s, keys %s, path %s", c.Data, c.Keys.Dir, c.Path)
	}
	if _, err := configs.Load(path + ".none"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// TestSecretFilesAreChecked refuses a secret file that others can read, at its line.
func TestSecretFilesAreChecked(t *testing.T) {
	t.Parallel()
	path := write(t, "\nalerts:\n  webhook: {secret_file: leakwatch.yaml}\n")
	if _, err := configs.Load(path); err != nil {
		t.Fatal(err) // the file itself has mode 0600
	}
	path = write(t, "\nalerts:\n  webhook: {secret_file: .}\n")
	if _, err := configs.Load(path); err == nil || !strings.Contains(err.Error(), ":3: alerts.webhook.secret_file:") {
		t.Errorf("a folder as a secret: %v", err)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	a, b := configs.Default(), configs.Default()
	b.Path = "elsewhere.yaml"
	if a.Digest() != b.Digest() || len(a.Digest()) != 16 {
		t.Errorf("%s and %s", a.Digest(), b.Digest())
	}
	b.Crawler.Retries++
	if a.Digest() == b.Digest() {
		t.Error("another setting, the same digest")
	}
}

// TestUnits reads durations and sizes as people write them.
func TestUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "15m": 15 * time.Minute, "72h": 72 * time.Hour, "2d": 48 * time.Hour, "1d12h": 36 * time.Hour,
	} {
		if got := load(t, "rules: {window: "+text+"}").Rules.Window; got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
	for text, want := range map[string]int64{
		"4096": 4096, "64MiB": 64 << 20, "1.5 GiB": 3 << 29, "2TiB": 2 << 40, "5MB": 5e6, "10_000": 10000, "70000B": 70000,
	} {
		if got := load(t, "unpack: {max_temp: "+text+"}").Unpack.MaxTemp; got != want {
			t.Errorf("%s is %d", text, got)
		}
	}
	for _, bad := range []string{"rules: {window: 1d1d}", "rules: {window: -1h}", "rules: {window: 99999d}", "rules: {window: d}",
		"unpack: {max_temp: 1ZiB}", "unpack: {max_temp: 9999999999GiB}", "unpack: {max_temp: 1e3}", "unpack: {max_temp: NaN}"} {
		if _, err := configs.Load(write(t, bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestDurationsRoundTrip holds for any duration that time.Duration can write.
func TestDurationsRoundTrip(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leakwatch.yaml")
	rapid.Check(t, func(r *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(30*24*time.Hour)).Draw(r, "d"))
		c, err := configs.Parse(path, []byte("rules: {window: "+d.String()+"}"))
		if err != nil || c.Rules.Window != d {
			r.Fatalf("%v became %v: %v", d, c.Rules.Window, err)
		}
	})
}
