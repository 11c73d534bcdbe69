package corpus

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// inTar packs a document with a file before and one behind it.
func inTar(ext string, header func(*tar.Header)) func(Document) Document {
	return func(d Document) Document {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		put := func(name string, body []byte, change func(*tar.Header)) {
			h := &tar.Header{Name: name, Size: int64(len(body)), Mode: 0o600, ModTime: time.Unix(1_700_000_000, 0), Uname: "clinic", Format: tar.FormatUSTAR}
			if change != nil {
				change(h)
			}
			must(w.WriteHeader(h))
			_, err := w.Write(body)
			must(err)
		}
		put("README", []byte("nothing here\n"), nil)
		put("data/"+d.Name, d.Body, header)
		put("tail.log", []byte(strings.Repeat("2026-01-01 ok\n", 9)), nil)
		must(w.Close())
		d.Body, d.Name = b.Bytes(), "backup.tar"+ext
		return d
	}
}

// tarOld packs in the format of Unix Version 7: no magic, no prefix.
func tarOld(d Document) Document {
	var b bytes.Buffer
	put := func(name string, body []byte) {
		var h [512]byte
		copy(h[:], name)
		copy(h[100:], "0000644\x000000000\x000000000\x00")
		copy(h[124:], fmt.Sprintf("%011o\x00%011o\x00        ", len(body), 1_700_000_000))
		sum := 0
		for _, c := range h {
			sum += int(c)
		}
		copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
		b.Write(h[:])
		b.Write(body)
		b.Write(make([]byte, -len(body)&511))
	}
	put("README", []byte("nothing here\n"))
	put(d.Name, d.Body)
	b.Write(make([]byte, 1024))
	d.Body, d.Name = b.Bytes(), "backup.tar"
	return d
}

// tarSparse packs a file of holes in GNU's old sparse format: its middle is the document.
func tarSparse(d Document) Document {
	const hole = 1 << 16
	var b bytes.Buffer
	var h [512]byte
	copy(h[:], d.Name)
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:], fmt.Sprintf("%011o\x00%011o\x00        S", len(d.Body), 1_700_000_000))
	copy(h[257:], "ustar  \x00")
	copy(h[386:], fmt.Sprintf("%011o\x00%011o\x00", hole, len(d.Body)))
	copy(h[410:], fmt.Sprintf("%011o\x00%011o\x00", 2*hole+len(d.Body), 0))
	copy(h[483:], fmt.Sprintf("%011o\x00", 2*hole+len(d.Body)))
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	b.Write(h[:])
	b.Write(d.Body)
	b.Write(make([]byte, -len(d.Body)&511+1024))
	d.Body, d.Name = b.Bytes(), "sparse.tar"
	d.Marks = unplaced(d.Marks) // places in a file of holes are not promised
	return d
}

func longName(h *tar.Header) {
	h.Name = strings.Repeat("a-long-folder-name/", 20) + h.Name
}

var tars = []stage{
	{"tar", inTar("", nil)}, {"tar v7", tarOld}, {"tar pax", inTar("", func(h *tar.Header) { h.Format = tar.FormatPAX; longName(h) })},
	{"tar gnu", inTar("", func(h *tar.Header) { h.Format = tar.FormatGNU; longName(h) })}, {"tar sparse", tarSparse},
}

// cpio in the format of POSIX.1 ("odc") and in that of SVR4 ("newc").
func cpio(newc bool) func(Document) Document {
	return func(d Document) Document {
		var b bytes.Buffer
		put := func(name string, body []byte) {
			if newc {
				fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, 0o100644, 0, 0, 1, 1_700_000_000, len(body), 0, 0, 0, 0, len(name)+1, 0)
			} else {
				fmt.Fprintf(&b, "070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 0, 1, 0o100644, 0, 0, 1, 0, 1_700_000_000, len(name)+1, len(body))
			}
			pad := func() {
				if newc {
					b.Write(make([]byte, -b.Len()&3))
				}
			}
			io.WriteString(&b, name+"\x00")
			pad()
			b.Write(body)
			pad()
		}
		put("README", []byte("nothing here\n"))
		put(d.Name, d.Body)
		put("TRAILER!!!", nil)
		d.Body, d.Name = b.Bytes(), "backup.cpio"
		return d
	}
}

// ar is the archive of ar(1), with GNU's end of names.
func ar(d Document) Document {
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	put := func(name string, body []byte) {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", name+"/", 1_700_000_000, 0, 0, 0o100644, len(body))
		b.Write(body)
		b.Write(bytes.Repeat([]byte("\n"), len(body)&1))
	}
	put("README", []byte("nothing here\n"))
	put("data", d.Body)
	d.Body, d.Name = b.Bytes(), "lib.a"
	return d
}

// tarOf is a tar of some files.
func tarOf(files ...Document) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		must(w.WriteHeader(&tar.Header{Name: f.Name, Size: int64(len(f.Body)), Mode: 0o600}))
		_, err := w.Write(f.Body)
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}
