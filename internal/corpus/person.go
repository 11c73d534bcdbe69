package corpus

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"leakwatch/leak"
)

// Identifier is one identifier of a made-up person.
type Identifier struct {
	Kind  leak.Kind
	Canon string   // as LWH-1 hashes it
	Forms []string // as it is printed, the official form first
	Odd   []string // forms that the issuer does not print and a typist does
	Words string   // what is written before it where it is spoken of
}

// Person is a made-up person.
type Person struct {
	Ref           string // as a clinic's tool makes references: sixteen bytes in base32
	Given, Family string
	Born          Date
	IDs           []Identifier
}

// Clinic is the clinic with which these people are registered, and Pattern what its record numbers look like.
const (
	Clinic  = "clinic"
	Pattern = `PT[ -]?\d{3} ?\d{3}`
)

// Date is a day.
type Date struct{ Day, Month, Year int }

func (d Date) iso() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// born draws a date of birth between 1935 and 1999, so that two digits of a year say which century.
func born(r *rand.Rand) Date { return Date{1 + r.IntN(28), 1 + r.IntN(12), 1935 + r.IntN(65)} }

// ID gives the person's identifier of a kind, and nil where there is none.
func (p *Person) ID(k leak.Kind) *Identifier {
	for i := range p.IDs {
		if p.IDs[i].Kind == k {
			return &p.IDs[i]
		}
	}
	return nil
}

// People makes n people who have an identifier of every kind each. Their numbers are of test ranges.
func People(seed uint64, n int) []*Person {
	all, taken := make([]*Person, n), map[string]bool{}
	for i := range all {
		all[i] = newPerson(rand.New(rand.NewPCG(seed, uint64(i))), i, taken)
	}
	return all
}

// newPerson makes the nth person, whose numbers nobody has who was made before, of any kind: many are valid as several.
func newPerson(r *rand.Rand, n int, taken map[string]bool) *Person {
	g, f := givenNames[r.IntN(len(givenNames))], family(n)
	p := &Person{Ref: reference(r), Given: g.shown, Family: f.shown, Born: born(r)}
	for _, m := range makers {
		id := m.make(draw{r, p.Born, true, n})
		for taken[lastTen(id.Canon)] {
			id = m.make(draw{r, born(r), true, n})
		}
		taken[lastTen(id.Canon)] = true
		id.Kind, id.Words = m.kind, m.words
		p.IDs = append(p.IDs, id)
	}
	p.addresses(r, n)
	number := fmt.Sprintf("%03d", n%1000) + digits(r, 3)
	p.IDs = append(p.IDs, Identifier{Kind: leak.MRN, Canon: Clinic + "/PT" + number, Words: "asiakasnumero",
		Forms: []string{"PT" + number, "PT " + number[:3] + " " + number[3:], "PT-" + number}})
	d := p.Born
	p.IDs = append(p.IDs, Identifier{Kind: leak.Name, Canon: pair(g.folded, f.folded), Forms: []string{p.Family + "_" + p.Given, p.Family + ", " + p.Given, p.Given + " " + p.Family}},
		Identifier{Kind: leak.NameDOB, Canon: pair(g.folded, f.folded) + "|" + d.iso(), Words: "Potilas",
			Forms: []string{p.Given + " " + p.Family + ", " + d.iso(), p.Family + " " + p.Given + fmt.Sprintf(" %d.%d.%d", d.Day, d.Month, d.Year),
				p.Family + ", " + p.Given + fmt.Sprintf(" s. %02d.%02d.%d", d.Day, d.Month, d.Year)}})
	return p
}

// lastTen is what numbers of several kinds may have in common: a century stands before it, or a country.
func lastTen(canon string) string { return canon[max(0, len(canon)-10):] }

// family is a name that no other of the first 240 people has.
func family(n int) name {
	a, b := firstParts[n%len(firstParts)], lastParts[n/len(firstParts)%len(lastParts)]
	return name{a.shown + b.shown, a.folded + b.folded}
}

// addresses gives a person an address in its two forms.
func (p *Person) addresses(r *rand.Rand, n int) {
	local := fmt.Sprintf("%s.%s%d", plain(p.Given), plain(p.Family), 1000+n)
	domain := domains[r.IntN(len(domains))]
	address := local + "@" + domain
	p.IDs = append(p.IDs,
		Identifier{Kind: leak.Email, Canon: address, Forms: []string{address}, Words: "e-mail",
			Odd: []string{strings.ToUpper(address[:1]) + address[1:len(local)+1] + strings.ToUpper(domain)}},
		Identifier{Kind: leak.EmailBase, Canon: address, Forms: []string{local + "+shop@" + domain}, Words: "e-mail"})
}

// pair is the canonical form of two folded names.
func pair(a, b string) string {
	if b < a {
		a, b = b, a
	}
	return a + "|" + b
}

func plain(s string) string {
	return strings.NewReplacer("ä", "a", "ö", "o", "å", "a", "é", "e", "ø", "o").Replace(strings.ToLower(s))
}

func reference(r *rand.Rand) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := make([]byte, 26)
	for i := range b {
		b[i] = letters[r.IntN(32)]
	}
	b[25] = "AEIMQUY4"[r.IntN(8)] // sixteen bytes leave two bits over
	return string(b)
}

// name is a name, or a part of one, as it is written and as LWH-1 folds it.
type name struct{ shown, folded string }

var (
	givenNames = []name{{"Matti", "matti"}, {"Maija", "maija"}, {"Teppo", "teppo"}, {"Päivi", "paivi"}, {"Yrjö", "yrjo"}, {"Åsa", "asa"},
		{"Aino", "aino"}, {"René", "rene"}, {"Astrid", "astrid"}, {"Søren", "soren"}}
	firstParts = []name{{"Koivu", "koivu"}, {"Lehto", "lehto"}, {"Kallio", "kallio"}, {"Niitty", "niitty"}, {"Järvi", "jarvi"}, {"Hirvi", "hirvi"},
		{"Pelto", "pelto"}, {"Salo", "salo"}, {"Vuori", "vuori"}, {"Metso", "metso"}, {"Kanto", "kanto"}, {"Lumi", "lumi"}, {"Tammi", "tammi"},
		{"Myrsky", "myrsky"}, {"Talvi", "talvi"}, {"Suvi", "suvi"}, {"Hölmö", "holmo"}, {"Testi", "testi"}, {"Malli", "malli"}, {"Esimerkki", "esimerkki"}}
	lastParts = []name{{"mäki", "maki"}, {"ranta", "ranta"}, {"niemi", "niemi"}, {"saari", "sari"}, {"lahti", "lahti"}, {"kangas", "kangas"},
		{"harju", "harju"}, {"korpi", "korpi"}, {"vaara", "vara"}, {"nen", "nen"}, {"koski", "koski"}, {"joki", "joki"}}
	domains = []string{"example.com", "example.org", "mail.example.net", "posti.example", "clinic.test"}
)
