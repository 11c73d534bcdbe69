package office

import (
	"bufio"
	"encoding/xml"
	"io"
	"strings"
	"unicode"

	"golang.org/x/net/html/charset"
	textunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"leakwatch/matcher/unpack/child"
)

// text turns XML into the text that its reader sees. It is begun in the emitter with the first letter.
type text struct {
	e     *child.Emitter
	w     io.WriteCloser
	b     *bufio.Writer
	cells int // in one another
	open  []element
	gap   byte // what stands before the next letter: nothing, a space, a tab or a line end
	any   bool
	said  map[string]bool
	side  strings.Builder // for the end
	all   bool            // what every attribute says is kept for it
	cut   bool            // more was to be kept for the end than is
	err   error
}

// element is one that is open.
type element struct {
	prefix, local string
	own           bool // it holds letters itself
}

const (
	mostSaid    = 100_000 // values of attributes that are kept, to tell each once
	mostSide    = 4 << 20 // bytes of them
	leastDigits = 6       // of a number that may be somebody's
	deepestIn   = 10_000  // elements in one another of which it is known what they are
)

func newText(e *child.Emitter) *text { return &text{e: e, said: map[string]bool{}} }

// read reads a part. The error is the emitter's, the reader's, or the XML's.
func (t *text) read(r io.Reader) error {
	d := xml.NewDecoder(transform.NewReader(r, textunicode.BOMOverride(transform.Nop)))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = anyCharset
	for t.err == nil {
		token, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch v := token.(type) {
		case xml.StartElement:
			t.start(v)
		case xml.EndElement:
			t.end(v.Name.Local)
		case xml.CharData:
			t.letters(v)
		case xml.Comment:
			t.aside(string(v))
		case xml.ProcInst:
			t.beside(string(v.Inst))
		case xml.Directive:
			t.beside(string(v))
		}
	}
	return t.err
}

// anyCharset reads XML in the character set that it names. UTF-16 was turned into UTF-8 by its mark.
func anyCharset(label string, r io.Reader) (io.Reader, error) {
	if l := strings.ToLower(label); strings.HasPrefix(l, "utf-16") || strings.HasPrefix(l, "ucs-2") {
		return r, nil
	}
	return charset.NewReaderLabel(label, r)
}

// inline elements split no words.
var inline = set("t delText span a b i u s em strong small sub sup font code tt abbr cite q mark ins del big kbd var samp bdo rb r " +
	"hyperlink smartTag sdt sdtContent moveFrom moveTo fldSimple ruby-base dir customXml instrText")

// blocks are lines of their own.
var blocks = set("p h tr table-row li div h1 h2 h3 h4 h5 h6 br cr line-break title list-item dt dd blockquote pre header footer section " +
	"text-box txbxContent comment footnote endnote annotation page notes sp cNvPr")

// void elements of HTML have no end.
var void = set("area base br col embed hr img input link meta param source track wbr")

// cells stand beside one another in a row.
var cells = set("tc table-cell covered-table-cell td th")

// told are attributes that hold what people wrote.
var told = set("author creator initials title descr alt name href target tooltip userName displayName displayText email string-value label " +
	"content src val summary desc value text provider lastModifiedBy subject")

// lines are attributes that hold drawings: numbers without end.
var lines = set("d path points enhanced-path viewBox transform modifiers")

// telling says whether a text may name somebody by a number or an address: six digits with a sign at most between two, or an @. Sizes,
// places and numbers of revisions, of which these files are full, are shorter numbers, and nothing else.
func telling(s string) bool {
	if len(s) < 9 && strings.Trim(s, "-0123456789abcdefABCDEF") == "" {
		return false
	}
	digits, gap := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@':
			return true
		case c >= '0' && c <= '9':
			digits, gap = digits+1, 0
			if digits == leastDigits {
				return true
			}
		case gap == 0 && (c == '-' || c == ' ' || c == '.' || c == '/' || c == '+'):
			gap = 1
		default:
			digits, gap = 0, 0
		}
	}
	return false
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

