package matcher

import "leakwatch/leak"

// The Lithuanian personal code, asmens kodas: GYYMMDDSSSC.
//
// Canonical form: eleven digits. Built and checked as the Estonian code (ik.go); so the same digits may be both, and
// are two candidates. A number that begins with 9 has no date: it counts like a weak one. Class medium. It is printed
// without separators.
//
// Source: Law on the population register of the Republic of Lithuania, art. 8; python-stdnum stdnum.lt.asmens.

var akRule = rule{
	name:   leak.LTAk,
	words:  words(personWords, []string{"asmens", "a. k.", "a.k.", "ak:"}),
	digits: digits{check: checkAk, runs: []int{11}},
}

func checkAk(d []byte) reason {
	if d[0] != '9' {
		return checkIk(d)
	}
	if !balticCheck(d) {
		return badChecksum
	}
	return unsure
}
