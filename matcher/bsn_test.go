package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestBsn(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.NLBsn, pattern, why) }
	numbers{
		kind:   leak.NLBsn,
		number: "111222333", // of python-stdnum
		forms:  []string{"111222333", "1112.22.333", "1112 22 333", "111 222 333", "111.222.333"},
		hits: []hit{
			self("123456782"),
			{at("99990001?", "test"), at("99990001?", "test"), at("99990001?", "test")},                     // for tests, in a ring for tests
			{at("01234567?", "accepted")[1:], at("01234567?", "accepted"), at("01234567?", "accepted")[1:]}, // without its zero
		},
		misses:  []string{"111222334", "111-222-333", "11.1222.333", "1112222333", "000000000", at("99990001?", "test"), "111222333x"},
		counted: map[string]bool{"111222333": false, "1112.22.333": true, "111 222 333": false, "BSN 111222333": true, "burgerservicenummer: 111 222 333": true},
		refused: map[string]string{"111222333": "accepted", "1112.22.333": "accepted", "111222334": "checksum", "1112223": "format", "000000000": "format",
			at("99990001?", "test"): "test", at("01234567?", "accepted")[1:]: "accepted"},
	}.check(t)
}
