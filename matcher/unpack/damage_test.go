package unpack_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPacked(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string][]byte{
		"gz": gzipOf(t, []byte(records(50))), "zst": zstdOf(t, []byte(records(50))), "xz": sample(t, "notes.txt.xz"), "bz2": sample(t, "notes.txt.bz2"),
		"gz twice":   append(gzipOf(t, []byte(records(25))), gzipOf(t, []byte(records(50)))...),
		"gz padded":  append(gzipOf(t, []byte(records(50))), make([]byte, 700)...),
		"zst frames": append(zstdOf(t, []byte(records(25))), zstdOf(t, []byte(records(50)))...),
	} {
		r, rep := walk(t, "notes.txt", doc, unpack.Limits{})
		g, ok := r.find("line 49: " + notes)
		if !ok || rep.Completeness != leak.Whole || !strings.HasSuffix(g.text, notes) {
			t.Errorf("%s: %v %+v", name, ok, rep)
		}
	}
	_, rep := walk(t, "x.gz", append(gzipOf(t, []byte(notes)), "more"...), unpack.Limits{})
	if rep.Completeness != leak.Partial || !has(rep, "gz: 1 with other data after the end") {
		t.Errorf("%+v", rep)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	files := []file{{"a.txt", records(200)}, {"b.bin", string(random(1, 300_000))}, {"c.txt", "last " + notes}}
	broken := func(b []byte, at int) []byte {
		b = slices.Clone(b)
		for i := range 40 {
			b[at+i] ^= 0x5a
		}
		return b
	}
	body, zipped := tarOf(t, files...), zipOf(t, files...)
	second := bytes.Index(body, []byte("b.bin"))
	for _, c := range []struct {
		name, reason string
		doc          []byte
		last         bool // what lies last is still found
	}{
		{"tar cut", "tar: truncated", body[:150_000], false},
		{"tar cut in a header", "tar: truncated", body[:second+100], false},
		{"tar with a bad header", "tar: damaged in 1 places", broken(body, second+130), true},
		{"tar after tar", "", append(slices.Clone(tarOf(t, file{"x", notes})), body...), true},
		{"gz cut", "gz: truncated", gzipOf(t, body)[:100_000], false},
		{"gz broken", "gz: damaged, rest left", broken(gzipOf(t, body), 100_000), true},
		{"zst cut", "zst: truncated", zstdOf(t, body)[:200_000], false},
		{"xz cut", "xz: ", sample(t, "notes.txt.xz")[:200], false},
		{"bz2 cut", "bz2: truncated", sample(t, "notes.txt.bz2")[:200], false},
		{"zip cut", "zip: 1 damaged or truncated, read in order", zipped[:200_000], false},
		{"zip without its directory", "zip: 1 damaged or truncated, read in order", zipped[:len(zipped)-60], true},
		{"zip with a bad member", "zip: damaged, rest left", broken(zipped, 100), true},
		{"zip behind a program", "zip: 1 stretches that are no members, read as bytes", append([]byte("PK\x03\x04 not really\n"), zipped...), true},
	} {
		r, rep := walk(t, "d", c.doc, unpack.Limits{})
		if c.reason != "" && !has(rep, c.reason) || c.reason == "" && len(rep.Reasons) > 1 {
			t.Errorf("%s: %s %q, want %q", c.name, rep.Completeness, rep.Reasons, c.reason)
		}
		if strings.Contains(c.name, "cut") && !strings.HasPrefix(c.name, "xz") && !strings.HasPrefix(c.name, "bz2") {
			if _, ok := r.find(markers[0]); !ok || rep.Completeness != leak.Partial {
				t.Errorf("%s: what lay before the damage was not read: %+v", c.name, rep)
			}
		}
		if _, ok := r.find("last " + notes); ok != c.last {
			t.Errorf("%s: last member found: %v; %q", c.name, ok, rep.Reasons)
		}
	}
}

// TestTruncatedAnywhere cuts every format everywhere: nothing may panic, hang or be called whole.
func TestTruncatedAnywhere(t *testing.T) {
	t.Parallel()
	small := []file{{"a.txt", notes}, {"b.txt", "last " + notes}}
	for name, doc := range map[string][]byte{
		"tar": tarOf(t, small...)[:3*512], "zip": zipOf(t, small...), "gz": gzipOf(t, tarOf(t, small...)), "zst": zstdOf(t, tarOf(t, small...)),
		"xz": sample(t, "notes.txt.xz"), "bz2": sample(t, "notes.txt.bz2"),
	} {
		for n := 1; n < len(doc); n += 3 {
			_, rep := walk(t, "x", doc[:n], unpack.Limits{})
			if n > 10 && rep.Completeness == leak.Whole && (name != "tar" || n >= 512) { // less is no tar
				t.Errorf("%s cut after %d of %d bytes is whole: %+v", name, n, len(doc), rep)
			}
		}
	}
}

// A tar that breaks off between two members is not whole: nobody knows what would have followed.
func TestTarWithoutItsEndMark(t *testing.T) {
	t.Parallel()
	whole := tarOf(t, file{name: "a.txt", body: "hello"}, file{name: "b.txt", body: strings.Repeat("x", 512)})
	cut := bytes.TrimRight(whole, "\x00")
	cut = append(cut, make([]byte, (512-len(cut)%512)%512)...)
	if _, r := walk(t, "a.tar", whole, unpack.Limits{}); r.Completeness != leak.Whole {
		t.Errorf("with it: %s, %v", r.Completeness, r.Reasons)
	}
	if _, r := walk(t, "a.tar", cut, unpack.Limits{}); r.Completeness != leak.Partial {
		t.Errorf("without: %s, %v", r.Completeness, r.Reasons)
	}
}
