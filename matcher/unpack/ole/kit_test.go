package ole_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/ole"
)

// compound writes a compound file (MS-CFB, version 3). Files lie at their paths, in turn with their contents; folders are made.
func compound(files ...string) []byte {
	c := &cfb{}
	root := &entry{name: "Root Entry", kind: 5}
	for i := 0; i < len(files); i += 2 {
		c.add(root, strings.Split(files[i], "/"), []byte(files[i+1]))
	}
	c.number(root)
	var mini []byte
	var miniFAT []uint32
	for _, e := range c.entries {
		if e.kind != 2 {
			continue
		}
		if len(e.body) >= 4096 {
			e.start = c.sectors(e.body)
			continue
		}
		e.start = uint32(len(mini) / 64)
		body := append(bytes.Clone(e.body), make([]byte, (64-len(e.body)%64)%64)...)
		mini = append(mini, body...)
		for k := range len(body) / 64 {
			next := uint32(len(miniFAT) + 1)
			if k == len(body)/64-1 {
				next = 0xfffffffe
			}
			miniFAT = append(miniFAT, next)
		}
	}
	root.body = mini
	root.start = c.sectors(mini)
	for len(miniFAT)%128 != 0 {
		miniFAT = append(miniFAT, 0xffffffff)
	}
	miniAt := c.sectors(words32(miniFAT))
	dirAt := c.sectors(c.directory())
	return c.file(dirAt, miniAt, uint32(len(miniFAT)/128))
}

type entry struct {
	name  string
	kind  byte
	body  []byte
	kids  []*entry
	index uint32
	start uint32
}

type cfb struct {
	entries []*entry
	data    []byte
	fat     []uint32
}

func (c *cfb) add(dir *entry, path []string, body []byte) {
	if len(path) == 1 {
		dir.kids = append(dir.kids, &entry{name: path[0], kind: 2, body: body})
		return
	}
	for _, k := range dir.kids {
		if k.name == path[0] {
			c.add(k, path[1:], body)
			return
		}
	}
	k := &entry{name: path[0], kind: 1}
	dir.kids = append(dir.kids, k)
	c.add(k, path[1:], body)
}

func (c *cfb) number(e *entry) {
	e.index = uint32(len(c.entries))
	c.entries = append(c.entries, e)
	for _, k := range e.kids {
		c.number(k)
	}
}

func (c *cfb) sectors(b []byte) uint32 {
	if len(b) == 0 {
		return 0xfffffffe
	}
	at := uint32(len(c.fat))
	n := (len(b) + 511) / 512
	c.data = append(c.data, b...)
	c.data = append(c.data, make([]byte, n*512-len(b))...)
	for i := range n {
		next := at + uint32(i) + 1
		if i == n-1 {
			next = 0xfffffffe
		}
		c.fat = append(c.fat, next)
	}
	return at
}

func (c *cfb) directory() []byte {
	const none = 0xffffffff
	right := map[uint32]uint32{}
	for _, e := range c.entries {
		for i := 0; i+1 < len(e.kids); i++ {
			right[e.kids[i].index] = e.kids[i+1].index
		}
	}
	var out []byte
	for _, e := range c.entries {
		b := make([]byte, 128)
		u := utf16.Encode([]rune(e.name))
		for i, v := range u {
			binary.LittleEndian.PutUint16(b[2*i:], v)
		}
		binary.LittleEndian.PutUint16(b[64:], uint16(2*len(u)+2))
		b[66], b[67] = e.kind, 1
		r, ok := right[e.index]
		if !ok {
			r = none
		}
		kid := uint32(none)
		if len(e.kids) > 0 {
			kid = e.kids[0].index
		}
		for i, v := range []uint32{none, r, kid} {
			binary.LittleEndian.PutUint32(b[68+4*i:], v)
		}
		binary.LittleEndian.PutUint32(b[116:], e.start)
		binary.LittleEndian.PutUint32(b[120:], uint32(len(e.body)))
		out = append(out, b...)
	}
	return out
}

func (c *cfb) file(dirAt, miniAt, miniN uint32) []byte {
	n := 1
	for (len(c.fat)+n+127)/128 > n {
		n++
	}
	fatAt := uint32(len(c.fat))
	for range n {
		c.fat = append(c.fat, 0xfffffffd)
	}
	for len(c.fat)%128 != 0 {
		c.fat = append(c.fat, 0xffffffff)
	}
	head := make([]byte, 512)
	copy(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for at, v := range map[int]uint16{24: 0x3e, 26: 3, 28: 0xfffe, 30: 9, 32: 6} {
		binary.LittleEndian.PutUint16(head[at:], v)
	}
	for at, v := range map[int]uint32{44: uint32(n), 48: dirAt, 56: 4096, 60: miniAt, 64: miniN, 68: 0xfffffffe} {
		binary.LittleEndian.PutUint32(head[at:], v)
	}
	for i := range 109 {
		v := uint32(0xffffffff)
		if i < n {
			v = fatAt + uint32(i)
		}
		binary.LittleEndian.PutUint32(head[76+4*i:], v)
	}
	return append(append(head, c.data...), words32(c.fat)...)
}

func words32(w []uint32) (b []byte) {
	for _, v := range w {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// wide is text of two bytes a letter.
func wide(s string) string {
	var b []byte
	for _, v := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return string(b)
}

func extract(t testing.TB, b []byte) *child.Record {
	t.Helper()
	return child.Run(t.Context(), ole.Extract(nil), child.Document{Size: int64(len(b))}, bytes.NewReader(b), 64<<20)
}

// members are names with contents.
func members(r *child.Record) (out []string) {
	for _, m := range r.Members {
		out = append(out, m.Entry.Name+": "+m.Body)
	}
	return out
}
