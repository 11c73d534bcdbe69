package unpack_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

var tight = unpack.Limits{MaxBytes: 16 << 20, MaxMemory: 32 << 20, MaxMembers: 1000, MaxTemp: 1 << 20}

// fuzzed walks any bytes and checks what must hold of any: no error, no panic, within the limits, and never called
// whole with a reason or cut without one.
func fuzzed(t *testing.T, b []byte, charset string, read func() int) (*recorder, unpack.Report) {
	r := &recorder{read: read}
	rep, err := unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(b), Place: place(t, "x"), Charset: charset}, tight, r.sink())
	if err != nil {
		t.Fatal(err)
	}
	if (rep.Completeness == leak.Whole) != (len(rep.Reasons) == 0) {
		t.Fatalf("%s with %q", rep.Completeness, rep.Reasons)
	}
	if rep.BytesOut > tight.MaxBytes+1<<20 || rep.BytesIn > int64(len(b)) || rep.Shape == "" || rep.MediaType == "" {
		t.Fatalf("%+v of %d bytes", rep, len(b))
	}
	for _, g := range r.texts {
		for _, at := range g.marks {
			if at < 0 {
				t.Fatalf("%+v", g)
			}
		}
	}
	return r, rep
}

func seeds(f *testing.F, names ...string) {
	all := corpus(f)
	if len(names) == 0 {
		for _, b := range all {
			f.Add(b)
		}
	}
	for _, n := range names {
		f.Add(all[n])
	}
}

func FuzzWalk(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, b, "", nil) })
}

func FuzzTar(f *testing.F) {
	seeds(f, "tar")
	f.Add(sparseBomb(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzed(t, b, "", nil)
		// With its sum mended, so that the fields behind it are reached.
		if len(b) >= 512 {
			head := bytes.Clone(b)
			copy(head[148:], "        ")
			sum := 0
			for _, c := range head[:512] {
				sum += int(c)
			}
			for i := 153; i >= 148; i, sum = i-1, sum>>3 {
				head[i] = byte('0' + sum&7)
			}
			head[154] = 0
			fuzzed(t, head, "", nil)
		}
	})
}

func FuzzZip(f *testing.F) {
	seeds(f, "zip", "docx")
	f.Add(overlapBomb())
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzed(t, append([]byte("PK\x03\x04"), b...), "", nil)
		fuzzed(t, b, "", nil)
	})
}

func FuzzGzip(f *testing.F) {
	seeds(f, "gz")
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzed(t, append([]byte("\x1f\x8b\x08"), b...), "", nil)
		fuzzed(t, gzipOf(t, b), "", nil)
	})
}

func FuzzBase64(f *testing.F) {
	seeds(f, "base64", "lines", "json", "sql", "packed base64")
	f.Fuzz(func(t *testing.T, b []byte) { same(t, append([]byte("x "), b...), "") })
}

func FuzzEncodings(f *testing.F) {
	f.Add([]byte("begin 644 a\n%:&5L;&\\*\n`\nend\n<~87cURD]i,\"Ebo80~> JBSWY3DPEBLW64TMMQQQ MDEwNTk0LTkwMzI= 0x3031303539342D39303332"))
	f.Add([]byte("dn: x\na:: " + strings.Repeat("TWF0", 20) + "\n TWF0TWF0TWF0TWF0\n<~" + strings.Repeat("z<+0QL", 30) + "~>"))
	f.Fuzz(func(t *testing.T, b []byte) { same(t, append([]byte("begin 644 x\ndn: \n"), b...), "") })
}

func FuzzViews(f *testing.F) {
	seeds(f, "text", "json", "sql")
	f.Add([]byte("<td a='&quot;x&quot;'>131052-<b>308T</b> &#45; &amp;#x2d; &nbsp <![CDATA[x]]><!-- x --> %40+%u00e4 \\u{e4} =2D=\r\nx =\n"))
	f.Fuzz(func(t *testing.T, b []byte) { same(t, append([]byte("x=\n"), b...), "") })
}

func FuzzCharset(f *testing.F) {
	for _, n := range []string{"text", "latin-1", "windows-1252", "utf-16le", "utf-16be", "mark", "binary"} {
		f.Add(corpus(f)[n], "iso-8859-15")
	}
	f.Add([]byte("\xcf\xd2\xc9 M\xc3\xa4ki \x84\xe4"), "koi8-r")
	f.Add([]byte("+AOQ-ki +- x+/"), "utf-7")
	f.Add([]byte("\xb2\xa1\xc8\xcb\xcd\xf5\xd0\xa1\xc3\xf7\xbd\xf1\xcc\xec\xc0\xb4\xb5\xbd\xd2\xbd\xd4\xba"), "gbk")
	f.Add([]byte("\x00\x00\xfe\xff\x00\x00\x00a"), "")
	f.Fuzz(func(t *testing.T, b []byte, charset string) { same(t, b, charset) })
}

