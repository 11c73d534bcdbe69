package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestIhi(t *testing.T) {
	numbers{
		kind:    leak.AUIhi,
		number:  "8003608166690503", // a test number of the agency
		forms:   []string{"8003 6081 6669 0503", "8003608166690503", "8003-6081-6669-0503"},
		misses:  []string{"8003 6081 6669 0504", "8003 6281 6669 0503", "4111 1111 1111 1111", "80036081666905030", "8003 6081 6669 050", "x8003608166690503"},
		counted: map[string]bool{"8003 6081 6669 0503": true, "8003608166690503": false, "IHI 8003608166690503": true},
		refused: map[string]string{"8003 6081 6669 0503": "accepted", "8003608166690504": "checksum", "4111111111111111": "format", "800360816669050": "format"},
	}.check(t)
}
