package matcher_test

import (
	"fmt"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

func TestNamesInPlaces(t *testing.T) {
	t.Parallel()
	for _, place := range []string{
		"Meikalainen_Matti.txt", "matti-meikäläinen (1985).csv", "MattiMeikäläinen.html", "Matti%20Meik%C3%A4l%C3%A4inen.txt", "MEIKAELAEINEN,MATTI.pdf",
		"meika\u0308la\u0308inen matti.txt", "dump/clients/Meikäläinen, Matti/notes.txt", `C:\x\Meikäläinen Matti.doc`, "a.tar!Matti.Meikalainen.json",
		"2019-05-04 Meikäläinen Matti asiakas.txt", "Matti_von_Meikäläinen.txt", "https://example.com/files/Matti+Meik%c3%a4l%c3%a4inen.txt", "matti_j_meikalainen",
		"Maatti Meikäläinen", "０１ Ｍａｔｔｉ Ｍeikäläinen", "notes of Matti Juhani Olavi Meikäläinen leaked today for all to see",
	} {
		k := setup(t, realRing, matcher.Options{})
		k.name("clinic-a", ref(1), "Matti", "Meikäläinen")
		r := k.read(name(place))
		if len(r.matches) != 1 || r.matches[0].Kind != leak.Name {
			t.Errorf("%q: %+v", place, r.matches)
		}
		if in := k.read(text(place)); len(in.matches) != 0 || in.tally.Names != 0 {
			t.Errorf("%q: a name was looked for in prose", place)
		}
	}
	k := setup(t, realRing, matcher.Options{})
	k.name("clinic-a", ref(1), "Matti", "Meikäläinen")
	for _, place := range []string{"Matti.txt", "Meikalainen.txt", "Matti/Meikalainen", "matti.meikalainen@example.com.txt", "Mattimeikalainen", "x", "",
		"Matti one two three four five Meikalainen"} {
		if r := k.read(name(place)); len(r.matches) != 0 {
			t.Errorf("%q: %+v", place, r.matches)
		}
	}
}

// TestShortNames: whatever a file is called, at the very beginning of its text too.
func TestShortNames(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	for _, place := range []string{"MeOw", "GoTo", "ÄäÖö", "a.b.C", "A b.c", "aB.c", ".a.B.c"} {
		if r := k.read(name(place)); len(r.matches) != 0 {
			t.Errorf("%q: %+v", place, r.matches)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"MeOw", "Meikalainen_Matti.txt", "x/Matti%20Meik%C3%A4l.pdf", "AaBb.c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := setup(t, realRing, matcher.Options{})
		if r := k.read(name(s)); len(r.matches) != 0 {
			t.Fatal("a match, and nobody is registered")
		}
	})
}

// TestAFolderOfNames: five hundred files named after clients are a find by names alone; ten of them among a hundred
// others, or the same name twenty times, are not.
func TestAFolderOfNames(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	for i := range 500 {
		k.name("clinic-a", ref(i), fmt.Sprintf("Etu%s", letters(i)), fmt.Sprintf("Suku%s", letters(i)))
	}
	for i := range 6 {
		k.name("clinic-a", ref(1000+i), "Yleinen", "Nimi")
	}
	var all, few, same []leak.Text
	client := func(i int) leak.Text { return name(fmt.Sprintf("Suku%s_Etu%s.txt", letters(i), letters(i))) }
	for i := range 500 {
		all = append(all, client(i))
	}
	for i := range 100 {
		few = append(few, name(fmt.Sprintf("Other %s.txt", letters(i))))
		if i < 12 {
			few = append(few, client(i))
		}
		same = append(same, name(fmt.Sprintf("%d/Yleinen_Nimi.txt", i)))
	}
	r := k.read(all...)
	c := r.tally.Clinics["clinic-a"]
	if r.tally.Names != 500 || c.Kinds[leak.Name] != 500 || c.Persons != 500 || len(r.seen) != 500 || !r.matches[0].Counted {
		t.Errorf("all: names %d, %+v, %d seen", r.tally.Names, c, len(r.seen))
	}
	if v := leak.Judge(r.tally, "clinic-a"); v.Confidence != leak.Possible {
		t.Errorf("all: %s", v.Confidence)
	}
	r = k.read(few...)
	c = r.tally.Clinics["clinic-a"]
	if c.Persons != 0 || c.Kinds[leak.Name] != 12 || len(r.seen) != 0 || r.matches[0].Counted || c.Weak != 12 {
		t.Errorf("few: %+v, %d seen", c, len(r.seen))
	}
	r = k.read(same...)
	c = r.tally.Clinics["clinic-a"]
	if c.Kinds[leak.Name] != 1 || c.Persons != 0 || r.tally.Names != 1 {
		t.Errorf("same: names %d, %+v", r.tally.Names, c)
	}
}

// letters writes a number in letters, so that names differ.
func letters(i int) string {
	return string([]byte{'b' + byte(i/100%20), 'b' + byte(i/10%10), 'l' + byte(i%10)})
}

func TestANameAndSomethingElse(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.name("clinic-a", ref(1), "Matti", "Meikäläinen")
	k.register("clinic-a", ref(1), leak.Phone, "+358401234567")
	r := k.read(name("Meikalainen_Matti.txt"), text("0401234567"))
	c := r.tally.Clinics["clinic-a"]
	if len(r.matches) != 2 || !r.matches[0].Counted || !r.matches[1].Counted || c.Persons != 1 || c.Two != 1 || c.Together != 0 {
		t.Errorf("%+v, %+v", r.matches, c)
	}
	r = k.read(name("Meikalainen_Matti_0401234567.txt"))
	if c = r.tally.Clinics["clinic-a"]; c.Together != 1 {
		t.Errorf("%+v", c)
	}
	k.register("clinic-a", ref(1), leak.Email, "matti.meikalainen@example.com")
	r = k.read(name("matti.meikalainen@example.com.txt"), name("x/matti.meikalainen@example.com"))
	if c = r.tally.Clinics["clinic-a"]; c.Two != 0 || c.Together != 0 {
		t.Errorf("an address is no name: %+v", c)
	}
}

func TestNamesOfAPerson(t *testing.T) {
	t.Parallel()
	h := matcher.NewHasher(realRing, "FI")
	n := func(kind leak.Kind, given, family []string, dob string) int {
		t1s, err := h.Names(kind, given, family, dob)
		if err != nil {
			return -1
		}
		return len(t1s)
	}
	for _, c := range []struct{ got, want int }{
		{n(leak.Name, []string{"Matti"}, []string{"Meikäläinen"}, ""), 1},
		{n(leak.Name, []string{"Matti", "Masa"}, []string{"Meikäläinen", "Virtanen"}, ""), 4},
		{n(leak.Name, []string{"Anna-Liisa"}, []string{"Virtanen-Korhonen"}, ""), 9},
		{n(leak.Name, []string{"Matti"}, []string{"von der Leyen"}, ""), 1},
		{n(leak.Name, []string{"Matti"}, []string{"Matti"}, ""), -1},
		{n(leak.Name, []string{"Мария"}, []string{"Иванова"}, ""), -1}, // other scripts are not read
		{n(leak.NameDOB, []string{"Matti"}, []string{"Meikäläinen"}, "1.5.1994"), 1},
		{n(leak.NameDOB, []string{"Matti"}, []string{"Meikäläinen"}, "31.2.1994"), -1},
		{n(leak.Email, []string{"Matti"}, []string{"Meikäläinen"}, ""), -1},
	} {
		if c.got != c.want {
			t.Errorf("%d forms, want %d", c.got, c.want)
		}
	}
	a, _ := h.Names(leak.NameDOB, []string{"Matti"}, []string{"Meikäläinen"}, "1994-05-01")
	b, _ := h.T1(leak.NameDOB, "Meikäläinen|Matti|01/05/1994")
	if a[0] != b {
		t.Error("order and date form matter")
	}
}
