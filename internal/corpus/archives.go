package corpus

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"hash/crc32"
	"io"
	"unicode/utf16"

	"github.com/ulikunitz/xz/lzma"
)

// archives are containers that are neither tar nor zip.
var archives = []stage{{"cpio odc", cpio(false)}, {"cpio newc", cpio(true)}, {"ar", ar}, {"7z stored", sevenZip(false)}, {"7z LZMA2", sevenZip(true)},
	{"7z with AES", sevenZipAES}, {"rar4 stored", rar4}, {"rar5 stored", rar5}, {"iso", iso}}

// number7 writes a number as 7z does, in the longest form.
func number7(n int) []byte { return append([]byte{0xff}, le64(n)...) }

// sevenZip writes two files as one solid block (7zFormat.txt of the LZMA SDK).
func sevenZip(pack bool) func(Document) Document {
	return func(d Document) Document {
		other := []byte("nothing here\n")
		all := join(other, d.Body)
		packed, coder := all, []byte{1, 0}
		if pack {
			packed = through(all, func(w io.Writer) io.WriteCloser {
				z, err := lzma.Writer2Config{DictCap: 1 << 20}.NewWriter2(w)
				must(err)
				return z
			})
			coder = []byte{0x21, 0x21, 1, 16} // LZMA2, a window of 1 MiB
		}
		d.Body, d.Name = sevenZipOf(packed, coder, [][]byte{other, d.Body}, []string{"README", "data/" + d.Name}), "data.7z"
		return d
	}
}

func sevenZipOf(packed, coder []byte, files [][]byte, names []string) []byte {
	total, sizes, sums, titles := 0, []byte{}, []byte{}, []byte{0}
	for i, f := range files {
		total += len(f)
		if i < len(files)-1 {
			sizes = append(sizes, number7(len(f))...)
		}
		sums = append(sums, le32(int(crc32.ChecksumIEEE(f)))...)
		for _, u := range utf16.Encode([]rune(names[i] + "\x00")) {
			titles = append(titles, le16(int(u))...)
		}
	}
	header := join([]byte{1, 4, 6, 0, 1, 9}, number7(len(packed)), []byte{0}, // where the packed bytes are
		[]byte{7, 0x0b, 1, 0, 1}, coder, []byte{0x0c}, number7(total), []byte{0}, // how they are packed
		[]byte{8, 0x0d, byte(len(files)), 9}, sizes, []byte{0x0a, 1}, sums, []byte{0, 0}, // which files they are
		[]byte{5, byte(len(files)), 0x11}, number7(len(titles)), titles, []byte{0, 0})
	start := join(le64(len(packed)), le64(len(header)), le32(int(crc32.ChecksumIEEE(header))))
	return join([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), le32(int(crc32.ChecksumIEEE(start))), start, packed, header)
}

// sevenZipAES is encrypted, and has its password in a text beside it.
func sevenZipAES(d Document) Document {
	const rounds = 10 // 2^10 of the key's derivation
	var secret []byte
	for _, u := range utf16.Encode([]rune(password)) {
		secret = append(secret, le16(int(u))...)
	}
	h := sha256.New()
	for i := range 1 << rounds {
		h.Write(secret)
		h.Write(le64(i))
	}
	block, err := aes.NewCipher(h.Sum(nil))
	must(err)
	packed, iv := append(bytes.Clone(d.Body), make([]byte, -len(d.Body)&15)...), []byte("sixteen bytes !!")
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(packed, packed)
	coder := join([]byte{0x24, 6, 0xf1, 7, 1, 18, 0x40 | rounds, 15}, iv)
	d.Body, d.Name = sevenZipOf(packed, coder, [][]byte{d.Body}, []string{d.Name}), "data.7z"
	return beside(d)
}

