package unpack

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
)

// openDirectory reads a zip's directory, and reserves the memory that it takes. Without one, held is what it would take.
func (w *walker) openDirectory(s *spool) (zr *zip.Reader, held int64, ok bool) {
	held = claimedMemory(s)
	if w.mem+held > w.l.MaxMemory {
		return nil, held, false
	}
	d := &directory{spool: s, room: w.l.MaxMemory - w.mem}
	if zr, ok = openZip(d); !ok {
		return nil, max(held, d.memory()), false
	}
	d.open, held = true, d.memory()
	w.mem += held
	return zr, held, true
}

// directory is a zip while its directory is read, which the library does as far as there are entries, whatever the end says of them.
// It fails where they take more memory than there is room for.
type directory struct {
	*spool
	room int64
	read int64
	open bool // it is read
}

var errDirectory = errors.New("unpack: zip directory too large")

func (d *directory) ReadAt(p []byte, off int64) (int, error) {
	n, err := d.spool.ReadAt(p, off)
	if d.open {
		return n, err
	}
	if d.read += int64(n); d.memory() > d.room {
		return 0, errDirectory
	}
	return n, err
}

func (d *directory) memory() int64 { return directoryMemory(d.read) }

// directoryMemory is what so many bytes of a directory take at most once they are read.
func directoryMemory(size int64) int64 {
	const perMember, leastHeader = 400, 46
	return size + size/leastHeader*perMember
}

func (w *walker) lostDirectory(held int64) string {
	if held > w.l.MaxMemory-w.mem {
		return "memory limit " + bytesWord(w.l.MaxMemory) + ": zip directory left, %d read in order"
	}
	return "zip: %d damaged or truncated, read in order"
}

func openZip(d *directory) (*zip.Reader, bool) {
	var zr *zip.Reader
	err := guard(func() (err error) { zr, err = zip.NewReader(d, d.size); return err })
	// A name that would be unsafe to extract to is an error of its own; nothing is extracted here.
	return zr, zr != nil && (err == nil || errors.Is(err, zip.ErrInsecurePath))
}

// claimedMemory is what the directory takes by what the end record says of it, before anything of it is read.
func claimedMemory(s *spool) int64 {
	const perPointer = 8
	tail, _, i := endOfZip(s)
	if i < 0 {
		return 0
	}
	size, count := uint64(binary.LittleEndian.Uint32(tail[i+12:])), uint64(binary.LittleEndian.Uint16(tail[i+10:]))
	var wide [56]byte
	if i >= 20 && string(tail[i-20:i-16]) == "PK\x06\x07" {
		if k, _ := s.ReadAt(wide[:], int64(binary.LittleEndian.Uint64(tail[i-12:]))); k == len(wide) && string(wide[:4]) == "PK\x06\x06" {
			size, count = binary.LittleEndian.Uint64(wide[40:]), max(count, binary.LittleEndian.Uint64(wide[32:]))
		}
	}
	room := uint64(s.size)
	return max(directoryMemory(int64(min(size, room))), perPointer*int64(min(count, room/30))) // the library makes room for no more
}

// endOfZip finds the record of a zip's end: the last one whose comment fits. It lies at the i-th byte of tail, which is what the file
// has from base on; i is -1 if there is none where it usually lies.
func endOfZip(s *spool) (tail []byte, base int64, i int) {
	tail = make([]byte, min(s.size, 66<<10))
	base = s.size - int64(len(tail))
	if _, err := s.ReadAt(tail, base); err != nil {
		return nil, base, -1
	}
	i = bytes.LastIndex(tail, []byte(endMark))
	for i >= 0 && (len(tail)-i < 22 || i+22+int(binary.LittleEndian.Uint16(tail[i+20:])) > len(tail)) {
		i = bytes.LastIndex(tail[:i], []byte(endMark))
	}
	return tail, base, i
}

// directoryExtents are where the directory lies, and the records of its end with their comment. What lies between its entries
// belongs to nothing.
func directoryExtents(s *spool, entries int) []extent {
	tail, base, i := endOfZip(s)
	if i < 0 {
		return nil
	}
	size := int64(binary.LittleEndian.Uint32(tail[i+12:]))
	end := extent{from: base + int64(i), to: base + int64(i) + 22 + int64(binary.LittleEndian.Uint16(tail[i+20:]))}
	out := []extent{end}
	before := end.from
	if i >= 20 && string(tail[i-20:i-16]) == "PK\x06\x07" {
		before -= 20
		if j := bytes.LastIndex(tail[:i-20], []byte("PK\x06\x06")); j >= 0 && i-20-j >= 56 {
			size = int64(binary.LittleEndian.Uint64(tail[j+40:]) & (1<<62 - 1))
			before = base + int64(j)
			out = append(out, extent{from: before, to: before + 56})
		}
		out = append(out, extent{from: end.from - 20, to: end.from})
	}
	if from := before - size; from >= 0 && entries > 0 {
		out = append(out, extent{from: from, to: directoryEnd(s, from, before)})
	}
	return out
}

// directoryEnd is where the entries end that lie from an offset on.
func directoryEnd(s *spool, at, end int64) int64 {
	var b [46]byte
	for at+int64(len(b)) <= end {
		if _, err := s.ReadAt(b[:], at); err != nil || string(b[:4]) != "PK\x01\x02" {
			break
		}
		size := 46 + int64(binary.LittleEndian.Uint16(b[28:])) + int64(binary.LittleEndian.Uint16(b[30:])) + int64(binary.LittleEndian.Uint16(b[32:]))
		if at+size > end {
			break
		}
		at += size
	}
	return at
}

// recordsEnd is where a directory ends, and the records of its end, that begin at an offset.
func recordsEnd(s *spool, from, to int64) int64 {
	at := directoryEnd(s, from, to)
	var b [22]byte
	for {
		k, _ := s.ReadAt(b[:], at)
		size := int64(0)
		switch string(b[:min(k, 4)]) {
		case endMark:
			size = 22 + int64(binary.LittleEndian.Uint16(b[20:]))
		case "PK\x06\x06":
			size = 56
		case "PK\x06\x07":
			size = 20
		}
		if size == 0 || k < 20 || at+size > to {
			return at
		}
		at += size
	}
}
