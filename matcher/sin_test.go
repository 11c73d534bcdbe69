package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestSin(t *testing.T) {
	numbers{
		kind:    leak.CASin,
		number:  "123456782", // of python-stdnum
		forms:   []string{"123-456-782", "123456782", "123 456 782", "123.456.782"},
		hits:    []hit{self("130692544")},
		misses:  []string{"123-456-783", "046-454-286", "823-456-785", "123-456-7820", "12-3456-782", "123-456 782", "123456782a"},
		counted: map[string]bool{"123-456-782": true, "123 456 782": false, "123456782": false, "SIN 123 456 782": true, "NAS : 123456782": true, "since 123456782": true},
		refused: map[string]string{"123 456 782": "accepted", "123456783": "checksum", "046454286": "format", "12345678": "format"},
	}.check(t)
}
