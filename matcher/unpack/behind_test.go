package unpack_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// TestBehindWhatIsPacked puts a patient behind the end of every compression, and behind much padding: it is found, or it is said
// that something was left.
func TestBehindWhatIsPacked(t *testing.T) {
	t.Parallel()
	const hidden = "hidden " + notes
	body := []byte(records(30))
	for name, c := range map[string][2][]byte{
		"x.gz": {gzipOf(t, body), gzipOf(t, []byte(hidden))}, "x.zst": {zstdOf(t, body), zstdOf(t, []byte(hidden))},
		"x.lz4": {lz4Of(t, body), lz4Of(t, []byte(hidden))}, "x.sz": {snappyOf(t, body), snappyOf(t, []byte(hidden))},
		"x.br": {brotliOf(t, body), brotliOf(t, []byte(hidden))}, "x.zz": {zlibOf(t, body), zlibOf(t, []byte(hidden))},
		"x.xz": {sample(t, "notes.txt.xz"), sample(t, "notes.txt.xz")}, "x.bz2": {sample(t, "notes.txt.bz2"), sample(t, "notes.txt.bz2")},
		"x.lzma": {lzmaOf(t, body), lzmaOf(t, []byte(hidden))},
	} {
		for _, pad := range []int{0, 4, 70_000, 200_000} {
			for i, more := range [][]byte{[]byte(hidden), c[1]} {
				r, rep := walk(t, name, slices.Concat(c[0], make([]byte, pad), more), unpack.Limits{})
				_, found := r.find(hidden)
				if !found && rep.Completeness == leak.Whole && (i == 0 || !strings.Contains("x.xz x.bz2", name)) {
					t.Errorf("%s, %d zeros, %d: silently passed over", name, pad, i)
				}
				if found && name == "x.gz" && rep.Completeness != leak.Whole {
					t.Errorf("%s, %d zeros, %d: %q", name, pad, i, rep.Reasons)
				}
			}
		}
		if _, rep := walk(t, name, append(slices.Clone(c[0]), make([]byte, 140_000)...), unpack.Limits{}); name == "x.gz" && rep.Completeness != leak.Whole {
			t.Errorf("%s, padded: %q", name, rep.Reasons)
		}
	}
}

// TestSkippableFrames reads what lies in frames that decoders skip.
func TestSkippableFrames(t *testing.T) {
	t.Parallel()
	frame := func(s string) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte("\x53\x2a\x4d\x18"), uint32(len(s))), s...)
	}
	body := []byte(records(5000))
	for _, hidden := range []string{"hidden " + notes, strings.Repeat("x ", 100_000) + "hidden " + notes} {
		for name, packed := range map[string][]byte{"zst": zstdOf(t, body), "lz4": lz4Of(t, body), "zst of little": zstdOf(t, []byte("aaaa")), "zst of spaces": zstdOf(t, bytes.Repeat([]byte(" "), 100_000))} {
			for at, doc := range map[string][]byte{
				"before": slices.Concat(frame(hidden), packed), "behind": slices.Concat(packed, frame(hidden)),
				"between": slices.Concat(packed, frame("no"), frame(hidden), packed),
			} {
				r, rep := walk(t, "x", doc, unpack.Limits{})
				g, ok := r.find("hidden " + notes)
				if len(hidden) > 100_000 && name+at == "lz4before" { // whose mark lies too far behind
					if !ok || rep.Completeness == leak.Whole {
						t.Errorf("%s, %s: %v %q", name, at, ok, rep.Reasons)
					}
					continue
				}
				if !ok || rep.Completeness != leak.Whole {
					t.Errorf("%s, %s: %v %q", name, at, ok, rep.Reasons)
					continue
				}
				if want := int64(bytes.Index(doc, []byte(hidden)) + strings.Index(hidden, markers[0])); g.marks[0] != want {
					t.Errorf("%s, %s: offset %d, want %d", name, at, g.marks[0], want)
				}
			}
		}
	}
}

// TestSkippableFramesWhenAWalkEnds leaves no reader of a frame behind when a sink or a limit ends the Walk within it: TestMain looks for
// what is left.
func TestSkippableFramesWhenAWalkEnds(t *testing.T) {
	t.Parallel()
	frame := append(binary.LittleEndian.AppendUint32([]byte("\x53\x2a\x4d\x18"), 40_000), bytes.Repeat([]byte("x "), 20_000)...)
	enough := errors.New("enough")
	doc := slices.Concat(frame, zstdOf(t, []byte(records(5000))), frame)
	_, err := unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(doc), Place: place(t, "x")}, unpack.Limits{},
		unpack.Sink{Text: func(leak.Text) error { return enough }})
	if !errors.Is(err, enough) {
		t.Errorf("err %v", err)
	}
	doc = slices.Concat(frame, zstdOf(t, make([]byte, 48<<20)), frame)
	if _, rep := walk(t, "x", doc, unpack.Limits{MaxBytes: 1 << 20}); !has(rep, "bytes limit 1 MiB: rest left") {
		t.Errorf("%+v", rep)
	}
}

