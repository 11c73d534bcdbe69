package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"io"
	"slices"

	"leakwatch/matcher/unpack/child"
)

// crypt deciphers strings and streams under the standard security handler (ISO 32000-1, 7.6, and ISO 32000-2 for AES-256). Most files
// that are encrypted open with the empty password: what they forbid is printing or copying.
type crypt struct {
	key      []byte
	text     method
	data     method
	metadata bool // the metadata is enciphered too
}

// method is how something is enciphered.
type method int8

const (
	clearText method = iota
	byRC4
	byAES    // AES-128, key of each object
	byAES256 // one key for all
)

// padding is what short passwords are filled up with (7.6.3.3).
var padding = []byte("\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a")

// decrypt finds the key of a file that is enciphered.
func (f *file) decrypt(passwords []string) error {
	r := f.trailer["Encrypt"]
	d, ok := f.get(r).(dict)
	if !ok {
		return nil
	}
	if h, _ := f.get(d["Filter"]).(name); h != "Standard" {
		return child.ErrEncrypted
	}
	c := &crypt{metadata: true}
	if b, ok := f.get(d["EncryptMetadata"]).(bool); ok {
		c.metadata = b
	}
	c.text, c.data = f.methods(d)
	for _, p := range slices.Concat([]string{""}, passwords) {
		if c.key = f.keyOf(d, []byte(p), c.metadata); c.key != nil {
			f.crypt = c
			clear(f.cache)
			return nil
		}
	}
	return child.ErrEncrypted
}

// methods says how strings and streams are enciphered.
func (f *file) methods(d dict) (text, data method) {
	if v := f.number(d["V"], 0); v < 4 {
		return byRC4, byRC4
	}
	filters, _ := f.get(d["CF"]).(dict)
	of := func(key name) method {
		n, _ := f.get(d[key]).(name)
		cf, _ := f.get(filters[n]).(dict)
		switch m, _ := f.get(cf["CFM"]).(name); m {
		case "V2":
			return byRC4
		case "AESV2":
			return byAES
		case "AESV3":
			return byAES256
		}
		return clearText
	}
	return of("StrF"), of("StmF")
}

// keyOf is the file's key under a password, or nil when that does not open it.
func (f *file) keyOf(d dict, password []byte, metadata bool) []byte {
	o, _ := f.get(d["O"]).(string)
	u, _ := f.get(d["U"]).(string)
	r := f.number(d["R"], 0)
	if r >= 5 {
		return f.keyOf256(d, password, u, r)
	}
	n := int(f.number(d["Length"], 40) / 8)
	if f.number(d["V"], 0) == 4 {
		n = 16
	}
	if r < 3 || n < 5 || n > 16 {
		n = map[bool]int{true: 5, false: 16}[r < 3]
	}
	if len(o) < 32 || len(u) < 32 {
		return nil
	}
	var id string
	if ids, _ := f.get(f.trailer["ID"]).(array); len(ids) > 0 {
		id, _ = f.get(ids[0]).(string)
	}
	h := md5.New()
	h.Write(append(slices.Clone(password), padding...)[:32])
	h.Write([]byte(o[:32]))
	h.Write(binary.LittleEndian.AppendUint32(nil, uint32(f.number(d["P"], 0))))
	h.Write([]byte(id))
	if r >= 4 && !metadata {
		h.Write([]byte("\xff\xff\xff\xff"))
	}
	key := h.Sum(nil)
	if r >= 3 {
		for range 50 {
			s := md5.Sum(key[:n])
			key = s[:]
		}
	}
	if key = key[:n]; opensWith(key, id, u, r) {
		return key
	}
	return nil
}

// opensWith checks a key (algorithms 4 and 5).
func opensWith(key []byte, id, u string, r int64) bool {
	if r < 3 {
		return string(rc4Of(key, padding)) == u[:32]
	}
	s := md5.Sum(append(slices.Clone(padding), id...))
	b := rc4Of(key, s[:])
	for i := byte(1); i <= 19; i++ {
		k := slices.Clone(key)
		for j := range k {
			k[j] ^= i
		}
		b = rc4Of(k, b)
	}
	return string(b) == u[:16]
}

