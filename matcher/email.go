package matcher

import (
	"bytes"
	"math/bits"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// E-mail addresses, in two forms that are two kinds.
//
// Canonical form of email: local@domain in at most 254 bytes; the domain in lower case as an IDNA2008 A-label without a
// trailing dot; the local part in NFC and lower case, with its dots and its plus tag: a tag such as +klinikka proves
// where a leak came from. RFC 5321 calls the local part case-sensitive; in practice it is not. Quoted local parts,
// address literals and domains of one label are no addresses here.
//
// email-base is the same without the plus tag (never cut to nothing); gmail.com and googlemail.com also lose their dots
// and become gmail.com. Dots are significant elsewhere.
//
// In text the local part is looked for among letters, digits, . _ + - and, between two of those, ' & ! # $ * ^ ~. What
// else RFC 5322 allows (= / ? | { } ` %) nearly always stands beside an address and not in it. The name of a file may go on
// with an extension, so there the address is also tried without its last labels.
//
// Source: RFC 5321 section 4.5.3.1, RFC 5322 section 3.2.3, RFC 5891, RFC 6531.

const (
	maxLocal     = 64
	maxAddress   = 254
	maxExtension = 8 // ".txt.gz"
)

const atext = "!#$%&'*+/=?^_`{|}~-."

// appendEmail appends the canonical form of an address to dst.
func appendEmail(dst, local, domain []byte) ([]byte, reason) {
	start := len(dst)
	if !ascii(local) {
		local = wide(local)
	}
	if !localPart(local) {
		return dst, badFormat
	}
	dst = append(appendLower(dst, local), '@')
	at := len(dst)
	if !ascii(domain) {
		a, err := idna.Lookup.ToASCII(string(norm.NFKC.Bytes(domain)))
		if err != nil {
			return dst[:start], badFormat
		}
		domain = []byte(a)
	}
	dst = appendLower(dst, bytes.TrimSuffix(domain, []byte(".")))
	if !domainName(dst[at:]) || len(dst)-start > maxAddress {
		return dst[:start], badFormat
	}
	return dst, good
}

func ascii(b []byte) bool {
	var all byte
	for _, c := range b {
		all |= c
	}
	return all < utf8.RuneSelf
}

// wide brings a local part that is not ASCII into its canonical form.
func wide(b []byte) []byte {
	return norm.NFC.Bytes([]byte(strings.ToLower(string(norm.NFKC.Bytes(b)))))
}

// appendLower appends b with its ASCII letters in lower case.
func appendLower(dst, b []byte) []byte {
	n := len(dst)
	dst = append(dst, b...)
	for i, c := range dst[n:] {
		if c-'A' < 26 {
			dst[n+i] = c + 32
		}
	}
	return dst
}

// localPart says whether b may stand before the @.
func localPart(b []byte) bool {
	if len(b) == 0 || len(b) > maxLocal || b[0] == '.' || b[len(b)-1] == '.' {
		return false
	}
	dot, all := false, byte(0)
	for _, c := range b {
		all |= c
		switch {
		case classes[c]&(isDigit|isLetter) != 0:
		case c == '.':
			if dot {
				return false
			}
		case c < utf8.RuneSelf && strings.IndexByte(atext, c) < 0:
			return false
		}
		dot = c == '.'
	}
	return all < utf8.RuneSelf || utf8.Valid(b)
}

// domainName says whether an ASCII name is a domain of two labels or more, whose last is not a number.
func domainName(b []byte) bool {
	labels, start, alpha := 0, 0, false
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] != '.' {
			if classes[b[i]]&isHost == 0 {
				return false
			}
			continue
		}
		l := b[start:i]
		if len(l) == 0 || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		alpha = len(l) > 1 && classes[l[0]]&isLetter != 0
		labels, start = labels+1, i+1
	}
	return labels >= 2 && alpha
}

// appendEmailBase appends the base form of a canonical address to dst.
func appendEmailBase(dst, canon []byte) []byte {
	at := bytes.LastIndexByte(canon, '@')
	local, domain := canon[:at], canon[at+1:]
	if i := bytes.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	if d := string(domain); d != "gmail.com" && d != "googlemail.com" {
		return append(append(append(dst, local...), '@'), domain...)
	}
	for _, c := range local {
		if c != '.' {
			dst = append(dst, c)
		}
	}
	return append(dst, "@gmail.com"...)
}

