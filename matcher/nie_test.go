package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

// X2482300W and X5253868R are python-stdnum's.
func TestNie(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.ESNie, nil, []hit{
		{"X2482300W", "X2482300W", "X2482300W"},
		{"NIE X-2482300-W.", "X2482300W", "X-2482300-W"},
		{"x5253868r", "X-5253868-R", "x5253868r"},
		{"X 2482300 W", "X2482300W", "X 2482300 W"},
		{"X-2.482.300-W", "X2482300W", "X-2.482.300-W"},
		{"X02482300W", "X2482300W", "X02482300W"}, // as old ones were printed
		{"Ｘ２４８２３００Ｗ", "X2482300W", "Ｘ２４８２３００Ｗ"},
		{"Y0000000Z", "Y0000000Z", "Y0000000Z"},
	}, []string{"X2482300A", "Y2482300W", "X2482030W", "X248230W", "X24823000W", "XX2482300W", "1X2482300W", "X2482300WW", "X2482300", "W2482300W",
		"Y02482300W", "X/2482300/W"})
	for value, want := range map[string]string{"X2482300W": "accepted", "x-2.482.300-w": "accepted", "X02482300W": "accepted", "X2482300A": "checksum",
		"A2482300W": "format", "X248230W": "format"} {
		if got := refused(leak.ESNie, "ES", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
