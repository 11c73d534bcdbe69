package unpack

import (
	"bytes"
	"io"
	"strings"

	"leakwatch/leak"
)

// The pieces of an image of a disc. ECMA-119, which is ISO 9660; long names are of Rock Ridge (IEEE P1282) or of Joliet.
const (
	isoSector     = 2048
	isoFirst      = 16 // sector of the first descriptor
	isoMost       = 64 // descriptors
	isoDeepest    = 64 // directories in one another
	isoDirectory  = 64 << 20
	isoSeenMemory = 64 // of one extent
)

// isos reads one image.
type isos struct {
	w     *walker
	n     *node
	s     *spool
	files map[uint32]int64 // how much of each extent was read as a file, so that no two trees give one twice
	dirs  map[uint32]bool  // extents that were read as directories, so that none is a circle
	held  int64
	rock  bool  // this tree has names of Rock Ridge
	skip  int   // bytes before them
	wide  bool  // this tree is Joliet's
	again bool  // this tree is the second
	short bool  // it ends too early
	lost  bool  // it has no tree
	given int64 // bytes of files; what is more than the image has counts as unpacked
}

// walkISO reads an image by its directories, so the whole is kept first.
func (w *walker) walkISO(n *node) error {
	s := w.newSpool(n.src)
	defer w.doneSpool(s)
	if err := w.end(); err != nil {
		return err
	}
	if s.cut != "" {
		w.notes.add(s.cut)
	}
	before := w.shapes.n
	i := &isos{w: w, n: n, s: s, files: map[uint32]int64{}, dirs: map[uint32]bool{}}
	defer func() { w.release(i.held) }()
	err := i.volumes()
	if err != nil {
		return err
	}
	switch {
	case i.lost:
		w.notes.add("iso: damaged, rest left")
	case i.short:
		w.notes.add("iso: truncated")
	}
	if w.shapes.n > before || w.end() != nil {
		return w.end()
	}
	w.shape(n, "")
	if !i.short && !i.lost {
		return nil // there is nothing in it
	}
	return w.readBytes(n, io.NewSectionReader(s, 0, s.size))
}

// volumes reads the descriptors, and the trees that they name: first the one with the best names, then what only another
// one has.
func (i *isos) volumes() error {
	var plain, wide *isoRecord
	b := make([]byte, isoSector)
	for sector := range int64(isoMost) {
		if !i.read(b, (isoFirst+sector)*isoSector) {
			break
		}
		switch {
		case string(b[1:6]) == "CD001" && b[0] == 1 && plain == nil:
			plain, _ = i.record(b[156:190])
			if err := i.labels(b); err != nil {
				return err
			}
		case string(b[1:6]) == "CD001" && b[0] == 2 && strings.Contains("%/@%/C%/E", string(b[88:91])) && b[88] == '%':
			wide, _ = i.record(b[156:190])
		case string(b[1:6]) == "NSR02", string(b[1:6]) == "NSR03":
			i.w.notes.add("iso: %d with a UDF file system beside, which is not read")
		}
	}
	if plain == nil && wide == nil {
		i.lost = true
		return nil
	}
	i.rockRidge(plain)
	trees := []struct {
		root *isoRecord
		wide bool
	}{{plain, false}, {wide, true}}
	if !i.rock && wide != nil {
		trees[0], trees[1] = trees[1], trees[0]
	}
	for k, t := range trees {
		if t.root == nil {
			continue
		}
		i.wide, i.again = t.wide, k > 0 && trees[0].root != nil
		if err := i.directory(*t.root, "", 0); err != nil {
			return err
		}
	}
	return nil
}

// labels tells the names of the volume and of who made it.
func (i *isos) labels(b []byte) error {
	for _, f := range [][]byte{b[40:72], b[190:318], b[318:446], b[446:574]} {
		if err := i.w.nameText(i.n.place, strings.TrimSpace(fileName(bytes.TrimRight(f, "\x00 ")))); err != nil {
			return err
		}
	}
	return nil
}

