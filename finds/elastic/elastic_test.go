package elastic_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"leakwatch/configs"
	"leakwatch/finds"
	"leakwatch/finds/elastic"
	"leakwatch/leak"
)

var _ finds.Index = (*elastic.Index)(nil)

// fake is a server for answers that a healthy cluster does not give. It has one index behind the alias.
func fake(t *testing.T, bulk func(w http.ResponseWriter, ids []string)) *elastic.Index {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/_alias"):
			_, _ = io.WriteString(w, `{"leakwatch-finds-v1-000001":{"aliases":{"leakwatch-finds":{}}}}`)
		case r.URL.Path == "/_bulk":
			bulk(w, bulkIDs(t, r))
		default:
			t.Errorf("unexpected %s %s", r.Method, r.URL.Path)
		}
	}))
	t.Cleanup(srv.Close)
	x, err := elastic.Open(t.Context(), configs.Elastic{URLs: []string{srv.URL}, Index: "leakwatch-finds"})
	if err != nil {
		t.Fatal(err)
	}
	x.NoWait()
	return x
}

func bulkIDs(t *testing.T, r *http.Request) (ids []string) {
	dec := json.NewDecoder(r.Body)
	for dec.More() {
		var line map[string]struct {
			ID           string `json:"_id"`
			Version      int    `json:"version"`
			VersionType  string `json:"version_type"`
			RequireAlias bool   `json:"require_alias"`
		}
		var doc leak.IndexDoc
		if err := errors.Join(dec.Decode(&line), dec.Decode(&doc)); err != nil {
			t.Errorf("bulk body: %v", err)
			return ids
		}
		if l := line["index"]; l.ID != doc.ID || l.Version != doc.Revision || l.VersionType != "external_gte" || !l.RequireAlias {
			t.Errorf("bulk line %+v for %s", l, doc.ID)
		}
		ids = append(ids, doc.ID)
	}
	return ids
}

func answer(w http.ResponseWriter, ids []string, status func(id string) int) {
	var items []string
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"index":{"_id":%q,"status":%d,"error":{"type":"some_exception","reason":"value 'Planted Patient'"}}}`,
			id, status(id)))
	}
	_, _ = fmt.Fprintf(w, `{"errors":true,"items":[%s]}`, strings.Join(items, ","))
}

// TestBusyItems: what was refused with 429 inside a 200 is sent again, alone, and the refresh goes with it.
func TestBusyItems(t *testing.T) {
	t.Parallel()
	var rounds [][]string
	x := fake(t, func(w http.ResponseWriter, ids []string) {
		rounds = append(rounds, ids)
		answer(w, ids, func(id string) int {
			if id == "f-2" && len(rounds) < 3 {
				return 429
			}
			return 201
		})
	})
	docs := []leak.IndexDoc{{ID: "f-1"}, {ID: "f-2"}, {ID: "f-3", Revision: 4}}
	if err := x.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rounds); got != "[[f-1 f-2 f-3] [f-2] [f-2]]" {
		t.Errorf("sent %s", got)
	}
}

func TestAlwaysBusy(t *testing.T) {
	t.Parallel()
	x := fake(t, func(w http.ResponseWriter, ids []string) { answer(w, ids, func(string) int { return 429 }) })
	err := x.Put(t.Context(), []leak.IndexDoc{{ID: "f-1"}})
	if err == nil || errors.Is(err, leak.ErrPermanent) {
		t.Errorf("Put: %v", err)
	}
}

// TestBusyWhole: a request that was refused as a whole is sent again.
func TestBusyWhole(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	x := fake(t, func(w http.ResponseWriter, ids []string) {
		if n.Add(1) == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		answer(w, ids, func(string) int { return 201 })
	})
	if err := x.Put(t.Context(), []leak.IndexDoc{{ID: "f-1"}}); err != nil || n.Load() != 2 {
		t.Errorf("Put: %v after %d", err, n.Load())
	}
}

// TestErrorsQuoteNothing: a server's reason may hold what we sent; the error holds id, number and type.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for name, bulk := range map[string]func(http.ResponseWriter, []string){
		"item": func(w http.ResponseWriter, ids []string) { answer(w, ids, func(string) int { return 400 }) },
		"whole": func(w http.ResponseWriter, _ []string) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":{"type":"some_exception","reason":"value 'Planted Patient'"}}`)
		},
		"sentence": func(w http.ResponseWriter, _ []string) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"Planted Patient"}`)
		},
		"no JSON": func(w http.ResponseWriter, _ []string) { _, _ = io.WriteString(w, `<p>Planted Patient</p>`) },
		"too few": func(w http.ResponseWriter, _ []string) { _, _ = io.WriteString(w, `{"items":[]}`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := fake(t, bulk).Put(t.Context(), []leak.IndexDoc{{ID: "f-1", Title: "Planted Patient"}})
			if err == nil || strings.Contains(err.Error(), "Patient") {
				t.Errorf("Put: %v", err)
			}
			if got := errors.Is(err, leak.ErrPermanent); got != (name == "item") {
				t.Errorf("%v: permanent is %t", err, got)
			}
		})
	}
}

func TestOtherProduct(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }))
	t.Cleanup(srv.Close)
	x, err := elastic.Open(t.Context(), configs.Elastic{URLs: []string{srv.URL}, Index: "leakwatch-finds"})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "not Elasticsearch") {
		t.Errorf("Check: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	good := configs.Elastic{URLs: []string{"https://es.example:9200"}, Index: "leakwatch-finds"}
	for name, change := range map[string]func(*configs.Elastic){
		"no URL":       func(c *configs.Elastic) { c.URLs = nil },
		"no index":     func(c *configs.Elastic) { c.Index = "" },
		"a password":   func(c *configs.Elastic) { c.URLs = []string{"https://u:hunter2@es.example"} },
		"not a URL":    func(c *configs.Elastic) { c.URLs = []string{"::hunter2"} },
		"no key file":  func(c *configs.Elastic) { c.APIKeyFile = filepath.Join(t.TempDir(), "none") },
		"no CA file":   func(c *configs.Elastic) { c.CAFile = filepath.Join(t.TempDir(), "none") },
		"an empty key": func(c *configs.Elastic) { c.APIKeyFile = secret(t, "") },
		"no CA in it":  func(c *configs.Elastic) { c.CAFile = secret(t, "nothing") },
	} {
		c := good
		change(&c)
		if x, err := elastic.Open(t.Context(), c); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, %v", name, x, err)
		}
	}
	if _, err := elastic.Open(context.Background(), good); err != nil {
		t.Errorf("a cluster that is away stops Open: %v", err)
	}
}
