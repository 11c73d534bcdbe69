package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
)

// A paste of a few bytes is in memory only; what breaks it off must not lose who was seen in it.
func TestSmallBodyThatBreaksOffAndIsGoneThenIsStillAFind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.web.open = func(leak.Fetch) (*leak.Body, error) {
		return body(io.MultiReader(strings.NewReader("hit "), failing{errors.New("reset")}), 0, "e"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	b.store.version.Attempt = 2
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return nil, fmt.Errorf("404: %w", leak.ErrPermanent) }
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if o := b.store.outcome; o == nil || o.Result != leak.Matched || o.Completeness != leak.Partial || o.Bytes != 4 {
		t.Errorf("outcome %+v", o)
	}
	if !sealed(b.kept(t)) {
		t.Errorf("the evidence is gone: %v", b.kept(t))
	}
}

func sealed(files []string) bool {
	for _, f := range files {
		if filepath.Base(f) == "identity.age" {
			return true
		}
	}
	return false
}

// What they were found in stays, though a clean file lies at the place when the reading goes on.
func TestEvidenceOfAVersionThatWasReplacedMeanwhileStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := bytes.Repeat([]byte("hit "), 300_000)
	b.web.open = func(leak.Fetch) (*leak.Body, error) {
		return body(io.MultiReader(bytes.NewReader(old), failing{errors.New("reset")}), 0, "one"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	b.web.open = func(leak.Fetch) (*leak.Body, error) {
		return body(bytes.NewReader(bytes.Repeat([]byte("new "), 300_000)), 0, "two"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if b.store.outcome == nil || !sealed(b.kept(t)) {
		t.Errorf("outcome %+v, files %v", b.store.outcome, b.kept(t))
	}
}

// A clinic that registers while a document is read is looked for in it too: the document is due again.
func TestRegisteredWhileItWasRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	generation := int64(4)
	b.Generation = func() int64 { return generation }
	b.web.open = func(leak.Fetch) (*leak.Body, error) {
		generation = 5
		return body(strings.NewReader("nothing"), 0, "e"), nil
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if b.store.outcome != nil || len(b.store.next) != 1 || b.store.next[0].IsZero() || b.store.next[0].After(time.Now()) {
		t.Errorf("outcome %+v, next attempts %v", b.store.outcome, b.store.next)
	}
	if err := b.Fetch(t.Context(), "v-1"); err != nil || b.store.outcome == nil || b.store.outcome.Generation != 5 {
		t.Errorf("outcome %+v, error %v", b.store.outcome, err)
	}
}

func TestDocumentThatKillsItsReadersIsGivenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.version.Attempt = 40
	b.web.open = func(leak.Fetch) (*leak.Body, error) { t.Error("it was read again"); return nil, io.EOF }
	if err := b.Fetch(t.Context(), "v-1"); err != nil {
		t.Fatal(err)
	}
	if o := b.store.outcome; o == nil || o.Result != leak.Failed {
		t.Errorf("outcome %+v", o)
	}
}

// A stop that comes while the other side accepts a message makes nobody be told twice.
func TestStopWhileAMessageIsAccepted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.store.deliveries = []leak.Delivery{{ID: "d", Attempt: 1}}
	b.sent = func(leak.Delivery) error { cancel(); return nil }
	_ = b.Deliver(ctx, time.Minute)
	if b.store.delivered["d"] != "sent" {
		t.Errorf("delivery is %q", b.store.delivered["d"])
	}
}

func TestStopKeepsWhatWasAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.web.open = func(leak.Fetch) (*leak.Body, error) { return body(stopping{cancel}, 0, "e"), nil }
	_ = b.Fetch(ctx, "v-1")
	if b.store.exchanges != 1 {
		t.Errorf("%d exchanges were written down", b.store.exchanges)
	}
}
