package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestSvnr(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.ATSvnr, pattern, why) }
	fictitious := at("123?011480", "accepted")
	numbers{
		kind:    leak.ATSvnr,
		number:  "1237010180", // of python-stdnum
		forms:   []string{"1237 010180", "1237010180", "1237-010180", "1237/010180"},
		hits:    []hit{self(at("12??290200", "accepted")), self(at("123?311299", "accepted")), self(at("12??311380", "accepted")), self(fictitious)},
		misses:  []string{"1236010180", "1237 0101800", "1237 01018", at("12??310480", "date"), at("12??000480", "date"), at("12??290201", "date"), "0237010180", "1237.010180", at("12??010080", "date")},
		counted: map[string]bool{"1237010180": true, "1237 010180": true},
		refused: map[string]string{"1237 010180": "accepted", "1238010180": "checksum", at("12??310480", "date"): "date", "123701018": "format", fictitious: "accepted"},
	}.check(t)
	numbers{kind: leak.ATSvnr, number: fictitious,
		counted: map[string]bool{fictitious: false, fictitious[:4] + " " + fictitious[4:]: true, "SVNR: " + fictitious: true}}.checkCounts(t)
}
