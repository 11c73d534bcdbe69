package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestItin(t *testing.T) {
	numbers{
		kind:    leak.USItin,
		number:  "912903456", // of python-stdnum
		forms:   []string{"912-90-3456", "912903456", "912 90 3456"},
		hits:    []hit{self("900500000"), self("999659999"), self("900700000"), self("900880000"), self("900920000"), self("900940000"), self("900990000")},
		misses:  []string{"912-89-3456", "912-93-3456", "912-49-3456", "912-66-3456", "812-90-3456", "912-90-34567", "912903456a"},
		counted: map[string]bool{"912-90-3456": true, "912903456": false, "ITIN: 912903456": true},
		refused: map[string]string{"912-90-3456": "accepted", "912-89-3456": "format", "123-45-6789": "format"},
	}.check(t)
}
