package matcher

import "leakwatch/leak"

// The Indian Aadhaar number: NNNN NNNN NNNN.
//
// Canonical form: twelve digits. The first is 2 to 9, the whole is no palindrome, and the last is the check digit of
// Verhoeff's scheme, which notices every wrong digit and every two neighbours that were swapped. Class weak: eight
// numbers in a hundred pass.
//
// Source: Unique Identification Authority of India, "Aadhaar numbering scheme" (2010); python-stdnum stdnum.in_.aadhaar.

var aadhaarRule = rule{
	name:  leak.INAadhaar,
	words: words([]string{"aadhaar", "aadhar", "adhar", "uidai", "uid", "\u0906\u0927\u093e\u0930"}),
	digits: digits{check: checkAadhaar, runs: []int{12},
		printed: []string{"9999 9999 9999"}, loose: []string{"9999-9999-9999"}},
}

// Tables of Verhoeff's scheme: the multiplication of the dihedral group of order ten, and a permutation's powers.
var (
	verhoeffTimes = [10][10]uint8{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
		{3, 4, 0, 1, 2, 8, 9, 5, 6, 7}, {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1}, {6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
		{7, 6, 5, 9, 8, 2, 1, 0, 4, 3}, {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}}
	verhoeffTurns = [8][10]uint8{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
		{8, 9, 1, 6, 0, 4, 3, 5, 2, 7}, {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1}, {2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
		{7, 0, 4, 6, 9, 1, 3, 2, 5, 8}}
)

func checkAadhaar(d []byte) reason {
	sum, palindrome := uint8(0), true
	for i := range d {
		c := d[len(d)-1-i]
		sum = verhoeffTimes[sum][verhoeffTurns[i%8][c-'0']]
		palindrome = palindrome && c == d[i]
	}
	switch {
	case d[0] < '2' || palindrome:
		return badFormat
	case sum != 0:
		return badChecksum
	}
	return good
}
