package corpus

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf16"
)

// oleNode is a stream, or a storage if it has kids.
type oleNode struct {
	name string
	data []byte
	kids []oleNode
}

// oleFile is a compound file that is being written (MS-CFB), with sectors of 512 bytes.
type oleFile struct {
	entries [][]byte
	body    []byte // sectors
	fat     []int
	small   []byte // of the mini stream
	smallAt []int
}

const (
	oleFree = -1
	oleEnd  = -2
)

// chain appends data as sectors and gives the first.
func (f *oleFile) chain(data []byte) int {
	if len(data) == 0 {
		return oleEnd
	}
	first := len(f.fat)
	n := (len(data) + 511) / 512
	f.body = append(append(f.body, data...), make([]byte, n*512-len(data))...)
	for i := range n {
		next := first + i + 1
		if i == n-1 {
			next = oleEnd
		}
		f.fat = append(f.fat, next)
	}
	return first
}

// stream stores data where streams of its size belong.
func (f *oleFile) stream(data []byte) int {
	if len(data) >= 4096 {
		return f.chain(data)
	}
	if len(data) == 0 {
		return oleEnd
	}
	first := len(f.smallAt)
	n := (len(data) + 63) / 64
	f.small = append(append(f.small, data...), make([]byte, n*64-len(data))...)
	for i := range n {
		next := first + i + 1
		if i == n-1 {
			next = oleEnd
		}
		f.smallAt = append(f.smallAt, next)
	}
	return first
}

// add writes the entries of siblings, as a tree that leans to the right, and gives the first.
func (f *oleFile) add(nodes []oleNode) int {
	sort.Slice(nodes, func(i, j int) bool {
		a, b := nodes[i].name, nodes[j].name
		return len(a) < len(b) || len(a) == len(b) && strings.ToUpper(a) < strings.ToUpper(b)
	})
	first := len(f.entries)
	f.entries = append(f.entries, make([][]byte, len(nodes))...)
	for i, n := range nodes {
		right, child, start, kind := -1, -1, 0, 2
		if i < len(nodes)-1 {
			right = first + i + 1
		}
		if n.kids != nil {
			child, kind = f.add(n.kids), 1
		} else {
			start = f.stream(n.data)
		}
		f.entries[first+i] = oleEntry(n.name, kind, right, child, start, len(n.data))
	}
	return first
}

func oleEntry(name string, kind, right, child, start, size int) []byte {
	var title []byte
	for _, u := range utf16.Encode([]rune(name + "\x00")) {
		title = append(title, le16(int(u))...)
	}
	n := len(title)
	return join(title, make([]byte, 64-n), le16(n), []byte{byte(kind), 1}, le32(-1), le32(right), le32(child), make([]byte, 36), le32(start), le64(size))
}

// ole writes a compound file.
func ole(nodes ...oleNode) []byte {
	f := &oleFile{entries: [][]byte{nil}}
	child := f.add(nodes)
	f.entries[0] = oleEntry("Root Entry", 5, -1, child, f.chain(f.small), len(f.small))
	for len(f.entries)%4 != 0 {
		f.entries = append(f.entries, join(make([]byte, 68), le32(-1), le32(-1), le32(-1), make([]byte, 48)))
	}
	var mini []byte
	for _, n := range f.smallAt {
		mini = append(mini, le32(n)...)
	}
	for len(mini)%512 != 0 {
		mini = append(mini, le32(oleFree)...)
	}
	miniAt, miniN := f.chain(mini), len(mini)/512
	dirAt := f.chain(bytes.Join(f.entries, nil))
	fats := 1
	for fats*128 < len(f.fat)+fats {
		fats++
	}
	first := len(f.fat)
	head := join([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 16), le16(0x3e), le16(3), le16(0xfffe), le16(9), le16(6), make([]byte, 10),
		le32(fats), le32(dirAt), le32(0), le32(4096), le32(miniAt), le32(miniN), le32(oleEnd), le32(0))
	var table []byte
	for i := range fats {
		head, f.fat = append(head, le32(first+i)...), append(f.fat, -3)
	}
	for len(head) < 512 {
		head = append(head, le32(oleFree)...)
	}
	for _, n := range f.fat {
		table = append(table, le32(n)...)
	}
	for len(table) < fats*512 {
		table = append(table, le32(oleFree)...)
	}
	return join(head, f.body, table)
}

// doc writes Word 97's format (MS-DOC): a piece of letters of one byte, and one of two.
func doc(records []Record) []byte {
	text := []rune(strings.ReplaceAll(plainText(records), "\n", "\r"))
	half := len(text) / 2
	const at = 0x800
	stream := make([]byte, at)
	stream = append(stream, narrow(string(text[:half]))...)
	stream = append(stream, make([]byte, len(stream)&1)...)
	wideAt := len(stream)
	for _, u := range text[half:] {
		stream = append(stream, le16(int(u))...)
	}
	copy(stream, join(le16(0xa5ec), le16(0xc1)))
	stream[0x0b] = 0x02 // the table is in 1Table
	copy(stream[32:], le16(14))
	copy(stream[62:], le16(22))
	copy(stream[64:], le32(len(stream)))
	copy(stream[76:], le32(len(text)))
	copy(stream[152:], le16(93))
	plc := join(le32(0), le32(half), le32(len(text)), le16(0), le32(at*2|0x40000000), le16(0), le16(0), le32(wideAt), le16(0))
	clx := join([]byte{2}, le32(len(plc)), plc)
	copy(stream[0x1a2:], join(le32(0), le32(len(clx))))
	return ole(oleNode{name: "WordDocument", data: append(stream, make([]byte, 4096)...)}, oleNode{name: "1Table", data: clx})
}

// plainText speaks of every identifier on a line of its own.
func plainText(records []Record) string {
	var b strings.Builder
	for _, rec := range records {
		for _, i := range rec {
			b.WriteString(i.ID.Words + ": " + i.Form + "\n")
		}
	}
	return b.String()
}

// msg writes Outlook's format (MS-OXMSG): half of the records in its text, half in an attached file.
func msg(records []Record) []byte {
	wide := func(s string) (b []byte) {
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, le16(int(u))...)
		}
		return b
	}
	half := len(records) / 2
	properties := oleNode{name: "__properties_version1.0", data: make([]byte, 32)}
	attached := oleNode{name: "__attach_version1.0_#00000000", kids: []oleNode{{name: "__properties_version1.0", data: make([]byte, 8)},
		{name: "__substg1.0_37010102", data: []byte(plainText(records[half:]))}, {name: "__substg1.0_3707001F", data: wide("list.txt")}}}
	named := oleNode{name: "__nameid_version1.0", kids: []oleNode{{name: "__substg1.0_00020102", data: make([]byte, 16)},
		{name: "__substg1.0_00030102", data: make([]byte, 8)}, {name: "__substg1.0_00040102", data: make([]byte, 8)}}}
	return ole(properties, named, attached, oleNode{name: "__substg1.0_0037001F", data: wide("list of clients")},
		oleNode{name: "__substg1.0_1000001F", data: wide(plainText(records[:half]))}, oleNode{name: "__substg1.0_001A001F", data: wide("IPM.Note")})
}
