package enroll

import (
	"slices"
	"strings"
)

// headerWords are what columns are called in the languages of the countries whose numbers there are, letters only. A word
// ending in * may go on. What a word may stand for is in the order of likelihood; values decide among equals.
var headerWords = []struct {
	fields []field
	words  string
}{
	{[]field{"fi-hetu"}, "hetu hetut henkilötunnus henkilotunnus henkilöturvatunnus sotu sosiaaliturvatunnus personbeteckning finskpersonbeteckning personalidentitycode finnishid"},
	{[]field{"se-pnr", "no-fnr", "dk-cpr"}, "personnummer personnr pnr persnr personnumer"},
	{[]field{"se-pnr"}, "samordningsnummer svensktpersonnummer swedishid"},
	{[]field{"no-fnr"}, "fødselsnummer fodselsnummer fødselsnr fodselsnr fnr dnummer norskfødselsnummer"},
	{[]field{"dk-cpr"}, "cpr cprnr cprnummer cprno"},
	{[]field{"ee-ik"}, "isikukood isikukoodid"},
	{[]field{"lt-ak"}, "asmenskodas asmkodas"},
	{[]field{"lv-pk"}, "personaskods perskods"},
	{[]field{"is-kt"}, "kennitala kennitölur kt"},
	{[]field{"gb-nhs"}, "nhs nhsno nhsnumber nhsnr nationalhealthnumber chi chinumber chino hcnumber"},
	{[]field{"gb-nino"}, "nino ninumber nationalinsurance nationalinsuranceno nationalinsurancenumber"},
	{[]field{"ie-ppsn"}, "ppsn pps ppsno ppsnumber personalpublicservicenumber uimhirpsp"},
	{[]field{"nl-bsn"}, "bsn bsnnummer burgerservicenummer sofinummer"},
	{[]field{"be-nrn"}, "rijksregisternummer rijksregisternr insz inszinummer registrenational numeroderegistrenational numéroderegistrenational niss numeroniss numéroniss nrn"},
	{[]field{"de-kvnr"}, "kvnr kvnummer krankenversichertennummer krankenversichertennr krankenversicherungsnummer versichertennummer versichertennr versichertenid"},
	{[]field{"fr-nir"}, "nir numerodesecuritesociale numérodesécuritésociale numerosecuritesociale nosecuritesociale ndesecuritesociale ndesécuritésociale nsecuritesociale nsécuritésociale numsecu numérosécu nosecu secu sécu securitesociale sécuritésociale numeross nss insee numeroinsee"},
	{[]field{"es-dni", "es-nie"}, "dni dninie dniynie dnionie documentodeidentidad documentoidentidad documentonacionaldeidentidad numerodni"},
	{[]field{"es-nie"}, "nie numeronie"},
	{[]field{"pt-nif", "es-dni", "es-nie"}, "nif"},
	{[]field{"pt-nif"}, "contribuinte numerodecontribuinte númerodecontribuinte ncontribuinte numerofiscal"},
	{[]field{"pt-sns"}, "sns utente numerodeutente númerodeutente nutente numerosns numeroutente"},
	{[]field{"it-cf"}, "codicefiscale cf codfiscale codfisc cfiscale"},
	{[]field{"pl-pesel"}, "pesel numerpesel nrpesel"},
	{[]field{"cs-rc"}, "rodnečíslo rodnéčíslo rodnecislo rodčíslo rodcislo rč rc"},
	{[]field{"ch-ahv"}, "ahv ahvnr ahvnummer ahvn13 avs noavs numeroavs numéroavs avsnr numeroavs13"},
	{[]field{"at-svnr", "ch-ahv"}, "svnr svnummer sozialversicherungsnummer sozialversicherungsnr versicherungsnummer"},
	{[]field{"us-ssn", "us-itin"}, "ssnnumber socialsecurity socialsecurityno"},
	{[]field{"us-itin"}, "itin"},
	{[]field{"us-mbi", "au-mcn"}, "medicare medicareid medicareno medicarenumber medicarecard medicarecardnumber medicarebeneficiaryid"},
	{[]field{"us-mbi"}, "mbi mbinumber"},
	{[]field{"ca-sin"}, "sin sinnumber socialinsurancenumber nas"},
	{[]field{"ca-on-hcn"}, "hcn ohip ohipnumber healthcard healthcardno healthcardnumber"},
	{[]field{"au-ihi"}, "ihi ihinumber individualhealthcareidentifier"},
	{[]field{"nz-nhi"}, "nhi nhino nhinumber nationalhealthindex"},
	{[]field{"br-cpf"}, "cpf numerocpf"},
	{[]field{"br-cns"}, "cns cartaosus cartãosus cartaonacionaldesaude cartãonacionaldesaúde"},
	{[]field{"in-aadhaar"}, "aadhaar aadhar aadhaarno aadhaarnumber uidai"},
	{nationalFields(), "nationalid nationalidentifier nationalidnumber personalid personalnumber idnumber ssn socialsecuritynumber kansallinentunnus nationelltid nasjonalid personalausweis identificacion"},
	{[]field{fieldEmail}, "email emails emailaddress mail mailaddress sähköposti* sahkoposti* meili spostiosoite epost epostadress epostadresse eposti mailadress mailadresse e-post emailadresse emailadress emailadres correo correoelectronico correoelectrónico courriel adressemail indirizzoemail epasts elpastas epostiaadress netfang adresemail"},
	{[]field{fieldPhone}, "phone* telephone* tel telno mobile* mobilephone cell cellphone puhelin* puh puhnro puhno gsm matkapuhelin* kännykkä kotipuhelin työpuhelin telefon* tlf tlfnr tfn tfnnr mobil* mobiltelefon* mobilnummer hemtelefon arbetstelefon privattelefon téléphone* teléfono* teléfonomóvil telefono* móvil movil portable handy cellulare telemóvel telemovel celular telefoon* komórka mobiel tālrunis talrunis sími farsími"},
	{[]field{fieldGiven}, "given givenname givennames first firstname firstnames forename forenames etunimi etunimet kutsumanimi förnamn fornamn tilltalsnamn fornavn fornavne mellomnavn mellemnavn middlename secondname toinennimi vorname vornamen rufname prénom prenom prénoms prenoms nombre nombres nome imię imie imiona voornaam voornamen eesnimi vardas vārds jméno jmeno eiginnafn"},
	{[]field{fieldFamily}, "family familyname last lastname surname surnames sukunimi sukunimet entinensukunimi aikaisempisukunimi efternamn tidigareefternamn släktnamn etternavn efternavn tidligereetternavn formername formersurname maidenname nachname familienname geburtsname nom nomdefamille nomdenaissance nomusuel apellido apellidos primerapellido segundoapellido cognome sobrenome apelido nazwisko nazwiskorodowe achternaam meisjesnaam perekonnanimi perenimi pavardė uzvārds příjmení prijmeni"},
	{[]field{fieldFull}, "name fullname patientname clientname nimi kokonimi potilaannimi asiakkaannimi potilas asiakas namn patientnamn helanamnet fulltnamn navn fulltnavn fuldenavn pasientnavn patientnavn patientenname nombrecompleto nombreyapellidos nomcomplet nometprénom nomecompleto nomecognome cognomeenome imięinazwisko naam patiëntnaam patientnaam volledigenaam täisnimi nafn"},
	{[]field{fieldDOB}, "dob dateofbirth birthdate birthday born syntymäaika syntymaaika syntymäpäivä syntymäpvm synt syntaika födelsedatum fodelsedatum född födelsedag fødselsdato fodselsdato fødselsdag født foedselsdato geburtsdatum gebdatum gebdat geburtstag datedenaissance naissance datenaissance fechadenacimiento fechanacimiento datadinascita datanascita datadenascimento datanascimento nascimento dataurodzenia geboortedatum sünniaeg sünnikuupäev gimimodata dzimšanasdatums datumnarození datumnarozeni fæðingardagur"},
	{[]field{fieldID, fieldMRN}, "mrn medicalrecordnumber recordnumber recordno patientid patientno patientnumber patientnr potilasnumero potilasnro potilastunnus potilasid asiakasnumero asiakasnro asiakastunnus asiakasid patientnummer pasientnummer pasientnr pasientid journalnummer journalnr kundnummer klientnummer klientnr clientid clientno clientnumber customerid customernumber patientennummer patientennr patientenid fallnummer numeropatient numéropatient numerodossier numérodossier numérodedossier ipp historiaclinica historiaclínica nhc cartellaclinica numeroprocesso numeropacjenta patiëntnummer patientnumber patsiendinumber"},
	{[]field{fieldID}, "id tunnus numero nro nr no number nummer key avain código codigo numéro"},
}

// guessField says what a header, in its plain form, may stand for: most likely first, or nothing.
func guessField(plain string) []field {
	base := strings.TrimRight(plain, "0123456789")
	if base == "" {
		return nil
	}
	for _, name := range []string{plain, base} {
		for _, h := range headerWords {
			if slices.ContainsFunc(strings.Fields(h.words), func(w string) bool { return headerIs(name, w) }) {
				return h.fields
			}
		}
	}
	return nil
}

func headerIs(name, word string) bool {
	stem, open := strings.CutSuffix(word, "*")
	return name == word || open && strings.HasPrefix(name, stem) && len(name) <= len(stem)+12
}
