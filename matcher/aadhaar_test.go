package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestAadhaar(t *testing.T) {
	numbers{
		kind:   leak.INAadhaar,
		number: "234123412346", // of python-stdnum
		forms:  []string{"2341 2341 2346", "234123412346", "2341-2341-2346"},
		hits:   []hit{self("999941057058"), self("999971658847")}, // of the authority's test environment
		misses: []string{"2341 2341 2347", "2431 2341 2346", "134123412346", "034123412346", "2341 2341 23460", "23412341234", "2341.2341.2346", "222222222222", "234123412346x",
			"234143412346"},
		counted: map[string]bool{"2341 2341 2346": true, "234123412346": false, "Aadhaar No. 234123412346": true, "\u0906\u0927\u093e\u0930 234123412346": true,
			"2341 2341 2346 1111": false, "4111 2341 2341 2346": false, "1 2341 2341 2346 12": true},
		refused: map[string]string{"2341 2341 2346": "accepted", "234123412347": "checksum", "134123412346": "format", "23412341234": "format"},
	}.check(t)
}
