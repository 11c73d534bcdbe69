package configs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseDuration reads what time.ParseDuration reads, with days before it: 30d, 1d12h. It is never negative.
func parseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%s is not a duration such as 90s, 15m, 72h or 30d", quote(s))
	var days time.Duration
	rest := s
	if n, after, ok := strings.Cut(s, "d"); ok {
		count, err := strconv.ParseUint(n, 10, 16)
		if err != nil {
			return 0, bad
		}
		days, rest = time.Duration(count)*day, after
		if rest == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || d > math.MaxInt64-days {
		return 0, bad
	}
	return days + d, nil
}

// units are the sizes' units; the ones with an i count in 1024s.
var units = map[string]int64{
	"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": kib, "MiB": mib, "GiB": gib, "TiB": 1024 * gib,
}

// parseSize reads a number of bytes: 4096, 64MiB, 1.5GiB.
func parseSize(s string) (int64, error) {
	bad := fmt.Errorf("%s is not a size such as 4096, 64MiB or 10GiB", quote(s))
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '_' })
	number, unit := s, ""
	if i >= 0 {
		number, unit = s[:i], strings.TrimSpace(s[i:])
	}
	factor, ok := units[unit]
	if !ok {
		return 0, bad
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(number, "_", ""), 64)
	if err != nil || f < 0 || f*float64(factor) >= math.MaxInt64 {
		return 0, bad
	}
	return int64(f * float64(factor)), nil
}
