package pdf

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// signs are the glyph names of what is not a letter, as Adobe's list has them.
var signs = map[string]string{
	"space": " ", "nbspace": " ", "exclam": "!", "quotedbl": `"`, "numbersign": "#", "dollar": "$", "percent": "%", "ampersand": "&",
	"quotesingle": "'", "parenleft": "(", "parenright": ")", "asterisk": "*", "plus": "+", "comma": ",", "hyphen": "-", "minus": "-",
	"period": ".", "slash": "/", "colon": ":", "semicolon": ";", "less": "<", "equal": "=", "greater": ">", "question": "?", "at": "@",
	"bracketleft": "[", "backslash": `\`, "bracketright": "]", "asciicircum": "^", "underscore": "_", "grave": "`", "braceleft": "{",
	"bar": "|", "braceright": "}", "asciitilde": "~", "quoteleft": "‘", "quoteright": "’", "quotedblleft": "“", "quotedblright": "”",
	"quotesinglbase": "‚", "quotedblbase": "„", "guillemotleft": "«", "guillemotright": "»", "guilsinglleft": "‹", "guilsinglright": "›",
	"endash": "–", "emdash": "—", "sfthyphen": "\u00ad", "softhyphen": "\u00ad", "bullet": "•", "periodcentered": "·", "ellipsis": "…", "dagger": "†",
	"daggerdbl": "‡", "section": "§", "paragraph": "¶", "degree": "°", "copyright": "©", "registered": "®", "trademark": "™", "Euro": "€",
	"sterling": "£", "yen": "¥", "cent": "¢", "currency": "¤", "florin": "ƒ", "fraction": "⁄", "multiply": "×", "divide": "÷", "plusminus": "±",
	"fi": "fi", "fl": "fl", "ff": "ff", "ffi": "ffi", "ffl": "ffl", "f_i": "fi", "f_l": "fl", "f_f": "ff", "f_f_i": "ffi", "f_f_l": "ffl", "st": "st",
	"germandbls": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "oslash": "ø", "Oslash": "Ø", "eth": "ð", "Eth": "Ð", "thorn": "þ",
	"Thorn": "Þ", "lslash": "ł", "Lslash": "Ł", "dcroat": "đ", "Dcroat": "Đ", "dotlessi": "ı", "exclamdown": "¡", "questiondown": "¿",
	"ordfeminine": "ª", "ordmasculine": "º", "mu": "µ", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
	"seven": "7", "eight": "8", "nine": "9", "brokenbar": "¦", "logicalnot": "¬", "onesuperior": "¹", "twosuperior": "²", "threesuperior": "³",
	"onequarter": "¼", "onehalf": "½", "threequarters": "¾", "tab": "\t", "nonbreakingspace": " ", "nonbreakinghyphen": "-",
}

// accents are those that names of letters end in.
var accents = map[string]string{"grave": "\u0300", "acute": "\u0301", "circumflex": "\u0302", "tilde": "\u0303", "macron": "\u0304",
	"breve": "\u0306", "dotaccent": "\u0307", "dieresis": "\u0308", "ring": "\u030a", "hungarumlaut": "\u030b", "caron": "\u030c",
	"cedilla": "\u0327", "ogonek": "\u0328", "commaaccent": "\u0326"}

// glyph gives the letters that a glyph's name stands for.
func glyph(n name) (string, bool) {
	s, _, _ := strings.Cut(string(n), ".") // a.alt is an a
	if g, ok := signs[s]; ok {
		return g, true
	}
	if len(s) == 1 {
		return s, true
	}
	if len(s) > 1 {
		if a, ok := accents[s[1:]]; ok {
			return norm.NFC.String(s[:1] + a), true
		}
	}
	if hex, ok := strings.CutPrefix(s, "uni"); ok && len(hex) >= 4 {
		var u []uint16
		for ; len(hex) >= 4; hex = hex[4:] {
			v, err := strconv.ParseUint(hex[:4], 16, 16)
			if err != nil {
				return "", false
			}
			u = append(u, uint16(v))
		}
		return string(utf16.Decode(u)), true
	}
	if hex, ok := strings.CutPrefix(s, "u"); ok && len(hex) >= 4 && len(hex) <= 6 {
		if v, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return string(rune(v)), true
		}
	}
	return "", false
}

// table is what the codes of a simple font stand for.
type table [256]string

// standardHigh is the upper half of the standard encoding, from 0xa1 on, by code.
var standardHigh = map[byte]name{0x27: "quoteright", 0x60: "quoteleft", 0xa1: "exclamdown", 0xa2: "cent", 0xa3: "sterling", 0xa4: "fraction",
	0xa5: "yen", 0xa6: "florin", 0xa7: "section", 0xa8: "currency", 0xa9: "quotesingle", 0xaa: "quotedblleft", 0xab: "guillemotleft",
	0xac: "guilsinglleft", 0xad: "guilsinglright", 0xae: "fi", 0xaf: "fl", 0xb1: "endash", 0xb2: "dagger", 0xb3: "daggerdbl",
	0xb4: "periodcentered", 0xb6: "paragraph", 0xb7: "bullet", 0xb8: "quotesinglbase", 0xb9: "quotedblbase", 0xba: "quotedblright",
	0xbb: "guillemotright", 0xbc: "ellipsis", 0xbf: "questiondown", 0xd0: "emdash", 0xe1: "AE", 0xe3: "ordfeminine", 0xe8: "Lslash",
	0xe9: "Oslash", 0xea: "OE", 0xeb: "ordmasculine", 0xf1: "ae", 0xf5: "dotlessi", 0xf8: "lslash", 0xf9: "oslash", 0xfa: "oe", 0xfb: "germandbls"}

// tableOf is a named encoding; Windows-1252 where none is named, for it is what most writers mean.
func tableOf(n name) *table {
	var t table
	cm := charmap.Windows1252
	if n == "MacRomanEncoding" {
		cm = charmap.Macintosh
	}
	for i := range t {
		switch {
		case i >= 0x80 && n == "StandardEncoding":
			t[i] = ""
		case i >= 0x20:
			t[i] = string(cm.DecodeByte(byte(i)))
		}
	}
	if n == "StandardEncoding" {
		for c, g := range standardHigh {
			t[c], _ = glyph(g)
		}
	}
	t['\t'], t['\n'], t['\r'] = "\t", "\n", "\n"
	return &t
}
