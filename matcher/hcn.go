package matcher

import (
	"bytes"

	"leakwatch/leak"
)

// The health card number of Ontario, Canada: NNNN-NNN-NNN-VV.
//
// Canonical form: ten digits. The version code VV, one or two letters, changes with each card and is dropped. Luhn; the
// first digit is not 0. Class weak: nine numbers in a hundred pass.
//
// Source: Ontario Ministry of Health, "Health Card Validation Reference Manual"; 9876 543 217 is its sample.

var hcnRule = rule{
	name:  leak.CAOnHcn,
	canon: canonHcn,
	words: words([]string{"ohip", "health", "hcn", "hin", "carte sant"}),
	digits: digits{check: checkHcn, runs: []int{10}, tail: 2,
		printed: []string{"9999-999-999", "9999 999 999"}},
}

// canonHcn drops the version code.
func canonHcn(v []byte, _ input) ([][]byte, reason) {
	d := without(unfloat(v), " -")
	n := len(bytes.TrimRight(d, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
	if n != 10 || len(d) > n+2 || !allDigits(d[:n]) {
		return nil, badFormat
	}
	return one(d[:n], checkHcn(d[:n]))
}

func checkHcn(d []byte) reason {
	switch {
	case d[0] == '0':
		return badFormat
	case !luhn(d):
		return badChecksum
	}
	return good
}
