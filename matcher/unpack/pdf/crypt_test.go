package pdf_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"leakwatch/matcher/unpack/child"
)

const pad = "\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a"

func rc4Of(key []byte, s string) string {
	c, _ := rc4.NewCipher(key)
	out := []byte(s)
	c.XORKeyStream(out, out)
	return string(out)
}

func hexOf(s string) string { return fmt.Sprintf("<%x>", s) }

// cbc enciphers as PDF does: with the vector before, and padding after.
func cbc(key []byte, s string) string {
	block, _ := aes.NewCipher(key)
	n := 16 - len(s)%16
	b := append([]byte(s), bytes.Repeat([]byte{byte(n)}, n)...)
	iv := []byte("0123456789abcdef")
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(b, b)
	return string(iv) + string(b)
}

// sealed is a document whose contents and one string were enciphered by f, which is given an object's number.
func sealed(dict string, f func(id byte, s string) string) []byte {
	o := append([]string{}, page...)
	o[3] = stream("", f(4, shown("131052-308T")))
	o = append(o, "<</Author "+hexOf(f(6, "Maija Mallikas"))+">>", dict)
	b := document(o...)
	return bytes.Replace(b, []byte("/Root 1 0 R"), []byte("/Root 1 0 R/Encrypt 7 0 R/ID[<41>]"), 1)
}

func objectKey(key []byte, id byte, salt string) []byte {
	h := md5.Sum([]byte(string(key) + string([]byte{id, 0, 0, 0, 0}) + salt))
	return h[:min(len(key)+5, 16)]
}

func oldKey(password string, n, rounds int) []byte {
	h := md5.Sum([]byte((password + pad)[:32] + strings.Repeat("O", 32) + "\xfc\xff\xff\xff" + "A"))
	key := h[:]
	for range rounds {
		h = md5.Sum(key[:n])
		key = h[:]
	}
	return key[:n]
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	owner := hexOf(strings.Repeat("O", 32))
	for _, password := range []string{"", "let me in"} {
		k := oldKey(password, 5, 0)
		docs := map[string][]byte{"RC4 of 40 bits": sealed("<</Filter/Standard/V 1/R 2/P -4/O "+owner+"/U "+hexOf(rc4Of(k, pad))+">>",
			func(id byte, s string) string { return rc4Of(objectKey(k, id, ""), s) })}
		k4 := oldKey(password, 16, 50)
		h := md5.Sum([]byte(pad + "A"))
		u := rc4Of(k4, string(h[:]))
		for i := byte(1); i <= 19; i++ {
			x := bytes.Clone(k4)
			for j := range x {
				x[j] ^= i
			}
			u = rc4Of(x, u)
		}
		docs["RC4 of 128 bits"] = sealed("<</Filter/Standard/V 2/R 3/Length 128/P -4/O "+owner+"/U "+hexOf(u+strings.Repeat("\x00", 16))+">>",
			func(id byte, s string) string { return rc4Of(objectKey(k4, id, ""), s) })
		docs["AES of 128 bits"] = sealed("<</Filter/Standard/V 4/R 4/Length 128/P -4/CF<</StdCF<</CFM/AESV2>>>>/StmF/StdCF/StrF/StdCF/O "+owner+"/U "+
			hexOf(u+strings.Repeat("\x00", 16))+">>", func(id byte, s string) string { return cbc(objectKey(k4, id, "sAlT"), s) })
		key := strings.Repeat("K", 32)
		block, _ := aes.NewCipher(hash2B(password, "keysalt8"))
		ue := []byte(key)
		cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(ue, ue)
		docs["AES of 256 bits"] = sealed("<</Filter/Standard/V 5/R 6/Length 256/P -4/CF<</StdCF<</CFM/AESV3>>>>/StmF/StdCF/StrF/StdCF/O "+owner+"/U "+
			hexOf(string(hash2B(password, "validity"))+"validity"+"keysalt8")+"/UE "+hexOf(string(ue))+">>",
			func(_ byte, s string) string { return cbc([]byte(key), s) })
		for name, b := range docs {
			r := extract(t, b, "wrong", "let me in")
			if all := strings.Join(r.Texts, "|"); !strings.Contains(all, "131052-308T") || !strings.Contains(all, "Maija Mallikas") || r.Outcome != child.Whole {
				t.Errorf("%s with %q: %s %q", name, password, r.Outcome, all)
			}
			if r := extract(t, b, "wrong"); password != "" && r.Outcome != child.Encrypted {
				t.Errorf("%s: %s", name, r.Outcome)
			}
		}
	}
	r := extract(t, sealed("<</Filter/Other>>", func(_ byte, s string) string { return s }))
	if r.Outcome != child.Encrypted {
		t.Error(r.Outcome)
	}
}

// hash2B is algorithm 2.B of ISO 32000-2, written from its words.
func hash2B(password, salt string) []byte {
	first := sha256.Sum256([]byte(password + salt))
	k := first[:]
	for round := 0; ; round++ {
		k1 := []byte(strings.Repeat(password+string(k), 64))
		block, _ := aes.NewCipher(k[:16])
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(k1, k1)
		switch new(big.Int).Mod(new(big.Int).SetBytes(k1[:16]), big.NewInt(3)).Int64() {
		case 0:
			h := sha256.Sum256(k1)
			k = h[:]
		case 1:
			h := sha512.Sum384(k1)
			k = h[:]
		default:
			h := sha512.Sum512(k1)
			k = h[:]
		}
		// Rounds are counted from 1 where the last byte decides, which is from the 64th on: so all readers have it.
		if round >= 63 && int(k1[len(k1)-1]) <= round-31 {
			return k[:32]
		}
	}
}
