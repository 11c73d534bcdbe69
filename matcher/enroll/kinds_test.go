package enroll_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher/enroll"
)

// TestEveryKindIsAColumn: whatever kind leakwatch has heard of can be mapped.
func TestEveryKindIsAColumn(t *testing.T) {
	t.Parallel()
	fields := enroll.Fields()
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f] {
			t.Errorf("%s is there twice", f)
		}
		seen[f] = true
		if k := leak.Kind(f); !k.Known() && f != "given" && f != "family" && f != "dob" {
			t.Errorf("%s is no kind", f)
		}
	}
	for _, k := range leak.Kinds() {
		if !seen[string(k)] && k != leak.EmailBase && k != leak.NameDOB {
			t.Errorf("no column can hold %s", k)
		}
	}
}

// TestPreviewOfCountries: columns by what they are called where the numbers are issued, and the ones that need no header.
func TestPreviewOfCountries(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		head, line string
		maps       []string
	}{
		"Italian": {"ID;Nome;Cognome;Codice fiscale;Data di nascita;Cellulare", "1;Maria;Esempio;RCCMNL83S18D969H;18.11.1983;+447700900123",
			[]string{"given=Nome", "family=Cognome", "it-cf=Codice fiscale", "dob=Data di nascita", "phone=Cellulare"}},
		"French": {"Id;Nom;Prénom;N° de sécurité sociale;Date de naissance", "1;Exemple;Marie;2 95 10 99 126 111 93;1.10.1995",
			[]string{"family=Nom", "given=Prénom", "fr-nir=N° de sécurité sociale", "dob=Date de naissance"}},
		"Dutch": {"patiëntnummer;naam;geboortedatum;BSN", "1;Jan Voorbeeld;1-5-1994;111222333",
			[]string{"mrn=patiëntnummer", "name=naam", "dob=geboortedatum", "nl-bsn=BSN"}},
		"French, short":      {"Id;Nom;Prénom;NIR", "1;Exemple;Marie;295109912611193", []string{"family=Nom", "given=Prénom", "fr-nir=NIR"}},
		"Spanish":            {"Id;Nombre;Apellidos;DNI", "1;María;Ejemplo;54362315K", []string{"given=Nombre", "family=Apellidos", "es-dni=DNI"}},
		"Spanish, NIE":       {"Id;Documento de identidad", "1;X2482300W", []string{"es-nie=Documento de identidad"}},
		"German":             {"Patientennummer;Vorname;Nachname;Geburtsdatum;KV-Nr.", "1;Max;Beispiel;1.5.1994;A123456780", []string{"mrn=Patientennummer", "given=Vorname", "family=Nachname", "dob=Geburtsdatum", "de-kvnr=KV-Nr."}},
		"Irish":              {"id;name;PPS No.", "1;Sean Sample;6433435F", []string{"name=name", "ie-ppsn=PPS No."}},
		"British":            {"id;name;NI Number", "1;Sean Sample;AB123456C", []string{"name=name", "gb-nino=NI Number"}},
		"American":           {"id;First;Last;MBI;SSN", "1;Ann;Sample;1EG4-TE5-MK73;536-90-4399", []string{"given=First", "family=Last", "us-mbi=MBI", "us-ssn=SSN"}},
		"of New Zealand":     {"id;name;NHI", "1;Ann Sample;ZAC5361", []string{"name=name", "nz-nhi=NHI"}},
		"Polish":             {"id;Imię;Nazwisko;PESEL", "1;Jan;Przykład;44051401359", []string{"given=Imię", "family=Nazwisko", "pl-pesel=PESEL"}},
		"a general word":     {"id;National ID", "1;44051401359", []string{"pl-pesel=National ID"}},
		"another such":       {"id;SSN", "1;131052-308T", []string{"fi-hetu=SSN"}},
		"two of one country": {"id;NIF", "1;54362315K", []string{"es-dni=NIF"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			p, err := enroll.Preview(context.Background(), enroll.Options{Table: w.file("register.csv", c.head+"\n"+c.line+"\n"), Kit: w.kit, Mapping: w.path("m")})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.maps, p.Map); diff != "" {
				t.Error(diff)
			}
		})
	}
	w := setup(t)
	table := strings.Repeat("1;RCCMNL83S18D969H;295109912611193;ZAC5361\n", 4)
	p, err := enroll.Preview(context.Background(), enroll.Options{Table: w.file("bare.csv", table), Kit: w.kit, Mapping: w.path("m")})
	if diff := cmp.Diff([]string{"it-cf=#2", "fr-nir=#3", "nz-nhi=#4"}, p.Map); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestColumnsOfNewKinds: what is registered of a table in which one column holds numbers of two kinds.
func TestColumnsOfNewKinds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.options(w.file("r.csv", "potilasnumero;doc;cf\n1;54362315K;RCCMNL83S18D969H\n2;X2482300W;rcc mnl 83s18 d969h\n3;54362315L;RCCMNL83S18D969I\n"))
	o.Map = []string{"es-dni=doc", "es-nie=doc", "it-cf=cf"}
	s := w.hash(o)
	want := map[leak.Kind]int64{leak.ESDni: 1, leak.ESNie: 1, leak.ITCf: 2}
	if diff := cmp.Diff(want, s.Identifiers); diff != "" {
		t.Error(diff)
	}
}

// TestRecordNumbersOfAPattern: the kit says what the clinic's numbers look like, and the column is checked by it.
func TestRecordNumbersOfAPattern(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.kit.RecordNumbers = `[A-Z]{2}-?\d{4}`
	if err := w.kit.Check(); err != nil {
		t.Fatal(err)
	}
	o := w.options(w.file("r.csv", "potilasnumero;nr\n1;AB-1234\n2;ab1234\n3;1234\n4;AB-12345\n"))
	o.Map = []string{"mrn=nr"}
	s := w.hash(o)
	if s.Identifiers[leak.MRN] != 2 || len(s.Refused) != 1 || s.Refused[0].Count != 2 || s.Refused[0].Reason != "format" {
		t.Errorf("%v, refused %+v", s.Identifiers, s.Refused)
	}
	w.kit.RecordNumbers = `\d+`
	if w.kit.Check() == nil {
		t.Error("a kit with a pattern that nobody can use")
	}
	path := w.path("b.kit")
	w.kit.RecordNumbers = `\d{6}`
	if err := enroll.WriteKit(path, w.kit); err != nil {
		t.Fatal(err)
	}
	if k, err := enroll.ReadKit(path); err != nil || k != w.kit {
		t.Errorf("%+v, %v", k.RecordNumbers, err)
	}
}
