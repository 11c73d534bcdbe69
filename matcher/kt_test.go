package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestKt(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.ISKt, pattern, why) }
	numbers{
		kind:   leak.ISKt,
		number: "1201743399", // of python-stdnum
		forms:  []string{"120174-3399", "1201743399", "120174 3399"},
		hits: []hit{
			{"120174-3389", "1201743389", "120174-3389"}, // since 2026 the check digit may be wrong: doubtful, kept
			{"290200-3000", "2902003000", "290200-3000"}, // 2000 had a leap day
			self(at("86012345?9", "accepted")),           // system number
			self(at("80012345?9", "accepted")),
		},
		misses: []string{"450401-3150" /* a company */, "310274-3399", "120174-3391", "120174-3398", "290200-3009", "120174-33990", "x120174-3399", at("86012345?9", "checksum"),
			"120174.3399", "120074-3399"},
		counted: map[string]bool{"120174-3399": true, "1201743399": false, "kt. 1201743399": true, "Kennitala: 1201743399": true, "nafn;kennitala\nx;1201743399": true},
		refused: map[string]string{"120174-3399": "accepted", "120174-3389": "accepted", "310274-3399": "date", "450401-3150": "format", "12017433": "format",
			"201743399": "accepted" /* a zero was eaten: 02.01.74 */},
	}.check(t)
}
