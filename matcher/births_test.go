package matcher_test

import (
	"fmt"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// born registers Matti Juhani Meikäläinen of 1 May 1994, as the clinic's tool does.
func born(k *kit) { k.born("clinic-a", ref(1), "Matti Juhani", "Meikäläinen", "1994-05-01") }

// born adds a person's names with a date of birth.
func (k *kit) born(clinic, ref, given, family, dob string) {
	k.t.Helper()
	t1s, err := matcher.NewHasher(k.ring, "FI").Names(leak.NameDOB, strings.Fields(given), []string{family}, dob)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, t1 := range t1s {
		tag, _, err := k.Wrap(clinic, k.ring.ID, leak.NameDOB, t1, ref)
		if err != nil {
			k.t.Fatal(err)
		}
		if err := k.Add([]leak.Tag{tag}); err != nil {
			k.t.Fatal(err)
		}
	}
}

// TestNameAndDate: in prose, rows, tuples, objects and forms, however the date is written.
func TestNameAndDate(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	born(k)
	k.born("clinic-a", ref(2), "Sean", "O'Brien", "1980-02-03")
	k.born("clinic-a", ref(3), "Teppo", "Testi", "1850-01-01")
	k.born("clinic-a", ref(4), "Teppo", "Testi", "1849-12-31")
	for _, c := range []struct{ text, at string }{
		{"Matti Meikäläinen, s. 1.5.1994, tuli vastaanotolle.", "1.5.1994"},
		{"Asiakas Matti Meikäläinen on syntynyt Helsingissä 1. toukokuuta 1994 ja asuu nyt Turussa.", "1. toukokuuta 1994"},
		{"Matti Meikäläinen (born 1 May 1994 in Helsinki)", "1 May 1994"},
		{"born on the 1st of May 1994: Mr Matti J. Meikalainen", "1st of May 1994"},
		{"May 1, 1994 - Meikäläinen, Matti", "May 1, 1994"},
		{"Matti Meikäläinen, född den 1 maj 1994", "1 maj 1994"},
		{"MATTI MEIKÄLÄINEN 01/05/1994", "01/05/1994"},
		{"matti meikäläinen 1-5-1994", "1-5-1994"},
		{"Matti Meikäläinen, nacido el 1 de mayo de 1994", "1 de mayo de 1994"},
		{"M. Matti Meikalainen, né le 1er mai 1994", "1er mai 1994"},
		{"Meikäläinen Matti: 1.5.1994", "1.5.1994"},
		{"Sukunimi: Meikäläinen\nEtunimet: Matti Juhani\nSyntymäaika: 01.05.1994\nKotikunta: Helsinki", "01.05.1994"},
		{"1;Matti;Meikäläinen;1994-05-01;Helsinki", "1994-05-01"},
		{"Meikäläinen,Matti,Kotikatu 5 A 3,00100,Helsinki,M,masennus,1994-05-01", "1994-05-01"},
		{"id\tname\tborn\n1\tMeikäläinen, Matti\t01.05.1994\n", "01.05.1994"},
		{"x;1994-05-01;;;+358 40 123 4567;Matti Juhani Meikäläinen;y", "1994-05-01"},
		{"| 1 | Matti | Meikäläinen | 1.5.1994 |", "1.5.1994"},
		{`"1","Matti","Meikäläinen","1994-05-01 00:00:00"`, "1994-05-01"},
		{"INSERT INTO `p` VALUES (1,'Maija','Mallikas','1990-01-01'),(2,'Matti','Meikäläinen','1994-05-01'),(3,'Teppo','Testi','1991-01-01');", "1994-05-01"},
		{"INSERT INTO p (id, dob, first, last) VALUES ('7', '1994-05-01', 'Matti', 'Meikäläinen'), ('8', '1991-05-01', 'x', 'y');", "1994-05-01"},
		{"('1980-02-03','Sean','O''Brien',7)", "1980-02-03"},
		{`('1980-02-03','Sean','O\'Brien',7)`, "1980-02-03"},
		{"Sean O’Brien, 3 February 1980", "3 February 1980"},
		{`{"id":7,"first":"Matti","last":"Meikäläinen","dob":"1994-05-01"}`, "1994-05-01"},
		{`[{"dob":"1990-01-01","n":"Maija Mallikas"},{"dob":"1994-05-01","name":{"family":"Meikäläinen","given":["Matti","Juhani"]}}]`, "1994-05-01"},
		{`{"who":{"name":"Matti Meikäläinen"},"born":{"date":"1994-05-01"}}`, "1994-05-01"},
		{"{\n  \"first_name\": \"Matti\",\n  \"last_name\": \"Meikäläinen\",\n  \"address\": \"Kotikatu 5\",\n  \"birth_date\": \"1994-05-01\"\n}", "1994-05-01"},
		{`<p><given>Matti</given><family>Meikäläinen</family><dob>1994-05-01</dob></p>`, "1994-05-01"},
		{`<row first="Matti" last="Meikäläinen" dob="1994-05-01"/>`, "1994-05-01"},
		{"N:Meikäläinen;Matti;;;\nBDAY:19940501\n", "19940501"},
		{"- name: Matti Meikäläinen\n  dob: 1994-05-01\n", "1994-05-01"},
		{"Meikaelaeinen Matti 1994-05-01", "1994-05-01"},
		{"Matti\u00a0Meikäläinen １９９４－０５－０１", "１９９４－０５－０１"},
		{"meika\u0308la\u0308inen matti 1.5.1994", "1.5.1994"},
		{"patients/Meikalainen_Matti_1994-05-01.pdf", "1994-05-01"},
		{"Matti von Meikäläinen 1.5.1994", "1.5.1994"},
		{"Teppo Testi 1.1.1850", "1.1.1850"},
		{"Teppo Testi 31.12.1849", ""}, // nobody of then is left
		{"1.5.1994", ""},
		{"Matti 1.5.1994 Matti", ""},
		{"Matti Meikäläinen 2.5.1994", ""},
		{"Matti Meikäläinen 5.1.1994", ""},
		{"Matti Meikäläinen 05/01/1994", ""}, // month first only where the source says so
		{"Matti Meikäläinen 1.5.94", ""},     // nobody knows the century
		{"Matti Meikäläinen 1994-05-01 12:30", ""},
		{"Matti Meikäläinen 1994-05-01T12:30:00Z", ""},
		{"Matti Meikäläinen 11.5.1994", ""},
		{"Matti Meikäläinen 1.5.1994x", ""},
		{"Matti Meikäläinen x1994-05-01", ""},
		{"Matti Meikäläinen 31.4.1994", ""},
		{"Matti Mallikas 1.5.1994", ""},
		{"matti.meikalainen@example.com 1.5.1994", ""}, // an address speaks for itself
		{"Matti Meikäläinen" + strings.Repeat(" ja niin edelleen", 9) + " 1.5.1994", ""},
		{"1;Matti;Meikäläinen;Helsinki\n2;Maija;Mallikas;1994-05-01", ""}, // another row
		{`[{"n":"Matti Meikäläinen"},{"dob":"1994-05-01","n":"Maija Mallikas"}]`, ""},
	} {
		r := k.read(text(c.text))
		switch {
		case c.at == "" && len(r.matches) == 0:
		case c.at == "" || len(r.matches) == 0:
			t.Errorf("%q: %d matches", c.text, len(r.matches))
		default:
			for _, m := range r.matches {
				if got := c.text[m.Offset : m.Offset+m.Length]; got != c.at || m.Kind != leak.NameDOB || m.Class != leak.Medium || !m.Counted {
					t.Errorf("%q: found %q, %+v", c.text, got, m)
				}
			}
		}
	}
}

func TestNameAndDateInPlaces(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	born(k)
	for place, want := range map[string]bool{
		"Meikalainen_Matti_1994-05-01.pdf": true, "19940501 Matti Meikäläinen.txt": true, "MattiMeikäläinen1.5.1994.doc": false,
		"x/Matti%20Meik%C3%A4l%C3%A4inen%201.5.1994/notes.txt": true, "1994_05_01_meikalainen_matti": true, "Meikäläinen, Matti (01.05.1994).docx": true,
		"Matti/1994-05-01/Meikalainen": false, "Meikalainen_Matti_1994-05-02.pdf": false, "MattiMeikalainen-1994-05-01": true,
	} {
		r := k.read(name(place))
		if got := len(r.matches) > 0; got != want {
			t.Errorf("%q: found is %t", place, got)
		}
	}
}

// TestMonthFirst: where the source says so, and only with slashes or hyphens.
func TestMonthFirst(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	born(k)
	k.born("clinic-a", ref(2), "Maija", "Mallikas", "1990-12-31")
	for s, want := range map[string]int{"Matti Meikäläinen 05/01/1994": 1, "Matti Meikäläinen 01/05/1994": 0, "Matti Meikäläinen 1.5.1994": 1,
		"Matti Meikäläinen 5-1-1994": 1, "Maija Mallikas 31/12/1990": 1, "Maija Mallikas 12/31/1990": 1} {
		in := text(s)
		in.MonthFirst = true
		if r := k.read(in); len(r.matches) != want {
			t.Errorf("%q: %d matches, want %d", s, len(r.matches), want)
		}
	}
}

// TestNameAndDateAlone: it counts, and is possible, never more, however many there are; with another kind beside it, it
// is as any two kinds are. A name in a file's name is no other kind than the name and the date.
func TestNameAndDateAlone(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	var rows strings.Builder
	for i := range 400 {
		given, family := "Etu"+letters(i), "Suku"+letters(i)
		dob := fmt.Sprintf("%d-%02d-%02d", 1930+i%80, 1+i%12, 1+i%28)
		k.born("clinic-a", ref(i), given, family, dob)
		k.name("clinic-a", ref(i), given, family)
		fmt.Fprintf(&rows, "%d;%s;%s;%s;Helsinki\n", i, given, family, dob)
	}
	k.register("clinic-a", ref(3), leak.Email, "x@example.com")
	r := k.read(text(rows.String()))
	c := r.tally.Clinics["clinic-a"]
	if v := leak.Judge(r.tally, "clinic-a"); v.Confidence != leak.Possible || v.Nature != leak.OwnRegister {
		t.Errorf("400 of a register: %+v, %+v", v, c)
	}
	if c.Kinds[leak.NameDOB] != 400 || c.Hits[leak.NameDOB] != 400 || r.tally.Candidates[leak.NameDOB] != 400 || c.Two != 0 {
		t.Errorf("%+v of %d", c, r.tally.Candidates[leak.NameDOB])
	}
	r = k.read(name("Etu"+letters(7)+"_Suku"+letters(7)+"_1937-08-08.txt"), name("Etu"+letters(7)+"_Suku"+letters(7)+".txt"))
	c = r.tally.Clinics["clinic-a"]
	if v := leak.Judge(r.tally, "clinic-a"); v.Confidence != leak.Possible || c.Two != 0 || c.Together != 0 || len(r.matches) != 3 {
		t.Errorf("a name twice: %+v, %+v, %d matches", v, c, len(r.matches))
	}
	r = k.read(text("Etu" + letters(3) + " Suku" + letters(3) + ", 1933-04-04, x@example.com"))
	if v := leak.Judge(r.tally, "clinic-a"); v.Confidence != leak.Confirmed {
		t.Errorf("with an address: %+v", v)
	}
}
