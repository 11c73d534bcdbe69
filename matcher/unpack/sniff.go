package unpack

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"
)

// lookBytes are enough to tell text from what is not.
const lookBytes = 4 << 10

// looks is what the beginning of bytes without a known mark resembles.
type looks struct {
	printable int // ASCII that text is made of
	high      int // 0x80 and above
	control   int // controls that text is not made of, but not NUL
	nul       [2]int
	n         int
}

// look counts. Its table is all that it does a byte.
func look(b []byte) looks {
	var c [4]int
	for i := range b {
		c[sorts[b[i]]]++
	}
	l := looks{printable: c[0], high: c[1], control: c[2], n: len(b)}
	if c[3] > 0 {
		for i := range b {
			if b[i] == 0 {
				l.nul[i&1]++
			}
		}
	}
	return l
}

// sorts: 0 printable, 1 high, 2 control, 3 NUL.
var sorts = func() (t [256]uint8) {
	for i := range t {
		switch {
		case i == 0:
			t[i] = 3
		case i >= 0x80:
			t[i] = 1
		case i < 0x20 && !strings.ContainsRune("\t\n\r\f\x1b\b\x1a", rune(i)), i == 0x7f:
			t[i] = 2
		}
	}
	return t
}()

// wide says whether it is UTF-16 without a mark, and in which order, by where the NULs are: text whose letters are
// mostly those of the Latin script has one in every second byte.
func (l looks) wide() (charset, bool) {
	half := l.n / 2
	switch {
	case l.n < 4 || l.control*50 > l.n:
	case l.nul[1]*10 >= half*4 && l.nul[0]*20 <= half:
		return utf16le, true
	case l.nul[0]*10 >= half*4 && l.nul[1]*20 <= half:
		return utf16be, true
	}
	return 0, false
}

// text says whether it is text of one byte a letter, or UTF-8. Random bytes have one control in ten.
func (l looks) text() bool {
	nul := l.nul[0] + l.nul[1]
	return l.control*50 <= l.n && nul*100 <= l.n && (l.printable > 0 || l.n == 0)
}

// unlikeText says whether somewhere in a stretch there is what is packed, a picture or a program: one byte in fifty is a control
// there. It looks at one byte in eight.
func unlikeText(b []byte) bool {
	const few = 16 // may be in any text
	for len(b) > 0 {
		piece, controls := b[:min(len(b), lookBytes/8)], 0
		for _, c := range piece {
			if sorts[c] == 2 {
				controls++
			}
		}
		if controls >= few && controls*50 > len(piece) {
			return true
		}
		b = b[min(len(b), lookBytes):]
	}
	return false
}

// sniff says what a node is: by its first bytes, then by what a server said, then by its name.
func sniff(head []byte, name, media string) format {
	if len(head) == 0 {
		return fEmpty
	}
	l := look(head[:min(len(head), lookBytes)])
	texty := l.text() || hasBOM(head)
	if hasNUL(head[:min(len(head), lookBytes)]) && !texty {
		_, texty = wideText(head[:min(len(head), lookBytes)])
	}
	if f := known(head); f != "" && (!texty || !printableMark(f)) {
		return byName(f, name)
	}
	if texty {
		return fText
	}
	if calledBrotli(name, media) {
		return fBrotli
	}
	if f, ok := mediaFormat(media); ok {
		return f
	}
	if ext := extension(name); marked(ext) {
		return format(ext)
	}
	return fBinary
}

// printableMark says that text may well begin with a format's mark.
func printableMark(f format) bool {
	return strings.Contains(" orc parquet mp3 midi avro bmp exe rdb hive lha djvu webp wav avi evtx pgdump zpaq mssql plist torrent dicom otf flac ogg vmdk vhd ace zoo sit alz egg cab lrzip rzip squashfs ntfs fat apfs hfs disk cramfs vdi lzfse ",
		" "+string(f)+" ")
}

// calledBrotli says whether a server or a name says that it is brotli.
func calledBrotli(name, media string) bool {
	base, _, _ := mime.ParseMediaType(media)
	return extension(name) == "br" || extension(name) == "tbr" || base == mediaTypes[fBrotli]
}

