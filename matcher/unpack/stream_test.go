package unpack_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// splitting gives a reader's bytes in pieces of drawn sizes.
type splitting struct {
	r    io.Reader
	size func() int
}

func (s splitting) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.size())]) }

// corpus is one document of every kind, small enough to be fuzzed.
func corpus(t testing.TB) map[string][]byte {
	text := "€ Käynti 😀 \\n131052-308T " + records(40)
	enc := base64.StdEncoding.EncodeToString([]byte(text))
	return map[string][]byte{
		"text": []byte(text), "latin-1": latin1(records(40)), "windows-1252": append([]byte("\x80\x93 "), latin1(records(9))...),
		"utf-16le": utf16Of(text, false, true), "utf-16be": utf16Of(text, true, false), "mark": []byte("\xef\xbb\xbf" + text),
		"base64": []byte("data:text/plain;base64," + enc + "\nmore " + enc[:60] + " " + enc[:400] + ";"),
		"lines":  []byte("-----\n" + wrapped(text, 76, "\r\n") + "\n----\n" + wrapped(text, 64, "\n") + "\nRegards"),
		"json": []byte(`{"a":"` + strings.ReplaceAll(enc, "/", `\/`) + `","b":"M\u00e4ki\n\ud83d\ude00\t131052-308T","c":"` +
			wrapped(text, 76, `\n`) + `"}`),
		"sql": []byte("INSERT INTO x VALUES (0x" + hex.EncodeToString([]byte(text)) + ",'\\r\\n131052-308T \\u00e4\\x41\\101','" +
			wrapped(text, 60, `\r\n`) + "');\n" + strings.Repeat(`C:\Users\matti\notes `, 20)),
		"gz": gzipOf(t, []byte(text)), "zst": zstdOf(t, []byte(text)), "xz": sample(t, "notes.txt.xz"), "bz2": sample(t, "notes.txt.bz2"),
		"tar":           tarOf(t, file{"m.txt", text}, file{"n.json", `{"a":"\n131052-308T"}`}),
		"zip":           zipOf(t, file{"m.txt", text}, file{"n.gz", string(gzipOf(t, []byte(text)))}, file{"p.pdf", "%PDF-1.4\n\x01\x02\x03" + notes}),
		"packed base64": []byte(base64.StdEncoding.EncodeToString(gzipOf(t, []byte(csvOf(20_000))))),
		"binary":        slices.Concat(random(1, 4000), utf16Of(notes, false, false), random(2, 100)),
		"html":          []byte("<table><tr><td title='&quot;x&quot;'>131052&#45;<b>308T</b></td><td>M&auml;ki %40+ &amp;#45;</td></tr></table>" + text),
		"rtf":           []byte(`{\rtf1\ansi{\fonttbl{\f0\fcharset204 A;}}M\'e4ki \u228?\b 131052-308T\b0\par{\f0\'cf}\~}` + strings.Repeat("x ", 300)),
		"encodings":     []byte(uuencoded(strings.Repeat("a long name ", 9)+"m.txt", []byte(text)) + a85([]byte(text), 70) + "\n" + wrap(base32.StdEncoding.EncodeToString([]byte(text)), 64) + "MTMxMDUyLTMwOFQ="),
		"xlsx": zipOf(t, file{"xl/workbook.xml", `<w><sheets><sheet name="m.txt" id="r1"/></sheets></w>`}, file{"xl/_rels/workbook.xml.rels", `<R><Relationship Id="r1" Target="s.xml"/></R>`},
			file{"xl/s.xml", `<s><row><c t="str"><v>131052-308T</v></c><c><v>5</v></c></row></s>`}, file{"xl/c.xml", "<c>matti</c>"}),
		"docx": zipOf(t, file{"word/document.xml", "<w:t>131052-308T</w:t>"}),
		"cpio": cpioOf("newc", file{"m.txt", text}, file{"n.txt", notes}), "odc": cpioOf("odc", file{"m.txt", text}), "bin": cpioOf("little", file{"m.txt", text}),
		"ar": arOf(false, file{"a long name, m.txt", text}), "bsd": arOf(true, file{"a long name, m.txt", text}),
		"lz4": lz4Of(t, []byte(text)), "sz": snappyOf(t, []byte(text)), "zlib": zlibOf(t, []byte(text)), "lzma": lzmaOf(t, []byte(text)),
		"lzip": lzipOf(t, []byte(text)), "z": lzwOf([]byte(text), 12), "blocks": sample(t, "blocks.txt.bz2"), "iso": sample(t, "both.iso.gz"),
		"sealed": sealedZip(t, 0, password, []file{{"m.txt", text}}, file{"n.txt", "password: " + password}),
		"aes":    sealedZip(t, 128, password, []file{{"m.txt", text}}, file{"n.txt", "password: " + password}),
		"csv.gz": gzipOf(t, []byte(csvOf(700<<10))),
	}
}

