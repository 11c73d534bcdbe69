// Package elastic is the search index on an Elasticsearch cluster, version 8.
//
// The configured name is an alias; behind it stands one index, `<name>-v<mapping>-<number>`. While a rebuild is under
// way a second alias, `<name>-building`, is on the index that is being filled, so that every process knows of it.
// Every write asks for an alias, so no index ever comes to be by mistake, without its mapping.
//
// The client refuses servers that do not call themselves Elasticsearch in their answers (its product check), so
// OpenSearch and proxies that strip the header X-Elastic-Product do not work.
package elastic

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"leakwatch/configs"
)

// mapping is the settings and the mapping of an index. It says every field, and refuses others (dynamic: strict).
//
// Left out, and why:
//   - text fields and language analyzers: titles are masked word by word and places are codes; there is no prose to
//     stem. Words are split by finds.Words, the same as for the embedded index, into the keyword field search.words,
//     so that both engines find the same.
//   - wildcard and ngram fields: the beginning of a word is asked by a prefix query, the middle of a code says nothing.
//   - clinics and candidates are kept, not indexed: their kinds are keys, which a strict mapping cannot list.
//     search.clinics is what is asked, nested, so that confidence and kind are those of the one clinic.
//   - matched_at has milliseconds only in the index; search.order has the nanoseconds for sorting, ranges and cursors.
//
//go:embed mapping.json
var mapping []byte

// mappingVersion is that of mapping.json, in its _meta and in the names of indices.
const mappingVersion = 1

const (
	timeout      = 30 * time.Second // for the headers of one answer
	maxAnswer    = 64 << 20         // bytes of one answer: a page of 1000 documents is far below
	wholeRetries = 5                // of a request that was refused as a whole
)

// Index is a finds.Index on Elasticsearch. It is safe for concurrent use.
type Index struct {
	client  *elasticsearch.Client
	idle    func() // closes idle connections
	name    string // the alias
	refresh string
	wait    func(ctx context.Context, attempt int) error

	mu       sync.Mutex
	building string // the index that Reset began here
}

// Open reads the secrets and makes a client. It does not connect: a cluster that is away for a while stops nothing but
// the calls that need it. The index is created at the first call that finds none.
func Open(_ context.Context, c configs.Elastic) (*Index, error) {
	cfg, transport, err := settings(c)
	if err != nil {
		return nil, fmt.Errorf("open elasticsearch: %w", err)
	}
	client, err := elasticsearch.NewClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("open elasticsearch: %w", bare(err))
	}
	refresh := c.Refresh
	if refresh == "" {
		refresh = "wait_for"
	}
	return &Index{client: client, idle: transport.CloseIdleConnections, name: c.Index, refresh: refresh, wait: pause}, nil
}

func settings(c configs.Elastic) (elasticsearch.Config, *http.Transport, error) {
	cfg := elasticsearch.Config{Addresses: c.URLs, Username: c.Username, DisableMetaHeader: true,
		RetryOnStatus: []int{429, 502, 503, 504}, MaxRetries: wholeRetries, RetryBackoff: backoff}
	for _, u := range c.URLs {
		if p, err := url.Parse(u); err != nil || p.Host == "" || p.User != nil {
			return cfg, nil, errors.New("urls: want http or https, a host, and no user name or password")
		}
	}
	if len(c.URLs) == 0 || c.Index == "" {
		return cfg, nil, errors.New("urls and index must be set") // or the client would take them from the environment
	}
	for _, f := range []struct {
		path, what string
		to         *string
	}{
		{c.APIKeyFile, "api_key_file", &cfg.APIKey}, {c.PasswordFile, "password_file", &cfg.Password},
	} {
		if f.path == "" {
			continue
		}
		b, err := os.ReadFile(f.path)
		if err != nil {
			return cfg, nil, fmt.Errorf("%s: %w", f.what, err)
		}
		if *f.to = strings.TrimSpace(string(b)); *f.to == "" {
			return cfg, nil, fmt.Errorf("%s: it is empty", f.what)
		}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.ResponseHeaderTimeout = timeout
	cfg.Transport = transport
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return cfg, nil, fmt.Errorf("ca_file: %w", err)
		}
		cfg.CACert = pem
	}
	return cfg, transport, nil
}

// backoff is how long to wait before the given try again: 0.1 s, doubled, 5 s at most.
func backoff(attempt int) time.Duration {
	return min(100*time.Millisecond<<min(max(attempt-1, 0), 10), 5*time.Second)
}

func pause(ctx context.Context, attempt int) error {
	t := time.NewTimer(backoff(attempt))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// statusError is an answer that is not 2xx. It keeps the type of the error, never its reason, which may quote.
type statusError struct {
	status int
	kind   string
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("elasticsearch answered %d %s", e.status, e.kind))
}

func status(err error) int {
	var s *statusError
	if errors.As(err, &s) {
		return s.status
	}
	return 0
}

// do sends a request and decodes the answer into out, which may be nil.
func (x *Index) do(ctx context.Context, r esapi.Request, out any) (err error) {
	res, err := r.Do(ctx, x.client)
	if err != nil {
		return bare(err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	body := io.LimitReader(res.Body, maxAnswer)
	if res.IsError() {
		var answer struct {
			Error json.RawMessage `json:"error"`
		}
		var detail struct {
			Type string `json:"type"`
		}
		if json.NewDecoder(body).Decode(&answer) == nil {
			_ = json.Unmarshal(answer.Error, &detail) // some answers hold a sentence there: it is left out
		}
		return &statusError{status: res.StatusCode, kind: detail.Type}
	}
	if out == nil {
		_, err = io.Copy(io.Discard, body)
		return err
	}
	if err := json.NewDecoder(body).Decode(out); err != nil {
		return fmt.Errorf("decode the answer of elasticsearch: %w", err)
	}
	return nil
}

// bare takes the URL out of an error.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// encode gives a body.
func encode(v any) io.Reader {
	b, err := json.Marshal(v)
	if err != nil { // only our own maps, slices and strings come here
		return strings.NewReader(err.Error())
	}
	return bytes.NewReader(b)
}

// Close lets idle connections go.
func (x *Index) Close() error {
	x.idle()
	return nil
}
