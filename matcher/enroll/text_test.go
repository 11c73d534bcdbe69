package enroll_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"leakwatch/leak"
	"leakwatch/matcher/enroll"
)

func wide(s string, big bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b.WriteByte(byte(u >> 8))
		}
		b.WriteByte(byte(u))
		if !big {
			b.WriteByte(byte(u >> 8))
		}
	}
	return b.String()
}

func oneByte(t *testing.T, s string, cm *charmap.Charmap) string {
	t.Helper()
	s, err := cm.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCharsetsAndDialects hashes the same register in many dresses: the hashes must be the same.
func TestCharsetsAndDialects(t *testing.T) {
	t.Parallel()
	plain := register() + row("P-4713", "Åke", "Öberg-Ström", "", "åke@example.com", "")
	comma := strings.ReplaceAll(plain, ";", ",")
	long := plain + strings.Repeat(row("P-4712", "Maija", "Mallikas", "020594X903P", "maija@example.com", ""), 4000)
	dresses := map[string]string{
		"utf-8":                 plain,
		"with a mark":           "\ufeff" + plain,
		"utf-16le":              "\xff\xfe" + wide(plain, false),
		"utf-16be":              "\xfe\xff" + wide(plain, true),
		"utf-16le without mark": wide(plain, false),
		"utf-16be without mark": wide(plain, true),
		"latin-1":               oneByte(t, plain, charmap.ISO8859_1),
		"latin-1, late":         oneByte(t, heading+long[len(heading):], charmap.ISO8859_1),
		"windows-1252":          oneByte(t, plain+row("P-4714", "", "", "", "", "–"), charmap.Windows1252),
		"pasted together":       plain + oneByte(t, row("P-4713", "Åke", "Öberg-Ström", "", "", ""), charmap.Windows1252),
		"comma":                 comma,
		"tab":                   strings.ReplaceAll(plain, ";", "\t"),
		"bar":                   strings.ReplaceAll(plain, ";", "|"),
		"names its delimiter":   "sep=;\r\n" + plain,
		"crlf":                  strings.ReplaceAll(plain, "\n", "\r\n"),
		"cr":                    strings.ReplaceAll(plain, "\n", "\r"),
		"quoted":                `"` + strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(plain, "\n"), ";", `";"`), "\n", "\"\n\"") + `"`,
		"quotes and commas":     strings.Replace(comma, plantedEmail, `"`+plantedEmail+`, second@example.com"`, 1),
		"a line break inside":   strings.Replace(plain, plantedEmail, "\""+plantedEmail+"\r\n\"", 1),
		"a lone quote inside":   strings.Replace(plain, "Mallikas", `Mallikas`, 1) + row("P-4712", `M"aija`, "", "", "", ""),
		"blank lines":           strings.ReplaceAll(plain, "\n", "\n\n  \n"),
	}
	want := map[string]string{}
	for what, s := range map[string]string{"": plain} {
		w := setup(t)
		_, rows := w.open(w.hash(w.options(w.file("register"+what, s))).Bundle)
		for _, r := range rows {
			want[string(r.Kind)+string(r.T1[:])] = ""
		}
	}
	for what, s := range dresses {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			sum := w.hash(w.options(w.file("register", s)))
			_, rows := w.open(sum.Bundle)
			got := map[string]bool{}
			for _, r := range rows {
				got[string(r.Kind)+string(r.T1[:])] = true
			}
			for k := range want {
				if !got[k] {
					t.Errorf("%.10q is missing; charset %s, delimiter %q", k, sum.Charset, sum.Delimiter)
				}
			}
			if extra := len(got) - len(want); extra > 2 {
				t.Errorf("%d hashes too many", extra)
			}
		})
	}
}

// TestAQuoteThatIsNeverClosed must not swallow the rest of the register without a word.
func TestAQuoteThatIsNeverClosed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := heading + row("P-1", `"Maija`, "Mallikas", "", "", "") + strings.Repeat(row("P-2", "A", "B", "", "", ""), 200000)
	_, err := enroll.HashTable(context.Background(), w.options(w.file("register.csv", table)))
	if err == nil || !strings.Contains(err.Error(), "row 2") {
		t.Errorf("error %v", err)
	}
	o := w.options(w.file("register.csv", heading+row("P-1", strings.Repeat("x", 2<<20), "", "", "", "")))
	if _, err := enroll.HashTable(context.Background(), o); err == nil {
		t.Error("a record of two megabytes was read")
	}
}

func TestMistakesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := w.file("register.csv", register())
	for what, change := range map[string]func(*enroll.Options){
		"no id":             func(o *enroll.Options) { o.ID = "" },
		"no map":            func(o *enroll.Options) { o.Map = nil },
		"unknown kind":      func(o *enroll.Options) { o.Map = []string{"hetu=hetu"} },
		"unknown column":    func(o *enroll.Options) { o.Map = []string{"fi-hetu=hetus"} },
		"no column":         func(o *enroll.Options) { o.Map = []string{"fi-hetu"} },
		"given alone":       func(o *enroll.Options) { o.Map = []string{"given=etunimi"} },
		"date alone":        func(o *enroll.Options) { o.Map = []string{"dob=etunimi"} },
		"two dates":         func(o *enroll.Options) { o.Map = append(o.Map, "dob=#2", "dob=#3") },
		"region":            func(o *enroll.Options) { o.Region = "Finland" },
		"charset":           func(o *enroll.Options) { o.Charset = "ebcdic" },
		"delimiter":         func(o *enroll.Options) { o.Delimiter = "ab" },
		"sheet of a csv":    func(o *enroll.Options) { o.Sheet = "1" },
		"bundle is there":   func(o *enroll.Options) { o.Bundle = table },
		"no mapping":        func(o *enroll.Options) { o.Mapping = "" },
		"empty erase file":  func(o *enroll.Options) { o.Erase = w.file("empty", "\n") },
		"no erase file":     func(o *enroll.Options) { o.Erase = w.path("nowhere") },
		"folder for a file": func(o *enroll.Options) { o.Table = w.dir },
	} {
		o := w.options(table)
		change(&o)
		if _, err := enroll.HashTable(context.Background(), o); err == nil {
			t.Errorf("%s: taken", what)
		} else {
			nothingOf(t, what, printed(err))
		}
	}
}

func TestZerosThatASpreadsheetAte(t *testing.T) {
	t.Parallel()
	// Test numbers of the issuers and of docs: 0701… forms lose their zero.
	table := "id,email,cpr,fnr,pnr,mrn\n" +
		"1,,101010007,1010100000,7,AB-1/2024\n" +
		"2,,0101010007,,,\n"
	w := setup(t)
	o := w.options(w.file("register.csv", table))
	o.ID, o.Map = "id", []string{"dk-cpr=cpr", "mrn=mrn"}
	_, rows := w.open(w.hash(o).Bundle)
	refs := refOf(rows, leak.DKCpr)
	var hashes [][32]byte
	for _, r := range rows {
		if r.Kind == leak.DKCpr {
			hashes = append(hashes, r.T1)
		}
	}
	if len(refs) != 2 || hashes[0] != hashes[1] {
		t.Errorf("%d numbers, the one without its zero is another one", len(refs))
	}
	if kinds(rows)["add mrn"] != 1 {
		t.Error("a record number with a slash was cut")
	}
}
