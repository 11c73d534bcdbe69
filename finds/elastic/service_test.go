package elastic_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leakwatch/configs"
	"leakwatch/finds"
	"leakwatch/finds/elastic"
	"leakwatch/finds/findstest"
	"leakwatch/leak"
)

// service gives the settings of a real cluster with an index name of the test's own, which is wiped at its end.
func service(t *testing.T) configs.Elastic {
	t.Helper()
	url, key := os.Getenv("LEAKWATCH_TEST_ES_URL"), os.Getenv("LEAKWATCH_TEST_ES_API_KEY")
	if url == "" || key == "" {
		t.Skip("LEAKWATCH_TEST_ES_URL, LEAKWATCH_TEST_ES_CA and LEAKWATCH_TEST_ES_API_KEY are not set: start Elasticsearch 8")
	}
	c := configs.Elastic{URLs: []string{url}, APIKeyFile: secret(t, key), CAFile: os.Getenv("LEAKWATCH_TEST_ES_CA"),
		Index: "leakwatch-test-" + strings.ToLower(rand.Text()[:12]), Refresh: "wait_for"}
	t.Cleanup(func() { wipe(t, c) })
	return c
}

func secret(t *testing.T, s string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(s+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func connect(t *testing.T, c configs.Elastic) *elastic.Index {
	t.Helper()
	x, err := elastic.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// call speaks to the cluster without our client.
func call(t *testing.T, c configs.Elastic, method, path string, body string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, c.URLs[0]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(c.APIKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+strings.TrimSpace(string(key)))
	req.Header.Set("Content-Type", "application/json")
	pool := x509.NewCertPool()
	if pem, err := os.ReadFile(c.CAFile); err == nil {
		pool.AppendCertsFromPEM(pem)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode/100 != 2 {
		t.Logf("%s %s: %d %.300s", method, path, res.StatusCode, b)
	}
	return b
}

func indices(t *testing.T, c configs.Elastic) []string {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal(call(t, c, "GET", "/"+c.Index+"*/_alias", ""), &answer); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range answer {
		names = append(names, name)
	}
	return names
}

func wipe(t *testing.T, c configs.Elastic) {
	if names := indices(t, c); len(names) > 0 {
		call(t, c, "DELETE", "/"+strings.Join(names, ","), "")
	}
}

func TestServiceSuite(t *testing.T) {
	t.Parallel()
	service(t)
	findstest.Run(t, func(t *testing.T) findstest.Open {
		c := service(t)
		return func(t *testing.T) finds.Index { return connect(t, c) }
	})
}

// TestServiceStrict has the mapping refuse what it does not name.
func TestServiceStrict(t *testing.T) {
	t.Parallel()
	c := service(t)
	x := connect(t, c)
	if err := x.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b := call(t, c, "POST", "/"+c.Index+"/_doc", `{"note":"free text"}`); !bytes.Contains(b, []byte("strict_dynamic_mapping_exception")) {
		t.Errorf("an unknown field is taken: %.300s", b)
	}
}

// TestServiceOneIndex: a rebuild leaves one index, and indices that a crash left without an alias go.
func TestServiceOneIndex(t *testing.T) {
	t.Parallel()
	c := service(t)
	x := connect(t, c)
	if err := x.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	call(t, c, "PUT", "/"+c.Index+"-v1-000007", "")
	if err := x.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := x.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := indices(t, c); len(got) != 1 || got[0] != c.Index+"-v1-000008" {
		t.Errorf("after a rebuild there are %v", got)
	}
}

// TestServiceWiped: an index that somebody deleted comes to be again, with its mapping.
func TestServiceWiped(t *testing.T) {
	t.Parallel()
	c := service(t)
	x := connect(t, c)
	if err := x.Put(t.Context(), []leak.IndexDoc{{ID: "f-1", Title: "dump"}}); err != nil {
		t.Fatal(err)
	}
	wipe(t, c)
	if a, err := x.Search(t.Context(), leak.Query{}); err != nil || a.Total != 0 {
		t.Errorf("search after a wipe: %+v, %v", a, err)
	}
	wipe(t, c)
	if err := x.Put(t.Context(), []leak.IndexDoc{{ID: "f-1", Title: "dump"}}); err != nil {
		t.Fatal(err)
	}
	if a, err := x.Search(t.Context(), leak.Query{Words: "dump"}); err != nil || a.Total != 1 {
		t.Errorf("search after a wipe and a put: %+v, %v", a, err)
	}
}

// TestServiceNameTaken: an index where the alias should be is said, not written to.
func TestServiceNameTaken(t *testing.T) {
	t.Parallel()
	c := service(t)
	call(t, c, "PUT", "/"+c.Index, "")
	x := connect(t, c)
	x.NoWait()
	err := x.Put(t.Context(), []leak.IndexDoc{{ID: "f-1"}})
	if err == nil || !strings.Contains(err.Error(), "no alias") {
		t.Errorf("Put: %v", err)
	}
}

// TestServiceMany writes more than one request holds.
func TestServiceMany(t *testing.T) {
	t.Parallel()
	c := service(t)
	x := connect(t, c)
	docs := make([]leak.IndexDoc, 3000)
	for n := range docs {
		docs[n] = leak.IndexDoc{ID: fmt.Sprintf("f-%d", n), Revision: 1, Shape: strings.Repeat("tar/", 500)}
	}
	if err := x.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if a, err := x.Search(t.Context(), leak.Query{Limit: 1}); err != nil || a.Total != int64(len(docs)) {
		t.Errorf("total %d, %v", a.Total, err)
	}
}

// TestServiceRefused: a key that may not is told so by its number, with no secret in the error.
func TestServiceRefused(t *testing.T) {
	t.Parallel()
	c := service(t)
	other := c
	other.Index = "forbidden-finds"
	if err := connect(t, other).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("an index that the key may not touch: %v", err)
	}
	c.APIKeyFile = secret(t, "bm90LWEta2V5OnNlY3JldA==")
	err := connect(t, c).Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "bm90LWEta2V5") {
		t.Errorf("a wrong key: %v", err)
	}
	c.CAFile = ""
	if err := connect(t, c).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without its authority: %v", err)
	}
}

// TestServicePassword uses a user's name and password in place of a key.
func TestServicePassword(t *testing.T) {
	t.Parallel()
	c := service(t)
	user, password := os.Getenv("LEAKWATCH_TEST_ES_USER"), os.Getenv("LEAKWATCH_TEST_ES_PASSWORD")
	if user == "" || password == "" {
		t.Skip("LEAKWATCH_TEST_ES_USER and LEAKWATCH_TEST_ES_PASSWORD are not set: start Elasticsearch 8")
	}
	with := c
	with.APIKeyFile, with.Username, with.PasswordFile = "", user, secret(t, password)
	if err := connect(t, with).Check(t.Context()); err != nil {
		t.Error(err)
	}
}
