package matcher_test

import (
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// patients of clinic-a, whose numbers are two letters and six digits, and one of clinic-b, whose are five digits.
func recordKit(t *testing.T) *kit {
	t.Helper()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.MRN, "clinic-a/AB-123456")
	k.register("clinic-a", ref(1), leak.FIHetu, "131052-308T")
	k.register("clinic-a", ref(2), leak.MRN, "clinic-a/AB654321")
	k.register("clinic-a", ref(3), leak.Phone, "+358401234567")
	k.register("clinic-a", ref(3), leak.MRN, "clinic-a/XY000003")
	k.register("clinic-b", ref(9), leak.MRN, "clinic-b/12345")
	k.register("clinic-b", ref(9), leak.Email, "b@example.com")
	if err := k.SetPatterns(map[string]string{"clinic-a": `[A-Z]{2}[- ]?\d{6}`, "clinic-b": `\d{5}`}); err != nil {
		t.Fatal(err)
	}
	return k
}

// TestRecordNumbers: never alone, only beside something of the same clinic, and in the forms of its pattern.
func TestRecordNumbers(t *testing.T) {
	t.Parallel()
	k := recordKit(t)
	far := strings.Repeat(" x", 4000) + " "
	for _, c := range []struct {
		text           string
		found, counted int
	}{
		{"AB-123456", 0, 0},
		{"AB-123456;131052-308T", 1, 1},
		{"131052-308T;AB123456", 1, 1},
		{"131052-308T;ab 123456", 1, 1},
		{"131052-308T;ＡＢ－１２３４５６", 1, 1},
		{"131052-308T;AB-123456;AB-654321", 2, 2}, // another person of the clinic, beside one who counts
		{"131052-308T;XAB-123456", 0, 0},
		{"131052-308T;AB-1234567", 0, 0},
		{"131052-308T;AB_123456", 0, 0},
		{"131052-308T;AB-123457", 0, 0},
		{"131052-308T;12345", 0, 0}, // another clinic's number
		{"b@example.com;12345;AB-123456", 1, 1},
		{"131052-308T" + far + "AB-123456", 0, 0}, // too far
		{"0401234567 AB-654321", 1, 0},            // beside a number that does not count itself
		{"0401234567 XY-000003", 1, 1},            // of one person: both count
		{"0401234567 AB-654321" + far + "131052-308T", 1, 1},
		{"131052-308T" + far + "0401234567 AB-654321", 1, 1},
	} {
		found, counted := 0, 0
		for _, m := range k.read(text(c.text)).matches {
			if m.Kind == leak.MRN {
				found++
				if m.Counted {
					counted++
				}
			}
		}
		if found != c.found || counted != c.counted {
			t.Errorf("%.60q: %d found, %d counted, want %d and %d", c.text, found, counted, c.found, c.counted)
		}
	}
	r := k.read(text("131052-308T;AB-123456"))
	if v := leak.Judge(r.tally, "clinic-a"); v.Confidence != leak.Confirmed {
		t.Errorf("two kinds of one person in one record: %+v", v)
	}
	r = k.read(name("x/131052-308T AB-123456.pdf"))
	if len(r.matches) != 2 {
		t.Errorf("in a place: %+v", r.matches)
	}
	if err := k.SetPatterns(map[string]string{"clinic-a": `\d+`}); err == nil || strings.Contains(err.Error(), "AB") {
		t.Errorf("a bad pattern: %v", err)
	}
	if err := k.SetPatterns(nil); err != nil {
		t.Fatal(err)
	}
	if r = k.read(text("131052-308T;AB-123456")); len(r.matches) != 1 {
		t.Errorf("without a pattern: %+v", r.matches)
	}
}
