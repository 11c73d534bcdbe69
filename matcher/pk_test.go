package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestPk(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.LVPk, pattern, why) }
	numbers{
		kind:   leak.LVPk,
		number: "16117519997", // of python-stdnum
		forms:  []string{"161175-19997", "16117519997", "161175 19997"},
		hits: []hit{
			{"328673-00679", "32867300679", "328673-00679"}, // new, check digit as python-stdnum has it
			{"328673-00670", "32867300670", "328673-00670"}, // and not: doubtful, kept
			{at("290200-2000?", "accepted"), at("2902002000?", "accepted"), at("290200-2000?", "accepted")},
		},
		misses: []string{"161175-19998", "161175.19997", "161175--19997", "161175-199971", "161175-1999", "1161175-19997", at("290200-1000?", "date"),
			at("310475-1000?", "date"), at("160075-1000?", "date"), at("161175-3000?", "date"), "161175-19997a"},
		counted: map[string]bool{"161175-19997": true, "16117519997": false, "personas kods 16117519997": true, "vards,pers. kods\nx,16117519997": true},
		refused: map[string]string{"161175-19997": "accepted", "161175-19998": "checksum", "328673-00670": "accepted", at("310475-1000?", "date"): "date",
			"161175-1999": "format", at("0101011000?", "accepted")[1:]: "accepted"},
	}.check(t)
}