// rockRidge looks at the first entry of the root for the sign of it.
func (i *isos) rockRidge(root *isoRecord) {
	b := make([]byte, isoSector)
	if root == nil || !i.read(b, int64(root.at)*isoSector) {
		return
	}
	n := int(b[0])
	if n < 34+7 || n > len(b) || string(b[34:36]) != "SP" || b[38] != 0xbe || b[39] != 0xef {
		return
	}
	i.rock, i.skip = true, int(b[40])
}

// read fills b, and says whether all of it was there.
func (i *isos) read(b []byte, at int64) bool {
	n, _ := i.s.ReadAt(b, at)
	i.short = i.short || n < len(b)
	return n == len(b)
}

// newDir says whether a directory was not read yet. It says no when there is no memory to remember more.
func (i *isos) newDir(at uint32) bool {
	if i.dirs[at] || !i.remember() {
		return false
	}
	i.dirs[at] = true
	return true
}

// newFile says the same of a file, of which another name may have given less.
func (i *isos) newFile(at uint32, size int64) bool {
	read, again := i.files[at]
	if again && size <= read || !again && !i.remember() {
		return false
	}
	i.files[at] = size
	return true
}

func (i *isos) remember() bool {
	if !i.w.reserve(isoSeenMemory) {
		return false
	}
	i.held += isoSeenMemory
	return true
}

// directory reads one and what lies below it. Entries do not go over the borders of sectors.
func (i *isos) directory(d isoRecord, path string, depth int) error {
	if depth > isoDeepest || d.size > isoDirectory {
		i.w.notes.add("iso: %d directories too deep or too large, left")
		return i.w.end()
	}
	if !i.newDir(d.at) {
		return i.w.end()
	}
	var parts []isoRecord
	b := make([]byte, isoSector)
	for at := int64(0); at < d.size; at += isoSector {
		if !i.read(b, int64(d.at)*isoSector+at) {
			return i.w.end()
		}
		for p := b; len(p) > 33 && int(p[0]) > 33 && int(p[0]) <= len(p); p = p[p[0]:] {
			r, ok := i.record(p[:p[0]])
			if !ok {
				continue // the directory itself, and the one above
			}
			if parts = append(parts, *r); r.more() && len(parts) < 1<<10 {
				continue
			}
			if err := i.entry(parts, path, depth); err != nil {
				return err
			}
			parts = parts[:0]
		}
	}
	return i.w.end()
}

// entry reads a file, which may lie in several parts, or a directory.
func (i *isos) entry(parts []isoRecord, path string, depth int) error {
	w, r := i.w, parts[0]
	name := path + r.name
	m := leak.Member{Place: inner(i.n.place, name), ModTime: r.time, Owner: r.owner}
	for _, p := range parts {
		m.Size += p.size
	}
	switch {
	case i.again && r.dir():
		return i.directory(r, name+"/", depth+1)
	case i.again && m.Size == 0:
		return w.check()
	case !r.dir() && m.Size > 0 && !i.newFile(r.at, m.Size):
		if i.again {
			return w.check()
		}
		m.Format = "link" // one more name of a file
	}
	if err := w.member(); err != nil {
		return err
	}
	m.Order = w.nextOrder()
	for _, s := range []string{name, r.link} {
		if err := w.nameText(m.Place, s); err != nil {
			return err
		}
	}
	switch {
	case r.dir():
		m.Format = "dir"
		if err := w.report(m); err != nil {
			return err
		}
		return i.directory(r, name+"/", depth+1)
	case r.link != "" && m.Size == 0:
		m.Format = "link"
		return w.report(m)
	case m.Format != "":
		return w.report(m)
	}
	var all []io.Reader
	for _, p := range parts {
		i.short = i.short || int64(p.at)*isoSector+p.size > i.s.size
		all = append(all, io.NewSectionReader(i.s, int64(p.at)*isoSector, p.size))
	}
	u := &unpacked{w: w, r: io.MultiReader(all...), format: string(fISO), whole: true, packed: func() int64 { return i.s.size - i.given }}
	err := w.walkMember(i.n, u, &m, name)
	i.given += u.n
	return err
}
