package enroll

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNames is how many given and how many family names of one person are paired: eight tokens in all, as LWH-1 says.
const maxNames = 4

// particles stand before a family name and are none of their own.
var particles = map[string]bool{"von": true, "van": true, "af": true, "av": true, "de": true, "da": true, "di": true,
	"du": true, "der": true, "den": true, "del": true, "la": true, "le": true, "el": true, "al": true, "bin": true,
	"ibn": true, "zu": true, "ter": true, "dos": true, "das": true, "do": true}

// former mark a former name inside a cell: "Virtanen (ent. Korhonen)", "Smith née Jones".
var former = map[string]bool{"ent": true, "entinen": true, "os": true, "o.s": true, "ex": true, "f.d": true, "fd": true,
	"född": true, "född.": true, "f": true, "født": true, "tidl": true, "tid": true, "née": true, "nee": true,
	"formerly": true, "aik": true, "aiemmin": true, "tidigare": true, "tidligere": true}

// givenNames are a person's given names, the first ones first: the called name may be any of them.
func givenNames(cell string) []string {
	return firstFew(strings.FieldsFunc(cell, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(";,/|()\"", r)
	}))
}

// familyNames are a person's family names, former ones too: each whole, and a double name's parts.
func familyNames(cell string) []string {
	var names, parts []string
	for _, piece := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";,/|()\n\r\"", r) }) {
		for _, name := range splitFormer(piece) {
			names = append(names, name)
			if p := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == ' ' }); len(p) > 1 {
				parts = append(parts, properParts(p)...)
			}
		}
	}
	return firstFew(append(names, parts...))
}

// splitFormer cuts a cell where a word says that a former name follows.
func splitFormer(s string) []string {
	var names []string
	var words []string
	flush := func() {
		if len(words) > 0 {
			names = append(names, strings.Join(words, " "))
		}
		words = nil
	}
	for _, w := range strings.Fields(s) {
		if former[strings.TrimSuffix(strings.ToLower(w), ".")] {
			flush()
			continue
		}
		words = append(words, w)
	}
	flush()
	return names
}

func properParts(parts []string) []string {
	var proper []string
	for _, p := range parts {
		if utf8.RuneCountInString(p) > 2 && !particles[strings.ToLower(p)] {
			proper = append(proper, p)
		}
	}
	if len(proper) < 2 {
		return nil // a particle and a name: one name
	}
	return proper
}

// firstFew takes the first names that have a letter in them, each once.
func firstFew(names []string) []string {
	var few []string
	seen := map[string]bool{}
	for _, n := range names {
		n = strings.TrimSpace(n)
		if len(few) < maxNames && !seen[n] && strings.IndexFunc(n, unicode.IsLetter) >= 0 {
			seen[n] = true
			few = append(few, n)
		}
	}
	return few
}

// splitFull cuts a whole name into given and family: at its comma, else before its last word and the particles before
// that, or after its first word when the family name comes first.
func splitFull(s string, familyFirst bool) (given, family string, ok bool) {
	if before, after, comma := strings.Cut(s, ","); comma {
		before, after = strings.TrimSpace(before), strings.TrimSpace(after)
		return after, before, before != "" && after != ""
	}
	words := strings.Fields(s)
	if len(words) < 2 {
		return "", "", false
	}
	at := len(words) - 1
	if familyFirst {
		at = 1
		for at < len(words)-1 && particles[strings.ToLower(words[at-1])] {
			at++
		}
		return strings.Join(words[at:], " "), strings.Join(words[:at], " "), true
	}
	for at > 1 && particles[strings.ToLower(words[at-1])] {
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " "), true
}
