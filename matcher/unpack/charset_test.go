package unpack_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode/utf32"

	"leakwatch/matcher/unpack"
)

const (
	finnish  = "Hyvää päivää, Päivi Mäkelä-Öström! Åke söi “hernekeittoa” – 5 € – eilen illalla.\n"
	swedish  = "Patienten Åsa Björk är född på sjukhuset i Västerås; läkaren hör av sig i nästa vecka.\n"
	danish   = "Patienten Søren Ærø fik sine prøver på Århus sygehus; lægen ringer næste gang.\n"
	german   = "Die Patientin Jörg Müßiggang wohnt in der Größe-Straße über dem Café.\n"
	french   = "L’élève a été reçu à l’hôpital; sa mère a déjà payé où il fallait, ça va.\n"
	polish   = "Pacjentka Żaneta Wójcik przyszła z bólem głowy; proszę zadzwonić później, dziękuję.\n"
	czech    = "Pacient Jiří Dvořák přišel s bolestí hlavy; zavolejte mu později, děkuji, měšťan.\n"
	turkish  = "Hasta Işıl Yıldız başağrısı şikâyetiyle geldi; lütfen sonra arayın, teşekkür ederiz.\n"
	iceland  = "Sjúklingurinn Þórður Sæmundsson kom með höfuðverk; hringið síðar, þökk fyrir það.\n"
	estonian = "Patsient Õie Mägi tuli peavaluga; palun helistage hiljem, suur tänu öötöö eest, jõe ääres.\n"
	latvian  = "Pacients Jānis Bērziņš ieradās ar galvassāpēm; lūdzu, zvaniet vēlāk, paldies ķēniņam.\n"
	russian  = "Пациент Иванов Пётр пришёл с головной болью; позвоните ему, пожалуйста, завтра. МОСКВА\n"
	ukrain   = "Пацієнтка Їжакевич Ганна прийшла з болем голови; зателефонуйте їй пізніше, дякую.\n"
	greekish = "Ο ασθενής Γιώργος Παπαδόπουλος ήρθε με πονοκέφαλο· τηλεφωνήστε του αργότερα.\n"
	hebrewed = "המטופל משה כהן הגיע עם כאב ראש; נא להתקשר אליו מאוחר יותר, תודה רבה.\n"
	arabics  = "وصل المريض أحمد علي مع صداع؛ يرجى الاتصال به لاحقا وشكرا جزيلا لكم\n"
	chinese  = "病人王小明今天来到医院，他说头痛得很厉害。请明天再打电话给他，谢谢你们的帮助。我们会继续观察。\n"
	hanzi    = "病人王小明今天來到醫院，他說頭痛得很厲害。請明天再打電話給他，謝謝你們的幫助。我們會繼續觀察。\n"
	nippon   = "患者の田中さんは今日病院に来ました。頭がとても痛いと言っています。明日また電話してください。\n"
	hangul   = "환자 김철수 씨는 오늘 병원에 왔습니다. 머리가 많이 아프다고 합니다. 내일 다시 전화해 주세요.\n"
)

func TestCharsets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		enc        encoding.Encoding
	}{
		{"windows-1252 fi", finnish, charmap.Windows1252}, {"latin-1 sv", swedish, charmap.ISO8859_1}, {"latin-9 fi", strings.NewReplacer("“", "", "”", "", "–", "-").Replace(finnish), charmap.ISO8859_15},
		{"cp850 sv", swedish, charmap.CodePage850}, {"cp850 da", danish, charmap.CodePage850}, {"cp437 sv", swedish, charmap.CodePage437},
		{"cp865 da", danish, charmap.CodePage865}, {"mac sv", swedish, charmap.Macintosh}, {"mac fi", finnish, charmap.Macintosh},
		{"windows-1252 da", danish, charmap.Windows1252}, {"windows-1252 de", german, charmap.Windows1252}, {"windows-1252 fr", french, charmap.Windows1252},
		{"windows-1252 is", iceland, charmap.Windows1252}, {"windows-1252 et", estonian, charmap.Windows1252}, {"cp850 de", german, charmap.CodePage850},
		{"windows-1250 pl", polish, charmap.Windows1250}, {"8859-2 pl", polish, charmap.ISO8859_2}, {"windows-1250 cs", czech, charmap.Windows1250},
		{"8859-2 cs", czech, charmap.ISO8859_2}, {"cp852 pl", polish, charmap.CodePage852}, {"cp852 cs", czech, charmap.CodePage852},
		{"windows-1254 tr", turkish, charmap.Windows1254}, {"windows-1257 lv", latvian, charmap.Windows1257},
		{"koi8-r", russian, charmap.KOI8R}, {"koi8-u", ukrain, charmap.KOI8U}, {"windows-1251", russian, charmap.Windows1251},
		{"windows-1251 uk", ukrain, charmap.Windows1251}, {"cp866", russian, charmap.CodePage866}, {"8859-5", russian, charmap.ISO8859_5},
		{"cp855", russian, charmap.CodePage855}, {"mac-cyrillic", russian, charmap.MacintoshCyrillic},
		{"windows-1253", greekish, charmap.Windows1253}, {"8859-7", greekish, charmap.ISO8859_7}, {"windows-1255", hebrewed, charmap.Windows1255},
		{"windows-1256", arabics, charmap.Windows1256}, {"8859-6", arabics, charmap.ISO8859_6}, {"cp862", hebrewed, charmap.CodePage862},
		{"gb18030", chinese, simplifiedchinese.GB18030}, {"gbk", chinese, simplifiedchinese.GBK}, {"big5", hanzi, traditionalchinese.Big5},
		{"shift-jis", nippon, japanese.ShiftJIS}, {"euc-jp", nippon, japanese.EUCJP}, {"euc-kr", hangul, korean.EUCKR},
		{"utf-32le", russian, utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)}, {"utf-32be", finnish, utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
	} {
		want := c.text + strings.Repeat("131052-308T matti.meikalainen@example.com\n", 3) + c.text
		doc, err := encoding.ReplaceUnsupported(c.enc.NewEncoder()).Bytes([]byte(want))
		if err != nil {
			t.Fatal(err)
		}
		back, _ := c.enc.NewDecoder().Bytes(doc)
		r, rep := walk(t, "x", doc, unpack.Limits{})
		if len(rep.Reasons) > 0 || strings.TrimPrefix(r.texts[0].text, "\ufeff") != string(back) {
			t.Errorf("%s: %q %q", c.name, r.texts[0].text[:min(150, len(r.texts[0].text))], rep.Reasons)
			continue
		}
		if len(r.texts[0].marks) != 6 {
			t.Errorf("%s: %d marks", c.name, len(r.texts[0].marks))
		}
		for _, at := range r.texts[0].marks {
			if b := bytes.TrimLeft(doc[at:at+4], "\x00"); b[0] != '1' && b[0] != 'm' {
				t.Errorf("%s: marker said to be at %d", c.name, at)
			}
		}
	}
}

func TestShortNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, want string }{
		{"M\x84kinen;131052-308T", "Mäkinen;131052-308T"}, {"M\xe4kinen;131052-308T", "Mäkinen;131052-308T"}, {"Mik\x8ainen", "Mikäinen"},
		{"Bj\x94rk;131052-308T", "Björk;131052-308T"}, {"\x86ke", "åke"}, {"\xc5ke", "Åke"}, {"\xc8\xc2\xc0\xcd\xce\xc2;131052-308T", "ИВАНОВ;131052-308T"},
		{"\xe9\xf7\xe1\xee\xef\xf7;131052-308T", "ИВАНОВ;131052-308T"}, {"S\x9bren", "Søren"}, {"M\xc3\xa4kinen", "Mäkinen"},
	} {
		r, _ := walk(t, "x", []byte(c.raw), unpack.Limits{})
		if r.texts[0].text != c.want {
			t.Errorf("%q: %q, want %q", c.raw, r.texts[0].text, c.want)
		}
	}
}

func TestWideWithoutMark(t *testing.T) {
	t.Parallel()
	for _, big := range []bool{false, true} {
		for _, text := range []string{finnish, russian, greekish, "131052-308T"} {
			r, rep := walk(t, "x", utf16Of(strings.Repeat(text, 3), big, false), unpack.Limits{})
			if r.texts[0].text != strings.Repeat(text, 3) || len(rep.Reasons) > 0 {
				t.Errorf("big %v: %q %q", big, r.texts[0].text, rep.Reasons)
			}
		}
	}
}

func TestJoinedCharsets(t *testing.T) {
	t.Parallel()
	enc := func(cm *charmap.Charmap, s string) string {
		b, err := encoding.ReplaceUnsupported(cm.NewEncoder()).String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	many := func(s string) string { return strings.Repeat(s, 3000) }
	doc := many(finnish) + many(enc(charmap.Windows1252, swedish)) + many(enc(charmap.CodePage850, swedish)) + many(enc(charmap.KOI8R, russian))
	r, rep := walk(t, "x", []byte(doc), unpack.Limits{})
	text := r.texts[0].text
	for _, s := range []string{finnish, swedish, russian} {
		n := strings.Count(text, s)
		if n < 2000 || s == swedish && n < 5000 {
			t.Errorf("%.20s: %d of them", s, n)
		}
	}
	if len(rep.Reasons) > 0 {
		t.Error(rep.Reasons)
	}
	r, _ = walk(t, "x", []byte(strings.Repeat(finnish, 9)+"M\xe4kinen, "+swedish), unpack.Limits{})
	if !strings.HasSuffix(r.texts[0].text, "Mäkinen, "+swedish) {
		t.Errorf("%q", r.texts[0].text)
	}
}

func TestDeclaredCharsetIsAHint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ said, raw, want string }{
		{"iso-8859-15", "a \xa4", "a €"}, {"koi8-r", "M\xc3\xa4ki", "Mäki"}, {"utf-8", "M\xe4kinen", "Mäkinen"},
		{"", `<meta charset="windows-1251"> ` + "\xcc", `<meta charset="windows-1251"> М`},
		{"utf-7", "M+AOQ-ki +- 131052-308T", "Mäki + 131052-308T"}, {"utf-16le", "131052-308T", "131052-308T"},
	} {
		r := &recorder{}
		_, err := unpack.Walk(context.Background(), unpack.Input{Reader: strings.NewReader(c.raw), Place: place(t, "x"), Charset: c.said}, unpack.Limits{}, r.sink())
		if err != nil || r.texts[0].text != c.want {
			t.Errorf("%s %q: %q, want %q", c.said, c.raw, r.texts[0].text, c.want)
		}
	}
}