// rar4 writes the format of RAR 1.5 to 4 (technote.txt), without compression.
func rar4(d Document) Document {
	block := func(kind byte, flags int, rest []byte) []byte {
		b := join([]byte{kind}, le16(flags), le16(7+len(rest)), rest)
		return join(le16(int(crc32.ChecksumIEEE(b)&0xffff)), b)
	}
	out := join([]byte("Rar!\x1a\x07\x00"), block(0x73, 0, make([]byte, 6)))
	for _, f := range []Document{{Name: "README", Body: []byte("nothing here\n")}, d} {
		out = join(out, block(0x74, 0x8000, join(le32(len(f.Body)), le32(len(f.Body)), []byte{3}, le32(int(crc32.ChecksumIEEE(f.Body))), le32(0x58210000),
			[]byte{20, 0x30}, le16(len(f.Name)), le32(0o100644), []byte(f.Name))), f.Body)
	}
	d.Body, d.Name = join(out, block(0x7b, 0x4000, nil)), "data.rar"
	return d
}

// rar5 writes the format of RAR 5 (rarlab.com/technote.htm), without compression.
func rar5(d Document) Document {
	vint := func(n int) (b []byte) {
		for ; n > 127; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		return append(b, byte(n))
	}
	block := func(rest []byte) []byte {
		b := join(vint(len(rest)), rest)
		return join(le32(int(crc32.ChecksumIEEE(b))), b)
	}
	out := join([]byte("Rar!\x1a\x07\x01\x00"), block([]byte{1, 0, 0}))
	for _, f := range []Document{{Name: "README", Body: []byte("nothing here\n")}, d} {
		out = join(out, block(join([]byte{2, 2}, vint(len(f.Body)), []byte{4}, vint(len(f.Body)), vint(0o100644), le32(int(crc32.ChecksumIEEE(f.Body))),
			[]byte{0, 1}, vint(len(f.Name)), []byte(f.Name))), f.Body)
	}
	d.Body, d.Name = join(out, block([]byte{5, 0, 0})), "data.rar"
	return d
}

// iso writes a file system of ISO 9660 (ECMA-119) with two files.
func iso(d Document) Document {
	const sector = 2048
	both := func(n int) []byte { return join(le32(n), be32(n)) }
	entry := func(at, size, flags int, name string) []byte {
		n := 33 + len(name)
		n += n & 1
		b := join([]byte{byte(n), 0}, both(at), both(size), []byte{126, 1, 1, 0, 0, 0, 0, byte(flags), 0, 0, 1, 0, 0, 1, byte(len(name))}, []byte(name))
		return append(b, make([]byte, n-len(b))...)
	}
	pad := func(b []byte) []byte { return append(b, make([]byte, -len(b)&(sector-1))...) }
	readme := []byte("nothing here\n")
	const root, first = 20, 21
	dir := pad(join(entry(root, sector, 2, "\x00"), entry(root, sector, 2, "\x01"), entry(first+1, len(d.Body), 0, "NOTES.TXT;1"), entry(first, len(readme), 0, "README.TXT;1")))
	text := func(s string, n int) []byte { return append([]byte(s), bytes.Repeat([]byte(" "), n-len(s))...) }
	total := first + 1 + (len(d.Body)+sector-1)/sector
	volume := join([]byte("\x01CD001\x01\x00"), text("LINUX", 32), text("BACKUP", 32), make([]byte, 8), both(total), make([]byte, 32),
		[]byte{1, 0, 0, 1, 1, 0, 0, 1, 0, 8, 8, 0}, both(10), le32(18), le32(0), be32(19), be32(0), entry(root, sector, 2, "\x00"))
	volume = pad(join(volume, text("", 623), bytes.Repeat([]byte("2026010100000000\x00"), 4), []byte{1, 0}))
	path := func(at []byte, one []byte) []byte { return pad(join([]byte{1, 0}, at, one, []byte{0, 0})) }
	d.Body = join(make([]byte, 16*sector), volume, pad([]byte("\xffCD001\x01")), path(le32(root), le16(1)), path(be32(root), be16(1)), dir, pad(readme), pad(bytes.Clone(d.Body)))
	d.Name = "backup.iso"
	return d
}
