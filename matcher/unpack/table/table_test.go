package table_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/table"
)

func TestXLSX(t *testing.T) {
	t.Parallel()
	r := run(table.XLSX, sheets(t))
	want := "Meikäläinen\t010594Y9032\tinline\n1994-06-15\t012-34-5678\t1994-06-16\t401234567\ta b\tHYPERLINK(\"mailto:matti@example.com\")\n" +
		"shown\nhead\n"
	if d := cmp.Diff(want, all(r)); d != "" || r.Outcome != child.Whole || len(r.Notes) > 0 {
		t.Errorf("%s %s %v", d, r.Outcome, r.Notes)
	}
	if len(r.Members) != 2 || r.Members[0].Body == "" || r.Names[0] != "Matti Mallikas" {
		t.Errorf("%+v %q", r.Members, r.Names)
	}
}

func TestODS(t *testing.T) {
	t.Parallel()
	r := run(table.ODS, openSheets(t))
	want := "Meikäläinen Matti T\t1994-05-01\t1.5.94\t401234567\t040 123 4567\n"
	if d := cmp.Diff(want, all(r)); d != "" || r.Outcome != child.Whole || len(r.Members) != 1 {
		t.Errorf("%s %s %v", d, r.Outcome, r.Members)
	}
}

func TestDamagedSheetsAreReadAsTheyLie(t *testing.T) {
	t.Parallel()
	doc := zipOf(t, "xl/workbook.xml", `<workbook><sheets><sheet name="a" id="r1"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels",
		`<R><Relationship Id="r1" Target="s.xml"/></R>`, "xl/s.xml", `<s><row><c t="str"><v>before</v></c></row><row><c t="str"><v>131052-308T`)
	r := run(table.XLSX, doc)
	if !strings.Contains(all(r), "before") || len(r.Members) != 1 || !strings.Contains(r.Members[0].Body, "131052-308T") || r.Notes[child.DamagedInOrder] != 1 {
		t.Errorf("%+v", r)
	}
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("pitkä teksti ", 3000) + "131052-308T"
	for _, encoding := range []string{"UTF-8", "UTF-16le", "UTF-16be"} {
		statements := []string{"PRAGMA encoding='" + encoding + "'", "PRAGMA page_size=1024",
			"CREATE TABLE patient (id INTEGER PRIMARY KEY, name TEXT, hetu TEXT, weight REAL, doc BLOB)",
			"CREATE TABLE kv (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID", "CREATE INDEX i ON patient (hetu, name)",
			"INSERT INTO kv VALUES ('matti.meikalainen@example.com', 'Meikäläinen')", "INSERT INTO patient VALUES (7, '" + long + "', NULL, 1.5, x'1f8b08000102')"}
		for i := range 300 {
			statements = append(statements, fmt.Sprintf("INSERT INTO patient (name, hetu) VALUES ('Mäki %d', '010594Y%04d')", i, i))
		}
		r := run(table.SQLite, database(t, statements...)[""])
		text := all(r)
		for _, s := range []string{long + "\t1.5\t1f8b08000102\n", "matti.meikalainen@example.com\tMeikäläinen\n", "Mäki 299\t010594Y0299\n", "Mäki 0\t010594Y0000\n",
			"CREATE TABLE patient", "id INTEGER PRIMARY KEY, name TEXT, hetu TEXT"} {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %.60q not found", encoding, s)
			}
		}
		if n := strings.Count(text, "010594Y"); n < 300 || r.Outcome != child.Whole || len(r.Notes) > 0 {
			t.Errorf("%s: %d rows, %s %v", encoding, n, r.Outcome, r.Notes)
		}
	}
}

func TestSQLiteKeepsWhatWasDeleted(t *testing.T) {
	t.Parallel()
	var statements []string
	statements = append(statements, "PRAGMA secure_delete=0", "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, hetu TEXT, mail TEXT)")
	for i := range 200 {
		statements = append(statements, fmt.Sprintf("INSERT INTO p (name, hetu, mail) VALUES ('Mallikas %d', '010594Y%04d', 'a%d@example.com')", i, i, i))
	}
	statements = append(statements, "DELETE FROM p WHERE id % 3 = 0", "DELETE FROM p WHERE id > 150")
	db := database(t, statements...)[""]
	r := run(table.SQLite, db)
	text := all(r)
	missed := 0
	for i := range 200 {
		if !strings.Contains(text, fmt.Sprintf("\t010594Y%04d\t", i)) && bytes.Contains(db, fmt.Appendf(nil, "010594Y%04d", i)) {
			missed++
		}
	}
	if missed > 15 || strings.Count(text, "010594Y") < 130 || r.Outcome != child.Whole {
		t.Errorf("%d of 200 rows that are still there were missed; %s %v", missed, r.Outcome, r.Notes)
	}
}

func TestSQLiteLogs(t *testing.T) {
	t.Parallel()
	files := database(t, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0", "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, hetu TEXT)",
		"INSERT INTO p (name, hetu) VALUES ('"+strings.Repeat("Mäki ", 2000)+"', '131052-308T')")
	if len(files["-wal"]) == 0 {
		t.Fatal("the driver left no log")
	}
	if r := run(table.SQLiteLog, files["-wal"]); !strings.Contains(all(r), "Mäki \t131052-308T") || r.Outcome != child.Whole {
		t.Errorf("%s %.300q", r.Outcome, all(r))
	}
	page := database(t, "PRAGMA page_size=512", "CREATE TABLE p (name TEXT, hetu TEXT)", "INSERT INTO p VALUES ('Mäki', '131052-308T')")[""]
	journal := append([]byte("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x02\x00\x00\x00\x02\x00"), make([]byte, 512-28)...)
	journal = append(append(append(journal, 0, 0, 0, 2), page[512:1024]...), 0, 0, 0, 0)
	if r := run(table.SQLiteJournal, journal); !strings.Contains(all(r), "Mäki\t131052-308T") {
		t.Errorf("%s %.300q", r.Outcome, all(r))
	}
}

func TestDBF(t *testing.T) {
	t.Parallel()
	doc := dbfOf(2, false, " M\x84kinen     19940501131052-308", "*M\x94ller      19500101deleted   ")
	r := run(table.DBF, doc)
	if d := cmp.Diff("NAME\tBORN\tNOTE\nMäkinen\t1994-05-01\t131052-308\nMöller\t1950-01-01\tdeleted\n", all(r)); d != "" || r.Outcome != child.Whole {
		t.Errorf("%s %s", d, r.Outcome)
	}
	if r := run(table.DBF, doc[:len(doc)-33]); r.Outcome != child.Truncated || !strings.Contains(all(r), "Mäkinen") {
		t.Errorf("%+v", r)
	}
	if r := run(table.DBF, dbfOf(0, true, " M\x84kinen     199405010000000001")); r.Notes[child.MemoElsewhere] != 1 || !strings.Contains(all(r), "M\x84kinen") {
		t.Errorf("%+v", r)
	}
}

func TestPGDump(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat("7\tMatti Meikäläinen\t131052-308T\n", 5000)
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write([]byte(rows))
	_ = w.Close()
	number := func(n int) string { return string([]byte{0, byte(n), byte(n >> 8), byte(n >> 16), 0}) }
	doc := "PGDMP\x01\x0e\x00\x04\x08\x01" + number(9) + "CREATE TABLE p (name text, hetu text);\x00COPY public.p" + "\x01" + number(3000)
	for b := z.Bytes(); len(b) > 0; {
		k := min(len(b), 1000)
		doc += number(k) + string(b[:k])
		b = b[k:]
	}
	doc += number(0) + "\x01" + number(3001) + number(9) + "not packed" + number(0)
	r := run(table.PGDump, []byte(doc))
	if text := all(r); !strings.Contains(text, rows) || !strings.Contains(text, "CREATE TABLE p") || !strings.Contains(text, "not packed") || r.Outcome != child.Whole || len(r.Notes) > 0 {
		t.Errorf("%s %v %d texts", r.Outcome, r.Notes, len(r.Texts))
	}
	if r := run(table.PGDump, []byte(doc[:len(doc)/2])); r.Notes[child.DamagedParts] != 1 || !strings.Contains(all(r), "131052-308T") {
		t.Errorf("%s %v", r.Outcome, r.Notes)
	}
}

func TestHostileTables(t *testing.T) {
	t.Parallel()
	laugh := `<!DOCTYPE x [<!ENTITY a "131052-308T"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	wide := `<w><row>` + strings.Repeat(`<c r="XFD1"><v>1</v></c>`, 200_000) + `</row></w>`
	deep := strings.Repeat("<a>", 500_000)
	big := `<w><row><c t="str"><v>` + strings.Repeat("x", 3<<20) + `</v></c></row></w>`
	for name, sheet := range map[string]string{"laugh": laugh + `<w><row><c t="str"><v>&b;</v></c></row></w>`, "wide": wide, "deep": deep, "big": big} {
		r := run(table.XLSX, zipOf(t, "xl/workbook.xml", `<workbook><sheets><sheet name="a" id="r1"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels",
			`<R><Relationship Id="r1" Target="s.xml"/></R>`, "xl/s.xml", sheet))
		if r.Outcome != child.Whole || len(all(r)) > len(sheet)*2 { // nothing grows
			t.Errorf("%s: %s %v, %d bytes", name, r.Outcome, r.Notes, len(all(r)))
		}
	}
	db := database(t, "PRAGMA page_size=512", "CREATE TABLE p (a TEXT)", "INSERT INTO p VALUES ('"+strings.Repeat("x", 5000)+"')")[""]
	for i := 1; i < len(db)/512; i++ { // every overflow page points at itself, every root at the first page
		copy(db[i*512:], []byte{0, 0, 0, byte(i + 1)})
	}
	if r := run(table.SQLite, db); r.Outcome != child.Whole {
		t.Errorf("cycle: %s", r.Outcome)
	}
	head := dbfOf(0, false)
	copy(head[4:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	if r := run(table.DBF, head); r.Outcome != child.Truncated {
		t.Errorf("dbf: %s", r.Outcome)
	}
}

func fuzz(f *testing.F, x child.Extractor, mark string, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		copy(b, mark)
		if r := run(x, b); r.Outcome == child.Panicked {
			t.Fatal("panic")
		}
	})
}

func FuzzXLSX(f *testing.F) { fuzz(f, table.XLSX, "", sheets(f)) }
func FuzzODS(f *testing.F)  { fuzz(f, table.ODS, "", openSheets(f)) }
func FuzzDBF(f *testing.F) {
	fuzz(f, table.DBF, "", dbfOf(2, false, " M\x84kinen     19940501131052-308"))
}
func FuzzPGDump(f *testing.F) {
	fuzz(f, table.PGDump, "PGDMP", []byte("PGDMP\x01\x0e\x00\x04\x08\x01x\x01\x00\x01\x00\x00\x00\x00\x02\x00\x00\x00\x78\x9c\x03\x00"))
}

func FuzzSQLite(f *testing.F) {
	db := database(f, "PRAGMA page_size=512", "CREATE TABLE p (a TEXT, b TEXT)", "INSERT INTO p VALUES ('Mallikas', '131052-308T')", "DELETE FROM p")[""]
	fuzz(f, table.SQLite, "SQLite format 3\x00", db)
}

func FuzzSQLiteLog(f *testing.F) {
	fuzz(f, table.SQLiteLog, "", append([]byte("\x37\x7f\x06\x82\x00\x2d\xe2\x18\x00\x00\x02\x00"), make([]byte, 20+24+512)...))
}
