package leak

import (
	"strings"
	"unicode"
)

// Title masks a title: words of a small public vocabulary of leaks stay, as do numbers of at most four digits that
// stand alone; every other word may be a name and becomes a keyed code. The same word has the same code everywhere,
// so Title(query) finds what Title(title) wrote.
func (k *PlaceKey) Title(s string) string {
	words := Words(s)
	for i, w := range words {
		if !plainWord(w) {
			words[i] = k.codeOf("w", w)
		}
	}
	return strings.Join(words, " ")
}

// Words splits a title into lower-case words of letters and digits, without diacritics: a name is looked for as it is
// written, and file names write it without. At most 64 are kept.
func Words(s string) []string {
	words := strings.FieldsFunc(strings.Map(bare, s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return words[:min(len(words), 64)]
}

// bare is a letter in lower case without its diacritics; a mark that stands behind its letter goes altogether.
func bare(r rune) rune {
	r = unicode.ToLower(r)
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	if b, ok := bareLetters[r]; ok {
		return b
	}
	return r
}

var bareLetters = func() map[rune]rune {
	m := map[rune]rune{}
	for letter, marked := range map[rune]string{'a': "àáâãäåāăą", 'c': "çćĉċč", 'd': "ďđð", 'e': "èéêëēĕėęě", 'g': "ĝğġģ", 'h': "ĥħ",
		'i': "ìíîïĩīĭįı", 'j': "ĵ", 'k': "ķ", 'l': "ĺļľŀł", 'n': "ñńņň", 'o': "òóôõöøōŏő", 'r': "ŕŗř", 's': "śŝşšș", 't': "ţťŧț",
		'u': "ùúûüũūŭůűų", 'w': "ŵ", 'y': "ýÿŷ", 'z': "źżž"} {
		for _, r := range marked {
			m[r] = letter
		}
	}
	return m
}()

func plainWord(w string) bool {
	if vocabulary[w] {
		return true
	}
	if len(w) > 4 {
		return false
	}
	for _, c := range []byte(w) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// vocabulary holds words that say what a leak is and are nobody's name, in English, Finnish and Swedish.
var vocabulary = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`
		a all and archive asiakas asiakkaat backup clinic clients client combo combolist copy credentials csv customer
		customers data database db del dump dumps email emails file files free full fullz health hetu hetut
		hospital in index journal klient klinik klinikka kopia kunder kund leak leaked leaks list lista lists log logs mail
		medical new notes of old osa paste part passwords patient patients patientdata patienter patientregister personal
		pii potilaat potilas potilasrekisteri potilastiedot private raw record records rekisteri sairaala sample sql
		ssn ssns stolen tar terapia therapy the tiedot tietokanta tietovuoto txt untitled update users vol vuodettu vuoto
		zip gz json page unnamed anonymous breach breached download`) {
		m[w] = true
	}
	return m
}()