func (t *text) start(v xml.StartElement) {
	local := v.Name.Local
	if len(t.open) < deepestIn && !void[local] {
		t.open = append(t.open, element{prefix: v.Name.Space, local: local})
	}
	switch {
	case cells[local]:
		t.cells++
	case blocks[local]:
		t.apart('\n')
	case local == "tab":
		t.apart('\t')
	case local == "s" && v.Name.Space == "text", local == "fldChar":
		t.apart(' ')
	case local == "noBreakHyphen":
		t.write("-")
	}
	for _, a := range v.Attr {
		switch n := a.Name.Local; {
		case told[n], n == "Target", t.all:
			t.aside(a.Value)
		case !lines[n]:
			t.beside(a.Value)
		}
	}
}

func (t *text) end(local string) {
	own := false
	if n := len(t.open); n > 0 && !void[local] {
		own, t.open = t.open[n-1].own, t.open[:n-1]
	}
	switch {
	case cells[local]:
		t.cells = max(t.cells-1, 0)
		t.apart('\t')
	case local == "tr", local == "table-row":
		t.apart('\n')
	case blocks[local] && t.cells > 0:
		t.apart(' ')
	case blocks[local], own && !inline[local]:
		t.apart('\n')
	}
}

// apart keeps what follows from what came before.
func (t *text) apart(by byte) {
	strength := strings.IndexByte(" \t\n", by)
	if t.cells > 0 && by == '\n' {
		strength = 0
	}
	if now := strings.IndexByte(" \t\n", t.gap); t.gap == 0 || strength > now {
		t.gap = " \t\n"[strength]
	}
}

// letters writes text. White space that only lays out the XML is a space at most.
func (t *text) letters(b []byte) {
	s := string(b)
	trimmed := strings.TrimLeftFunc(s, unicode.IsSpace)
	var in element
	if n := len(t.open); n > 0 {
		t.open[n-1].own = t.open[n-1].own || trimmed != ""
		in = t.open[n-1]
	}
	if len(trimmed) < len(s) && (trimmed != "" || in.spaced()) {
		t.apart(' ')
	}
	if trimmed != "" {
		t.write(trimmed)
	}
}

// spaced says whether white space alone ends a word in it. Between the runs of Office Open XML it does not: there only t holds text.
func (e element) spaced() bool {
	return e.prefix == "" || e.prefix == "text" || e.local == "t" || e.local == "delText" || e.local == "instrText"
}

func (t *text) write(s string) {
	if t.err != nil {
		return
	}
	if t.b == nil {
		if t.w, t.err = t.e.Writer(); t.err != nil {
			return
		}
		t.b = bufio.NewWriter(t.w)
	}
	if t.gap != 0 && t.any {
		t.err = t.b.WriteByte(t.gap)
	}
	t.gap, t.any = 0, true
	if t.err == nil {
		_, t.err = t.b.WriteString(s)
	}
}

// beside keeps what is written where people seldom write, if it may say who somebody is.
func (t *text) beside(s string) {
	if telling(s) {
		t.aside(s)
	}
}

// aside keeps what an attribute says for the end, once.
func (t *text) aside(s string) {
	s = strings.TrimSpace(s)
	if len(s) < 3 || t.said[s] {
		return
	}
	if len(t.said) >= mostSaid || t.side.Len()+len(s) > mostSide {
		t.cut = true
		return
	}
	t.said[s] = true
	t.side.WriteString(s)
	t.side.WriteByte('\n')
}

// close writes what was kept for the end, and ends the text. It gives the emitter's error.
func (t *text) close() error {
	if t.side.Len() > 0 && t.err == nil {
		t.apart('\n')
		t.write(t.side.String())
	}
	if t.w == nil {
		return t.err
	}
	if t.err == nil {
		t.err = t.b.Flush()
	}
	if err := t.w.Close(); t.err == nil {
		t.err = err
	}
	return t.err
}
