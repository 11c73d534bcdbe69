package matcher_test

import (
	"strings"
	"testing"

	"leakwatch/matcher"
)

func TestNumberPattern(t *testing.T) {
	t.Parallel()
	for pattern, values := range map[string]map[string]bool{
		`\d{6}`:                  {"123456": true, "12345": false, "1234567": false, "12345A": false, "": false},
		`^[A-Z]{2}-?\d{4,6}$`:    {"AB-1234": true, "ab123456": true, "A-1234": false, "AB-1234567": false, "AB--1234": false},
		`P(?:\d{4}|X\d{3})/?\d?`: {"P1234/5": true, "PX123": true, "P123": false},
		`(20|19)\d{2} \d{3}`:     {"2019 123": true, "1819 123": false},
		`[0-9]{3}\.[0-9]{3}`:     {"123.456": true, "123x456": false},
		`\d{3}\$?`:               nil,
		``:                       nil, `^$`: nil, `\d+`: nil, `\d*123`: nil, `\d{3,}`: nil, `[A-Z]{8}`: nil, `\d\d`: nil, `[a-z]\d{4}`: nil, `(?i)A\d{4}`: nil,
		`.\d{4}`: nil, `\w\d{4}`: nil, `[^A]\d{4}`: nil, `\d{33}`: nil, `\d{4}(`: nil, `A?B?C?`: nil, `\bA\d{4}`: nil, `\pL\d{4}`: nil, `ä\d{4}`: nil,
		`\d{4}_\d`: nil, `(\d{1,9}){2,9}`: nil, strings.Repeat(`[0-9]`, 60): nil, `\d{4}\n`: nil, `((((((((\d{2}){2}){2}){2}){2}){2}){2}){2}){2}`: nil,
	} {
		p, err := matcher.ParseNumberPattern(pattern)
		if (err == nil) != (values != nil) {
			t.Errorf("%q: %v", pattern, err)
			continue
		}
		for v, want := range values {
			if p.Matches(v) != want {
				t.Errorf("%q on %q: %t", pattern, v, !want)
			}
		}
	}
}

func FuzzNumberPattern(f *testing.F) {
	for _, p := range []string{`\d{6}`, `[A-Z]{2}-?\d{4,6}`, `(a|b)*`, `((((\d{1,9}){1,9}){1,9}){1,9})`, `\d{3}\$`} {
		f.Add(p, "AB-1234")
	}
	f.Fuzz(func(t *testing.T, pattern, value string) {
		p, err := matcher.ParseNumberPattern(pattern)
		if err != nil || !p.Matches(value) {
			return
		}
		digits := 0
		for _, c := range []byte(value) {
			if c >= '0' && c <= '9' {
				digits++
			}
		}
		if digits < 3 || len(value) > 32 {
			t.Fatalf("%q matches %q", pattern, value)
		}
	})
}
