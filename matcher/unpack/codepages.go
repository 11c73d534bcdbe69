package unpack

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// codepage is a character set of one byte a letter, with what is needed to tell it from the others.
type codepage struct {
	runes [256]rune
	score [256]int8 // of a byte above ASCII, by how usual its letter is
	kinds [256]sortOf
	latin bool
}

// sortOf is what matters of a letter's neighbours.
type sortOf uint8

const (
	otherSort  sortOf = iota
	latinLower        // of any script with two cases: lower, upper
	latinUpper
	twinLower // ä, ö and å, of which two may stand together
	twinUpper
	greekLower
	greekUpper
	cyrillicLower
	cyrillicUpper
	caseless
	quoteSort // ’, which stands inside words
)

// Letters that the languages of a table write often; of them the last ones are less sure to tell it from others.
const (
	western    = "äöåéüßøæñçèàáíóúâêôõãðþœšž"
	western2   = "ûëïîýÿìòù"
	central    = "ąćęłńóśźżáčďéěíňřšťúůýžäöüßő"
	central2   = "űăâîșțşţđ"
	turkish    = "çğıöşüİâî"
	baltic     = "āčēģīķļņšūžąęėįųõäöüåæø"
	cyrillic   = "оеаинтсрвлкмдпу"
	cyrillic2  = "яыьгзбчйхжшюцщэфъёіїєґўђјљњћџ"
	greek      = "αεηιοτνσρκπλυμάέήίόύώ"
	greek2     = "βγδζθξφχψωςϊϋΐΰ"
	hebrew     = "יוהלארמתבש"
	hebrew2    = "גדזחטךכםןנסעףפץצק"
	arabic     = "اليمنوترب"
	arabic2    = "ثجحخدذزسشصضطظعغفقكهىةأإآؤئء"
	punctuates = "“”‘’‚„–—…•«»§°€£®©™±½·¿¡´¨\u00a0\u00ad№¦"
)

// candidates are the tables that text is tried by, the likelier ones first: of equals the first is taken.
var candidates = sync.OnceValue(func() []*codepage {
	return []*codepage{
		newTable(charmap.Windows1252, western, western2), newTable(charmap.ISO8859_15, western, western2),
		newTable(charmap.CodePage850, western, western2), newTable(charmap.CodePage437, western, western2),
		newTable(charmap.CodePage865, western, western2), newTable(charmap.Macintosh, western, western2),
		newTable(charmap.Windows1250, central, central2), newTable(charmap.ISO8859_2, central, central2), newTable(charmap.CodePage852, central, central2),
		newTable(charmap.Windows1257, baltic, ""), newTable(charmap.ISO8859_13, baltic, ""), newTable(charmap.ISO8859_4, baltic, ""),
		newTable(charmap.Windows1254, turkish, ""), newTable(charmap.Windows1251, cyrillic, cyrillic2), newTable(charmap.KOI8R, cyrillic, cyrillic2),
		newTable(charmap.KOI8U, cyrillic, cyrillic2), newTable(charmap.CodePage866, cyrillic, cyrillic2),
		newTable(charmap.ISO8859_5, cyrillic, cyrillic2), newTable(charmap.CodePage855, cyrillic, cyrillic2),
		newTable(charmap.MacintoshCyrillic, cyrillic, cyrillic2), newTable(charmap.Windows1253, greek, greek2),
		newTable(charmap.ISO8859_7, greek, greek2), newTable(charmap.Windows1255, hebrew, hebrew2), newTable(charmap.ISO8859_8, hebrew, hebrew2),
		newTable(charmap.Windows1256, arabic, arabic2), newTable(charmap.ISO8859_6, arabic, arabic2), newTable(charmap.CodePage862, hebrew, hebrew2),
	}
})

// newTable makes a table of a character set. usual and less are lower-case letters of its languages.
func newTable(cm *charmap.Charmap, usual, less string) *codepage {
	t := &codepage{}
	for i := range t.runes {
		r := cm.DecodeByte(byte(i))
		if r == utf8.RuneError {
			r = rune(i)
			t.score[i] = -10
		}
		t.runes[i], t.kinds[i] = r, sortOfRune(r)
		t.latin = t.latin || i >= 0x80 && t.kinds[i] == latinLower
		if i >= 0x80 && t.score[i] == 0 {
			t.score[i] = usualness(r, usual, less)
		}
	}
	return t
}

// usualness is how much a letter speaks for its table.
func usualness(r rune, usual, less string) int8 {
	low := unicode.ToLower(r)
	var n int8
	switch {
	case strings.ContainsRune("äöå", low) && strings.ContainsRune(usual, low):
		return 7
	case strings.ContainsRune(usual, low):
		return 6
	case strings.ContainsRune(less, low):
		n = 3
	case r == '¤':
		return -8 // nobody writes it
	case unicode.IsLetter(r):
		return 0
	case strings.ContainsRune(punctuates, r):
		return 1
	case unicode.IsControl(r):
		return -8
	case r >= 0x2500 && r < 0x25a0:
		return 0 // lines around tables
	default:
		return -1
	}
	if r != low {
		n--
	}
	return n
}

func sortOfRune(r rune) sortOf {
	var upper sortOf
	if unicode.IsUpper(r) {
		upper = 1
	}
	switch {
	case strings.ContainsRune("äöåÄÖÅ", r):
		return twinLower + upper
	case r == '’' || r == '\'' || r == '\u00ad':
		return quoteSort
	case !unicode.IsLetter(r):
		return otherSort
	case unicode.Is(unicode.Latin, r):
		return latinLower + upper
	case unicode.Is(unicode.Greek, r):
		return greekLower + upper
	case unicode.Is(unicode.Cyrillic, r):
		return cyrillicLower + upper
	}
	return caseless
}

// namedTable is a table of one byte a letter by the name that a server or a document gave it, nil if there is none. It is
// one of the candidates where it can be.
func namedTable(said string) *codepage {
	cm := charmapOf(said)
	if cm == nil {
		return nil
	}
	want := newTable(cm, "", "")
	for _, t := range candidates() {
		if t.runes == want.runes {
			return t
		}
	}
	return newTable(cm, western+cyrillic+greek+hebrew+arabic+central+baltic, western2+cyrillic2+greek2+hebrew2+arabic2+central2)
}

func charmapOf(said string) *charmap.Charmap {
	low := strings.ToLower(strings.TrimSpace(said))
	for _, n := range []struct {
		names string
		cm    *charmap.Charmap
	}{
		{" cp850 ibm850 850 oem850 ", charmap.CodePage850}, {" cp437 ibm437 437 ", charmap.CodePage437},
		{" cp852 ibm852 852 ", charmap.CodePage852}, {" cp865 ibm865 865 ", charmap.CodePage865},
		{" cp855 ibm855 855 ", charmap.CodePage855}, {" cp858 ibm858 ibm00858 ", charmap.CodePage858},
		{" cp860 ibm860 ", charmap.CodePage860}, {" cp862 ibm862 ", charmap.CodePage862}, {" cp863 ibm863 ", charmap.CodePage863},
	} {
		if low != "" && strings.Contains(n.names, " "+low+" ") {
			return n.cm
		}
	}
	e, err := htmlindex.Get(low)
	if err != nil || low == "" {
		return nil
	}
	cm, _ := e.(*charmap.Charmap)
	return cm
}
