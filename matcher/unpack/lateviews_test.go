package unpack_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// TestLateEncodings reads quoted-printable and uuencode that begin far behind the first bytes, however the text is cut.
func TestLateEncodings(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("nothing to be seen here, walk on please\n", 3000)
	for name, c := range map[string]struct{ text, want string }{
		"soft break":      {"Potilas 13105=\n2-308T, soita\n", "Potilas 131052-308T"},
		"soft break, cr":  {"Potilas 13105=\r\n2-308T, soita\n", "Potilas 131052-308T"},
		"letters":         {"Potilas =31=33=31=30=35=32-308T, soita\n", "Potilas 131052-308T"},
		"uuencode":        {"\nbegin 644 a.txt\n+,3,Q,#4R+3,P.%0\n`\nend\n", "131052-308T"},
		"within the last": {"13105=\n2-308T", "131052-308T"},
	} {
		for shift := range 70 {
			doc := strings.Repeat("-", shift) + "\n" + long + c.text
			r := &recorder{}
			if shift > 0 {
				rnd := rand.New(rand.NewPCG(uint64(shift), 1))
				r.read = func() int { return 64 + rnd.IntN(200) }
			}
			rep, err := unpack.Walk(t.Context(), unpack.Input{Reader: strings.NewReader(doc), Place: place(t, "x")}, unpack.Limits{}, r.sink())
			if _, ok := r.find(c.want); !ok || err != nil || rep.Completeness != leak.Whole {
				t.Errorf("%s, %d: %v %v %+v", name, shift, ok, err, rep)
			}
		}
	}
}
