package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestAhv(t *testing.T) {
	numbers{
		kind:    leak.CHAhv,
		number:  "7569217076985", // of the federal tax administration
		forms:   []string{"756.9217.0769.85", "7569217076985", "756 9217 0769 85", "756-9217-0769-85"},
		misses:  []string{"756.9217.0769.86", "756.9217.07698.5", "7559217076985", "756921707698", "75692170769850", "756.9217.0769.850", "a756.9217.0769.85"},
		counted: map[string]bool{"756.9217.0769.85": true, "7569217076985": false, "AHV-Nr. 7569217076985": true, "N\u00b0 AVS 756 9217 0769 85": true},
		refused: map[string]string{"756.9217.0769.85": "accepted", "7569217076986": "checksum", "4006381333931": "format", "756921707698": "format"},
	}.check(t)
}
