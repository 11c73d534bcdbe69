package corpus

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"leakwatch/leak"
)

// Row is one registered identifier.
type Row struct {
	Clinic, Ref string
	Kind        leak.Kind
	Canon       string
}

// countries say which national numbers a clinic of a country registers.
var countries = [][]leak.Kind{{"fi-hetu"}, {"se-pnr", "no-fnr"}, {"dk-cpr"}, {"is-kt", "ee-ik", "lt-ak", "lv-pk"}, {"gb-nhs", "gb-nino", "ie-ppsn"}, {"nl-bsn", "be-nrn"},
	{"de-kvnr", "at-svnr", "ch-ahv"}, {"fr-nir", "it-cf"}, {"es-dni", "es-nie", "pt-nif", "pt-sns"}, {"pl-pesel", "cs-rc"}, {"us-ssn", "us-itin", "us-mbi", "ca-sin", "ca-on-hcn"},
	{"au-mcn", "au-ihi", "nz-nhi"}, {"br-cpf", "br-cns", "in-aadhaar"}}

// Clinics gives the rows of a clinic for each of some countries, n in all: of every patient a national number, a
// telephone number, an address in both its forms, and further numbers by turns. The numbers are drawn from all that are
// valid, not from test ranges, or else text would not meet them as it meets real ones; they are for a registry in memory
// and nowhere else.
func Clinics(seed uint64, n int) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		r := rand.New(rand.NewPCG(seed, 0xc11c))
		by := map[leak.Kind]maker{}
		for _, m := range makers {
			by[m.kind] = m
		}
		for i := 0; n > 0; i++ {
			c := i % len(countries)
			row := Row{Clinic: fmt.Sprintf("clinic-%d", c), Ref: reference(r)}
			d := draw{r, born(r), false, i}
			address := letters(r, 10, "abcdefghijklmnopqrstuvwxyz") + "@" + domains[r.IntN(len(domains))]
			for _, k := range []leak.Kind{countries[c][i/len(countries)%len(countries[c])], leak.Phone, leak.Email, leak.EmailBase} {
				if row.Kind, row.Canon = k, address; !k.Address() {
					row.Canon = by[k].make(d).Canon
				}
				if n--; !yield(row) || n == 0 {
					return
				}
			}
		}
	}
}
