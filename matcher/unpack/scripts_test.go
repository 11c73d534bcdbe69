package unpack_test

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"leakwatch/matcher/unpack"
)

// TestEncodedTextOfOtherScripts is read as any other, also where the word on the next line looks like a part of it.
func TestEncodedTextOfOtherScripts(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"the client said that sleep is better, 010594Y9032, and some more words", "клиентка рассказала что сон стал лучше, 010594Y9032, и ещё немного слов", "η πελάτισσα είπε ότι ο ύπνος είναι καλύτερος 010594Y9032", "昨夜 眠 患者 仕事 来週 会 相談 静 家族 話 薬 良 010594Y9032",
		"lääkityksestä töissä syksyllä miten, 010594Y9032, lääkityksestä ää öö ää öö ää öö"} {
		for len(s)%3 != 0 { // without padding, which would end it
			s += "."
		}
		for name, e := range map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(s)), "hex": hex.EncodeToString([]byte(s)), "base32": base32.StdEncoding.EncodeToString([]byte(s))} {
			for _, next := range []string{"", "\nname: x\n", "\norganizationalUnitName: x\n"} {
				r, rep := walk(t, "a.txt", []byte("note: "+e+next), unpack.Limits{})
				if _, ok := r.find("010594Y9032"); !ok {
					t.Errorf("%.20s %s, next line %q: %s %q", s, name, next, rep.Completeness, rep.Reasons)
				}
			}
		}
	}
}

// TestEncodedLineBehindAnother: lines that look alike need not be one run, however many there are.
func TestEncodedLineBehindAnother(t *testing.T) {
	t.Parallel()
	hash := func(i int) string {
		sum := sha256.Sum256([]byte{byte(i)})
		return hex.EncodeToString(sum[:]) + "\n"
	}
	inHex := hex.EncodeToString([]byte("the client, 010594Y9032, here...")) + "\n"
	in64 := base64.StdEncoding.EncodeToString([]byte("the client, 010594Y9032, was here today, and he slept")) + "\n"
	in64 = in64[:64] + "\n"
	var mixed strings.Builder
	for i := range 400 {
		mixed.WriteString(hash(i))
		if i == 300 {
			mixed.WriteString(in64)
		}
	}
	for name, doc := range map[string]string{"hex": hash(1) + inHex, "base64": hash(1) + in64, "between": hash(1) + in64 + hash(2), "hex between": hash(1) + inHex + hash(2) + hash(3),
		"two": hash(1) + in64 + hash(2) + inHex, "among many": mixed.String()} {
		r, rep := walk(t, "a.txt", []byte(doc), unpack.Limits{})
		if _, ok := r.find("010594Y9032"); !ok {
			t.Errorf("%s: %s %q", name, rep.Completeness, rep.Reasons)
		}
	}
}