// byName tells formats apart that share a mark.
func byName(f format, name string) format {
	ext := extension(name)
	if f == "ole" && strings.Contains(" doc dot xls xlt ppt pps msg pub vsd mpp wps ", " "+ext+" ") {
		return format(ext)
	}
	return f
}

// mediaFormat knows what has no mark but was named by a server. Of the server's words none is passed on but known ones.
func mediaFormat(media string) (format, bool) {
	base, _, _ := mime.ParseMediaType(media)
	if f, ok := formatsByMedia[base]; ok && !opened(f) && !textual(f) {
		return f, true
	}
	switch kind, _, _ := strings.Cut(base, "/"); kind {
	case "image", "audio", "video", "font":
		return format(kind), true
	}
	return "", false
}

// textual says whether a format is one that class gives.
func textual(f format) bool {
	return strings.Contains(" txt json csv xml html sql log eml mbox vcf ics ldif rtf ", " "+string(f)+" ")
}

// class is what sort of text this is, for the shape: by its first bytes where they tell, then by what a server said,
// then by the name's extension. It is one of a few words.
func class(head []byte, name, media string) format {
	if c := contentClass(head); c != "" {
		return c
	}
	base, _, _ := mime.ParseMediaType(media)
	_, sub, _ := strings.Cut(base, "/")
	for _, s := range []string{strings.TrimPrefix(sub, "x-"), extension(name)} {
		switch s {
		case "json", "jsonl", "ndjson", "geojson", "har", "ipynb":
			return fJSON
		case "csv", "tsv", "tab", "comma-separated-values", "tab-separated-values":
			return "csv"
		case "xml", "xsd", "xsl", "kml", "svg", "rss", "atom", "xhtml":
			return "xml"
		case "html", "htm", "mht", "mhtml":
			return "html"
		case "sql", "dump":
			return "sql"
		case "log":
			return "log"
		case "eml", "mbox", "rfc822", "vcf", "ics", "ldif", "rtf":
			return format(s)
		}
	}
	return fText
}

func contentClass(head []byte) format {
	b := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(b) == 0 || strings.IndexByte("{[<-iIcCpP", b[0]) < 0 {
		return mailClass(b) // nothing that is told below begins so
	}
	low := bytes.ToLower(b[:min(len(b), 512)])
	has := func(s string) bool { return bytes.HasPrefix(low, []byte(s)) }
	switch {
	case isJSON(b):
		return fJSON
	case has("<!doctype html"), has("<html"), has("<head"), has("<body"):
		return "html"
	case has("<?xml") && bytes.Contains(low, []byte("<html")):
		return "html"
	case has("<?xml"):
		return "xml"
	case has("{\\rtf"):
		return "rtf"
	case has("-- mysql dump"), has("-- mariadb dump"), has("--\n-- postgresql database"), has("-- phpmyadmin"),
		has("insert into "), has("create table "), has("pragma foreign_keys"):
		return "sql"
	}
	return ""
}

// isJSON says whether text begins as JSON does, or JSON Lines. Text that does is read with its escapes resolved.
func isJSON(b []byte) bool {
	if len(b) < 2 || b[0] != '{' && b[0] != '[' {
		return false
	}
	next := bytes.TrimLeft(b[1:min(len(b), 4096)], " \t\r\n")
	if len(next) == 0 {
		return false
	}
	if b[0] == '{' {
		return next[0] == '"' || next[0] == '}'
	}
	return strings.IndexByte(`{"]`, next[0]) >= 0 || next[0] == '[' && len(next) > 1 && strings.IndexByte(`{"[]`, next[1]) >= 0
}

func hasBOM(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(b, []byte("\xff\xfe")) && len(b) != 3 ||
		bytes.HasPrefix(b, []byte("\xfe\xff")) || bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff"))
}

// valid counts the characters of several bytes in b, and the bytes that are no UTF-8. A cut at the end is neither.
func valid(b []byte) (good, bad int) {
	for i := 0; i < len(b); {
		if i += asciiPrefix(b[i:]); i == len(b) {
			break
		}
		if !utf8.FullRune(b[i:]) {
			return good, bad
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good, bad
}
