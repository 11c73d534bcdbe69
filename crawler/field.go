package crawler

import (
	"errors"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"github.com/tidwall/gjson"

	"leakwatch/configs"
	"leakwatch/leak"
)

// maxValue is how much of one value of a listing is taken.
const maxValue = 8 << 10

// reader reads one value out of an item, as its field says.
type reader struct {
	configs.Field
	css cascadia.Selector
	re  *regexp.Regexp
}

func newReader(f configs.Field) (*reader, error) {
	r := &reader{Field: f}
	if f.CSS != "" && f.CSS != "&" {
		m, err := cascadia.Compile(f.CSS)
		if err != nil {
			return nil, errors.New("not a CSS selector")
		}
		r.css = m
	}
	if f.Re != "" {
		re, err := regexp.Compile(f.Re)
		if err != nil {
			return nil, errors.New("not a regular expression")
		}
		r.re = re
	}
	return r, nil
}

// json reads from a JSON value.
func (r *reader) json(item gjson.Result) string {
	if r == nil {
		return ""
	}
	v := item.Get(r.Path)
	if v.Type == gjson.Null || v.Type == gjson.JSON && !v.IsArray() {
		return ""
	}
	if v.IsArray() {
		var parts []string
		v.ForEach(func(_, one gjson.Result) bool {
			parts = append(parts, one.String())
			return len(parts) < 32
		})
		return r.clean(strings.Join(parts, " "))
	}
	return r.clean(v.String())
}

// html reads from an element of a page.
func (r *reader) html(item *goquery.Selection) string {
	if r == nil {
		return ""
	}
	if r.css != nil {
		item = item.FindMatcher(r.css).First()
	}
	if r.Attr != "" {
		return r.clean(item.AttrOr(r.Attr, ""))
	}
	return r.clean(strings.Join(strings.Fields(item.Text()), " "))
}

// clean cuts the value out of its text.
func (r *reader) clean(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), maxValue)], "")
	if r.re != nil {
		m := r.re.FindStringSubmatch(s)
		switch len(m) {
		case 0:
			return ""
		case 1:
			s = m[0]
		default:
			s = m[1]
		}
	}
	s = strings.TrimSpace(s)
	if r.Zero == "never" && strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// time reads a value as a time.
func (r *reader) time(value string, zone *time.Location, now time.Time) leak.Stamp {
	if r == nil || value == "" {
		return leak.Stamp{}
	}
	said := strings.ToValidUTF8(value[:min(len(value), 64)], "")
	switch {
	case r.Unix != "":
		return unixTime(value, said, r.Unix == "ms")
	case r.Date != "":
		in := zone
		if in == nil {
			in = time.UTC
		}
		t, err := time.ParseInLocation(r.Date, value, in)
		if err != nil {
			return leak.Stamp{}
		}
		zoned := zone != nil || strings.Contains(r.Date, "07") || strings.Contains(r.Date, "MST") || strings.HasSuffix(r.Date, "Z")
		s := timeForm{zoned: zoned, step: second}.interval(t, nil)
		s.Said = said
		return s
	}
	s, _, _ := findTime(value, zone, now)
	return s
}

func unixTime(value, said string, millis bool) leak.Stamp {
	n, err := strconv.ParseFloat(value, 64)
	if millis {
		n /= 1000
	}
	if err != nil || !(n > 0 && n < 1e11) {
		return leak.Stamp{}
	}
	whole, part := math.Modf(n)
	t := time.Unix(int64(whole), int64(part*1e9)).UTC().Truncate(time.Millisecond)
	return leak.Stamp{From: t, To: t, Said: said}
}

// size reads a value as a size.
func (r *reader) size(value string) leak.Size {
	if r == nil || value == "" {
		return leak.UnknownSize
	}
	if r.Size == "bytes" {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return leak.UnknownSize
		}
		return leak.Size{Min: n, Max: n}
	}
	size, _ := parseSize(value)
	return size
}

// fill puts values into a template of a URL, escaped for where they stand. A value that is missing makes it no URL.
func fill(template string, value func(name string) string) (*url.URL, bool) {
	before, query, hasQuery := strings.Cut(template, "?")
	missing := false
	put := func(text string, escape func(string) string) string {
		return anyBrace.ReplaceAllStringFunc(text, func(brace string) string {
			v := value(brace[1 : len(brace)-1])
			missing = missing || v == "" || v == "." || v == ".."
			return escape(v)
		})
	}
	full := put(before, url.PathEscape)
	if hasQuery {
		full += "?" + put(query, url.QueryEscape)
	}
	u, err := url.Parse(full)
	return u, err == nil && !missing && len(full) <= maxURL
}
