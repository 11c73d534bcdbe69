package matcher

import (
	"bytes"
	"fmt"
	"slices"
)

// maxNameForms is how many given, and how many family names of one person are paired.
const maxNameForms = 8

// canonNames reads "given family", or "given|family", followed by a date of birth for name-dob.
func canonNames(k kindID, v []byte) ([][]byte, reason) {
	var dob string
	if k == kNameDOB {
		i := bytes.LastIndexAny(v, "| ")
		if i < 0 {
			return nil, badFormat
		}
		var ok bool
		if dob, ok = isoDate(v[i+1:]); !ok {
			return nil, badDate
		}
		v = v[:i]
	}
	var words []string
	for _, w := range withoutParticles(nameWords(bytes.ReplaceAll(v, []byte("@"), []byte(" ")), 0, len(v))) {
		words = append(words, w.text)
	}
	forms := pairs(words, words, dob)
	if len(forms) == 0 {
		return nil, badFormat
	}
	return forms, good
}

// pairs gives the canonical form of every two different words.
func pairs(given, family []string, dob string) [][]byte {
	var forms [][]byte
	for _, g := range given {
		for _, f := range family {
			if g == f {
				continue
			}
			c := pairName(nil, g, f)
			if dob != "" {
				c = append(append(c, '|'), dob...)
			}
			forms = append(forms, c)
		}
	}
	slices.SortFunc(forms, bytes.Compare)
	return slices.CompactFunc(forms, bytes.Equal)
}

// nameForms gives the folded words of a person's given or family names: each word, and of one with hyphens the whole
// and its parts.
func nameForms(names []string) []string {
	var words []nameWord
	for _, n := range names {
		for _, w := range bytes.Fields([]byte(n)) {
			if whole := foldName(string(w)); len(whole) > 1 {
				words = append(words, nameWord{text: whole})
			}
			if parts := bytes.FieldsFunc(w, func(r rune) bool { return r == '-' || r == '‐' || r == '–' }); len(parts) > 1 {
				for _, p := range parts {
					if part := foldName(string(p)); len(part) > 1 {
						words = append(words, nameWord{text: part})
					}
				}
			}
		}
	}
	var forms []string
	for _, w := range words {
		if (!particles[w.text] || len(words) == 1) && !slices.Contains(forms, w.text) && len(forms) < maxNameForms {
			forms = append(forms, w.text)
		}
	}
	return forms
}

// isoDate reads YYYY-MM-DD, YYYYMMDD, D.M.YYYY or D/M/YYYY, with a time of day behind it or not.
func isoDate(v []byte) (string, bool) {
	if i := bytes.IndexAny(v, "T "); i > 0 {
		v = v[:i]
	}
	var n [3]int
	field, digits := 0, 0
	for _, c := range v {
		switch {
		case c-'0' <= 9 && n[field] < 100000000:
			n[field] = n[field]*10 + digit(c)
			digits++
		case (c == '-' || c == '.' || c == '/') && field < 2 && digits > 0:
			field++
		default:
			return "", false
		}
	}
	y, m, d := n[0], n[1], n[2]
	switch {
	case field == 0 && digits == 8:
		y, m, d = n[0]/10000, n[0]/100%100, n[0]%100
	case field == 2 && n[2] > 1000:
		y, m, d = n[2], n[1], n[0]
	case field != 2:
		return "", false
	}
	if y < 1800 || y > 2200 || !date(y, m, d) {
		return "", false
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d), true
}
