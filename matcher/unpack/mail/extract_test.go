package mail_test

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/mail"
)

func extract(t testing.TB, b []byte) *child.Record {
	t.Helper()
	return child.Run(t.Context(), mail.Extract, child.Document{Size: int64(len(b))}, bytes.NewReader(b), 64<<20)
}

// letter is a mail with everything in it.
func letter() string {
	return strings.ReplaceAll(`From: =?utf-8?q?Maija_Meik=C3=A4l=C3=A4inen?= <maija@example.com>
To: matti.meikalainen@example.com
Subject: =?iso-8859-1?B?`+base64.StdEncoding.EncodeToString([]byte("Potilas Matti Meik\xe4l\xe4inen"))+`?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

before
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Potilas Meik=E4l=E4inen, 13=
1052-308T
--inner
Content-Type: text/html; charset=utf-8

<p>131052<b>-308T</b></p>
--inner--
--outer
Content-Type: application/octet-stream
Content-Disposition: attachment; filename*=utf-8''Meik%C3%A4l%C3%A4inen.zip
Content-Transfer-Encoding: base64

`+base64.StdEncoding.EncodeToString([]byte("PK\x03\x04 packed"))+`
--outer
Content-Type: message/rfc822

Subject: inside
From: x@example.com

a mail in the mail
--outer--
after
`, "\n", "\r\n")
}

func TestMail(t *testing.T) {
	t.Parallel()
	r := extract(t, []byte(letter()))
	all := strings.Join(r.Texts, "|")
	for _, s := range []string{"From: Maija Meikäläinen <maija@example.com>", "Subject: Potilas Matti Meikäläinen", "Potilas Meikäläinen, 131052-308T", "after"} {
		if !strings.Contains(all, s) {
			t.Errorf("%q is not in %q", s, all)
		}
	}
	if d := cmp.Diff([]string{"Potilas Matti Meikäläinen"}, r.Names); d != "" {
		t.Error(d)
	}
	var got []string
	for _, m := range r.Members {
		got = append(got, m.Entry.Name+": "+strings.TrimSpace(m.Body))
	}
	want := []string{"body.html: <p>131052<b>-308T</b></p>", "Meikäläinen.zip: PK\x03\x04 packed",
		"message.eml: Subject: inside\r\nFrom: x@example.com\r\n\r\na mail in the mail"}
	if d := cmp.Diff(want, got); d != "" || r.Outcome != child.Whole {
		t.Error(r.Outcome, d)
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]string{
		"bad header line":   "From: a@example.com\r\nthis is no header\r\nSubject: x\r\n\r\n131052-308T",
		"8-bit header":      "From: a@example.com\r\nSubject: Meik\xe4l\xe4inen 131052-308T\r\n\r\nx",
		"no charset":        "From: a@example.com\r\nContent-Type: text/plain\r\n\r\nMeik\xe4l\xe4inen 131052-308T",
		"unknown charset":   "From: a@example.com\r\nContent-Type: text/plain; charset=x-none\r\n\r\n131052-308T",
		"broken base64":     "From: a@example.com\r\nContent-Transfer-Encoding: base64\r\n\r\nUG90aWxhcyAxMzEwNTItMzA4VA\r\n=!",
		"no boundary":       "From: a@example.com\r\nContent-Type: multipart/mixed\r\n\r\n131052-308T",
		"no closing":        "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n131052-308T\r\n",
		"content type lies": "From: a@example.com\r\nContent-Type: text/plain; charset=\r\n\r\n131052-308T",
	} {
		r := extract(t, []byte(m))
		all := strings.Join(r.Texts, "|")
		for _, m := range r.Members {
			all += m.Body
		}
		if !strings.Contains(all, "131052-308T") {
			t.Errorf("%s: %s %q", name, r.Outcome, all)
		}
	}
}

// TestLostParts says so when a part could not be decoded.
func TestLostParts(t *testing.T) {
	t.Parallel()
	const begin = "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	for s, lost := range map[string]int64{"UG90aWxhcyAxMzEwNTItMzA4VA": 0, "UG90aWxhcyAxMzEwNTItMzA4VAAAA": 1} {
		if r := extract(t, []byte(begin+s+"\r\n--b--\r\n")); r.Notes[child.DamagedParts] != lost || r.Outcome != child.Whole {
			t.Errorf("%s: %s %v", s, r.Outcome, r.Notes)
		}
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"b", "b%d"} {
		var deep strings.Builder
		for i := range 2000 {
			b := strings.ReplaceAll(name, "%d", strconv.Itoa(i))
			deep.WriteString("Content-Type: multipart/mixed; Boundary=" + b + "\r\n\r\n--" + b + "\r\n")
		}
		r := extract(t, []byte(deep.String()+"\r\n131052-308T\r\n"))
		if r.Outcome != child.Whole || !strings.Contains(strings.Join(r.Texts, ""), "131052-308T") {
			t.Errorf("deep, %s: %s", name, r.Outcome)
		}
	}
	many := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", mostParts)
	if r := extract(t, []byte(many)); r.Outcome != child.Whole || strings.Count(strings.Join(r.Texts, ""), "x\r\n") != mostParts {
		t.Error(r.Outcome)
	}
	many = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: text/html\r\n\r\nx\r\n", mostParts)
	if r := extract(t, []byte(many)); r.Outcome != child.Bounded || len(r.Members) != mostParts-1 {
		t.Error(r.Outcome, len(r.Members))
	}
}

const mostParts = 10_001

func FuzzExtract(f *testing.F) {
	f.Add([]byte(letter()))
	f.Add([]byte("From: a\nContent-Type: text/plain; charset=utf-7\n\n+AGE-"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := extract(t, b); r.Outcome == child.Panicked {
			t.Log("the library panicked, and was caught")
		}
	})
}
