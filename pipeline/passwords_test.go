package pipeline_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/pipeline"
)

// An outcome says how many passwords its reading knew, those that it gives itself among them: whoever compares finds that
// there are more only when another gave one meanwhile. What a reading gives is kept however it ends.
func TestPasswordsOfAReading(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ends error // of the reading
		want leak.Result
	}{
		"whole":    {nil, leak.Clean},
		"broken":   {errors.Join(errors.New("reset"), leak.ErrPermanent), leak.Failed},
		"to retry": {errors.New("reset"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.store.passwords = []string{"known"}
			b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(strings.NewReader("nothing"), 0, "e"), nil }
			b.Unpack = func(_ context.Context, d pipeline.Document, _ func(leak.Text) error, _ func(leak.Member) error) (pipeline.Unpacked, error) {
				if !slices.Equal(d.Passwords, []string{"known"}) {
					t.Errorf("it is read with %d passwords", len(d.Passwords))
				}
				b.store.add("meanwhile")
				_, err := io.Copy(io.Discard, d.Reader)
				return pipeline.Unpacked{Completeness: leak.Whole, Published: []string{"known", "own"}}, errors.Join(err, c.ends)
			}
			if err := b.Fetch(t.Context(), "v-1"); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(b.store.passwords, []string{"known", "meanwhile", "own"}) {
				t.Errorf("%d passwords are kept", len(b.store.passwords))
			}
			o := b.store.outcome
			if c.want == "" {
				if o != nil {
					t.Errorf("outcome %+v", o)
				}
			} else if o == nil || o.Result != c.want || o.Passwords != 2 {
				t.Errorf("outcome %+v, want %s with 2 passwords", o, c.want)
			}
		})
	}
}

// add is what another reading gives.
func (m *memory) add(password string) {
	defer m.lock()()
	m.passwords = append(m.passwords, password)
}
