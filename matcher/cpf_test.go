package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestCpf(t *testing.T) {
	numbers{
		kind:   leak.BRCpf,
		number: "39053344705", // of python-stdnum
		forms:  []string{"390.533.447-05", "39053344705", "390 533 447 05", "390533447-05", "390.533.447/05", "390.533.447.05"},
		hits:   []hit{self(fill(t, leak.BRCpf, "000000001??", "accepted"))},
		misses: []string{"390.533.447-06", "390.533.447-15", "111.111.111-11", "390.533.447-050", "390-533.447-05", "3905334470", "39053344705a"},
		counted: map[string]bool{"390.533.447-05": true, "39053344705": false, "CPF 39053344705": true, "cpf;nome\n39053344705;x": true,
			"390 533 447 05": false},
		refused: map[string]string{"390.533.447-05": "accepted", "39053344706": "checksum", "00000000000": "format", "191": "format", "390533447": "checksum"},
	}.check(t)
}
