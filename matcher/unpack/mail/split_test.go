package mail_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/mail"
)

// crowd is a mail with so many boundaries that no tree is made of them, and something before, between and behind.
func crowd(parts ...string) []byte {
	const some = "--b\n\nx\n"
	return []byte("From: a@example.com\nSubject: =?utf-8?q?Meik=C3=A4l=C3=A4inen?=\nMIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=b\n\nbefore\n" +
		strings.Repeat(some, 5_000) + strings.Join(parts, "") + strings.Repeat(some, 70_000) + "--b--\nafter")
}

func TestACrowdOfParts(t *testing.T) {
	t.Parallel()
	r := extract(t, crowd(
		"--b\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.bin\n\n"+base64.StdEncoding.EncodeToString([]byte("packed 131052-308T"))+"\n",
		"--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n13=\n1052-308T=21\n",
		"--b\nContent-Type: multipart/alternative; boundary=\"inner one\"\n\n--inner one\nContent-Type: message/rfc822\n\nSubject: y\n\nz\n--inner one--\nbetween\n",
		"--b\nno header\n--b\n--b\nX-Id: 131052-\n 308T\n\n"+strings.Repeat("long ", 50_000)+"\n",
		"--b\nContent-Transfer-Encoding: base64\n\nAAAAA\n"))
	var got []string
	for _, m := range r.Members {
		got = append(got, m.Entry.Name+": "+m.Body)
	}
	want := []string{"a.bin: packed 131052-308T", "body.html: 131052-308T!\n", "message.eml: Subject: y\n\nz\n", "part: \x00\x00\x00"}
	if d := cmp.Diff(want, got); d != "" || r.Outcome != child.Whole || r.Notes[child.DamagedParts] != 1 {
		t.Error(r.Outcome, r.Notes, d)
	}
	all := strings.Join(r.Texts, "|")
	for _, s := range []string{"From: a@example.com\n", "Subject: Meikäläinen\n", "before\n", "between\n", "no header\n", "X-Id: 131052- 308T\n", "long long", "after"} {
		if !strings.Contains(all, s) {
			t.Errorf("%q is missing", s)
		}
	}
	if d := cmp.Diff([]string{"Meikäläinen"}, r.Names); d != "" || strings.Count(all, "x\n") != 75_000 {
		t.Error(d, strings.Count(all, "x\n"))
	}
}

func FuzzCrowd(f *testing.F) {
	f.Add([]byte("--b\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\nx: y\n z\n\n--b\n"))
	f.Add([]byte(letter()))
	begin := []byte("From: a\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\n\n", 4_001))
	f.Fuzz(func(t *testing.T, b []byte) {
		doc := append(bytes.Clone(begin), b...)
		if r := child.Run(t.Context(), mail.Extract, child.Document{Size: int64(len(doc))}, bytes.NewReader(doc), 64<<20); r.Outcome == child.Panicked {
			t.Fatal("panicked")
		}
	})
}
