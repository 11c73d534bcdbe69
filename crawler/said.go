package crawler

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"leakwatch/leak"
)

var sizeForm = regexp.MustCompile(`^([0-9]{1,19}(?:,[0-9]{3})*)([.,][0-9]{1,9})?\s*(?:([kKmMgGtTpP])(i?)[bB]?|[bB](?:ytes?)?|(?i:bytes?))?$`)

// parseSize reads a size as listings write it: exact bytes (34, 2 B), or rounded (3.0G, 25 KiB, 0.1K), which is an
// interval: one unit of the last digit to both sides, and a K of 1000 or of 1024 unless it says Ki.
func parseSize(s string) (leak.Size, bool) {
	m := sizeForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return leak.UnknownSize, false
	}
	whole := strings.ReplaceAll(m[1], ",", "")
	if m[3] == "" {
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || m[2] != "" {
			return leak.UnknownSize, false
		}
		return leak.Size{Min: n, Max: n}, true
	}
	fraction := strings.Replace(m[2], ",", ".", 1)
	v, err := strconv.ParseFloat(whole+fraction, 64)
	if err != nil {
		return leak.UnknownSize, false
	}
	step := math.Pow10(-max(0, len(fraction)-1))
	power := float64(1 + strings.Index("kmgtp", strings.ToLower(m[3])))
	small, big := math.Pow(1000, power), math.Pow(1024, power)
	if m[4] != "" {
		small = big
	}
	if (v+step)*big >= 1<<62 {
		return leak.UnknownSize, false
	}
	return leak.Size{Min: int64(max(0, v-step) * small), Max: int64(math.Ceil((v + step) * big))}, true
}

// timeForm is one way in which listings write times.
type timeForm struct {
	form    *regexp.Regexp
	layouts []string
	zoned   bool
	step    time.Duration // how exact it is
}

const (
	second = time.Second
	minute = time.Minute
)

// timeForms are tried in this order.
var timeForms = []timeForm{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z`), []string{"2006-01-02T15:04:05Z"}, true, second},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})? ?[+-]\d\d:?\d\d`),
		[]string{"2006-01-02T15:04:05-0700", "2006-01-02T15:04:05-07:00"}, true, second},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?: ?[+-]\d\d:?\d\d|Z)`),
		[]string{"2006-01-02T15:04-0700", "2006-01-02T15:04-07:00", "2006-01-02T15:04Z"}, true, minute},
	{regexp.MustCompile(`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC)`),
		[]string{"Mon, 02 Jan 2006 15:04:05 GMT", "Mon, 02 Jan 2006 15:04:05 UTC"}, true, second},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d`), []string{"2006-01-02T15:04:05"}, false, second},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d`), []string{"2006-01-02T15:04"}, false, minute},
	{regexp.MustCompile(`\d{4}-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d`), []string{"2006-Jan-02 15:04:05"}, false, second},
	{regexp.MustCompile(`\d{4}-[A-Z][a-z]{2}-\d\d \d\d:\d\d`), []string{"2006-Jan-02 15:04"}, false, minute},
	{regexp.MustCompile(`\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d`), []string{"02-Jan-2006 15:04:05"}, false, second},
	{regexp.MustCompile(`\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d`), []string{"02-Jan-2006 15:04"}, false, minute},
	{regexp.MustCompile(`\d\d[A-Z][a-z]{2}\d{4} \d\d:\d\d`), []string{"02Jan2006 15:04"}, false, minute},
	{regexp.MustCompile(`[A-Z][a-z]{2} [ \d]\d  \d{4}`), []string{"Jan _2  2006"}, false, 24 * time.Hour},
	{regexp.MustCompile(`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d`), []string{"Jan _2 15:04"}, false, minute},
	{regexp.MustCompile(`\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d\d:\d\d [AP]M`), []string{"1/2/2006 3:04:05 PM"}, false, second},
	{regexp.MustCompile(`\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d\d [AP]M`), []string{"1/2/2006 3:04 PM"}, false, minute},
	{regexp.MustCompile(`\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d\d`), []string{"1/2/2006 15:04", "2/1/2006 15:04"}, false, minute},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d`), []string{"2006-01-02"}, false, 24 * time.Hour},
}

// anyZone is how far a clock of an unknown zone may be from UTC.
const anyZone = 14 * time.Hour

// findTime finds the first time in a text, and where it stands. zone is the server's, nil when nobody knows it: then
// the time is an interval of 14 hours to both sides. now tells the year where the text has none.
func findTime(text string, zone *time.Location, now time.Time) (s leak.Stamp, from, to int) {
	if len(text) < len("2006-01-02") || !strings.ContainsAny(text, "0123456789") {
		return leak.Stamp{}, -1, -1
	}
	for _, f := range timeForms {
		at := f.form.FindStringIndex(text)
		if at == nil {
			continue
		}
		said := text[at[0]:at[1]]
		if s, ok := f.read(said, zone, now); ok {
			s.Said = said[:min(len(said), 64)]
			return s, at[0], at[1]
		}
	}
	return leak.Stamp{}, -1, -1
}

func (f timeForm) read(said string, zone *time.Location, now time.Time) (s leak.Stamp, ok bool) {
	text := strings.ReplaceAll(said, ",", "")
	if strings.HasPrefix(f.layouts[0], "Mon") {
		text = said
	}
	if len(text) > 10 && text[10] == ' ' && strings.HasPrefix(f.layouts[0], "2006-01-02T") {
		text = text[:10] + "T" + strings.Replace(text[11:], " ", "", 1)
	}
	in := zone
	if in == nil || f.zoned {
		in = time.UTC // where the text has a zone, it says so itself
	}
	for _, layout := range f.layouts {
		t, err := time.ParseInLocation(layout, text, in)
		if err != nil {
			continue
		}
		one := f.interval(withYear(t, now), zone)
		if !ok {
			s, ok = one, true
			continue
		}
		s.From, s.To = minTime(s.From, one.From), maxTime(s.To, one.To) // either order of day and month
	}
	return s, ok
}

func (f timeForm) interval(t time.Time, zone *time.Location) leak.Stamp {
	s := leak.Stamp{From: t.UTC(), To: t.UTC()}
	if f.step > second {
		s.To = s.To.Add(f.step - second)
	}
	if !f.zoned && zone == nil {
		s.From, s.To = s.From.Add(-anyZone), s.To.Add(anyZone)
	}
	return s
}

// withYear gives a time without a year the latest one that does not lie ahead.
func withYear(t, now time.Time) time.Time {
	if t.Year() != 0 {
		return t
	}
	u := t.AddDate(now.Year(), 0, 0)
	if u.After(now.Add(48 * time.Hour)) {
		u = t.AddDate(now.Year()-1, 0, 0)
	}
	return u
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
