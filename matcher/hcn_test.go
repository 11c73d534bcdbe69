package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestHcn(t *testing.T) {
	numbers{
		kind:   leak.CAOnHcn,
		number: "9876543217", // the ministry's sample
		forms:  []string{"9876-543-217", "9876543217", "9876 543 217"},
		hits: []hit{
			{"9876-543-217-XA", "9876543217", "9876-543-217"}, {"9876543217XA", "9876543217", "9876543217"}, {"9876 543 217 k,", "9876543217", "9876 543 217"},
		},
		misses:  []string{"9876-543-218", "0876-543-217", "9876543217XAB", "98765432170", "987-654-3217", "9876543217X1", "9876543217\u00e4"},
		counted: map[string]bool{"9876-543-217": true, "9876543217": false, "OHIP 9876543217": true, "health card no. 9876543217": true},
		refused: map[string]string{"9876-543-217-XA": "accepted", "9876543217 v": "accepted", "9876543218": "checksum", "0876543217": "format", "9876543217ABC": "format", "987654321": "format"},
	}.check(t)
}
