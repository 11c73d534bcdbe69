package matcher

import (
	"testing"

	"leakwatch/leak"
)

// TestDamagedOneOfBefore: a reading that still has a registry whose file cannot be read fails, and the sound one that came
// after it is not loaded anew.
func TestDamagedOneOfBefore(t *testing.T) {
	t.Parallel()
	m := emptyMatcher(t, t.TempDir())
	nobody := func(func(leak.Tag, error) bool) {}
	if err := m.Load(5, nobody); err != nil {
		t.Fatal(err)
	}
	r := m.registry.Load()
	if err := m.Load(6, nobody); err != nil {
		t.Fatal(err)
	}
	r.broken.Store(true)
	if !m.damaged(r) || m.Generation() != 6 {
		t.Errorf("generation %d", m.Generation())
	}
}
