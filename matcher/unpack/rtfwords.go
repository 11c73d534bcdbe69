package unpack

import "strconv"

// wordText is what a control word stands for in the text.
func wordText(name string) string {
	switch name {
	case "par", "pard", "line", "sect", "page", "column", "row", "nestrow", "softline", "footnote", "annotation", "header", "footer", "headerf",
		"footerf", "headerl", "headerr", "footerl", "footerr", "pict", "object", "result", "title", "author", "subject", "company", "operator",
		"manager", "category", "keywords", "doccomm", "info", "shptxt", "atnauthor", "fldinst":
		return "\n"
	case "tab", "cell", "nestcell":
		return "\t"
	case "emspace", "enspace", "qmspace", "fldrslt":
		return " "
	case "emdash":
		return "—"
	case "endash":
		return "–"
	case "lquote":
		return "‘"
	case "rquote":
		return "’"
	case "ldblquote":
		return "“"
	case "rdblquote":
		return "”"
	}
	return ""
}

// meaning takes what a control word changes.
func (u *unmarked) meaning(name string, number int, given bool) {
	switch name {
	case "ansicpg":
		if t := runesOf("windows-" + strconv.Itoa(number)); t != nil {
			u.ansi, u.now.table = t, t
		} else if t := runesOf("cp" + strconv.Itoa(number)); t != nil {
			u.ansi, u.now.table = t, t
		}
	case "mac", "pc", "pca":
		u.ansi = runesOf(map[string]string{"mac": "macintosh", "pc": "cp437", "pca": "cp850"}[name])
		u.now.table = u.ansi
	case "uc":
		if given && number >= 0 && number < 16 {
			u.now.uc = number
		}
	case "fonttbl":
		u.now.fonts, u.now.dull = true, true
	case "f":
		if u.font = number; !u.now.fonts && u.fonts[number] != nil {
			u.now.table = u.fonts[number]
		} else if !u.now.fonts {
			u.now.table = u.ansi
		}
	case "fcharset":
		if u.now.fonts && len(u.fonts) < maxGroups {
			if u.fonts[u.font] = runesOf(fontSets[number]); u.fonts[u.font] == nil {
				delete(u.fonts, u.font)
			}
		}
	case "colortbl", "stylesheet", "listtable", "listoverridetable", "rsidtbl", "generator", "latentstyles", "themedata",
		"colorschememapping", "xmlnstbl", "bkmkstart", "bkmkend", "pgptbl", "panose", "falt":
		u.now.dull = true
	}
}

// fontSets are the sets of fonts (\fcharset) that are one byte a letter.
var fontSets = map[int]string{77: "macintosh", 161: "windows-1253", 162: "windows-1254", 163: "windows-1258", 177: "windows-1255",
	178: "windows-1256", 186: "windows-1257", 204: "windows-1251", 222: "windows-874", 238: "windows-1250", 255: "cp437"}
