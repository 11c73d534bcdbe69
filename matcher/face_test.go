package matcher_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// TestNothingExportedGivesAValue walks the exported face: what it gives may be counts, hashes, ids and words of ours, but
// no string or bytes that could be an identifier, save where the list below says why.
func TestNothingExportedGivesAValue(t *testing.T) {
	t.Parallel()
	allowed := map[string]string{
		"Hasher.KCV":          "a check value of a key",
		"BadIdentifier.Error": "a kind and a fixed word",
		"Reading.Drain":       "tokens, handles, and fixed words with counts",
		"Matcher.Checks":      "check values of keys",
	}
	for _, face := range []reflect.Type{reflect.TypeFor[*matcher.Matcher](), reflect.TypeFor[*matcher.Reading](), reflect.TypeFor[*matcher.Hasher](),
		reflect.TypeFor[*matcher.BadIdentifier]()} {
		for i := range face.NumMethod() {
			m := face.Method(i)
			id := face.Elem().Name() + "." + m.Name
			for j := range m.Type.NumOut() {
				if out := m.Type.Out(j); spills(out) && allowed[id] == "" {
					t.Errorf("%s gives a %s", id, out)
				}
			}
		}
		for i := range face.Elem().NumField() {
			f := face.Elem().Field(i)
			if f.IsExported() && face.Elem() != reflect.TypeFor[matcher.BadIdentifier]() {
				t.Errorf("%s.%s is exported", face.Elem().Name(), f.Name)
			}
		}
	}
	if spills(reflect.TypeFor[leak.Match]()) || spills(reflect.TypeFor[leak.Tally]()) {
		t.Error("a match or a tally has room for a value")
	}
}

// spills says whether a type has a string or bytes of any length in it that is not a word of leak's own.
func spills(t reflect.Type) bool {
	switch {
	case t == reflect.TypeFor[leak.Kind]() || t == reflect.TypeFor[leak.Person]() || t == reflect.TypeFor[leak.Place]() || t == reflect.TypeFor[leak.Tag]():
		return false // handles, and places, which show their shown form
	case t == reflect.TypeFor[leak.Token]() || t == reflect.TypeFor[error]():
		return false // ids of keys; errors are looked at below
	}
	switch t.Kind() {
	case reflect.String:
		return true
	case reflect.Slice, reflect.Pointer:
		return t.Elem().Kind() == reflect.Uint8 || spills(t.Elem())
	case reflect.Map:
		return t.Key().Kind() != reflect.String || spills(t.Elem()) // keys are kinds or ids of clinics
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() && spills(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// TestAPatientNeverShows plants a patient, and prints everything that the package gives in every way that there is.
func TestAPatientNeverShows(t *testing.T) {
	t.Parallel()
	secrets := map[leak.Kind]string{leak.FIHetu: "131052-308T", leak.Email: "tessa.testinen@example.com", leak.Phone: "+358401234567", leak.MRN: "clinic/SALAINEN77"}
	k := setup(t, realRing, matcher.Options{})
	pk, err := leak.NewPlaceKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for kind, v := range secrets {
		k.register("clinic-a", ref(1), kind, v)
		_, err := matcher.NewHasher(realRing, "").T1(kind, v+"x x")
		_, err2 := k.Tokens(kind, v+"\x00@")
		fmt.Fprintln(&all, err, err2)
	}
	k.name("clinic-a", ref(1), "Tessa", "Testinen")
	place := pk.Place("https://example.com/", "https://example.com/Testinen_Tessa_131052-308T.txt")
	body := "131052-308T tessa.testinen@example.com 0401234567 salainen77"
	r := k.read(leak.Text{Place: place, Reader: strings.NewReader(body)}, leak.Text{Place: place, Reader: strings.NewReader(place.Reveal()), Name: true})
	fmt.Fprintf(&all, "%v %+v %#v %s", r.matches, r.matches, r.matches, r.cut)
	fmt.Fprintf(&all, "%v %+v %v", r.tally, r.seen, r.tokens)
	for _, v := range []any{r.matches, r.tally, r.seen, r.tokens} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	if len(r.matches) < 4 {
		t.Fatalf("%d matches", len(r.matches))
	}
	for _, secret := range []string{"131052", "308T", "testinen", "401234567", "salainen"} {
		if strings.Contains(strings.ToLower(all.String()), strings.ToLower(secret)) {
			t.Errorf("%q shows", secret)
		}
	}
}

// TestNothingPrints: the package has no logger and prints nothing.
func TestNothingPrints(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	ok := "bytes cmp context crypto/aes crypto/cipher crypto/hmac crypto/rand crypto/sha256 encoding encoding/base32 encoding/binary encoding/hex errors fmt hash " +
		"hash/maphash io iter maps math math/bits regexp regexp/syntax runtime runtime/debug slices sort strings sync sync/atomic syscall time unicode unicode/utf8 unsafe leakwatch/leak " +
		"golang.org/x/net/idna golang.org/x/sys/cpu golang.org/x/text/unicode/norm"
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if name == "sealed.go" && i.Path.Value == `"os"` { // the one file that makes a file
				continue
			}
			if !strings.Contains(" "+ok+" ", " "+strings.Trim(i.Path.Value, `"`)+" ") {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}

// TestALongTextNeedsNoMoreMemory reads a long text, with something to fold in every chunk.
func TestALongTextNeedsNoMoreMemory(t *testing.T) {
	if matcher.RaceDetector {
		t.Skip("the race detector allocates")
	}
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.FIHetu, "131052-308T")
	line := bytes.Repeat([]byte("jotain tekstiä – 131052-308T, 12.5.2020 ja muuta "), 20)
	read := func(n int64) {
		r := k.Begin(nil)
		if err := r.Text(context.Background(), leak.Text{Reader: &repeat{b: line, n: n}}); err != nil {
			t.Fatal(err)
		}
		r.Finish()
	}
	read(4 << 20)
	short := testing.AllocsPerRun(3, func() { read(4 << 20) })
	long := testing.AllocsPerRun(1, func() { read(32 << 20) })
	if long > short+50 {
		t.Errorf("%.0f allocations for 4 MiB, %.0f for 32 MiB", short, long)
	}
}

// repeat gives the same bytes over and over.
type repeat struct {
	b []byte
	n int64
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n+len(r.b) <= len(p) {
		n += copy(p[n:], r.b)
	}
	if n == 0 {
		n = copy(p, r.b)
	}
	r.n -= int64(n)
	return n, nil
}
