// Package demo is the world that `leakwatch demo` lives in: fictitious people made from a seed, a paste site, an open
// directory and its mirror, and a mailbox, all on loopback. The test scripts use it too.
//
// Every identifier in it is a test number: personal identity codes from the range that the Finnish population register
// keeps for tests, telephone numbers from the range that the British regulator keeps for drama, reserved domains.
package demo

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"
)

// Person is one fictitious client.
type Person struct {
	ID            string // the clinic's own number
	Given, Family string
	Born          time.Time
	HETU          string
	Email         string
	Phone         string
}

// FileName is a name as a thief makes it from a client's.
func (p Person) FileName(extension string) string {
	return strings.ToLower(p.Family) + "_" + strings.ToLower(p.Given) + "." + extension
}

// People makes n people. The same seed makes the same people.
func People(seed uint64, n int) []Person {
	rnd := rand.New(rand.NewPCG(seed, 1))
	people := make([]Person, n)
	used := map[string]bool{}
	for i := range people {
		p := person(rnd, i)
		for used[p.HETU] || used[p.Given+p.Family] && n < len(given)*len(family)/2 {
			p = person(rnd, i)
		}
		used[p.HETU], used[p.Given+p.Family] = true, true
		people[i] = p
	}
	return people
}

func person(rnd *rand.Rand, i int) Person {
	p := Person{ID: fmt.Sprintf("C-%05d", i+1), Given: given[rnd.IntN(len(given))], Family: family[rnd.IntN(len(family))]}
	p.Born = time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rnd.IntN(24000))
	p.HETU = hetu(p.Born, 900+rnd.IntN(100))
	p.Email = fmt.Sprintf("%s.%s%d@example.com", plain(p.Given), plain(p.Family), i+1)
	p.Phone = fmt.Sprintf("+447700900%03d", i%1000)
	return p
}

// hetu makes a personal identity code with its check character; individual numbers from 900 are for tests.
func hetu(born time.Time, individual int) string {
	sign := "-"
	if born.Year() >= 2000 {
		sign = "A"
	}
	date := born.Format("020106")
	var n int
	for _, c := range date + fmt.Sprintf("%03d", individual) {
		n = (n*10 + int(c-'0')) % 31
	}
	return fmt.Sprintf("%s%s%03d%c", date, sign, individual, "0123456789ABCDEFHJKLMNPRSTUVWXY"[n])
}

func plain(s string) string {
	return strings.NewReplacer("ä", "a", "ö", "o", "å", "a", "-", "").Replace(strings.ToLower(s))
}

// WriteTable writes the clinic's own table of its clients, as its patient system would export it.
func WriteTable(w io.Writer, people []Person) error {
	out := csv.NewWriter(w)
	out.Comma = ';'
	rows := [][]string{{"asiakasnumero", "etunimi", "sukunimi", "syntymäaika", "henkilötunnus", "sähköposti", "puhelin"}}
	for _, p := range people {
		rows = append(rows, []string{p.ID, p.Given, p.Family, p.Born.Format("2.1.2006"), p.HETU, p.Email, p.Phone})
	}
	return out.WriteAll(rows)
}

// Notes is a client's record as text: who it is, and invented prose.
func (p Person) Notes(rnd *rand.Rand) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Asiakas: %s %s\nHenkilötunnus: %s\nPuh. %s, sähköposti %s\n\n", p.Given, p.Family, p.HETU, p.Phone, p.Email)
	for range 3 + rnd.IntN(5) {
		fmt.Fprintf(&b, "%s. %s\n", p.Born.AddDate(30, rnd.IntN(12), rnd.IntN(28)).Format("2.1.2006"), prose[rnd.IntN(len(prose))])
	}
	return b.String()
}

var given = strings.Fields(`Aino Antti Eero Eeva Elina Emilia Hannu Heikki Helmi Ilkka Inari Jaakko Jari Johanna Juhani
	Kaarina Kalle Katri Lauri Leena Liisa Maarit Mika Mikael Minna Niko Olavi Onni Outi Paavo Päivi Pekka Riikka Risto
	Sanna Seppo Sirpa Taina Tapio Tuula Ulla Väinö Ville Yrjö Åke Örjan`)

var family = strings.Fields(`Aaltola Ahopelto Alakivi Harjula Heinäaho Hietapuro Jokiranta Järvikallio Kallioniemi
	Kangaspuro Keskikorpi Kivilaakso Koskiaho Kuusiluoto Lahdenperä Lehtisuo Lumijärvi Meriläkangas Mäntyharju Niinisaari
	Ojanperä Pihlajaniitty Poutapuro Puolukkamäki Rantakari Saarikorpi Salmenpää Suopelto Tammirinne Tuomikorpi
	Uusipelto Vaahteramäki Vesiluoma Viitakangas Yläkoski Öhmanholm Åkerlundin`)

var prose = []string{
	"Uni on parantunut, mutta aamuisin on raskasta. Sovittiin kävelystä joka toinen päivä.",
	"Puhuttiin työstä ja siitä, mikä siinä kuormittaa. Kotitehtävä: kolme hyvää asiaa illalla.",
	"Asiakas kertoi kesän suunnitelmista. Mieliala vakaa, lääkitys ennallaan.",
	"Harjoiteltiin hengitystä ja pysähtymistä. Seuraava aika kahden viikon päästä.",
	"Käytiin läpi riita ja mitä siitä seurasi. Asiakas on itse jo ottanut yhteyttä.",
	"Ei uutta. Jatketaan samalla tavalla, väliarvio syksyllä.",
}
