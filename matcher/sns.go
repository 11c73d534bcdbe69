package matcher

import "leakwatch/leak"

// The Portuguese health service user number, número de utente do SNS.
//
// Canonical form: nine digits. No check is publicly known (not verified): any nine digits may be one, so it counts with a
// keyword near it, or beside another identifier of the same person, and no form of it proves anything. Class weak, the
// weakest there is.
//
// Source: none official for its structure; identification by Serviços Partilhados do Ministério da Saúde (RNU).

var snsRule = rule{
	name:   leak.PTSns,
	words:  words([]string{"utente", "sns", "n\u00ba ut", "rnu", "sa\u00fade", "saude"}),
	digits: digits{check: checkSns, runs: []int{9}, loose: []string{"999 999 999"}},
}

// checkSns refuses nothing but one digit nine times.
func checkSns(d []byte) reason {
	if oneDigit(d) {
		return badFormat
	}
	return good
}

// oneDigit says whether all digits are the same.
func oneDigit(d []byte) bool {
	for _, c := range d {
		if c != d[0] {
			return false
		}
	}
	return true
}
