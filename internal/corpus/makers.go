package corpus

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"leakwatch/leak"
)

// draw is what a maker draws an identifier from.
type draw struct {
	r    *rand.Rand
	born Date
	test bool // of the test range of the issuer, where there is one; else of all that is valid
	nth  int  // of the person
}

// maker makes valid identifiers of one kind.
type maker struct {
	kind  leak.Kind
	words string // what is written before it where it is spoken of
	make  func(draw) Identifier
}

// makers are all kinds of national numbers, telephone numbers among them. Where they are from: see each function.
var makers = []maker{
	{"fi-hetu", "hetu", hetu}, {"se-pnr", "personnummer", pnr}, {"no-fnr", "fødselsnummer", fnr}, {"dk-cpr", "CPR-nummer", cpr},
	{"is-kt", "kennitala", kennitala}, {"ee-ik", "isikukood", baltic}, {"lt-ak", "asmens kodas", baltic}, {"lv-pk", "personas kods", latvian},
	{"gb-nhs", "NHS number", nhs}, {"gb-nino", "National Insurance number", nino}, {"ie-ppsn", "PPS number", ppsn},
	{"nl-bsn", "BSN", bsn}, {"be-nrn", "rijksregisternummer", belgian}, {"de-kvnr", "Krankenversichertennummer", kvnr},
	{"fr-nir", "numéro de sécurité sociale", nir}, {"es-dni", "DNI", dni}, {"es-nie", "NIE", nie}, {"it-cf", "codice fiscale", codice},
	{"pt-nif", "NIF contribuinte", nif}, {"pt-sns", "número de utente SNS", utente}, {"pl-pesel", "PESEL", pesel}, {"cs-rc", "rodné číslo", rodne},
	{"ch-ahv", "AHV-Nummer", ahv}, {"at-svnr", "Sozialversicherungsnummer SVNR", svnr}, {"us-ssn", "SSN", ssn}, {"us-itin", "ITIN", itin}, {"us-mbi", "Medicare MBI", mbi},
	{"ca-sin", "Social Insurance Number SIN", sin}, {"ca-on-hcn", "Ontario health card", hcn}, {"au-mcn", "Medicare card", mcn},
	{"au-ihi", "IHI", ihi}, {"nz-nhi", "NHI", nhi}, {"br-cpf", "CPF", cpf}, {"br-cns", "CNS cartão", cns}, {"in-aadhaar", "Aadhaar", aadhaar},
	{"phone", "puh.", phone},
}

// Kinds are all kinds that stand in texts by themselves. Names stand in names only, record numbers beside others.
func Kinds() []leak.Kind {
	var all []leak.Kind
	for _, m := range makers {
		all = append(all, m.kind)
	}
	return append(all, leak.Email, leak.EmailBase, leak.NameDOB)
}

// digits writes n decimal digits drawn at random.
func digits(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(r.IntN(10))
	}
	return string(b)
}

// letters draws n letters of an alphabet.
func letters(r *rand.Rand, n int, of string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = of[r.IntN(len(of))]
	}
	return string(b)
}

// weigh is the sum of digits times weights.
func weigh(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return sum
}

// luhn is the digit that makes s valid after ISO/IEC 7812-1, annex B.
func luhn(s string) int {
	sum := 0
	for i := range s {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			d = d/5 + 2*d%10
		}
		sum += d
	}
	return (10 - sum%10) % 10
}

// until draws again until something valid comes out.
func until(f func() (string, bool)) string {
	for {
		if s, ok := f(); ok {
			return s
		}
	}
}

func num(n int) string { return fmt.Sprint(n) }

// groups splits s by lengths.
func groups(s, sep string, lengths ...int) string {
	var parts []string
	for _, n := range lengths {
		parts, s = append(parts, s[:n]), s[n:]
	}
	return strings.Join(parts, sep)
}

func ddmmyy(d Date) string { return fmt.Sprintf("%02d%02d%02d", d.Day, d.Month, d.Year%100) }
func yymmdd(d Date) string { return fmt.Sprintf("%02d%02d%02d", d.Year%100, d.Month, d.Day) }

// simple is an identifier of digits that is printed as it is, and in groups.
func simple(canon string, printed ...string) Identifier {
	return Identifier{Canon: canon, Forms: append(printed, canon)}
}

// phone takes the next number of Ofcom's range for drama, 07700 900000 to 900999.
func phone(d draw) Identifier {
	n := fmt.Sprintf("7700900%03d", d.nth%1000)
	if !d.test {
		n = "7" + letters(d.r, 1, "45789") + digits(d.r, 8)
	}
	return Identifier{Canon: "+44" + n, Forms: []string{"+44 " + n[:4] + " " + n[4:], "+44" + n, "0044" + n, "+44 (0)" + n[:4] + " " + n[4:], "0" + n[:4] + " " + n[4:]}}
}