// told is a Walk's texts, in an order that does not depend on when a text beside another was begun.
func told(r *recorder, rep unpack.Report) []string {
	var out []string
	for _, g := range r.texts {
		out = append(out, fmt.Sprintf("%s|%v|%v|%q", g.place, g.name, g.marks, g.text))
	}
	for _, m := range r.members {
		out = append(out, fmt.Sprintf("%s|%d|%s|%s", m.Place.Reveal(), m.Order, m.SHA256, m.Format))
	}
	slices.Sort(rep.Reasons)
	out = append(out, fmt.Sprintf("%+v", rep))
	slices.Sort(out)
	return out
}

func TestSplitsDoNotMatter(t *testing.T) {
	t.Parallel()
	for name, doc := range corpus(t) {
		if slowed && len(doc) > 100_000 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := place(t, name)
			r, rep := walk(t, name, doc, unpack.Limits{})
			want := told(r, rep)
			rapid.Check(t, func(t *rapid.T) {
				in := rapid.SampledFrom([]int{1, 2, 7, 63, 64, 65, 1000, 1 << 16}).Draw(t, "in")
				out := rapid.SampledFrom([]int{1, 3, 13, 64, 65, 511, 4097, 1 << 17}).Draw(t, "out")
				step := rapid.IntRange(0, 5).Draw(t, "step")
				i := 0
				vary := func(n int) func() int {
					return func() int { i += step; return 1 + (n+i)%(n+1) }
				}
				r := &recorder{read: vary(out)}
				rep, err := unpack.Walk(context.Background(), unpack.Input{Reader: splitting{bytes.NewReader(doc), vary(in)},
					Place: at}, unpack.Limits{}, r.sink())
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, told(r, rep)); d != "" {
					t.Fatal(d)
				}
			})
		})
	}
}

// bigTar gives a tar of n members of size bytes each without holding it.
func bigTar(n, size int) io.Reader {
	body := bytes.Repeat([]byte("Visit notes without anybody in them; 12 weeks, 3 times. \n"), 1<<20/57+1)[:1<<20]
	return io.MultiReader(&tarGen{left: n, size: size, body: body}, bytes.NewReader(make([]byte, 1024)))
}

type tarGen struct {
	left, size, in int
	body, head     []byte
}

func (g *tarGen) Read(p []byte) (int, error) {
	if len(g.head) == 0 && g.in == 0 {
		if g.left == 0 {
			return 0, io.EOF
		}
		var b bytes.Buffer
		_ = tar.NewWriter(&b).WriteHeader(&tar.Header{Name: fmt.Sprintf("member-%d.txt", g.left), Size: int64(g.size)})
		g.left, g.head, g.in = g.left-1, b.Bytes(), g.size
	}
	if len(g.head) > 0 {
		n := copy(p, g.head)
		g.head = g.head[n:]
		return n, nil
	}
	n := copy(p[:min(len(p), g.in)], g.body)
	g.in -= n
	return n, nil
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestConstantMemory reads what does not fit into memory: it is not parallel, for it watches the heap.
func TestConstantMemory(t *testing.T) {
	gigabytes := 2
	if testing.Short() || slowed {
		gigabytes = 0
	}
	enc := []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("Nobody in here, for twelve weeks\n"), 3<<10)))
	for name, c := range map[string]struct {
		r    io.Reader
		size int64
	}{
		"tar":    {bigTar(16*gigabytes+4, 65<<20-512), int64(16*gigabytes+4) * 65 << 20},
		"base64": {io.LimitReader(&cycle{b: enc}, int64(gigabytes)<<28+32<<20), int64(gigabytes)<<28 + 32<<20},
	} {
		before := heap()
		most := uint64(0)
		buf := make([]byte, 256<<10)
		read := int64(0)
		rep, err := unpack.Walk(context.Background(), unpack.Input{Reader: c.r, Place: place(t, "big.tar")}, unpack.Limits{},
			unpack.Sink{Text: func(x leak.Text) error {
				b := buf
				if strings.Contains(x.Place.Reveal(), "base64@") {
					b = make([]byte, 64<<10)
				}
				for i := 0; ; i++ {
					n, err := x.Reader.Read(b)
					read += int64(n)
					if i%2048 == 2047 {
						most = max(most, heap())
					}
					if err != nil {
						return nil
					}
				}
			}})
		if err != nil || rep.Completeness != leak.Whole || read < c.size*9/10 {
			t.Errorf("%s: %v %+v; %d bytes read", name, err, rep, read)
		}
		if most > before+24<<20 {
			t.Errorf("%s: heap went from %d to %d MiB", name, before>>20, most>>20)
		}
	}
}

type cycle struct {
	b []byte
	i int
}

func (c *cycle) Read(p []byte) (int, error) {
	n := copy(p, c.b[c.i:])
	c.i = (c.i + n) % len(c.b)
	return n, nil
}
