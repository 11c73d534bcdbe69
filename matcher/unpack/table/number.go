package table

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// style is how a number is shown.
type style struct {
	date  bool
	clock bool   // a date with a time of day, or a time of day alone
	fill  string // digits and what stands between them: 000-00-0000
}

// builtin gives the style of a number format that has a number of its own (ECMA-376, 18.8.30; [MS-XLS] 2.4.126).
func builtin(id int) style {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return style{date: true}
	case id >= 18 && id <= 22, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return style{date: true, clock: true}
	}
	return style{}
}

// styleOf reads a format's code, its first part, which is for positive numbers.
func styleOf(code string) style {
	var s style
	var fill strings.Builder
	plain := true
	for i := 0; i < len(code) && code[i] != ';'; i++ {
		switch c := code[i]; c {
		case '"':
			k := strings.IndexByte(code[i+1:], '"')
			if k < 0 {
				k = len(code) - i - 1
			}
			fill.WriteString(code[i+1 : i+1+k])
			i += k + 1
		case '\\':
			if i++; i < len(code) {
				fill.WriteByte(code[i])
			}
		case '[':
			k := strings.IndexByte(code[i:], ']')
			if k < 0 {
				return s
			}
			if in := strings.ToLower(code[i+1 : i+k]); in != "" && strings.Trim(in, "hms") == "" {
				s.date, s.clock = true, true
			}
			i += k
		case 'y', 'Y', 'd', 'D', 'm', 'M':
			s.date = true
		case 'h', 'H', 's', 'S':
			s.date, s.clock = true, true
		case '0', '-', ' ', '(', ')', '/', '+':
			fill.WriteByte(c)
		case '_', '*':
			i++
		default:
			plain = false
		}
	}
	if code == "General" || strings.EqualFold(code, "General") || code == "@" {
		return style{}
	}
	if f := fill.String(); !s.date && plain && strings.Count(f, "0") > 1 && len(f) <= 64 {
		s.fill = f
	}
	return s
}

// show prints a number as its cell shows it, without separators of thousands. date1904 says from when days are counted.
func (s style) show(f float64, date1904 bool) string {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return ""
	case s.date && f >= 0 && f < 2958466: // up to the year 9999
		return shownDate(f, s.clock, date1904)
	case s.fill != "" && f >= 0 && f == math.Trunc(f) && f < 1e15:
		return filled(s.fill, strconv.FormatInt(int64(f), 10))
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// shownDate prints a day as ISO 8601. Day 60 of those counted from 1900 never was, but is counted.
func shownDate(f float64, clock, date1904 bool) string {
	day := math.Floor(f)
	part := f - day
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day < 60:
		day++
	}
	t := base.AddDate(0, 0, int(day)).Add(time.Duration(math.Round(part*86400)) * time.Second)
	if clock && part != 0 {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("2006-01-02")
}

// filled puts digits into a pattern from its end on; what is more stands before it.
func filled(pattern, digits string) string {
	var b []byte
	for i := len(pattern) - 1; i >= 0; i-- {
		c := pattern[i]
		if c == '0' && digits != "" {
			c, digits = digits[len(digits)-1], digits[:len(digits)-1]
		}
		b = append(b, c)
	}
	for digits != "" {
		b = append(b, digits[len(digits)-1])
		digits = digits[:len(digits)-1]
	}
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
