package enroll

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBirthDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in               string
		number, date1904 bool
		want             string
	}{
		{"1994-05-01", false, false, "1994-05-01"}, {"1994-05-01T00:00:00Z", false, false, "1994-05-01"},
		{"1994-05-01 12:30", false, false, "1994-05-01"}, {"19940501", false, false, "1994-05-01"},
		{"1.5.1994", false, false, "1994-05-01"}, {"01.05.1994 0:00", false, false, "1994-05-01"},
		{"13/12/1994", false, false, "1994-12-13"}, {"1-5-1994", false, false, "1994-05-01"},
		{"34455", true, false, "1994-05-01"}, {"34455", false, false, "1994-05-01"}, {"32993", true, true, "1994-05-01"},
		{"1", true, false, "1900-01-01"}, {"59", true, false, "1900-02-28"}, {"61", true, false, "1900-03-01"}, {"34455.75", true, false, "1994-05-01"},
		{"60", true, false, ""}, {"12/13/1994", false, false, ""}, {"31.2.1994", false, false, ""}, {"1.5.94", false, false, ""},
		{"29.2.1900", false, false, ""}, {"1.5.0994", false, false, ""}, {"34455", false, false, "1994-05-01"}, {"344", false, false, ""},
		{"NaN", true, false, ""}, {"-1", true, false, ""}, {"", false, false, ""}, {"2.3", true, false, "1900-01-02"},
	} {
		if got, _ := birthDate(c.in, c.number, c.date1904); got != c.want {
			t.Errorf("%q (number %t, 1904 %t): %q, want %q", c.in, c.number, c.date1904, got, c.want)
		}
	}
	for in, want := range map[string]string{"010594Y9032": "1994-05-01", "010516B903X": "2016-05-01", "131052-308T": "1952-10-13", "010594+9032": "1894-05-01", "0105": ""} {
		if got, _ := hetuDate(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"Virtanen":                      {"Virtanen"},
		"Virtanen-Korhonen":             {"Virtanen-Korhonen", "Virtanen", "Korhonen"},
		"von Essen":                     {"von Essen"},
		"de la Cruz":                    {"de la Cruz"},
		"Virtanen (ent. Korhonen)":      {"Virtanen", "Korhonen"},
		"Smith née Jones":               {"Smith", "Jones"},
		"Virtanen o.s. Korhonen; Niemi": {"Virtanen", "Korhonen", "Niemi"},
		"12 - ,":                        nil,
		"A-b, Cc-Dd, Ee-Ff":             {"A-b", "Cc-Dd", "Ee-Ff"},
	} {
		if diff := cmp.Diff(want, familyNames(in)); diff != "" {
			t.Errorf("%s\n%s", in, diff)
		}
	}
	if diff := cmp.Diff([]string{"Matti", "Juhani", "K."}, givenNames("Matti Juhani, K. Matti")); diff != "" {
		t.Error(diff)
	}
	for in, want := range map[string][2]string{
		"Matti Juhani Meikäläinen": {"Matti Juhani", "Meikäläinen"}, "Meikäläinen, Matti Juhani": {"Matti Juhani", "Meikäläinen"},
		"Eva von der Berg": {"Eva", "von der Berg"}, "Matti": {"", ""}, ",": {"", ""},
	} {
		given, family, _ := splitFull(in, false)
		if got := [2]string{given, family}; got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	if g, f, _ := splitFull("Meikäläinen Matti Juhani", true); g != "Matti Juhani" || f != "Meikäläinen" {
		t.Errorf("family first: %q %q", g, f)
	}
	if g, f, _ := splitFull("von Essen Eva", true); g != "Eva" || f != "von Essen" {
		t.Errorf("family first, with a particle: %q %q", g, f)
	}
}

func TestColumnNames(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 54: "BC", 16383: "XFD"} {
		if got := columnName(i); got != want {
			t.Errorf("%d: %s", i, got)
		}
		if got, ok := columnOf(want + "12"); got != i || !ok {
			t.Errorf("%s: %d", want, got)
		}
	}
	for _, bad := range []string{"", "12", "A", "é1"} {
		if _, ok := columnOf(bad); ok {
			t.Errorf("%q is a cell", bad)
		}
	}
}
