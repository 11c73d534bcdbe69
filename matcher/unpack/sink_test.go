package unpack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

func TestTheSinkMayStopEarlyOrFail(t *testing.T) {
	t.Parallel()
	doc := tarOf(t, file{"a.txt", records(9000)}, file{"b.txt", wrapped(records(500), 76, "\n")}, file{"c.txt", notes})
	var members []leak.Member
	texts := 0
	_, err := unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(doc), Place: place(t, "d.tar")}, unpack.Limits{},
		unpack.Sink{Text: func(x leak.Text) error {
			texts++
			_, _ = x.Reader.Read(make([]byte, 10))
			return nil
		}, Member: func(m leak.Member) error { members = append(members, m); return nil }})
	if err != nil || texts != 7 || len(members) != 3 || members[0].SHA256 != sum(records(9000)) || members[2].SHA256 != sum(notes) {
		t.Errorf("err %v, %d texts, %d members", err, texts, len(members))
	}
	boom := errors.New("boom")
	for n := 1; n <= 7; n++ {
		i := 0
		_, err := unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(doc), Place: place(t, "d.tar")}, unpack.Limits{},
			unpack.Sink{Text: func(x leak.Text) error {
				if i++; i == n {
					return boom
				}
				_, err := io.Copy(io.Discard, x.Reader)
				return err
			}})
		if !errors.Is(err, boom) {
			t.Errorf("fails at text %d: err %v", n, err)
		}
	}
}

func TestAFailingReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	for name, doc := range map[string][]byte{
		"a.txt": []byte(records(3000)), "a.tar.gz": gzipOf(t, tarOf(t, file{"a", string(random(1, 1<<20))})), "a.zip": zipOf(t, file{"a", records(9000)}),
		"b.txt": []byte(wrapped(records(3000), 76, "\n")),
	} {
		r := &recorder{}
		rep, err := unpack.Walk(context.Background(), unpack.Input{Place: place(t, name),
			Reader: io.MultiReader(bytes.NewReader(doc[:len(doc)/2]), failing{broken})}, unpack.Limits{}, r.sink())
		var read *unpack.ReadError
		if !errors.As(err, &read) || !errors.Is(err, broken) {
			t.Errorf("%s: err %v", name, err)
		}
		if rep.BytesIn != int64(len(doc)/2) || !has(rep, "read: failed, rest left") {
			t.Errorf("%s: %+v", name, rep)
		}
		if _, ok := r.find(markers[0]); !ok && name != "a.tar.gz" && name != "a.zip" {
			t.Errorf("%s: what came before the failure was not read", name)
		}
	}
}

func TestNothingIsGivenAway(t *testing.T) {
	t.Parallel()
	for name, doc := range corpus(t) {
		lost := &fs.PathError{Op: "read", Path: "/media/matti.meikalainen.txt", Err: io.ErrClosedPipe}
		for _, in := range []io.Reader{bytes.NewReader(doc), io.MultiReader(bytes.NewReader(doc[:len(doc)/2]), failing{lost})} {
			r := &recorder{}
			rep, err := unpack.Walk(context.Background(), unpack.Input{Reader: in, Place: place(t, "matti.meikalainen@example.com.txt"),
				MediaType: "image/matti", Charset: "matti"}, unpack.Limits{MaxDepth: 1, MaxBytes: 1 << 20}, r.sink())
			said := fmt.Sprintf("%v %+v %#v %v", err, rep, rep, r.members)
			for _, secret := range append(markers, "matti", "Meikäläinen", "m.txt", password) {
				if strings.Contains(said, secret) {
					t.Errorf("%s: %q is in %s", name, secret, said)
				}
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestTemporaryFilesAreSealedAndGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := strings.Repeat("PLANTED-131052-308T ", 50)
	var files []file
	for i := range 200 {
		files = append(files, file{fmt.Sprintf("m%d", i), secret + string(random(uint64(i), 60_000))})
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, _ := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store})
		_, _ = io.WriteString(e, f.body)
	}
	_ = w.Close()
	seen, sealed := 0, 0
	look := func() {
		for _, f := range openFiles(t, dir) {
			sealed++
			if bytes.Contains(f, []byte("PLANTED")) || bytes.Contains(f, []byte("PK\x03\x04")) {
				t.Error("the temporary file is not sealed")
			}
		}
	}
	walkIt := func(stop bool) (err error) {
		defer func() {
			if v := recover(); v != nil && stop {
				err = fmt.Errorf("%v", v)
			}
		}()
		_, err = unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(b.Bytes()), Place: place(t, "d.zip"), Temp: dir},
			unpack.Limits{}, unpack.Sink{Text: func(x leak.Text) error {
				text, err := io.ReadAll(x.Reader)
				if bytes.Contains(text, []byte(secret)) {
					seen++
				}
				if seen == 5 {
					look()
				}
				if stop && seen == 5 {
					panic("stop here")
				}
				return err
			}})
		return err
	}
	if err := walkIt(false); err != nil || seen != 200 {
		t.Errorf("err %v, %d members", err, seen)
	}
	seen = 0
	if err := walkIt(true); err == nil {
		t.Error("a panic of the sink was swallowed")
	}
	if sealed == 0 {
		t.Log("temporary files cannot be seen on this system")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d temporary files left", len(left))
	}
}

// openFiles gives the contents of temporary files, by the process's own descriptors where they have no name.
func openFiles(t *testing.T, dir string) (out [][]byte) {
	t.Helper()
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		if to, _ := os.Readlink("/proc/self/fd/" + fd.Name()); strings.HasPrefix(to, dir) {
			if b, err := os.ReadFile("/proc/self/fd/" + fd.Name()); err == nil {
				out = append(out, b)
			}
		}
	}
	return out
}
