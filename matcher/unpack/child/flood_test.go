package child_test

import (
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"leakwatch/matcher/unpack/child"
)

// What a child says that nobody reads earns it no time: it ends, though it never stops.
func TestAFloodThatIsPassedOver(t *testing.T) {
	t.Parallel()
	v := pool(t, child.Options{Time: time.Second}).Visit()
	defer v.End()
	s, err := v.Open(t.Context(), child.Document{Format: "drip"}, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(); err != io.EOF || s.Outcome() != child.OutOfTime {
		t.Error(err, s.Outcome())
	}
}

// A child that says anything while nothing is asked of it, or too much on standard error, is ended.
func TestAChildThatGoesOnIsEnded(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"frames", "errors"} {
		p := pool(t, child.Options{})
		v := p.Visit()
		got, _ := readIn(t, v, "flood", how)
		if _, pid, ok := strings.Cut(strings.TrimSpace(got), "Format:} "); ok {
			for n, err := strconv.Atoi(pid); err == nil && running(n); {
				select {
				case <-t.Context().Done():
					t.Fatal("it goes on")
				case <-time.After(5 * time.Millisecond):
				}
			}
		} else if how == "frames" { // it floods when its document has ended
			t.Errorf("no child: %q", got)
		}
		if got, o := readIn(t, v, "echo", "the next one"); o != child.Whole || !strings.Contains(got, "the next one") {
			t.Errorf("after %s: %q %s", how, o, got)
		}
		v.End()
	}
}
