package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// Precision reads clean texts against a registry, and judges what is found there by chance.
type Precision struct{ m *matcher.Matcher }

// NewPrecision registers rows, of kinds that the matcher knows.
func NewPrecision(rows iter.Seq[Row]) (*Precision, error) {
	m, err := newMatcher(matcher.Options{Regions: Regions})
	if err != nil {
		return nil, err
	}
	wrapper, err := newMatcher(matcher.Options{}) // of the same keys: one that is being loaded cannot wrap
	if err != nil {
		return nil, err
	}
	var bad error
	tags := func(yield func(leak.Tag, error) bool) {
		for row := range rows {
			tag, _, err := wrapper.Wrap(row.Clinic, ring().ID, row.Kind, hash(row.Kind, row.Canon), row.Ref)
			if err != nil {
				bad = err
			}
			if err == nil && !yield(tag, nil) {
				return
			}
		}
	}
	return &Precision{m}, errors.Join(m.Load(1, tags), bad)
}

// Finding is a verdict of a clinic that is not "none".
type Finding struct {
	Where, Clinic string
	Verdict       leak.Verdict
}

// PrecisionResult is what came of all texts.
type PrecisionResult struct {
	Texts, Bytes int64
	Findings     []Finding
	Whole        leak.Tally // of all texts as one
}

// Read reads every text as a document, and all of them as one.
func (p *Precision) Read(ctx context.Context, texts iter.Seq[[]byte]) (res PrecisionResult, err error) {
	in, out := io.Pipe()
	whole := make(chan error, 1)
	all := p.m.Begin(nil)
	go func() {
		err := all.Text(ctx, leak.Text{Reader: in})
		in.CloseWithError(err) // where it ended early, nobody waits for it to read on
		whole <- err
	}()
	for b := range texts {
		res.Texts++
		res.Bytes += int64(len(b))
		one := p.m.Begin(nil)
		if err = one.Text(ctx, leak.Text{Reader: bytes.NewReader(b)}); err != nil {
			break
		}
		one.Finish()
		res.judge(fmt.Sprintf("text %d", res.Texts), one.Tally())
		if _, err = out.Write(b); err != nil {
			break
		}
	}
	err = errors.Join(err, out.Close(), <-whole)
	all.Finish()
	res.Whole = all.Tally()
	res.judge("all texts as one", res.Whole)
	return res, err
}

func (r *PrecisionResult) judge(where string, t leak.Tally) {
	for clinic := range t.Clinics {
		if v := leak.Judge(t, clinic); v.Confidence > leak.None {
			r.Findings = append(r.Findings, Finding{where, clinic, v})
		}
	}
}
