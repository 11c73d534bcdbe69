package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestSsn(t *testing.T) {
	numbers{
		kind:   leak.USSsn,
		number: "078051120", // printed on a wallet's card; invalid since
		forms:  []string{"078-05-1120", "078051120", "078 05 1120", "078.05.1120"},
		hits:   []hit{self("219099999"), self("457555462"), self("001010001"), self("665999999"), self("667010001"), self("899999999")},
		misses: []string{"000-12-3456", "666-12-3456", "900-12-3456", "999-12-3456", "123-00-4567", "123-45-0000", "078-05-1120", "219-09-9999", "123-45-67890",
			"1123-45-6789", "123-456-789", "123/45/6789", "a123-45-6789", "123-45 6789", "12345678"},
		counted: map[string]bool{"078-05-1120": true, "078051120": false, "078 05 1120": false, "SSN 078051120": true, "Soc Sec # 078 05 1120": true,
			"name|ssn\nx|078051120": true, "session 078051120": false},
		refused: map[string]string{"123-45-6789": "accepted", "1010001": "accepted", "078-05-1120": "test", "666-12-3456": "format", "123456": "format", "900-70-1234": "format"},
	}.check(t)
}