// TestBehindTheEndOfATar reads what is no member: text between the end mark and the next archive, or behind all.
func TestBehindTheEndOfATar(t *testing.T) {
	t.Parallel()
	const hidden = "hidden " + notes
	body, more := tarOf(t, file{"a.txt", "one"}), tarOf(t, file{"b.txt", "two"})
	padded := func(s string) []byte { return append([]byte(s), make([]byte, -len(s)&511)...) }
	for name, doc := range map[string][]byte{
		"behind": slices.Concat(body, []byte(hidden)), "far behind": slices.Concat(body, make([]byte, 200_000), []byte(records(900)+hidden)),
		"packed": slices.Concat(body, gzipOf(t, []byte(hidden))), "between": slices.Concat(body, padded(records(30)+hidden), more),
		"off the blocks": slices.Concat(body, make([]byte, 100), []byte(hidden)),
	} {
		r, rep := walk(t, "x", doc, unpack.Limits{})
		_, ok := r.find(hidden)
		if _, two := r.find("two"); !ok || rep.Completeness != leak.Whole || name == "between" && !two || rep.Shape != "tar/txt" {
			t.Errorf("%s: %v %+v", name, ok, rep)
		}
	}
	r, rep := walk(t, "x", slices.Concat(body, random(1, 2000), []byte(hidden)), unpack.Limits{})
	if _, ok := r.find(hidden); !ok || !has(rep, "tar: 1 stretches that are no members, read as bytes") {
		t.Errorf("%v %+v", ok, rep)
	}
}

// TestBetweenTheMembersOfAZip reads what its directory says nothing of: text before, between and behind its members and behind its
// end, in plain zips and in documents.
func TestBetweenTheMembersOfAZip(t *testing.T) {
	t.Parallel()
	const hidden = "hidden " + notes
	insert := func(b []byte, more []byte) []byte {
		dir := bytes.Index(b, []byte("PK\x01\x02"))
		b = slices.Concat(b[:dir], more, b[dir:])
		end := bytes.LastIndex(b, []byte("PK\x05\x06"))
		binary.LittleEndian.PutUint32(b[end+16:], uint32(dir+len(more)))
		return b
	}
	local := zipOf(t, file{"gone.txt", hidden})
	local = local[:bytes.Index(local, []byte("PK\x01\x02"))]
	for kind, body := range map[string][]byte{
		"zip":  zipOf(t, file{"a.txt", "one"}, file{"b.txt", records(9)}),
		"xlsx": zipOf(t, file{"xl/workbook.xml", "<workbook/>"}, file{"xl/sharedStrings.xml", "<sst/>"}),
		"docx": zipOf(t, file{"word/document.xml", "<w:document/>"}),
	} {
		commented := slices.Clone(body)
		binary.LittleEndian.PutUint16(commented[len(commented)-2:], uint16(len(hidden)))
		for name, doc := range map[string][]byte{
			"behind": slices.Concat(body, []byte(hidden)), "between": insert(body, []byte(hidden)), "a member": insert(body, local), "comment": append(commented, hidden...),
			"packed": insert(body, gzipOf(t, []byte(hidden))), "a member and text": insert(body, slices.Concat(local, []byte(notes))), "in another's comment": slices.Concat(commented, []byte(hidden), body),
		} {
			r, rep := walk(t, "x", doc, unpack.Limits{})
			if n := strings.Count(contents(r), hidden); n != 1 || kind != "docx" && rep.Completeness != leak.Whole {
				t.Errorf("%s, %s: %d times, %+v", kind, name, n, rep)
			}
		}
		r, rep := walk(t, "x", insert(body, append(random(1, 2000), hidden...)), unpack.Limits{})
		if _, ok := r.find(hidden); !ok || rep.Completeness == leak.Whole {
			t.Errorf("%s: %v %+v", kind, ok, rep)
		}
		if _, rep := walk(t, "x", body, unpack.Limits{}); kind != "docx" && rep.Completeness != leak.Whole {
			t.Errorf("%s: %+v", kind, rep)
		}
	}
}

// TestZipBehindAProgram opens a zip that something else stands before: it is never whole, for nobody knows what that is.
func TestZipBehindAProgram(t *testing.T) {
	t.Parallel()
	const hidden = "hidden " + notes
	program := append([]byte("MZ\x90\x00\x03\x00"), random(3, 300_000)...)
	for name, doc := range map[string][]byte{
		"program": slices.Concat(program, zipOf(t, file{"a.txt", records(50)}, file{"b.txt", hidden})),
		"xlsx": slices.Concat([]byte("x\x00\x01\n"), zipOf(t, file{"xl/workbook.xml", `<workbook><sheets><sheet name="a" id="r"/></sheets></workbook>`},
			file{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r" Type="worksheet" Target="s.xml"/></Relationships>`},
			file{"xl/s.xml", `<worksheet><c t="inlineStr"><is><t>` + strings.TrimSpace(hidden) + `</t></is></c></worksheet>`})),
	} {
		r, rep := walk(t, "x", doc, unpack.Limits{})
		if _, ok := r.find(hidden); !ok || rep.Completeness == leak.Whole || len(rep.Reasons) != 1 {
			t.Errorf("%s: %v %+v", name, ok, rep)
		}
	}
}
