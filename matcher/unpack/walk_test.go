package unpack_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

func TestContainers(t *testing.T) {
	t.Parallel()
	body := tarOf(t, file{"a/matti.txt", notes}, file{"b/liisa.txt", records(2000)})
	nested := zipOf(t, file{"outer.tar.gz", string(gzipOf(t, body))}, file{"readme.txt", "read me"})
	for _, c := range []struct {
		name, shape string
		doc         []byte
	}{
		{"n.txt", "txt", []byte(notes)},
		{"d.tar", "tar/txt", body},
		{"d.tar.gz", "gz/tar/txt", gzipOf(t, body)},
		{"d.zip", "zip/gz/tar/txt", nested},
		{"d.json", "json/base64", []byte(`{"data":"` + base64.StdEncoding.EncodeToString(body) + `"}`)},
		{"e.txt", "txt/base64", []byte(hex.EncodeToString([]byte(records(100))))},
	} {
		r, rep := walk(t, c.name, c.doc, unpack.Limits{})
		if rep.Shape != c.shape || rep.Completeness != leak.Whole {
			t.Errorf("%s: shape %q, %s %q; want %q, whole", c.name, rep.Shape, rep.Completeness, rep.Reasons, c.shape)
		}
		if _, ok := r.find("131052-308T"); !ok {
			t.Errorf("%s: identifier not found in %d texts", c.name, len(r.texts))
		}
		if strings.Contains(c.shape, "tar") && !strings.Contains(strings.Join(r.names(), "|"), "a/matti.txt") {
			t.Errorf("%s: names %q", c.name, r.names())
		}
	}
}