// scanAddresses looks for addresses around every @ in b[lo:hi], which s.masks are of.
func (s *scanner) scanAddresses(b []byte, lo, hi int) {
	for i := lo / block; i*block < hi; i++ {
		f := s.masks[i].at
		if f == 0 {
			continue
		}
		f &^= f>>1 | s.masks[i+1].at<<63 // of several the last
		for ; f != 0; f &= f - 1 {
			at := i*block + bits.TrailingZeros64(f)
			if at >= max(lo, 1) && at < hi && at+3 < len(b) && addressable[b[at-1]]&(addressable[b[at+1]]&addressable[b[at+2]]>>1) != 0 {
				s.tryEmail(b, at)
			}
		}
	}
}

// addressable has a bit for bytes that may stand before an @, and the next one for those behind it.
var addressable = func() (t [256]uint8) {
	for c, class := range classes {
		if class&isLocal != 0 || c >= utf8.RuneSelf {
			t[c] |= 1
		}
		if class&isHost != 0 || c >= utf8.RuneSelf {
			t[c] |= 2
		}
	}
	return t
}()

// tryEmail looks for an address around the @ at b[at].
func (s *scanner) tryEmail(b []byte, at int) {
	end := domainEnd(b, at+1)
	if end-at < 4 {
		return
	}
	if dot := bytes.LastIndexByte(b[at:end], '.'); dot < 0 || b[at+dot+1]-'0' <= 9 {
		return
	}
	start := localStart(b, at)
	if start == at {
		return
	}
	s.email(b, start, at, end, 0)
	for rest := end; s.inName && rest > end-maxExtension; {
		dot := bytes.LastIndexByte(b[at:rest], '.')
		if dot < 0 || bytes.IndexByte(b[at:at+dot], '.') < 0 {
			break
		}
		rest = at + dot
		s.email(b, start, at, rest, silent)
	}
	if start >= 2 && classes[b[start]]&isLocal != 0 && strings.IndexByte("'&!#$*^~", b[start-1]) >= 0 &&
		classes[b[start-2]]&(isDigit|isLetter) != 0 {
		if wide := localStart(b, start-1); at-wide <= maxLocal {
			s.email(b, wide, at, end, 0)
		}
	}
}

// localStart goes back from the end of a local part to its start; what an escape left there is not part of it.
func localStart(b []byte, end int) int {
	i := end
	for i > 0 && end-i <= maxLocal && (classes[b[i-1]]&isLocal != 0 || b[i-1] >= utf8.RuneSelf) {
		i--
	}
	if i > 0 {
		i = skipEscape(b, i, end)
	}
	if i < end && b[i] >= utf8.RuneSelf {
		i = skipMarks(b, i, end)
	}
	for i < end && (b[i] == '.' || b[i] == '-' || b[i] == '+') {
		i++
	}
	return i
}

// skipEscape goes past the rest of an escape sequence that b[i] is in.
func skipEscape(b []byte, i, end int) int {
	switch {
	case b[i-1] == '\\' && end-i > 5 && b[i] == 'u' && b[i+1] == '0' && b[i+2] == '0':
		return i + 5
	case b[i-1] == '\\' && end-i > 1 && (b[i] == 'n' || b[i] == 'r' || b[i] == 't'):
		return i + 1
	case b[i-1] == '%' && end-i > 2 && classes[b[i]]&classes[b[i+1]]&isHex != 0:
		return i + 2
	}
	return i
}

// skipMarks goes past leading runes that are no letters or digits: quotation marks, bullets, broken UTF-8.
func skipMarks(b []byte, i, end int) int {
	for i < end && b[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRune(b[i:end])
		if r != utf8.RuneError && wordRune(r) {
			break
		}
		i += n
	}
	return i
}

// domainEnd goes forward from the start of a domain to its end, without trailing dots and dashes.
func domainEnd(b []byte, start int) int {
	i := start
	for i < len(b) && i-start <= maxAddress {
		if classes[b[i]]&isHost != 0 {
			i++
			continue
		}
		if b[i] < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRune(b[i:min(len(b), i+utf8.UTFMax)])
		if r == utf8.RuneError || !wordRune(r) {
			break
		}
		i += n
	}
	for i > start && (b[i-1] == '.' || b[i-1] == '-') {
		i--
	}
	return i
}

// email hashes an address in both forms.
func (s *scanner) email(b []byte, start, at, end int, f marks) {
	if end-start > maxAddress+maxLocal {
		return
	}
	canon, r := appendEmail(s.addr[:0], b[start:at], b[at+1:end])
	s.addr = canon
	if r != good {
		return
	}
	if i := bytes.IndexByte(canon, '+'); i > 0 && i < bytes.LastIndexByte(canon, '@') {
		f |= tagged
	}
	if s.want.has(kEmail) {
		s.candidate(kEmail, canon, start, end, f)
	}
	if s.want.has(kEmailBase) {
		s.base = appendEmailBase(s.base[:0], canon)
		s.candidate(kEmailBase, s.base, start, end, f&^tagged)
	}
}
