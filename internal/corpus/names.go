package corpus

import (
	"archive/tar"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"leakwatch/leak"
)

// listing is a container whose members are named after people.
type listing struct {
	name  string
	pack  func(names []string) Document
	write func(string) string // how a name is written
}

func same(s string) string { return s }

var listings = []listing{
	{"tar members", tarNames, same}, {"tar members nfd", tarNames, norm.NFD.String}, {"tar members escaped", tarNames, url.PathEscape},
	{"zip members", zipNames, same}, {"zip members cp850", zipNames, table("cp850", "", charmap.CodePage850).text}, {"gz header", gzipNames, same},
	{"7z members", sevenZipNames, same}, {"cpio members", cpioNames, same},
}

func (c charset) text(s string) string { return string(c.encode(s)) }

// named are the kinds that stand in names: what a file that is a client's is called after.
var named = []leak.Kind{leak.Name, "fi-hetu", "se-pnr", "it-cf", leak.Email}

// document names a file after each of twelve people, by name and by another identifier.
func (l listing) document(r *rand.Rand, people []*Person) Document {
	p := &page{r: r}
	var files []string
	for n, i := range r.Perm(len(people))[:12] {
		person, other := people[i], people[i].ID(named[1+n%(len(named)-1)])
		first := person.ID(leak.Name)
		for _, id := range []*Identifier{first, other} {
			p.mark(Item{person, id, "", false}, -1)
		}
		files = append(files, l.write(first.Forms[n%len(first.Forms)]+" "+other.Forms[0]+".txt"))
	}
	d := l.pack(files)
	d.Marks, d.Readable = p.marks, true
	for i := range d.Marks {
		d.Marks[i].InName = true
	}
	return d
}

const aside = "nothing here\n"

func tarNames(names []string) Document {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, n := range names {
		must(w.WriteHeader(&tar.Header{Name: "clients/" + n, Size: int64(len(aside)), Mode: 0o600}))
		_, err := w.Write([]byte(aside))
		must(err)
	}
	must(w.Close())
	return Document{Name: "clients.tar", Body: b.Bytes()}
}

// zipNames writes names as they are, without saying in which table.
func zipNames(names []string) Document {
	var out, dir []byte
	for _, n := range names {
		head := join(le16(20), le16(0), le16(0), le32(0x58210000), le32(0), le32(0), le32(0), le16(len(n)), le16(0))
		dir = join(dir, []byte("PK\x01\x02"), le16(20), head, le16(0), le16(0), le16(0), le32(0), le32(len(out)), []byte(n))
		out = join(out, []byte("PK\x03\x04"), head, []byte(n))
	}
	end := join([]byte("PK\x05\x06"), le32(0), le16(len(names)), le16(len(names)), le32(len(dir)), le32(len(out)), le16(0))
	return Document{Name: "clients.zip", Body: join(out, dir, end)}
}

// gzipNames has each name in the header of a file of its own (RFC 1952), in Latin-1.
func gzipNames(names []string) Document {
	var files []Document
	for i, n := range names {
		z := gzipped([]byte(aside))
		title := narrow(norm.NFC.String(n))
		files = append(files, Document{Name: fmt.Sprintf("%d.gz", i), Body: join(z[:3], []byte{8}, z[4:10], []byte(title), []byte{0}, z[10:])})
	}
	return Document{Name: "clients.tar", Body: tarOf(files...)}
}

func sevenZipNames(names []string) Document {
	files := make([][]byte, len(names))
	for i := range names {
		files[i] = []byte(aside)
	}
	return Document{Name: "clients.7z", Body: sevenZipOf([]byte(strings.Repeat(aside, len(names))), []byte{1, 0}, files, names)}
}

func cpioNames(names []string) Document {
	var b bytes.Buffer
	for _, n := range append(names, "TRAILER!!!") {
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00", 1, 0o100644, 0, 0, 1, 1_700_000_000, 0, 0, 0, 0, 0, len(n)+1, 0, n)
		b.Write(make([]byte, -b.Len()&3))
	}
	return Document{Name: "clients.cpio", Body: b.Bytes()}
}
