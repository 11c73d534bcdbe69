package unpack_test

import (
	"strings"
	"testing"

	"leakwatch/matcher/unpack"
)

func TestViews(t *testing.T) {
	t.Parallel()
	const hetu, mail = "131052-308T", "matti.meikalainen@example.com"
	for _, c := range []struct{ name, doc, want, at string }{
		{"tag in a number", `<p class="x">Hetu: 131052-<b style='a>b'>308T</b></p>`, hetu, "131052"},
		{"entity", `<td>131052&#45;308T</td>`, hetu, "131052"},
		{"entity hex", `x 131052&#x2D;308T y`, hetu, "131052"},
		{"entity without its end", `x 131052&#45308T y &#45 131052&#45x`, "131052-x", "131052&#45x"},
		{"entity of Windows", `131052&#45;308T &#150; M&#xe4;ki &#138;`, hetu + " – Mäki Š", "131052"},
		{"named", `matti.meikalainen&commat;example.com`, mail, "matti"},
		{"twice", `x 131052&amp;#45;308T y`, hetu, "131052"},
		{"nbsp", `x 131052&nbsp;308T`, "131052\u00a0308T", "131052"},
		{"br", `x 131052-<br/>308T`, "131052-\n308T", "131052"},
		{"cells", "<tr><td>Matti</td>\n<td class='a'>Meik&auml;l&auml;inen</td><td>13.10.1952</td></tr>", "\tMatti\t\n\tMeikäläinen\t\t13.10.1952\t\n", ""},
		{"attribute", `<a title="131052&#45;308T">`, hetu, "131052"},
		{"long attribute", `<a data-x="` + strings.Repeat(`{&quot;a&quot;:1} `, 900) + `131052&#45;308T">`, hetu, "131052"},
		{"cdata", `<n><![CDATA[131052-]]></n><n>1<![CDATA[31052-308T]]></n>`, hetu, "1<!"},
		{"comment", `<!-- <i>131052</i>-308T -->`, hetu, "131052"},
		{"comment in a number", `<p>131052<!-- x > y -->-308T</p>`, hetu, "131052"},
		{"comments in a number", `<p>13<!---->10<!--a--><!-- <b>&#49;</b> -->52<!-- ` + strings.Repeat("long ", 30_000) + ` -->-308T</p>`, hetu, "13<!"},
		{"comment without an end", `<p>1<!-- 131052&#45;308T`, hetu, "131052"},
		{"after comments", strings.Repeat(`<!-- &lt; --> <b>x</b> `, 9000) + `131052<!-- x -->-308T`, hetu, "131052"},
		{"in a second comment", `<!-- a &lt; --> text <!-- <i>131052</i>-308T -->`, hetu, "131052"},
		{"attribute beyond all limits", `<a data-x="` + strings.Repeat(`long `, 30_000) + `131052&#45;308T">`, hetu, "131052"},
		{"in json", `{"h":"<td>131052-<b>308T<\/b><\/td>"}`, hetu, "131052"},
		{"json in json of html", `{"h":"{\"a\":\"131052\\u003cb\\u003e-308T\"}"}`, hetu, "131052"},
		{"in sql", `INSERT INTO n VALUES ('<td>131052-<b>308T</b>\r\n');`, hetu, "131052"},
		{"percent", `GET /x?mail=matti.meikalainen%40example.com&n=Matti+Meik%C3%A4l%C3%A4inen HTTP/1.1`, mail, "matti"},
		{"percent name", `GET /x?a=%20&n=Matti+Meik%C3%A4l%C3%A4inen HTTP/1.1`, "Matti Meikäläinen", ""},
		{"percent latin", `?n=Meik%E4l%E4inen`, "Meikäläinen", ""},
		{"percent u", `?n=Meik%u00e4l%u00E4inen`, "Meikäläinen", ""},
		{"percent twice", `?m=matti.meikalainen%2540example.com`, mail, "matti"},
		{"javascript", `"Meik\u{e4}l\xe4inen 131052\x2d308T"`, "Meikäläinen " + hetu, "131052"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\nMeik=E4l=C3=A4inen 1310=\r\n52=2D308T =\n", hetu, "1310="},
		{"quoted-printable name", "Meik=E4l=\n=E4inen 1310=\n52=2D308T =\n", "Meikäläinen", ""},
	} {
		r, rep := walk(t, "x", []byte(c.doc), unpack.Limits{})
		ok := false
		for _, g := range r.texts {
			if strings.Contains(g.text, c.want) {
				ok = ok || c.at == "" || len(g.marks) > 0 && g.marks[len(g.marks)-1] == int64(strings.Index(c.doc, c.at)) || c.want != hetu && c.want != mail
			}
		}
		if !ok || len(rep.Reasons) > 0 {
			t.Errorf("%s: %q not found in %+v %q", c.name, c.want, r.texts, rep.Reasons)
		}
	}
}

// TestEscapesTooDeep says so when something was escaped more often than it is resolved, and does not when it was not.
func TestEscapesTooDeep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		doc  string
		deep bool
	}{
		{`x %25252531%25252533%25252531052-308T`, true}, {`&amp;amp;amp;amp;#49;31052-308T`, true}, {`a \\\\\\\\u0031\\\\\\\\u0033\\\\\\\\u0031052-308T`, true},
		{strings.Repeat("%2541 ", 20_000) + `%25252531%25252533%25252531052-308T`, true}, {`x &amp;#37;3131052-308T`, true},
		{`%2531%2533%2531052-308T`, false}, {`&amp;amp;lt;b&amp;amp;gt;`, false}, {`{"a":"{\"b\":\"C:\\\\\\\\new\\\\\\\\x\\\\\\\\u00e4 %2520 &amp;amp;nbsp;\"}"}`, false},
		{`GET /?u=https%253A%252F%252Fexample.com%252F%2525C3%2525A4 \\\\\\\\n \\\\\\\\\\\\\\\\server\\\\\\\\share`, false},
	} {
		_, rep := walk(t, "x", []byte(c.doc), unpack.Limits{})
		if said := has(rep, "escapes limit 2: 1 texts with more inside one another"); said != c.deep || !c.deep && len(rep.Reasons) > 0 {
			t.Errorf("%.60q: %q", c.doc, rep.Reasons)
		}
	}
}