func rc4Of(key, b []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, len(b))
	c.XORKeyStream(out, b)
	return out
}

// keyOf256 is the key of files with AES-256: it lies in the file, under the password.
func (f *file) keyOf256(d dict, password []byte, u string, r int64) []byte {
	ue, _ := f.get(d["UE"]).(string)
	if len(u) < 48 || len(ue) < 32 {
		return nil
	}
	password = password[:min(len(password), 127)]
	if string(hash256(password, u[32:40], r)) != u[:32] {
		return nil
	}
	block, err := aes.NewCipher(hash256(password, u[40:48], r))
	if err != nil {
		return nil
	}
	key := []byte(ue[:32])
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(key, key)
	return key
}

// hash256 is the hash of a password: SHA-256 of revision 5, or algorithm 2.B of ISO 32000-2.
func hash256(password []byte, salt string, r int64) []byte {
	first := sha256.Sum256(append(slices.Clone(password), salt...))
	k := first[:]
	for i := 0; r >= 6; i++ {
		k1 := bytes.Repeat(slices.Concat(password, k), 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(k1, k1)
		sum := 0
		for _, c := range k1[:16] {
			sum += int(c)
		}
		switch sum % 3 {
		case 0:
			s := sha256.Sum256(k1)
			k = s[:]
		case 1:
			s := sha512.Sum384(k1)
			k = s[:]
		default:
			s := sha512.Sum512(k1)
			k = s[:]
		}
		if i >= 63 && int(k1[len(k1)-1]) <= i-31 {
			break
		}
	}
	return k[:32]
}

// keyFor is the key of one object (algorithm 1).
func (c *crypt) keyFor(m method, id, gen int64) []byte {
	if m == byAES256 {
		return c.key
	}
	k := append(slices.Clone(c.key), byte(id), byte(id>>8), byte(id>>16), byte(gen), byte(gen>>8))
	if m == byAES {
		k = append(k, "sAlT"...)
	}
	s := md5.Sum(k)
	return s[:min(len(c.key)+5, 16)]
}

// strings deciphers the strings in an object.
func (c *crypt) strings(o object, id, gen int64, depth int) object {
	if c.text == clearText || depth > deepest {
		return o
	}
	switch o := o.(type) {
	case string:
		if c.text == byRC4 {
			return string(rc4Of(c.keyFor(byRC4, id, gen), []byte(o)))
		}
		b, _ := io.ReadAll(c.cbc(c.text, bytes.NewReader([]byte(o)), id, gen))
		return string(b)
	case array:
		for i := range o {
			o[i] = c.strings(o[i], id, gen, depth+1)
		}
	case dict:
		for k := range o {
			o[k] = c.strings(o[k], id, gen, depth+1)
		}
	case stream:
		c.strings(o.dict, id, gen, depth+1)
	}
	return o
}

// stream deciphers a stream's data.
func (c *crypt) stream(s stream, r io.Reader) io.Reader {
	t, _ := s.dict["Type"].(name)
	if c.data == clearText || t == "XRef" || t == "Metadata" && !c.metadata {
		return r
	}
	if c.data != byRC4 {
		return c.cbc(c.data, r, s.id, s.gen)
	}
	z, err := rc4.NewCipher(c.keyFor(byRC4, s.id, s.gen))
	if err != nil {
		return r
	}
	return cipher.StreamReader{S: z, R: r}
}

// cbc deciphers AES with its padding.
func (c *crypt) cbc(m method, r io.Reader, id, gen int64) io.Reader {
	block, err := aes.NewCipher(c.keyFor(m, id, gen))
	if err != nil {
		return r
	}
	return &cbcReader{r: r, block: block}
}
