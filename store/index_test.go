package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
)

func (l *lab) unindexed(n int) []leak.IndexDoc {
	l.t.Helper()
	docs, err := l.LeaseUnindexed(l.ctx, "w", 100, time.Minute)
	l.ok(err)
	if len(docs) != n {
		l.t.Fatalf("%d documents, want %d", len(docs), n)
	}
	return docs
}

func TestIndexQueue(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.sources(1, "a")
	d := l.doc("a", "dump/", "matti.tar", 1).people("ca", 0, 20)
	d.f.Indicators = []leak.Indicator{{Type: "sha256", Value: "00ff"}, {Type: "etag", Value: "matti-1"}}
	d.f.Outcome.MediaType = "text/matti"
	d.record()
	docs := l.unindexed(1)
	doc := docs[0]
	if doc.ID != d.f.ID || doc.Leak == "" || doc.Source != "a" || doc.SourceKind != "directory-index" || doc.Host != "a.test" || doc.Confidence != "confirmed" ||
		doc.Clinics[0].Persons != 20 || doc.Clinics[0].Event != leak.EventNew || doc.Kinds[0] != "fi-hetu" || !doc.Live || doc.Place != d.f.Item.Place.Shown() ||
		doc.Result != "matched" || doc.Completeness != "whole" || doc.Candidates["fi-hetu"] != 20 || doc.MatchedAt.IsZero() || doc.ExpiresAt == nil || len(doc.Indicators) != 2 {
		t.Errorf("%+v", doc)
	}
	b, err := json.Marshal(doc)
	l.ok(err)
	if strings.Contains(string(b), "matti") || strings.Contains(string(b), ref("ca", 0)) {
		t.Errorf("the document spills: %s", b)
	}
	l.ok(l.RetryIndexed(l.ctx, docs, "down", l.clock.now().Add(time.Minute)))
	l.unindexed(0)
	l.clock.add(time.Minute)
	docs = l.unindexed(1)
	l.look(d, leak.GoneNow) // it changes while its document is on its way
	l.ok(l.FinishIndexed(l.ctx, docs))
	docs = l.unindexed(1)
	if docs[0].Live || docs[0].Revision <= doc.Revision {
		t.Errorf("%+v", docs[0])
	}
	l.ok(l.FinishIndexed(l.ctx, docs))
	l.unindexed(0)
	n, err := l.ReindexAll(l.ctx)
	l.ok(err)
	if n != 1 || len(l.unindexed(1)) != 1 {
		t.Errorf("%d marked", n)
	}
}

// A find that is staged and not yet true is nowhere to be seen.
func TestIndexAfterMerge(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 20).record()
	l.clock.add(time.Second)
	l.doc("b", "dump/", "2.tar", 1).people("ca", 20, 40).record()
	l.ok(l.FinishIndexed(l.ctx, l.unindexed(2)))
	l.doc("c", "dump/", "3.tar", 1).people("ca", 0, 40).record()
	docs := l.unindexed(2) // the new one, and the one whose leak has another id now
	if docs[0].Leak != docs[1].Leak {
		t.Errorf("%s %s", docs[0].Leak, docs[1].Leak)
	}
}
