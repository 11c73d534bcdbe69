package unpack

import (
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"leakwatch/leak"
)

// fileName decodes the name of a member: UTF-8 where it is valid, as it lies, composed or not. Else it is of DOS (code
// page 850, the Nordic letters of which are those of 437 too) or of Windows, whichever gives more letters of these
// languages.
func fileName(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	var dos, windows int
	for _, c := range raw {
		switch {
		case strings.IndexByte("\x84\x8e\x94\x99\x86\x8f\x81\x9a\x82\x90\x91\x92\x9b\x9d", c) >= 0:
			dos++
		case c >= 0xc0:
			windows++
		}
	}
	cm := charmap.CodePage850
	if windows > dos {
		cm = charmap.Windows1252
	}
	b, err := cm.NewDecoder().Bytes(raw)
	if err != nil {
		return string(raw)
	}
	return string(b)
}

// lastName is the last component of a path of either kind.
func lastName(p string) string { return path.Base(strings.ReplaceAll(p, `\`, "/")) }

// urlName is the last component of a place's path, without what follows it in a URL.
func urlName(place string) string {
	if _, rest, ok := strings.Cut(place, "://"); ok {
		if i := strings.IndexAny(rest, "?#"); i >= 0 {
			rest = rest[:i]
		}
		_, place, _ = strings.Cut(rest, "/")
	}
	return lastName(place)
}

// inner is the place of a member. What is inside of nowhere is nowhere too.
func inner(p leak.Place, member string) leak.Place {
	if p.IsZero() {
		return p
	}
	return p.Inner(member)
}
