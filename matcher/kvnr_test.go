package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

// A123456780 is the example of GKV-Spitzenverband.
func TestKvnr(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.DEKvnr, nil, []hit{
		{"A123456780", "A123456780", "A123456780"},
		{"Versichertennr. a123456780,", "A123456780", "a123456780"},
		{"A 123 456 780", "A123456780", "A 123 456 780"},
		{"A123 456 780", "A123456780", "A123 456 780"},
		{"A1234567801080183130", "A123456780", "A1234567801080183130"}, // with the insurer and a check over all
		{"Ａ１２３４５６７８０", "A123456780", "Ａ１２３４５６７８０"},
		{kvnr("Z00000001"), kvnr("Z00000001"), kvnr("Z00000001")},
	}, []string{"A123456781", "B123456780", "A12345678", "AA123456780", "1A123456780", "A1234567800", "A123456780B", "A123-456-780", "A-123456780",
		"A123465780", "äA123456780", "A 123456780"})
	for value, want := range map[string]string{"A123456780": "accepted", " a 123 456 780": "accepted", "A1234567801080183130": "accepted",
		"A123456781": "checksum", "A12345678": "format", "1123456780": "format"} {
		if got := refused(leak.DEKvnr, "DE", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// kvnr adds the check digit to a letter and eight digits.
func kvnr(nine string) string {
	n := int(nine[0]-'A') + 1
	digits := string([]byte{byte('0' + n/10), byte('0' + n%10)}) + nine[1:]
	sum := 0
	for i, c := range digits {
		p := int(c-'0') * (1 + i%2)
		sum += p/10 + p%10
	}
	return nine + string(rune('0'+sum%10))
}
