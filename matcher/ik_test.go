package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestIk(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.EEIk, pattern, why) }
	numbers{
		kind:   leak.EEIk,
		number: "36805280109", // of python-stdnum
		forms:  []string{"36805280109"},
		hits: []hit{
			self("37605030299"),                 // of the register's own pages
			self(at("5000229012?", "accepted")), // 2000 had a leap day
			self(at("4161231999?", "accepted")), self(at("1000101000?", "accepted")), self(at("8991231000?", "accepted")),
		},
		misses: []string{
			"36805280108", "3680528010", "368052801099", "368052-80109", "36805280109a", at("3000229012?", "date"), at("3990230012?", "date"),
			at("3991301012?", "date"), at("3990001012?", "date"), "06805280109", "96805280109",
		},
		counted: map[string]bool{"36805280109": true},
		refused: map[string]string{" 36805280109 ": "accepted", "36805280109.0": "accepted", "36805280108": "checksum", "3680528010": "format", "": "format",
			"06805280109": "format", "3680528010x": "format"},
	}.check(t)
}
