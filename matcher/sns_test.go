package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestSns(t *testing.T) {
	numbers{
		kind:   leak.PTSns,
		number: "123456789",
		forms:  []string{"123456789", "123 456 789"},
		misses: []string{"12345678", "1234567890", "111111111", "123456789a", "123-456-789"},
		counted: map[string]bool{"123456789": false, "123 456 789": false, "n.\u00ba de utente 123456789": true, "Utente: 123 456 789": true,
			"nome;utente\nx;123456789": true, "nome;numero\nx;123456789": false},
		refused: map[string]string{"123 456 789": "accepted", "12345678": "format", "111111111": "format"},
	}.check(t)
}
