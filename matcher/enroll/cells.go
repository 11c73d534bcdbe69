package enroll

import (
	"errors"
	"regexp"
	"strings"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// The reasons of refusals that are not the matcher's own.
const (
	whyFormat     = "format"
	whyDate       = "date"
	whyIncomplete = "incomplete" // a given name without a family name, or the other way round
	whyNoID       = "no patient id"
)

// Limits on what one cell may hold of a value.
const (
	maxValue  = 320
	maxID     = 256
	maxPieces = 32
)

// reasonOf gives the fixed word for why a value was refused. The error itself is not shown.
func reasonOf(err error) string {
	var bad *matcher.BadIdentifier
	if errors.As(err, &bad) && bad.Why != "" {
		return bad.Why
	}
	return whyFormat
}

// nothing are words by which people say that a cell is empty.
var nothing = map[string]bool{"": true, "-": true, "--": true, "---": true, ".": true, "?": true, "x": true, "0": true,
	"n/a": true, "na": true, "nan": true, "null": true, "none": true, "nil": true, "#n/a": true, "unknown": true,
	"ei": true, "ei ole": true, "ei tiedossa": true, "puuttuu": true, "tuntematon": true, "salainen": true,
	"saknas": true, "okänd": true, "ingen": true, "mangler": true, "ukjent": true, "ukendt": true, "hemlig": true,
	"hemligt": true, "hemmelig": true}

// clean trims a cell, and gives "" for what only says that it is empty.
func clean(cell string) string {
	cell = strings.TrimSpace(cell)
	if len(cell) < 16 && nothing[strings.ToLower(cell)] {
		return ""
	}
	return cell
}

// separators between several values in one cell.
func separators(f field) string {
	if f == fieldMRN {
		return ";,\n\r" // a slash may be part of the number
	}
	return ";,/\n\r|"
}

// pieces cuts a cell into its values.
func pieces(f field, cell string) []string {
	if !strings.ContainsAny(cell, separators(f)) {
		return []string{cell}
	}
	var out []string
	for _, p := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(separators(f), r) }) {
		if p = clean(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// exponent is a number that a spreadsheet has shortened: its last digits are gone.
var exponent = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE]\+?[0-9]+$`)

// accept gives the form of a value that passes its check. The matcher puts back the zeros that a spreadsheet ate; the
// plus sign of a foreign telephone number is put back here.
func (x *extractor) accept(f field, value string) (string, error) {
	if len(value) > maxValue || exponent.MatchString(value) {
		return "", &matcher.BadIdentifier{Kind: leak.Kind(f), Why: whyFormat}
	}
	if f == fieldMRN && x.numbers != nil && !x.numbers.Matches(value) {
		return "", &matcher.BadIdentifier{Kind: leak.MRN, Why: whyFormat}
	}
	_, err := x.hash(f, value)
	if err == nil {
		return value, nil
	}
	if f == fieldPhone && len(value) >= 10 && allDigits(value) {
		foreign := "+" + value
		if _, again := x.hash(f, foreign); again == nil {
			return foreign, nil
		}
	}
	return "", err
}

// hash is T1 of a value in the field's own kind.
func (x *extractor) hash(f field, value string) ([32]byte, error) {
	if f == fieldMRN {
		value = x.clinic + "/" + value
	}
	return x.h.T1(leak.Kind(f), value)
}
