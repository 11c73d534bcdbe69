package corpus

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// password opens the encrypted archives; a text beside them says so, as those who publish a leak do.
const password = "Correct-Horse-7"

// headless is the stage of which not all can be read.
const headless = "zip without directory"

var zips = []stage{
	{"zip", zipDeflated}, {"zip stored", zipWritten(zipEntry{})}, {"zip stored with descriptor", zipWritten(zipEntry{flags: 8})},
	{"zip64", zipWritten(zipEntry{wide: true})}, {"zip behind other bytes", zipBehind},
	{"zip with ZipCrypto", zipBeside(zipEntry{flags: 1})}, {"zip with AES", zipBeside(zipEntry{flags: 1, aes: true})},
	{headless, zipHeadless},
}

func zipDeflated(d Document) Document {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range []Document{{Name: "README", Body: []byte("nothing here\n")}, d} {
		e, err := w.Create("data/" + f.Name)
		must(err)
		_, err = e.Write(f.Body)
		must(err)
	}
	must(w.Close())
	d.Body, d.Name = b.Bytes(), "data.zip"
	return d
}

// zipEntry says how a member is written.
type zipEntry struct {
	flags int
	wide  bool // with the fields of zip64
	aes   bool // WinZip's AE-2
}

// zipWritten writes a zip byte by byte (APPNOTE 6.3.10).
func zipWritten(e zipEntry) func(Document) Document {
	return func(d Document) Document {
		d.Body, d.Name = zipOf(e, d.Name, d.Body), "data.zip"
		return d
	}
}

func zipOf(e zipEntry, name string, body []byte) []byte {
	crc, method, packed := int(crc32.ChecksumIEEE(body)), 0, body
	var extra []byte
	switch {
	case e.aes:
		packed, method, extra = winzip(squeezed(body)), 99, join(le16(0x9901), le16(7), le16(2), []byte("AE"), []byte{3}, le16(8))
		crc = 0
	case e.flags&1 != 0:
		packed, method = zipCrypto(squeezed(body), byte(crc>>24)), 8
	}
	size, packedSize, need := len(body), len(packed), 20
	local := []int{crc, packedSize, size}
	if e.flags&8 != 0 {
		local = []int{0, 0, 0}
	}
	localExtra := extra
	if e.wide {
		need, local = 45, []int{crc, 0xffffffff, 0xffffffff}
		localExtra = join(le16(1), le16(16), le64(size), le64(packedSize))
		extra = join(le16(1), le16(24), le64(size), le64(packedSize), le64(0))
		size, packedSize = 0xffffffff, 0xffffffff
	}
	head := join([]byte("PK\x03\x04"), le16(need), le16(e.flags), le16(method), le32(0x58210000), le32(local[0]), le32(local[1]), le32(local[2]),
		le16(len(name)), le16(len(localExtra)), []byte(name), localExtra)
	out := join(head, packed)
	if e.flags&8 != 0 {
		out = join(out, []byte("PK\x07\x08"), le32(crc), le32(packedSize), le32(size))
	}
	offset := 0
	if e.wide {
		offset = 0xffffffff
	}
	dir := join([]byte("PK\x01\x02"), le16(need), le16(need), le16(e.flags), le16(method), le32(0x58210000), le32(crc), le32(packedSize), le32(size),
		le16(len(name)), le16(len(extra)), le16(0), le16(0), le16(0), le32(0), le32(offset), []byte(name), extra)
	return join(out, zipEnd(e.wide, len(out), dir))
}

func zipEnd(wide bool, at int, dir []byte) []byte {
	if !wide {
		return join(dir, []byte("PK\x05\x06"), le16(0), le16(0), le16(1), le16(1), le32(len(dir)), le32(at), le16(0))
	}
	return join(dir, []byte("PK\x06\x06"), le64(44), le16(45), le16(45), le32(0), le32(0), le64(1), le64(1), le64(len(dir)), le64(at),
		[]byte("PK\x06\x07"), le32(0), le64(at+len(dir)), le32(1),
		[]byte("PK\x05\x06"), le16(0), le16(0), le16(0xffff), le16(0xffff), le32(0xffffffff), le32(0xffffffff), le16(0))
}

func squeezed(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser {
		f, err := flate.NewWriter(w, 6)
		must(err)
		return f
	})
}

// zipBehind has bytes before the zip, as self-extracting ones do.
func zipBehind(d Document) Document {
	d = zipDeflated(d)
	d.Body = join([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 4000), d.Body)
	d.Name = "data.exe"
	return d
}

// zipHeadless ends before its directory.
func zipHeadless(d Document) Document {
	d = zipDeflated(d)
	d.Body = d.Body[:bytes.LastIndex(d.Body, []byte("PK\x01\x02"))-40]
	d.Readable = false
	return d
}

// zipBeside has an encrypted zip in a tar, and the password in a text beside it.
func zipBeside(e zipEntry) func(Document) Document {
	return func(d Document) Document {
		return beside(zipWritten(e)(d))
	}
}

// beside puts a text with the password beside an archive.
func beside(d Document) Document {
	text := "PASSWORD.txt"
	d.Body = tarOf(Document{Name: text, Body: []byte("Full database of the clinic.\r\nPassword: " + password + "\r\nEnjoy!\r\n")}, d)
	d.Name = "leak.tar"
	return d
}

// zipCrypto encrypts after APPNOTE 6.1. last is the byte that tells a wrong password.
func zipCrypto(b []byte, last byte) []byte {
	keys := [3]uint32{0x12345678, 0x23456789, 0x34567890}
	step := func(c byte) {
		keys[0] = crc32.IEEETable[byte(keys[0])^c] ^ keys[0]>>8
		keys[1] = (keys[1]+keys[0]&0xff)*134775813 + 1
		keys[2] = crc32.IEEETable[byte(keys[2])^byte(keys[1]>>24)] ^ keys[2]>>8
	}
	for _, c := range []byte(password) {
		step(c)
	}
	plain := join([]byte("elevenbytes"), []byte{last}, b)
	out := make([]byte, len(plain))
	for i, c := range plain {
		t := uint32(uint16(keys[2]) | 2)
		out[i] = c ^ byte(t*(t^1)>>8)
		step(c)
	}
	return out
}

// winzip encrypts with AES-256 in WinZip's counter mode.
func winzip(b []byte) []byte {
	salt := []byte("sixteen bytes !!")
	keys, err := pbkdf2.Key(sha1.New, password, salt, 1000, 66)
	must(err)
	block, err := aes.NewCipher(keys[:32])
	must(err)
	out := bytes.Clone(b)
	littleCTR(block, out)
	mac := hmac.New(sha1.New, keys[32:64])
	mac.Write(out)
	return join(salt, keys[64:], out, mac.Sum(nil)[:10])
}

func littleCTR(block cipher.Block, b []byte) {
	var counter, stream [16]byte
	for i := range b {
		if i%16 == 0 {
			binary.LittleEndian.PutUint64(counter[:], uint64(i/16+1))
			block.Encrypt(stream[:], counter[:])
		}
		b[i] ^= stream[i%16]
	}
}
