package matcher

import "leakwatch/leak"

// The Australian Medicare card number: NNNN NNNNC I P.
//
// Canonical form: the first nine digits. The first is 2 to 6, and the ninth is 1,3,7,9,1,3,7,9 · d modulo 10. The tenth is
// the issue of the card and the eleventh the person on it; both are dropped, so it identifies a card, which a family may
// share. Class weak: five numbers in a hundred pass.
//
// Source: Services Australia, "Medicare number" in the national health data dictionary (METeOR 270101).

var mcnRule = rule{
	name:  leak.AUMcn,
	words: words([]string{"medicare", "mcn", "card n", "medi no"}),
	digits: digits{check: checkMcn, runs: []int{9, 10, 11}, keep: 9, drop: "/",
		printed: []string{"9999 99999 9", "9999 99999 9 9", "9999 99999 9-9", "9999 99999 9/9"},
		loose:   []string{"9999-99999-9", "9999-99999-9-9", "9999 99999"}},
}

func checkMcn(d []byte) reason {
	if d[0] < '2' || d[0] > '6' || len(d) > 9 && d[9] == '0' || len(d) > 10 && d[10] == '0' {
		return badFormat
	}
	sum := 0
	for i, w := range [8]int{1, 3, 7, 9, 1, 3, 7, 9} {
		sum += w * digit(d[i])
	}
	if sum%10 != digit(d[8]) {
		return badChecksum
	}
	return good
}
