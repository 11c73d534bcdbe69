package corpus_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
)

const seed = 1

func TestTruth(t *testing.T) {
	t.Parallel()
	people := corpus.People(seed, 200)
	reader, err := corpus.NewReader(people, parsers(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range corpus.Shapes() {
		t.Run(s.Group+"/"+s.Name, func(t *testing.T) {
			t.Parallel()
			d := s.Make(seed, people)
			res, err := reader.Read(context.Background(), d, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Missed) > 0 && (d.Readable || len(res.Report.Reasons) == 0) {
				t.Errorf("missed %s; report %s %q", list(res.Missed), res.Report.Completeness, res.Report.Reasons)
			}
			if len(res.Uncounted) > 0 {
				t.Errorf("not counted: %s", list(res.Uncounted))
			}
			if len(res.Misplaced) > 0 {
				t.Errorf("at another place: %s", list(res.Misplaced))
			}
			for _, m := range res.Extra {
				t.Errorf("%s was not planted", m.Kind)
			}
		})
	}
}

// list names kinds, never values.
func list(marks []corpus.Mark) string {
	n := map[leak.Kind]int{}
	var out []string
	if len(marks) > 35 {
		return "everything"
	}
	for _, m := range marks {
		if n[m.Kind]++; n[m.Kind] == 1 {
			out = append(out, string(m.Kind))
		}
	}
	return fmt.Sprintf("%d (%s)", len(marks), strings.Join(out, " "))
}