// same checks that reading in small steps makes no difference.
func same(t *testing.T, b []byte, charset string) {
	want := told(fuzzed(t, b, charset, nil))
	have := told(fuzzed(t, b, charset, func() int { return 67 }))
	if d := cmp.Diff(want, have); d != "" {
		t.Fatal(d)
	}
}

func FuzzLZW(f *testing.F) {
	f.Add([]byte(records(3)), uint(9))
	f.Add(random(1, 3000), uint(12))
	f.Add(make([]byte, 5000), uint(16))
	f.Fuzz(func(t *testing.T, b []byte, most uint) {
		doc := lzwOf(b, 9+most%8)
		_, rep := fuzzed(t, doc, "", nil)
		if len(b) > 0 && rep.BytesOut != int64(len(b)) && rep.Completeness == leak.Whole {
			t.Fatalf("%d bytes came back as %d: %+v", len(b), rep.BytesOut, rep)
		}
		fuzzed(t, append([]byte("\x1f\x9d\x90"), b...), "", nil)
	})
}

func FuzzCpio(f *testing.F) {
	seeds(f, "cpio", "odc", "bin")
	f.Fuzz(func(t *testing.T, b []byte) {
		same(t, append([]byte("\xc7\x71"), b...), "")
		same(t, append(cpioOf("newc", file{"a", "b"})[:116], b...), "")
	})
}

func FuzzAr(f *testing.F) {
	seeds(f, "ar", "bsd")
	f.Fuzz(func(t *testing.T, b []byte) {
		same(t, b, "")
		same(t, append(arOf(false, file{"a", "b"}), b...), "")
	})
}

func FuzzISO(f *testing.F) {
	z, err := gzip.NewReader(bytes.NewReader(sample(f, "both.iso.gz")))
	if err != nil {
		f.Fatal(err)
	}
	image, err := io.ReadAll(z)
	if err != nil {
		f.Fatal(err)
	}
	image = image[16*2048 : 40*2048]
	f.Add(image[:8*2048])
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzed(t, append(make([]byte, 16*2048), b...), "", nil)
		whole := append(make([]byte, 16*2048), image...)
		copy(whole[18*2048:], b)
		fuzzed(t, whole, "", nil)
	})
}

func FuzzBzip2(f *testing.F) {
	seeds(f, "bz2")
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzed(t, append([]byte("BZh91AY&SY"), b...), "", nil)
		fuzzed(t, append(sample(t, "notes.txt.bz2"), b...), "", nil)
	})
}

func FuzzSealedZip(f *testing.F) {
	seeds(f, "sealed", "aes")
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzed(t, b, "", nil)
		fuzzed(t, append([]byte("PK\x03\x04\x14\x00\x09\x00"), b...), "", nil)
		doc := tarOf(t, file{"a.zip", string(b)}, file{"b", "password: " + password})
		fuzzed(t, doc, "", nil)
	})
}

func FuzzPacked(f *testing.F) {
	seeds(f, "lz4", "sz", "zlib", "lzma", "lzip", "z", "zst", "xz")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, mark := range []string{"", "\x04\x22\x4d\x18", "\x02\x21\x4c\x18", "\xff\x06\x00\x00sNaPpY", "\x78\x9c", "LZIP\x01\x0c", "\x5d\x00\x00\x01\x00"} {
			fuzzed(t, append([]byte(mark), b...), "", nil)
		}
	})
}

// FuzzParsedArchives fuzzes what a child process reads, with the passwords and without.
func FuzzParsedArchives(f *testing.F) {
	p := parsersOf(f, unpack.ParsersOptions{})
	for _, name := range []string{"plain.7z", "sealed.7z", "hidden.7z", "header.7z", "solid4.rar", "ppm4.rar", "solid5.rar", "sealed4.rar", "comment4.rar", "comment5.rar"} {
		f.Add(sample(f, name))
	}
	f.Add(rar4Of(file{"a.txt", notes}))
	f.Add(rar5Of(f, "", file{"a.txt", notes}))
	f.Add(rar5Of(f, password, file{"a.txt", notes}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, mark := range []string{"", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07\x00", "Rar!\x1a\x07\x01\x00"} {
			_, rep := walkParsed(t, p, "x", append([]byte(mark), b...), tight, password)
			if (rep.Completeness == leak.Whole) != (len(rep.Reasons) == 0) || rep.BytesOut > tight.MaxBytes+1<<20 {
				t.Fatalf("%+v", rep)
			}
		}
	})
}

// FuzzInflate64 reads any bytes as what Windows packs large files with.
func FuzzInflate64(f *testing.F) {
	seeds(f, "text")
	f.Add(sample(f, "deflate64.zip")[43:])
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		e, err := w.CreateRaw(&zip.FileHeader{Name: "a", Method: 9, CompressedSize64: uint64(len(b)), UncompressedSize64: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = e.Write(b)
		_ = w.Close()
		fuzzed(t, out.Bytes(), "", nil)
	})
}
