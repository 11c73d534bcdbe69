package matcher

import (
	"bytes"
	"time"

	"leakwatch/leak"
)

// today is the day of t in UTC, as day makes it.
func today(t time.Time) int {
	y, m, d := t.UTC().Date()
	return day(y, int(m), d)
}

// canonical gives the canonical forms of a value as a table has it: one for most kinds, every pair for names. The error
// is a *BadIdentifier and never holds the value. Inside, it is the same code that judges what is found in text.
func canonical(k kindID, value string, region *plan, test bool, today int) ([][]byte, error) {
	if len(value) > 1024 {
		return nil, k.bad(badFormat)
	}
	var f folded
	f.fold([]byte(value), false)
	v := bytes.TrimSpace(f.text)
	var forms [][]byte
	var r reason
	if rule := &rules[k]; rule.canon != nil {
		forms, r = rule.canon(v, input{region, today})
	} else {
		forms, r = one(rule.digits.canon(v))
	}
	if r == unsure || r == testOnly && test {
		r = good
	}
	if r != good {
		return nil, k.bad(r)
	}
	return forms, nil
}

// one makes a list of one form.
func one(c []byte, r reason) ([][]byte, reason) { return [][]byte{c}, r }

var emailRule = rule{name: leak.Email, canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonEmail(v)) }}

var emailBaseRule = rule{name: leak.EmailBase, canon: func(v []byte, _ input) ([][]byte, reason) {
	c, r := canonEmail(v)
	if r != good {
		return nil, r
	}
	return one(appendEmailBase(nil, c), good)
}}

var phoneRule = rule{
	name:  leak.Phone,
	canon: func(v []byte, in input) ([][]byte, reason) { return one(canonPhone(unfloat(v), in.region)) },
	words: words([]string{"puh", "tel", "gsm", "mob", "matkap", "känny", "phone", "tlf", "tfn", "cell", "call", "ring", "soita", "soitto", "fax",
		"sms", "whatsapp", "landline", "contact"}),
}

var nameRule = rule{name: leak.Name, canon: func(v []byte, _ input) ([][]byte, reason) { return canonNames(kName, v) }}

var nameDOBRule = rule{name: leak.NameDOB, canon: func(v []byte, _ input) ([][]byte, reason) { return canonNames(kNameDOB, v) }}

// canonEmail reads an address, with the mailto: or the brackets that may stand around it.
func canonEmail(v []byte) ([]byte, reason) {
	if i, j := bytes.LastIndexByte(v, '<'), len(v)-1; i >= 0 && v[j] == '>' {
		v = v[i+1 : j]
	}
	if len(v) > 7 && lowerEqual(v[:7], "mailto:") {
		v = v[7:]
	}
	v = bytes.TrimSpace(v)
	at := bytes.IndexByte(v, '@')
	if at < 0 || bytes.IndexByte(v[at+1:], '@') >= 0 {
		return nil, badFormat
	}
	return appendEmail(nil, v[:at], v[at+1:])
}
