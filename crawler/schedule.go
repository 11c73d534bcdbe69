package crawler

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// NextRun gives the first time after `after` that the schedule names (five fields of cron, or such as "@every 15m"), in
// UTC, plus a random part of jitter. rnd gives numbers from 0 up to 1; nil means no jitter.
func NextRun(schedule string, after time.Time, jitter time.Duration, rnd func() float64) (time.Time, error) {
	if strings.Contains(schedule, "TZ=") { // cron reads a zone there, and panics when nothing follows it
		return time.Time{}, errors.New("schedule: zones are not read, times are UTC")
	}
	s, err := cron.ParseStandard(schedule)
	if err != nil {
		return time.Time{}, errors.New("schedule: neither five fields nor such as @every 15m")
	}
	next := s.Next(after.UTC())
	if next.IsZero() {
		return time.Time{}, fmt.Errorf("schedule %q: names no time in the next five years", schedule)
	}
	if rnd != nil && jitter > 0 {
		next = next.Add(time.Duration(rnd() * float64(jitter)))
	}
	return next, nil
}
