package unpack_test

import (
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

func TestSevenZip(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	say := file{"readme.txt", "Password: " + password}
	for _, c := range []struct {
		name string
		doc  []byte
		with []string
	}{
		{"plain", sample(t, "plain.7z"), nil},
		{"sealed", sample(t, "sealed.7z"), []string{"wrong", password}},
		{"hidden", sample(t, "hidden.7z"), []string{"wrong", password}},
		{"stored", sample(t, "stored.7z"), []string{"wrong", password}},
		{"sealed beside", tarOf(t, file{"x.7z", string(sample(t, "sealed.7z"))}, say), nil},
		{"hidden beside", tarOf(t, file{"x.7z", string(sample(t, "hidden.7z"))}, say), nil},
	} {
		r, rep := walkParsed(t, p, "d.7z", c.doc, unpack.Limits{}, c.with...)
		one, ok := r.find("line 299: " + notes)
		_, two := r.find("second " + notes)
		if !ok || !two || rep.Completeness != leak.Whole || !strings.HasSuffix(one.place, "!clients/a.txt") {
			t.Errorf("%s: %v %v %+v", c.name, ok, two, rep)
		}
		if i := slices.IndexFunc(r.members, func(m leak.Member) bool { return strings.HasSuffix(m.Place.Reveal(), "!clients/a.txt") }); i < 0 || r.members[i].SHA256 != sum(records(300)) {
			t.Errorf("%s: members %+v", c.name, r.members)
		}
		var names int
		for _, n := range r.names() {
			if n == "clients/a.txt" {
				names++
			}
		}
		if names != 1 {
			t.Errorf("%s: names %q", c.name, r.names())
		}
	}
}

func TestSevenZipWithoutPassword(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	for _, c := range []struct{ name, reason string }{
		{"sealed", "7z: 2 encrypted members: no password published beside them"},
		{"stored", "7z: 2 encrypted members: no password published beside them"},
		{"hidden", "7z: 1 encrypted: no password published beside them"},
	} {
		r, rep := walkParsed(t, p, "d.7z", sample(t, c.name+".7z"), unpack.Limits{})
		if !has(rep, c.reason) || rep.Completeness != leak.Unreadable {
			t.Errorf("%s: %s %q", c.name, rep.Completeness, rep.Reasons)
		}
		if _, rep = walkParsed(t, p, "d.7z", sample(t, c.name+".7z"), unpack.Limits{}, "wrong"); !has(rep, strings.Replace(c.reason, "no password published beside them", "no published password fits", 1)) {
			t.Errorf("%s with another: %s %q", c.name, rep.Completeness, rep.Reasons)
		}
		if c.name == "sealed" && strings.Join(r.names(), " ") != "empty.txt clients clients/a.txt clients/b.txt" && len(r.names()) < 3 {
			t.Errorf("names %q", r.names())
		}
	}
}

// TestSevenZipDamaged cuts and breaks archives everywhere: no text without an outcome for the rest.
func TestSevenZipDamaged(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	for _, name := range []string{"plain.7z", "sealed.7z", "hidden.7z"} {
		doc := sample(t, name)
		for n := 33; n < len(doc); n += len(doc)/8 + 1 {
			if _, rep := walkParsed(t, p, "d.7z", doc[:n], unpack.Limits{}, password); rep.Completeness == leak.Whole || !has(rep, "7z: truncated") {
				t.Errorf("%s cut after %d of %d: %+v", name, n, len(doc), rep)
			}
		}
		for at := 8; at < len(doc); at += len(doc)/16 + 1 {
			b := slices.Clone(doc)
			b[at] ^= 0x5a
			if _, rep := walkParsed(t, p, "d.7z", b, unpack.Limits{}, password); rep.Completeness == leak.Whole {
				t.Errorf("%s broken at %d of %d: %+v", name, at, len(doc), rep)
			}
		}
	}
}

// TestSevenZipsOfOthers reads what 7z packs in each of its ways.
func TestSevenZipsOfOthers(t *testing.T) {
	t.Parallel()
	body := []file{{"clients/a.txt", records(2000)}, {"b.bin", string(random(1, 100_000))}, {"Mäki/c.txt", "second " + notes}}
	p := parsersOf(t, unpack.ParsersOptions{})
	for _, args := range []string{"-m0=LZMA", "-m0=LZMA2", "-m0=PPMd", "-m0=BZip2", "-m0=Deflate", "-m0=Copy", "-m0=BCJ -m1=LZMA", "-m0=Delta:4 -m1=LZMA2",
		"-ms=off", "-mx=9", "-p" + password, "-ms=off -p" + password, "-mhe -m0=PPMd -p" + password, "-mhc=off", "-m0=Deflate64"} {
		doc := sevenZip(t, "a.7z", body, strings.Fields(args)...)
		r, rep := walkParsed(t, p, "a.7z", doc, unpack.Limits{}, password)
		_, ok := r.find("line 1999: " + notes)
		_, two := r.find("second " + notes)
		if !ok || !two || len(rep.Reasons) > 1 {
			t.Errorf("%s: %v %v %s %q", args, ok, two, rep.Completeness, rep.Reasons)
		}
	}
}
