package enroll

import (
	"strings"
)

// headerWords are what columns are called in Finnish, Swedish, Norwegian, Danish and English, letters only. A word
// ending in * may go on.
var headerWords = []struct {
	fields []field
	words  string
}{
	{[]field{"fi-hetu"}, "hetu hetut henkilötunnus henkilotunnus henkilöturvatunnus sotu sosiaaliturvatunnus personbeteckning finskpersonbeteckning personalidentitycode finnishid"},
	{[]field{"se-pnr", "no-fnr", "dk-cpr"}, "personnummer personnr pnr persnr personnumer"},
	{[]field{"se-pnr"}, "samordningsnummer svensktpersonnummer swedishid"},
	{[]field{"no-fnr"}, "fødselsnummer fodselsnummer fødselsnr fodselsnr fnr dnummer norskfødselsnummer"},
	{[]field{"dk-cpr"}, "cpr cprnr cprnummer cprno"},
	{[]field{"gb-nhs"}, "nhs nhsno nhsnumber nhsnr nationalhealthnumber"},
	{[]field{"fi-hetu", "se-pnr", "no-fnr", "dk-cpr", "gb-nhs"}, "nationalid nationalidentifier nationalidnumber personalid ssn socialsecuritynumber kansallinentunnus nationelltid nasjonalid"},
	{[]field{fieldEmail}, "email emails emailaddress mail mailaddress sähköposti* sahkoposti* meili spostiosoite epost epostadress epostadresse eposti mailadress mailadresse e-post emailadresse emailadress"},
	{[]field{fieldPhone}, "phone* telephone* tel telno mobile* mobilephone cell cellphone puhelin* puh puhnro puhno gsm matkapuhelin* kännykkä kotipuhelin työpuhelin telefon* tlf tlfnr tfn tfnnr mobil* mobiltelefon* mobilnummer hemtelefon arbetstelefon privattelefon"},
	{[]field{fieldGiven}, "given givenname givennames first firstname firstnames forename forenames etunimi etunimet kutsumanimi förnamn fornamn tilltalsnamn fornavn fornavne mellomnavn mellemnavn middlename secondname toinennimi"},
	{[]field{fieldFamily}, "family familyname last lastname surname surnames sukunimi sukunimet entinensukunimi aikaisempisukunimi efternamn tidigareefternamn släktnamn etternavn efternavn tidligereetternavn formername formersurname maidenname"},
	{[]field{fieldFull}, "name fullname patientname clientname nimi kokonimi potilaannimi asiakkaannimi potilas asiakas namn patientnamn helanamnet fulltnamn navn fulltnavn fuldenavn pasientnavn patientnavn"},
	{[]field{fieldDOB}, "dob dateofbirth birthdate birthday born syntymäaika syntymaaika syntymäpäivä syntymäpvm synt syntaika födelsedatum fodelsedatum född födelsedag fødselsdato fodselsdato fødselsdag født foedselsdato"},
	{[]field{fieldID, fieldMRN}, "mrn medicalrecordnumber recordnumber recordno patientid patientno patientnumber patientnr potilasnumero potilasnro potilastunnus potilasid asiakasnumero asiakasnro asiakastunnus asiakasid patientnummer pasientnummer pasientnr pasientid journalnummer journalnr kundnummer klientnummer klientnr clientid clientno clientnumber customerid customernumber"},
	{[]field{fieldID}, "id tunnus numero nro nr no number nummer key avain"},
}

// guessField says what a header, in its plain form, may stand for: most likely first, or nothing.
func guessField(plain string) []field {
	base := strings.TrimRight(plain, "0123456789")
	if base == "" {
		return nil
	}
	for _, h := range headerWords {
		for _, w := range strings.Fields(h.words) {
			stem, open := strings.CutSuffix(w, "*")
			if base == w || open && strings.HasPrefix(base, stem) && len(base) <= len(stem)+12 {
				return h.fields
			}
		}
	}
	return nil
}
