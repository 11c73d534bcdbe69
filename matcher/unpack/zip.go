package unpack

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"leakwatch/leak"
)

// walkZip reads a zip by its directory, which lies at its end, so the whole is kept first. Without a sound directory
// what lies in it is read in order, as far as it goes.
func (w *walker) walkZip(n *node) error {
	s := w.newSpool(n.src)
	kept := false
	defer func() {
		if !kept {
			w.doneSpool(s)
		}
	}()
	err := w.end()
	if err != nil {
		return err
	}
	if s.cut != "" {
		w.notes.add(s.cut)
	}
	before := w.shapes.n
	zr, held, ok := w.openDirectory(s)
	if !ok {
		if s.cut == "" {
			w.notes.add(w.lostDirectory(held))
		}
		err = w.walkLocal(n, s)
	} else {
		defer w.release(held)
		kept, err = w.walkOffice(n, s, zr)
	}
	if w.shapes.n == before && !kept {
		w.shape(n, "")
	}
	return err
}

// walkDirectory reads the members that the directory names.
func (w *walker) walkDirectory(n *node, s *spool, zr *zip.Reader) (kept bool, err error) {
	n.format = office(zr)
	if n.format != fZip {
		w.notes.add(string(n.format) + ": %d read as raw XML")
	}
	if err := w.zipComment(n, zr); err != nil {
		return false, err
	}
	sealed := false
	for _, f := range zr.File {
		sealed = sealed || f.Flags&1 != 0
		if err := w.zipMember(n, f); err != nil {
			return false, err
		}
	}
	if err := w.walkGaps(n, s, zr); err != nil {
		return false, err
	}
	if sealed {
		if w.putOff(n, s, w.walkSealed) {
			return true, nil
		}
		return false, w.sealedMembers(n, zr)
	}
	return false, nil
}

func (w *walker) zipComment(n *node, zr *zip.Reader) error {
	if zr.Comment == "" {
		return nil
	}
	comment := fileName([]byte(zr.Comment))
	w.hints.text([]byte(comment))
	return w.text(leak.Text{Place: n.place, Reader: strings.NewReader(comment)})
}

// walkOffice has a document that is a zip read by a child process, and then what is no part of it; what the child cannot read is
// read as the zip that it is.
func (w *walker) walkOffice(n *node, s *spool, zr *zip.Reader) (kept bool, err error) {
	if f := office(zr); w.parses(f) {
		n.format = f
		o, err := w.parse(n, s, false)
		if err != nil {
			return false, err
		}
		if !o.failed() {
			if f == "xlsx" || f == "ods" { // the readers of others tell it
				if err := w.zipComment(n, zr); err != nil {
					return false, err
				}
			}
			return false, w.walkGaps(n, s, zr)
		}
	}
	return w.walkDirectory(n, s, zr)
}

// office tells documents that are zips from other zips, by the names that their standards ask for.
func office(zr *zip.Reader) format {
	for _, f := range zr.File[:min(len(zr.File), 64)] {
		switch {
		case f.Name == "word/document.xml":
			return "docx"
		case f.Name == "xl/workbook.xml", f.Name == "xl/workbook.bin":
			return "xlsx"
		case f.Name == "ppt/presentation.xml":
			return "pptx"
		case f.Name == "mimetype" && f.UncompressedSize64 < 256:
			if o, ok := openDocument(f); ok {
				return o
			}
		}
	}
	return fZip
}

// openDocument reads the media type that OpenDocument and EPUB files begin with.
func openDocument(f *zip.File) (format, bool) {
	var b []byte
	err := guard(func() error {
		r, err := f.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		b, err = io.ReadAll(io.LimitReader(r, 256))
		return err
	})
	kinds := map[string]format{"text": "odt", "spreadsheet": "ods", "presentation": "odp", "graphics": "odg"}
	s := strings.TrimSpace(string(b))
	if s == "application/epub+zip" {
		return "epub", err == nil
	}
	sub, ok := strings.CutPrefix(s, "application/vnd.oasis.opendocument.")
	k := kinds[strings.TrimSuffix(sub, "-template")]
	return k, ok && err == nil && k != ""
}

// zipMember reads a member that is not encrypted. The names of the others are told now, for they may be read much later.
func (w *walker) zipMember(n *node, f *zip.File) error {
	if err := w.member(); err != nil {
		return err
	}
	name := fileName([]byte(f.Name))
	at := inner(n.place, name)
	if err := w.nameText(at, name); err != nil {
		return err
	}
	if f.Comment != "" {
		if err := w.nameText(at, fileName([]byte(f.Comment))); err != nil {
			return err
		}
	}
	if f.Flags&1 != 0 {
		return nil
	}
	m := w.zipHead(n, f, name)
	if isZipDir(name, m.Size, int64(f.CompressedSize64)) {
		m.Format = "dir"
		return w.report(m)
	}
	var r io.ReadCloser
	err := guard(func() error {
		raw, err := f.OpenRaw()
		if err != nil {
			return err
		}
		r, err = w.openEntry(entryOf(f), raw, nil)
		return err
	})
	if err != nil {
		return w.zipUnread(n, &m, err)
	}
	return w.zipContents(n, r, int64(f.CompressedSize64), &m, name)
}

// isZipDir says whether a member is a folder: by its name, and because nothing is in it. Java packs that nothing into two bytes.
func isZipDir(name string, size, packed int64) bool {
	return strings.HasSuffix(name, "/") && size == 0 && packed <= 2
}

func (w *walker) zipHead(n *node, f *zip.File, name string) leak.Member {
	return leak.Member{Place: inner(n.place, name), Order: w.nextOrder(), Size: int64(f.UncompressedSize64),
		ModTime: f.Modified, Owner: zipOwner(f.Extra)}
}

// entryOf is what a directory says of a member.
func entryOf(f *zip.File) zipEntry {
	return zipEntry{flags: f.Flags, method: f.Method, crc: f.CRC32, time: f.ModifiedTime, packed: int64(f.CompressedSize64),
		size: int64(f.UncompressedSize64), extra: f.Extra}
}

// as is the node with a format that needs no reading.
func (n *node) as(f format) *node {
	n.format = f
	return n
}

// zipUnread records a member of which nothing can be read.
func (w *walker) zipUnread(n *node, m *leak.Member, err error) error {
	if w.end() != nil {
		return w.end()
	}
	m.Format = "damaged"
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		w.notes.add("zip: %d members packed in a way not known")
	case errors.Is(err, errEncryption):
		w.notes.add("zip: %d members encrypted in a way not known")
		m.Format = "encrypted"
	default:
		w.notes.add("zip: %d damaged members")
	}
	w.shape(n.inner(nil, n.format).as(format(m.Format)), "")
	return w.report(*m)
}

func (w *walker) zipContents(n *node, r io.ReadCloser, packed int64, m *leak.Member, name string) error {
	defer func() { _ = guard(r.Close) }()
	u := &unpacked{w: w, r: r, format: string(fZip), packed: func() int64 { return packed }}
	return w.walkMember(n, u, m, name)
}

// zipOwner reads the owner that Unix writers put beside a member: field 0x7875, version 1.
func zipOwner(extra []byte) string {
	b := zipExtra(extra, 0x7875)
	if len(b) != 11 || b[0] != 1 || b[1] != 4 || b[6] != 4 {
		return ""
	}
	return itoa(int64(binary.LittleEndian.Uint32(b[2:]))) + ":" + itoa(int64(binary.LittleEndian.Uint32(b[7:])))
}
