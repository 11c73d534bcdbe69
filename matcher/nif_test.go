package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestNif(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.PTNif, pattern, why) }
	numbers{
		kind:    leak.PTNif,
		number:  "123456789", // the example of most tables; its check digit is right
		forms:   []string{"123456789", "123 456 789", "123.456.789", "123-456-789"},
		hits:    []hit{self(at("45123456?", "accepted")), self(at("29999999?", "accepted"))},
		misses:  []string{"123456788", "501964843" /* a company */, "1234567890", "12 3456 789", "123456789a", "023456789", "441234569", "461234564"},
		counted: map[string]bool{"123456789": false, "NIF 123456789": true, "123 456 789": false, "contribuinte n.\u00ba 123 456 789": true},
		refused: map[string]string{"123 456 789": "accepted", "123456788": "checksum", "501964843": "format", "12345678": "format", "123456789.0": "accepted"},
	}.check(t)
}
