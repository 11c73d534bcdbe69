package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestRc(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.CSRc, pattern, why) }
	numbers{
		kind:   leak.CSRc,
		number: "7103192745", // of python-stdnum
		forms:  []string{"710319/2745", "7103192745", "710319 2745", "710319-2745"},
		hits: []hit{
			self(at("715319274?", "accepted")),                                     // a woman
			self(at("042101001?", "accepted")), self(at("047101001?", "accepted")), // 20 added since 2004
			self(at("000229001?", "accepted")), self(at("540101001?", "accepted")),
			{"530101/001", "530101001", "530101/001"}, {"991231/123", "991231123", "991231/123"}, // nine digits before 1954
		},
		misses: []string{"7103192746", "710319/27450", "710319/274", "540101/001", at("710230274?", "date"), at("711319274?", "date"), at("032101001?", "date"),
			at("717101001?", "date"), "710319.2745", "a7103192745", at("540001001?", "date"), "530230/001"},
		counted: map[string]bool{"7103192745": true, "710319/2745": true},
		refused: map[string]string{"710319/2745": "accepted", "7103192746": "checksum", "530101/001": "accepted", "540101/001": "format", "530230/001": "date",
			"7103": "format"},
	}.check(t)
	numbers{kind: leak.CSRc, number: "530101001",
		counted: map[string]bool{"530101001": false, "530101/001": true, "rodn\u00e9 \u010d\u00edslo 530101001": true, "R.\u010c. 530101001": true}}.checkCounts(t)
}
