package enroll_test

import (
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher/enroll"
)

func TestPreview(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		table string
		id    string
		maps  []string
	}{
		"Finnish": {
			"Potilasnumero;Etunimi;Sukunimi;Syntymäaika;Henkilötunnus;Sähköposti;Puhelin;Huomautus\n" +
				row("1", plantedGiven, plantedFamily, "1.5.1994", plantedHETU, plantedEmail, plantedPhone, plantedFamily),
			"Potilasnumero",
			[]string{"mrn=Potilasnumero", "given=Etunimi", "family=Sukunimi", "dob=Syntymäaika", "fi-hetu=Henkilötunnus", "email=Sähköposti", "phone=Puhelin"},
		},
		"Swedish": {
			"Kundnummer;Förnamn;Efternamn;Personnummer;E-post;Mobilnummer\n" + row("1", "Maija", "Mallikas", "880320-0016", "m@example.com", "+44 7700 900123"),
			"Kundnummer", []string{"mrn=Kundnummer", "given=Förnamn", "family=Efternamn", "se-pnr=Personnummer", "email=E-post", "phone=Mobilnummer"},
		},
		"Norwegian": {
			"Pasientnr;Navn;Fødselsnummer;Epost\n" + row("1", "Maija Mallikas", "15108695088", "m@example.com"),
			"Pasientnr", []string{"mrn=Pasientnr", "name=Navn", "no-fnr=Fødselsnummer", "email=Epost"},
		},
		"Danish": {
			"Klientnr;Fornavn;Efternavn;CPR-nr.;Telefon\n" + row("1", "Maija", "Mallikas", "211062-5629", "+447700900123"),
			"Klientnr", []string{"mrn=Klientnr", "given=Fornavn", "family=Efternavn", "dk-cpr=CPR-nr.", "phone=Telefon"},
		},
		"English": {
			"id,Full name,NHS Number,Email address,Phone 1,Phone 2,Last visit\n1,Maija Mallikas,943 476 5870,m@example.com,+447700900123,,1.2.2024\n",
			"id", []string{"name=Full name", "gb-nhs=NHS Number", "email=Email address", "phone=Phone 1", "phone=Phone 2"},
		},
		"without a header": {
			row(plantedID, plantedHETU, plantedEmail) + row("2", "020594X903P", "b@example.com") + row("3", "010516B903X", "c@example.com"),
			"", []string{"fi-hetu=#2", "email=#3"},
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			p, err := enroll.Preview(context.Background(), enroll.Options{Table: w.file("register.csv", c.table), Kit: w.kit, Mapping: w.path("m")})
			if err != nil {
				t.Fatal(err)
			}
			nothingOf(t, "the preview", printed(p))
			if p.ID != c.id {
				t.Errorf("id %q, want %q", p.ID, c.id)
			}
			if diff := cmp.Diff(c.maps, p.Map); diff != "" {
				t.Error(diff)
			}
			if c.id != "" && (p.Would == nil || p.Would.Rows != 1 || p.Would.Patients != 1 || len(p.Would.Identifiers) == 0) {
				t.Errorf("would %+v", p.Would)
			}
			if files, err := os.ReadDir(w.dir); err != nil || len(files) != 1 {
				t.Errorf("the preview left files behind: %v %v", files, err)
			}
		})
	}
}

func TestPreviewCountsAgainstTheMapping(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.options(w.file("register.csv", register()))
	w.open(w.hash(o).Bundle)
	before, err := os.ReadFile(o.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	o.Table = w.file("april.csv", register()+row("P-4713", "Eve", "Esimerkki", "", "eve@example.com", ""))
	p, err := enroll.Preview(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if p.Would.NewPatients != 1 || p.Would.Added != 3 || p.Would.Identifiers[leak.Email] != 3 || p.Would.Sequence != 2 {
		t.Errorf("would %+v", p.Would)
	}
	after, err := os.ReadFile(o.Mapping)
	if err != nil || string(before) != string(after) {
		t.Error("the preview changed the mapping")
	}
}
