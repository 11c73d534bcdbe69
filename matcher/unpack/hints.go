package unpack

import (
	"bytes"
	"math/bits"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hints gathers passwords that were published beside an archive: what stands near words like password in the texts and
// names of the same document. Nothing is guessed. They are secrets of the source, as places are: they go to decoders and
// nowhere else.
type hints struct {
	given []string // by the caller
	near  []string // right behind such a word
	far   []string // in the same line
	seen  map[string]bool
	texts int
	names int
}

const (
	hintBytes = 16 << 10 // of a text, where whoever publishes an archive says how to open it
	hintTexts = 4096     // looked at in one document, but for those whose names promise more
	hintNames = 1 << 16
	hintWords = 1024 // kept of each sort
	hintLine  = 256
	hintMost  = 128 // bytes of a password
)

// hintMarks are words for password, in lower case, or the part of them that their forms share. They are 32 at most.
var hintMarks = []string{"pass", "pwd", "pw:", "pw=", "pw ", "salasana", "senord", "senha", "kennwort", "wachtwoord", "kodeord", "adgangskode", "mdp",
	"contrase", "hasło", "haslo", "parol", "heslo", "jelsz", "пароль", "Пароль", "ПАРОЛЬ", "密码", "密碼", "パスワード", "비밀번호"}

// list gives the likeliest first, no more than most, and says whether that is all.
func (h *hints) list(most int) ([]string, bool) {
	all := slices.Concat(h.given, h.near, h.far)
	return all[:min(len(all), most)], len(all) <= most
}

// hintText looks at the beginning of a text of whatever character set.
func (w *walker) hintText(n *node) {
	head := n.src.head(headBytes)
	head = head[:min(len(head), hintBytes)]
	if w.hints.full(n.name) {
		return
	}
	if hasNUL(head) || !utf8.Valid(trimCut(head)) {
		head, _ = w.toUTF8(head)
	}
	w.hints.text(head)
}

// full says whether enough texts were looked at, unless the name of another promises more.
func (h *hints) full(name string) bool {
	h.texts++
	return h.texts > hintTexts && !hintName(name)
}

// text looks at the beginning of a text, in UTF-8.
func (h *hints) text(b []byte) {
	b = b[:min(len(b), hintBytes)]
	for _, at := range hintsIn(b) {
		h.line(b, at)
	}
}

// publicName is the path of a document's place, as its publisher reads it.
func publicName(place string) string {
	u, err := url.Parse(place)
	if err != nil {
		return ""
	}
	return u.Path
}

// name looks at a name, in which other characters than spaces part the words.
func (h *hints) name(s string) {
	if h.names++; h.names > hintNames || len(s) > hintLine || len(hintsIn([]byte(s))) == 0 {
		return
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '\\' }) {
		if ext := path.Ext(part); len(ext) <= 5 {
			part = strings.TrimSuffix(part, ext)
		}
		parted := strings.Map(func(r rune) rune {
			if strings.ContainsRune("_=+-.()[]{}", r) {
				return ' '
			}
			return r
		}, part)
		for _, s := range []string{part, parted} {
			for _, at := range hintsIn([]byte(s)) {
				h.line([]byte(s), at)
			}
		}
	}
}

// hintName says whether a text is likely to say how something beside it is opened.
func hintName(name string) bool {
	low := strings.ToLower(name)
	return slices.ContainsFunc([]string{"read", "lue", "info", "pass", "key", "open", "unlock", ".nfo", "salasana"}, func(s string) bool {
		return strings.Contains(low, s)
	})
}

// hintsIn gives where such words end.
func hintsIn(b []byte) (ends []int) {
	for i := 0; i+3 <= len(b); i++ {
		v := hintMasks[0][b[i]] & hintMasks[1][b[i+1]] & hintMasks[2][b[i+2]]
		for ; v != 0; v &= v - 1 {
			if m := hintMarks[bits.TrailingZeros32(v)]; len(b)-i >= len(m) && lowerEqual(b[i:i+len(m)], m) {
				ends = append(ends, i+len(m))
			}
		}
	}
	slices.Sort(ends)
	return slices.Compact(ends)
}

// hintMasks say of a byte which marks have it, small or large, as their first, second or third.
var hintMasks = func() (t [3][256]uint32) {
	for i, m := range hintMarks {
		for k := range t {
			c := m[k]
			t[k][c] |= 1 << i
			if c >= 'a' && c <= 'z' {
				t[k][c&^0x20] |= 1 << i
			}
		}
	}
	return t
}()

// lowerEqual says whether b is m, whose ASCII letters are small.
func lowerEqual(b []byte, m string) bool {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != m[i] {
			return false
		}
	}
	return true
}

// line takes the words around such a word, which ends at.
func (h *hints) line(b []byte, at int) {
	for at < len(b) { // the rest of the word: pass-word
		r, n := utf8.DecodeRune(b[at:])
		if !unicode.IsLetter(r) {
			break
		}
		at += n
	}
	from := max(bytes.LastIndexByte(b[:at], '\n')+1, at-hintLine)
	rest := firstLine(b[at:])
	if strings.Trim(rest, hintParting) == "" { // it stands in the next line
		_, next, _ := bytes.Cut(b[at:], []byte("\n"))
		rest = firstLine(bytes.TrimLeft(next, " \t\r\n"))
	}
	whole := strings.Trim(rest, hintParting)
	words := hintFields(whole)
	if len(words) > 0 {
		h.add(&h.near, words[0])
	}
	if i := strings.IndexAny(rest, ":="); i >= 0 {
		if after := hintFields(strings.Trim(rest[i:], hintParting)); len(after) > 0 {
			h.add(&h.near, after[0])
		}
	}
	for _, q := range quoted(rest) {
		h.add(&h.near, q)
	}
	h.add(&h.near, whole)
	for _, word := range words[min(len(words), 1):min(len(words), 8)] {
		h.add(&h.far, word)
	}
	before := hintFields(string(b[from:at]))
	for _, word := range before[max(0, len(before)-6):max(0, len(before)-1)] {
		h.add(&h.far, word)
	}
}

// hintParting is what stands between such a word and what it speaks of.
const hintParting = " \t\r:：=-–—>→|*#~\u00a0"

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(b[:min(len(b), hintLine)], []byte("\n"))
	return strings.ToValidUTF8(string(line), "")
}

// hintFields parts a line into words, tags of markup left out.
func hintFields(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '<' || r == '>' })
}

// quoted gives what stands in quotes.
func quoted(s string) (out []string) {
	for _, q := range []string{`""`, "''", "``", "“”", "„“", "«»", "‘’"} {
		r := []rune(q)
		_, rest, ok := strings.Cut(s, string(r[0]))
		if in, _, closed := strings.Cut(rest, string(r[1])); ok && closed {
			out = append(out, in)
		}
	}
	return out
}

// add keeps a word: without the quotes and brackets around it, without stops, and as it is.
func (h *hints) add(to *[]string, word string) {
	const quotes = "\"'`“”„«»‘’()[]{}"
	for _, s := range []string{strings.Trim(word, quotes), strings.Trim(word, quotes+".,;:!?"), word} {
		if s == "" || len(s) > hintMost || len(*to) >= hintWords || h.seen[s] {
			continue
		}
		if h.seen == nil {
			h.seen = map[string]bool{}
		}
		h.seen[s] = true
		*to = append(*to, s)
	}
}
