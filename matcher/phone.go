package matcher

// Telephone numbers.
//
// Canonical form: E.164 with its plus, 8 to 15 digits. 00 is +, (0) and a national prefix after the country code are
// dropped, extensions too. A number without country code is read in each of the configured regions. Numbers are judged
// by a table of numbering plans of our own (phoneplan.go); countries without a plan by country code and length.
//
// Without + and national prefix, as spreadsheets leave numbers, they are read at registration, and in text when they
// begin with the country code or with a mobile prefix of a region.
//
// Source: ITU-T E.164 and E.123; national plans as phoneplan.go says.

const (
	phoneMin = 8
	phoneMax = 15
)

// international judges digits that begin with a country code, and gives that code and the national number.
func international(d []byte) (code string, nsn []byte, ok bool) {
	if len(d) < phoneMin {
		return "", nil, false
	}
	country := &countries[three(d)]
	if country.code == "" {
		return "", nil, false
	}
	nsn = d[len(country.code):]
	if p := country.plan; p != nil {
		if p.trunk == "0" && nsn[0] == '0' {
			nsn = nsn[1:]
		}
		if !p.fits(nsn) {
			return "", nil, false
		}
	}
	n := len(country.code) + len(nsn)
	return country.code, nsn, n >= phoneMin && n <= phoneMax
}

// national judges digits as they are dialled inside a region, and gives the national number.
func (p *plan) national(d []byte) (nsn []byte, ok bool) {
	n := len(p.trunk)
	if len(d) <= n || !dialsWith(d, p.trunk) {
		return nil, false
	}
	return d[n:], p.may(d[n:])
}

// dialsWith says whether digits begin with others. It is asked so often that the first digit must tell nearly always.
func dialsWith(d []byte, prefix string) bool {
	for i := range len(prefix) {
		if i == len(d) || d[i] != prefix[i] {
			return false
		}
	}
	return true
}

// withoutPlus judges digits that begin with the region's own country code.
func (p *plan) withoutPlus(d []byte) (nsn []byte, ok bool) {
	if n := len(p.code); len(d) > n+5 && dialsWith(d, p.code) {
		return d[n:], p.may(d[n:])
	}
	return nil, false
}

// withoutZero judges digits that lost their national prefix.
func (p *plan) withoutZero(d []byte) (nsn []byte, ok bool) {
	return d, p.trunk != "" && len(d) >= 5 && p.may(d)
}

// may says whether digits are a national number, and no longer than a number may be with its country code.
func (p *plan) may(nsn []byte) bool {
	n := len(p.code) + len(nsn)
	return p.fits(nsn) && n >= phoneMin && n <= phoneMax
}

// appendPhone appends the canonical form of a number to dst.
func appendPhone(dst []byte, code string, nsn []byte) []byte {
	return append(append(append(dst, '+'), code...), nsn...)
}

// canonPhone reads a number as a clinic's table has it. p is the clinic's region, or nil.
func canonPhone(v []byte, p *plan) ([]byte, reason) {
	d, plus, r := phoneDigits(v)
	if r != good {
		return nil, r
	}
	if plus {
		if code, nsn, ok := international(d); ok {
			return appendPhone(nil, code, nsn), good
		}
		return nil, badFormat
	}
	if p == nil {
		return nil, badContext
	}
	for _, read := range []func(d []byte) ([]byte, bool){p.national, p.withoutZero, p.withoutPlus} {
		if nsn, ok := read(d); ok {
			return appendPhone(nil, p.code, nsn), good
		}
	}
	return nil, badFormat
}

// phoneDigits takes the digits out of a number, and says whether it begins with a country code.
func phoneDigits(v []byte) (d []byte, plus bool, r reason) {
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c-'0' <= 9:
			d = append(d, c)
		case c == '+' && len(d) == 0 && !plus:
			plus = true
		case c == '(' && i+2 < len(v) && v[i+1] == '0' && v[i+2] == ')' && (plus || len(d) > 2 && d[0] == '0' && d[1] == '0'):
			i += 2
		case classes[c]&isJoin != 0:
		case len(d) >= 5 && extension(v[i:]):
			i = len(v)
		default:
			return nil, false, badFormat
		}
	}
	if len(d) > 2 && !plus && d[0] == '0' && d[1] == '0' {
		d, plus = d[2:], true
	}
	if len(d) < 5 || len(d) > phoneMax+2 {
		return nil, false, badFormat
	}
	return d, plus, good
}

// extension says whether v begins with a mark of an extension and its digits.
func extension(v []byte) bool {
	for _, mark := range []string{"ext.", "ext", "x", "#", ","} {
		if n := len(mark); len(v) > n && lowerEqual(v[:n], mark) {
			for _, c := range v[n:] {
				if c != ' ' && c-'0' > 9 {
					return false
				}
			}
			return true
		}
	}
	return false
}

func lowerEqual(b []byte, s string) bool {
	for i, c := range b {
		if c|0x20 != s[i]|0x20 {
			return false
		}
	}
	return len(b) == len(s)
}
