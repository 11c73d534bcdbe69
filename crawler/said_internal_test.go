package crawler

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
)

// roundings are how servers write a size: nginx, Apache, lighttpd, Caddy, webfs.
func roundings(n int64) []string {
	said := []string{fmt.Sprint(n), fmt.Sprintf("%d B", n)}
	for power, unit := range []string{"K", "M", "G", "T"} {
		for _, k := range []float64{1000, 1024} {
			f := float64(n)
			for range power + 1 {
				f /= k
			}
			said = append(said, fmt.Sprintf("%.0f%s", f, unit), fmt.Sprintf("%.1f%s", f, unit), fmt.Sprintf("%d %sB", int64(f), unit))
		}
	}
	return said
}

func TestTimesThatListingsSay(t *testing.T) {
	t.Parallel()
	helsinki := mustZone(t, "Europe/Helsinki")
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for said, test := range map[string]struct {
		zone     *time.Location
		from, to string
	}{
		"2021-02-03T10:11:12Z":               {helsinki, "2021-02-03T10:11:12Z", "2021-02-03T10:11:12Z"},
		" 2021-02-03T10:11:12.5+02:00":       {nil, "2021-02-03T08:11:12Z", "2021-02-03T08:11:12Z"},
		"2021-02-03 10:11:12 +0000 UTC":      {helsinki, "2021-02-03T10:11:12Z", "2021-02-03T10:11:12Z"},
		"Wed, 03 Feb 2021 10:11:12 GMT":      {helsinki, "2021-02-03T10:11:12Z", "2021-02-03T10:11:12Z"},
		"2021-02-03 12:11":                   {helsinki, "2021-02-03T10:11:00Z", "2021-02-03T10:11:59Z"},
		"03-Feb-2021 10:11":                  {nil, "2021-02-02T20:11:00Z", "2021-02-04T00:11:59Z"},
		"2021-Feb-03 10:11:12":               {time.UTC, "2021-02-03T10:11:12Z", "2021-02-03T10:11:12Z"},
		"03Feb2021 10:11":                    {time.UTC, "2021-02-03T10:11:00Z", "2021-02-03T10:11:59Z"},
		"Feb 03  2021":                       {time.UTC, "2021-02-03T00:00:00Z", "2021-02-03T23:59:59Z"},
		"Nov 22 02:15":                       {time.UTC, "2026-11-22T02:15:00Z", "2026-11-22T02:15:59Z"},
		"Dec 24 02:15":                       {time.UTC, "2025-12-24T02:15:00Z", "2025-12-24T02:15:59Z"},
		"2/3/2021 10:11:12 AM":               {time.UTC, "2021-02-03T10:11:12Z", "2021-02-03T10:11:12Z"},
		"2/3/2021 10:11":                     {time.UTC, "2021-02-03T10:11:00Z", "2021-03-02T10:11:59Z"},
		"13/3/2021 10:11":                    {time.UTC, "2021-03-13T10:11:00Z", "2021-03-13T10:11:59Z"},
		"on 2021-02-03":                      {time.UTC, "2021-02-03T00:00:00Z", "2021-02-03T23:59:59Z"},
		"2021-02-03T10:11Z":                  {helsinki, "2021-02-03T10:11:00Z", "2021-02-03T10:11:59Z"},
		"33-Feb-2021 10:11, 2021-13-03 9:00": {nil, "", ""},
	} {
		s, from, _ := findTime(said, test.zone, captured)
		if test.from == "" {
			if from >= 0 {
				t.Errorf("%q is %v", said, s)
			}
			continue
		}
		if from < 0 || !s.From.Truncate(time.Second).Equal(at(test.from)) || !s.To.Truncate(time.Second).Equal(at(test.to)) {
			t.Errorf("%q is %v to %v", said, s.From, s.To)
		}
	}
}

func TestSizesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "-", "—", "<DIR>", "1.5", "12:30", "3 apples", "1e9", "99999999999999999999", "-5", "0x10", strings.Repeat("9", 18) + "P"} {
		if size, ok := parseSize(s); ok || size != leak.UnknownSize {
			t.Errorf("%q is %v", s, size)
		}
	}
}

func TestCanonicalURLs(t *testing.T) {
	t.Parallel()
	same := []string{
		"http://files.example/H%C3%A4me/x.txt", "HTTP://Files.Example:80/H%c3%a4me/x.txt", "http://files.example/Ha%CC%88me/%78.txt#part",
		"http://files.example./Häme/x.txt",
	}
	for _, s := range same {
		if got := canonical(mustURL(t, s)); got != same[0] {
			t.Errorf("%s is %s", s, got)
		}
	}
	for _, s := range []string{"http://files.example/H%C3%A4me%2Fx.txt", "https://files.example/H%C3%A4me/x.txt", "http://files.example/H%C3%A4me/x.txt?a"} {
		if got := canonical(mustURL(t, s)); got == same[0] {
			t.Errorf("%s is the same", s)
		}
	}
}

func TestNextRun(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 7, 30, 500, time.FixedZone("x", 7200))
	for schedule, want := range map[string]string{
		"@every 15m":     "2026-11-22T08:22:30Z",
		"@every 2s":      "2026-11-22T08:07:32Z",
		"15 */2 * * *":   "2026-11-22T08:15:00Z",
		"0 6 * * 1":      "2026-11-23T06:00:00Z",
		"@daily":         "2026-11-23T00:00:00Z",
		"":               "",
		"* * * *":        "",
		"* * * * * *":    "",
		"TZ=":            "",
		"CRON_TZ=x":      "",
		"61 * * * *":     "",
		"0 0 30 2 *":     "",
		"@every x":       "",
		"TZ=UTC * * * *": "",
	} {
		got, err := NextRun(schedule, now, 0, nil)
		if (err == nil) != (want != "") || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v %v", schedule, got, err)
		}
	}
	got, err := NextRun("@every 15m", now, 10*time.Minute, func() float64 { return 0.5 })
	if err != nil || got.Format(time.RFC3339) != "2026-11-22T08:27:30Z" || got.Location() != time.UTC {
		t.Error(got, err)
	}
}
