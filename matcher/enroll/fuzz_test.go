package enroll

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

// FuzzCSV reads any bytes as text in any charset: no panic, no record past the limits, an end.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"id;email\n1;a@example.com\n", "\"a\"\"b\",c\r\n\"x\ny\",\"\"", "sep=,\na,b", "\xff\xfea\x00;\x00b\x00\n\x00", "a\"b\"\tc|\"", "\"never"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		charset, err := detectCharset(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := decode(bytes.NewReader(b), charset)
		if err != nil {
			t.Fatal(err)
		}
		r, err := newCSV(plain, "")
		if err != nil {
			return
		}
		for n := 0; ; n++ {
			rec, err := r.next()
			if err != nil {
				return
			}
			if n > 4*len(b)+4 || len(rec.cells) > maxColumns {
				t.Fatal("it does not end, or is too wide")
			}
			newHeader(rec).likely()
		}
	})
}

// FuzzXLSX reads any bytes as a workbook, and any text as the XML of a sheet and of shared strings.
func FuzzXLSX(f *testing.F) {
	f.Add([]byte(`<row r="1"><c r="A1" t="s"><v>0</v></c><c><is><t>x</t></is></c><c r="ZZZ9"/></row>`))
	f.Add([]byte(`<sst><si><t>a</t></si><si><r><t>b</t></r><rPh><t>c</t></rPh></si></sst>`))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		sheet := &xlsxTable{tokens: newTokens(bytes.NewReader(b)), strings: &sharedStrings{all: []byte("x"), ends: []int{1}}}
		for {
			rec, err := sheet.next()
			if err != nil {
				break
			}
			if len(rec.cells) > maxColumns || len(rec.cells) != len(rec.numeric) {
				t.Fatal("a row that cannot be")
			}
		}
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, append([]byte("PK\x03\x04"), b...), 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := openTable(Options{Table: path})
		if err != nil {
			return
		}
		defer table.close()
		_ = eachRecord(context.Background(), table, func(record) error { return nil })
	})
}

// FuzzBundle opens any bytes as a bundle's inside, with a right signature over whatever the header is, so that the
// fuzzer comes past it.
func FuzzBundle(f *testing.F) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	_, key, _ := ed25519.GenerateKey(nil)
	h := Header{Spec: SpecBundle, Clinic: "clinic-a", RK: "test-rk1", KCV: "2b14cab6", Mode: ModeDelta, Sequence: 1, Rows: 1,
		SHA256: strings.Repeat("0", 64), Recipient: identity.Recipient().String(), Signer: (&clinicKeys{signer: key}).public()}
	line, _ := json.Marshal(h)
	f.Add(line, []byte("add\t"+strings.Repeat("A", 26)+"\temail\t"+strings.Repeat("0", 64)+"\n"))
	f.Add(line, []byte("del\t\t\t\n\n"))
	f.Add([]byte("{}"), []byte{})
	f.Fuzz(func(t *testing.T, header, body []byte) {
		var b bytes.Buffer
		sealed, err := age.Encrypt(&b, identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = sealed.Write(header)
		_, _ = io.WriteString(sealed, "\n"+base64.StdEncoding.EncodeToString(ed25519.Sign(key, signed(header)))+"\n")
		_, _ = sealed.Write(body)
		_ = sealed.Close()
		bundle, err := OpenBundle(&b, identity, func(Header) (Known, error) { return Known{KCV: "2b14cab6"}, nil })
		if err != nil {
			return
		}
		var n int64
		for row, err := range bundle.Rows() {
			if err != nil {
				return
			}
			if n++; len(row.Ref) != 26 || !row.Kind.Known() {
				t.Fatal("a row that cannot be")
			}
		}
		if n != bundle.Header.Rows {
			t.Fatal("rows are missing, without an error")
		}
	})
}

// FuzzMapping reads any bytes as an opened mapping; what it takes, it writes the same.
func FuzzMapping(f *testing.F) {
	f.Add([]byte(`{"spec":"leakwatch-mapping/1","clinic":"clinic-a","rk":"test-rk1","sequence":3}` + "\n=P-1\\t\tAAAAAAAAAAAAAAAAAAAAAAAAAA\n+email\ta@example.com\n!X\temail\n"))
	f.Add([]byte(`{"spec":"leakwatch-mapping/1","clinic":"c","sequence":3}` + "\n=P-1\t\tAAAAAAAAAAAAAAAAAAAAAAAAAA\n!X\r\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMapping(bytes.NewReader(b))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		now := time.Unix(0, 0)
		if err := m.write(&first, now); err != nil {
			t.Fatal(err)
		}
		again, err := parseMapping(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("it does not read what it wrote: %v", err)
		}
		if err := again.write(&second, now); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatal("it writes something else the second time")
		}
	})
}

// FuzzExport reads any bytes as an opened export and resolves it.
func FuzzExport(f *testing.F) {
	f.Add([]byte(`{"spec":"leakwatch-export/1","id":"X","clinic":"clinic-a","confidence":"possible","persons":1}` + "\n" + `{"ref":"AAAAAAAAAAAAAAAAAAAAAAAAAA","kinds":["email"]}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := parseExport(bytes.NewReader(b))
		if err != nil {
			return
		}
		m := newMapping("clinic-a", 0)
		m.add("P-1")
		r := m.resolve(e)
		if len(r.Patients)+r.Unknown > len(e.Persons) {
			t.Fatal("more people than the export has")
		}
	})
}

// FuzzCells takes any text for a cell of each field.
func FuzzCells(f *testing.F) {
	f.Add("010594Y9032", "Matti", "Meikäläinen (ent. Mallikas)", "1.5.1994")
	f.Add("Meikäläinen, Matti", "von der", "née", "34455")
	f.Fuzz(func(t *testing.T, value, given, family, date string) {
		if len(givenNames(given)) > maxNames || len(familyNames(family)) > maxNames {
			t.Fatal("too many names")
		}
		splitFull(value, true)
		splitFull(value, false)
		if iso, ok := birthDate(date, false, false); ok && len(iso) != 10 {
			t.Fatalf("date %q", iso)
		}
		birthDate(date, true, true)
		hetuDate(value)
		line := entry(fieldFull, given, family, date)
		if strings.Count(line, "\n") != 1 || strings.Count(line, "\t") != 3 {
			t.Fatal("an entry that is not one line of four parts")
		}
		part := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if unescape(part[1]) != given || unescape(part[2]) != family || unescape(part[3]) != date {
			t.Fatal("an entry does not give back what went in")
		}
		pieces(fieldEmail, value)
	})
}
