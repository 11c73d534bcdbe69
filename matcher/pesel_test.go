package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestPesel(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.PLPesel, pattern, why) }
	numbers{
		kind:   leak.PLPesel,
		number: "44051401359", // of python-stdnum
		forms:  []string{"44051401359", "440514 01359"},
		hits: []hit{
			self("02070803628"), self(at("0022290000?", "accepted")), self(at("9992310000?", "accepted")), self(at("0041010000?", "accepted")),
			self(at("0061010000?", "accepted")), self(at("0081010000?", "accepted")),
		},
		misses: []string{"44051401358", "4405140135", "440514013590", "44051401359x", at("0002290000?", "date"), at("0022300000?", "date"), at("0013010000?", "date"),
			at("0000010000?", "date"), at("0020010000?", "date"), "440514.01359"},
		counted: map[string]bool{"44051401359": true},
		refused: map[string]string{"44051401359": "accepted", "44051401358": "checksum", at("0013010000?", "date"): "date", "440514013": "checksum",
			at("0021010000?", "accepted")[2:]: "accepted", "44051401": "format"},
	}.check(t)
}
