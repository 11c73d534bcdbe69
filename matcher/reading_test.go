package matcher_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher"
)

func TestTwoKindsInOneRecord(t *testing.T) {
	t.Parallel()
	far := strings.Repeat("x ", 700)
	for _, c := range []struct {
		name, text    string
		two, together int64
	}{
		{"side by side", "131052-308T, a@example.com", 1, 1},
		{"on one long line", "131052-308T " + far + far + "a@example.com", 1, 1},
		{"near, on other lines", "131052-308T\n\n\na@example.com", 1, 1},
		{"far away, on other lines", "131052-308T\n" + far + "a@example.com", 1, 0},
		{"one kind twice", "131052-308T 131052-308T", 0, 0},
		{"another person's", "131052-308T b@example.com", 0, 0},
	} {
		k := setup(t, realRing, matcher.Options{})
		k.register("clinic-a", ref(1), leak.FIHetu, "131052-308T")
		k.register("clinic-a", ref(1), leak.Email, "a@example.com")
		k.register("clinic-a", ref(2), leak.Email, "b@example.com")
		got := k.read(text(c.text)).tally.Clinics["clinic-a"]
		if got.Two != c.two || got.Together != c.together {
			t.Errorf("%s: two %d, together %d, want %d and %d", c.name, got.Two, got.Together, c.two, c.together)
		}
	}
}

func TestWeakMatchesWaitForSomethingElse(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.Phone, "+358401234567")
	k.register("clinic-a", ref(1), leak.Email, "a@example.com")
	k.register("clinic-a", ref(2), leak.Phone, "+358407654321")
	var told []leak.Match
	r := k.Begin(func(m leak.Match) { told = append(told, m) })
	ctx := context.Background()
	if err := r.Text(ctx, text("0401234567 0407654321")); err != nil {
		t.Fatal(err)
	}
	if len(told) != 0 {
		t.Fatalf("told at once: %+v", told)
	}
	if c := r.Tally().Clinics["clinic-a"]; c.Persons != 0 || c.Weak != 2 {
		t.Errorf("before: %+v", c)
	}
	if err := r.Text(ctx, text("a@example.com")); err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || !told[0].Counted || told[0].Kind != leak.Phone || !told[1].Counted {
		t.Fatalf("told after the address: %+v", told)
	}
	r.Finish()
	if len(told) != 3 || told[2].Counted || told[2].Person.Ref != ref(2) {
		t.Fatalf("told in the end: %+v", told)
	}
	c := r.Tally().Clinics["clinic-a"]
	if c.Persons != 1 || c.Weak != 1 || c.Two != 1 || c.Kinds[leak.Phone] != 1 || c.Hits[leak.Phone] != 1 {
		t.Errorf("in the end: %+v", c)
	}
	seen, _, _ := r.Drain()
	want := []leak.Seen{{Person: leak.Person{Clinic: "clinic-a", Ref: ref(1)}, Kinds: []leak.Kind{leak.Email, leak.Phone}}}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestUndecidedMatchesAreBounded(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.Phone, "+358401234567")
	r := k.read(text(strings.Repeat("0401234567\n", 40000)))
	if len(r.matches) != 40000 || !strings.Contains(r.cut, "32768 undecided weak matches: 7232 not counted") {
		t.Errorf("%d matches, cut %q", len(r.matches), r.cut)
	}
}

func TestSharedIdentifiers(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.Phone, "+358401234567") // a family
	k.register("clinic-a", ref(2), leak.Phone, "+358401234567")
	k.register("clinic-b", ref(1), leak.Phone, "+358401234567") // and another clinic
	for i := range 21 {
		k.register("clinic-a", ref(10+i), leak.Phone, "+358921234567") // a switchboard of one clinic
	}
	k.register("clinic-b", ref(5), leak.Phone, "+358921234567")
	for i := range 70 {
		k.register("clinic-a", ref(100+i), leak.Email, "info@example.com") // everybody's
	}
	const all = "+358 40 123 4567 +358 9 21234567 info@example.com"
	r := k.read(text(all))
	var who []string
	for _, m := range r.matches {
		who = append(who, m.Person.Clinic+"/"+m.Person.Ref[20:])
	}
	if len(who) != 4 || r.tally.Clinics["clinic-a"].Persons != 2 || r.tally.Clinics["clinic-a"].Hits[leak.Phone] != 1 || r.tally.Clinics["clinic-b"].Persons != 2 {
		t.Errorf("%v, %+v", who, r.tally.Clinics["clinic-a"])
	}
	if err := k.Remove([]leak.Tag{k.tag("clinic-a", ref(10), leak.Phone, "+358921234567")}); err != nil {
		t.Fatal(err)
	}
	if n := len(k.read(text(all)).matches); n != 24 { // twenty may share one
		t.Errorf("of a switchboard that one left: %d matches", n)
	}
	for _, tok := range r.tokens {
		if tok.Registered != (tok.Person != leak.Person{}) {
			t.Errorf("token %+v", tok)
		}
	}
}

func TestOffsetsAreOfTheMembersBytes(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.FIHetu, "131052-308T")
	// As from UTF-16: two bytes a character, and a mark before.
	tx := leak.Text{Reader: strings.NewReader("abc 131052-308T"), Offset: func(o int64) int64 { return 2 + 2*o }}
	if m := k.read(tx).matches[0]; m.Offset != 10 || m.Length != 22 {
		t.Errorf("offset %d, length %d", m.Offset, m.Length)
	}
}

func TestReaderErrorsAndContext(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.FIHetu, "131052-308T")
	broken := errors.New("broken")
	r := k.Begin(nil)
	err := r.Text(context.Background(), leak.Text{Reader: io.MultiReader(strings.NewReader("131052-308T "), errReader{broken})})
	if !errors.Is(err, broken) || r.Tally().Clinics["clinic-a"].Persons != 1 {
		t.Errorf("%v, %+v", err, r.Tally())
	}
	if err := r.Text(context.Background(), leak.Text{Reader: idleReader{}}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.Text(ctx, text("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

// TestTextsInsideTexts reads texts from within the Read of another one, and many side by side.
func TestTextsInsideTexts(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.FIHetu, "131052-308T")
	k.register("clinic-a", ref(2), leak.Email, "a@example.com")
	var mu sync.Mutex
	running, n := false, 0
	var r *matcher.Reading
	r = k.Begin(func(leak.Match) {
		mu.Lock()
		if running {
			t.Error("two calls of onMatch at once")
		}
		running = true
		mu.Unlock()
		_ = r.Tally()
		mu.Lock()
		running, n = false, n+1
		mu.Unlock()
	})
	ctx := context.Background()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			inside := &nesting{r: r, depth: 3, rest: strings.NewReader("131052-308T\n")}
			if err := r.Text(ctx, leak.Text{Reader: inside}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() { _, _, _ = r.Drain() })
		wg.Go(func() {
			if err := k.Add([]leak.Tag{k.tag("clinic-b", ref(3), leak.Email, "late@example.com")}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r.Finish()
	if n != 8*4 {
		t.Errorf("%d matches, want 32", n)
	}
}

// nesting reads other texts before it gives its own.
type nesting struct {
	r     *matcher.Reading
	depth int
	rest  io.Reader
}

func (n *nesting) Read(p []byte) (int, error) {
	if n.depth > 0 {
		d := n.depth
		n.depth = 0
		inside := &nesting{r: n.r, depth: d - 1, rest: strings.NewReader("a@example.com\n")}
		if err := n.r.Text(context.Background(), leak.Text{Reader: inside}); err != nil {
			return 0, err
		}
	}
	return n.rest.Read(p)
}
