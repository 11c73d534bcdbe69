package unpack

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"

	"golang.org/x/text/encoding/charmap"
)

var (
	errPassword   = errors.New("unpack: wrong password")
	errEncryption = errors.New("unpack: encrypted in a way not known")
	errSum        = errors.New("unpack: checksum differs")
)

const methodAES = 99

// decrypt opens what is encrypted in an entry of a zip; method is how what comes out is packed. The error is
// errPassword, soon, for most passwords that are wrong.
func (e zipEntry) decrypt(r io.Reader, password []byte) (plain io.Reader, method uint16, err error) {
	switch {
	case e.flags&(1<<6|1<<13) != 0: // PKWARE's strong encryption, and directories that are encrypted
		return nil, 0, errEncryption
	case e.method == methodAES:
		return e.decryptAES(r, password)
	}
	plain, err = e.decryptOld(r, password)
	return plain, e.method, err
}

// zipKeys is the cipher of old zips. APPNOTE.TXT section 6.1, https://support.pkware.com/pkzip/appnote
type zipKeys [3]uint32

func newZipKeys(password []byte) *zipKeys {
	k := &zipKeys{0x12345678, 0x23456789, 0x34567890}
	for _, c := range password {
		k.update(c)
	}
	return k
}

func (k *zipKeys) update(c byte) {
	k[0] = crc32.IEEETable[byte(k[0])^c] ^ k[0]>>8
	k[1] = (k[1]+k[0]&0xff)*134775813 + 1
	k[2] = crc32.IEEETable[byte(k[2])^byte(k[1]>>24)] ^ k[2]>>8
}

func (k *zipKeys) decrypt(b []byte) {
	for i := range b {
		t := uint16(k[2]) | 2
		b[i] ^= byte(t * (t ^ 1) >> 8)
		k.update(b[i])
	}
}

type zipDecrypter struct {
	r io.Reader
	k *zipKeys
}

func (d *zipDecrypter) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	d.k.decrypt(p[:n])
	return n, err
}

// decryptOld checks the last byte of the twelve that are put before the contents: it is of the checksum, or of the time
// where the checksum was not known yet. One wrong password in 256 passes it.
func (e zipEntry) decryptOld(r io.Reader, password []byte) (io.Reader, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	k := newZipKeys(password)
	k.decrypt(head[:])
	if head[11] != byte(e.crc>>24) && (e.flags&8 == 0 || head[11] != byte(e.time>>8)) {
		return nil, errPassword
	}
	return &zipDecrypter{r, k}, nil
}

// decryptAES opens WinZip's encryption: https://www.winzip.com/en/support/aes-encryption/
func (e zipEntry) decryptAES(r io.Reader, password []byte) (io.Reader, uint16, error) {
	const macBytes = 10
	x := zipExtra(e.extra, 0x9901)
	if len(x) < 7 || x[4] < 1 || x[4] > 3 {
		return nil, 0, errEncryption
	}
	keyLen := 8 + 8*int(x[4])
	head := make([]byte, keyLen/2+2)
	if _, err := io.ReadFull(r, head); err != nil || e.packed < int64(len(head)+macBytes) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	keys, err := pbkdf2.Key(sha1.New, string(password), head[:keyLen/2], 1000, 2*keyLen+2)
	if err != nil {
		return nil, 0, errEncryption
	}
	if !bytes.Equal(keys[2*keyLen:], head[keyLen/2:]) {
		return nil, 0, errPassword
	}
	block, err := aes.NewCipher(keys[:keyLen])
	if err != nil {
		return nil, 0, errEncryption
	}
	left := e.packed - int64(len(head)+macBytes)
	return &aesDecrypter{r: r, left: left, block: block, mac: hmac.New(sha1.New, keys[keyLen:2*keyLen])},
		binary.LittleEndian.Uint16(x[5:]), nil
}

// aesDecrypter is AES in counter mode with the counter's low byte first, which the standard library's is not, and a
// code of what was encrypted at the end.
type aesDecrypter struct {
	r     io.Reader
	left  int64
	block cipher.Block
	mac   hash.Hash
	n     uint64 // blocks so far
	key   []byte // of them, what was not used
	pad   [1024]byte
	err   error
}

func (d *aesDecrypter) Read(p []byte) (int, error) {
	if d.err != nil || len(p) == 0 {
		return 0, d.err
	}
	if d.left == 0 {
		d.err = d.end()
		return 0, d.err
	}
	n, err := d.r.Read(p[:min(int64(len(p)), d.left)])
	d.left -= int64(n)
	d.mac.Write(p[:n])
	for b := p[:n]; len(b) > 0; {
		if len(d.key) == 0 {
			d.fill()
		}
		k := len(d.key[:min(len(b), len(d.key))])
		for i, c := range d.key[:k] {
			b[i] ^= c
		}
		b, d.key = b[k:], d.key[k:]
	}
	if err == io.EOF && d.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err == io.EOF {
		err = nil
	}
	d.err = err
	return n, err
}

// fill makes more of the key stream.
func (d *aesDecrypter) fill() {
	d.pad = [1024]byte{}
	for i := 0; i < len(d.pad); i += aes.BlockSize {
		d.n++
		binary.LittleEndian.PutUint64(d.pad[i:], d.n)
		d.block.Encrypt(d.pad[i:], d.pad[i:i+aes.BlockSize])
	}
	d.key = d.pad[:]
}

func (d *aesDecrypter) end() error {
	var want [10]byte
	if _, err := io.ReadFull(d.r, want[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if !hmac.Equal(d.mac.Sum(nil)[:len(want)], want[:]) {
		return errSum
	}
	return io.EOF
}

// spellings are the bytes that writers make of a password: UTF-8, and the code pages of DOS and Windows.
func spellings(password string) [][]byte {
	out := [][]byte{[]byte(password)}
	for _, cm := range []*charmap.Charmap{charmap.CodePage850, charmap.Windows1252, charmap.CodePage866, charmap.Windows1251} {
		b, err := cm.NewEncoder().Bytes([]byte(password))
		if err == nil && !bytes.Equal(b, out[0]) {
			out = append(out, b)
		}
	}
	return out
}

// zipExtra finds a field of an entry's extra data.
func zipExtra(extra []byte, id uint16) []byte {
	for len(extra) >= 4 {
		size := int(binary.LittleEndian.Uint16(extra[2:]))
		if len(extra)-4 < size {
			return nil
		}
		if binary.LittleEndian.Uint16(extra) == id {
			return extra[4 : 4+size]
		}
		extra = extra[4+size:]
	}
	return nil
}
