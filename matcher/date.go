package matcher

// monthDays are the days of each month; February counts 29 where the year is not known.
var monthDays = [13]uint8{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// dayMonth says whether a day exists in some year.
func dayMonth(d, m int) bool { return m >= 1 && m <= 12 && d >= 1 && d <= int(monthDays[m]) }

// date says whether a day exists in the Gregorian calendar.
func date(y, m, d int) bool {
	return dayMonth(d, m) && (m != 2 || d != 29 || y%4 == 0 && (y%100 != 0 || y%400 == 0))
}

// day makes a date comparable: 20260531.
func day(y, m, d int) int { return y*10000 + m*100 + d }

func digit(c byte) int { return int(c - '0') }

func two(b []byte) int { return digit(b[0])*10 + digit(b[1]) }

func three(b []byte) int { return digit(b[0])*100 + digit(b[1])*10 + digit(b[2]) }

// allDigits says whether b is ASCII digits and nothing else.
func allDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return len(b) > 0
}
