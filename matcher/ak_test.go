package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestAk(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.LTAk, pattern, why) }
	numbers{
		kind:    leak.LTAk,
		number:  "33309240064", // of python-stdnum
		forms:   []string{"33309240064"},
		hits:    []hit{self("38703181745"), self(at("9000000012?", "accepted")), self(at("6240229001?", "accepted"))},
		misses:  []string{"33309240065", at("3330230001?", "date"), at("6230229001?", "date"), "03309240064", "3330924006"},
		counted: map[string]bool{"33309240064": true},
		refused: map[string]string{"33309240064": "accepted", "33309240065": "checksum", at("9000000012?", "accepted"): "accepted", "333": "format"},
	}.check(t)
	lesser := at("9000000012?", "accepted")
	numbers{kind: leak.LTAk, number: lesser, counted: map[string]bool{lesser: false, "asmens kodas " + lesser: true}}.checkCounts(t)
}
