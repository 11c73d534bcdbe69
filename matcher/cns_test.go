package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestCns(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.BRCns, pattern, why) }
	n := at("70050884404015?", "accepted")
	numbers{
		kind:    leak.BRCns,
		number:  n,
		forms:   []string{n, n[:3] + " " + n[3:7] + " " + n[7:11] + " " + n[11:], n[:3] + "." + n[3:7] + "." + n[7:11] + "." + n[11:]},
		hits:    []hit{self(at("12345678901000?", "accepted")), self(at("89800000000001?", "accepted"))},
		misses:  []string{at("70050884404015?", "checksum"), "300508844040150", n[:14], n + "1", n + "x", n[:4] + " " + n[4:]},
		counted: map[string]bool{n: false, "CNS " + n: true, "Cart\u00e3o SUS: " + n: true, n[:3] + " " + n[3:7] + " " + n[7:11] + " " + n[11:]: true},
		refused: map[string]string{n: "accepted", at("70050884404015?", "checksum"): "checksum", "300508844040150": "format", n[:14]: "format"},
	}.check(t)
}
