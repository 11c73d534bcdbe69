package crawler

import (
	"context"
	"net/http"

	"leakwatch/leak"
)

const (
	probeMost = 100    // files of one folder that are asked for one by one
	marksMost = 10_000 // that are remembered
)

// probe asks for the validators of files whose listing says neither size nor time, so that another file under the same
// name is seen. Of large folders it asks nothing: there a change is seen only by what looks at finds again.
func (r *run) probe(ctx context.Context, entries []entry) {
	bare := 0
	for _, e := range entries {
		if !e.folder && e.said == "" && e.time.IsZero() {
			bare++
		}
	}
	if bare == 0 || bare > probeMost || r.s.Legal == leak.LegalMetadata || r.s.Legal == leak.LegalListing {
		return
	}
	for i := range entries {
		e := &entries[i]
		if e.folder || e.said != "" || !e.time.IsZero() || e.url == nil {
			continue
		}
		key := r.c.places.Digest(canonical(e.url))
		mark, ok := r.head(ctx, e)
		if !ok { // a server that fails to say is not another version
			e.mark = r.c.remembered(key)
			continue
		}
		e.mark = mark
		r.c.remember(key, mark)
	}
}

// head asks for one file's validators.
func (r *run) head(ctx context.Context, e *entry) (string, bool) {
	resp, _, err := r.c.bodyWire(r.s).follow(ctx, asking{method: http.MethodHead, url: e.url, header: bodyHeader()})
	if err != nil {
		return "", false
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", false
	}
	if n := resp.ContentLength; n >= 0 {
		e.size = leak.Size{Min: n, Max: n}
	}
	v := validators(resp.Header)
	mark := v.ETag + "\n" + v.LastModified + "\n" + resp.Header.Get("Content-Length")
	return mark, mark != "\n\n"
}

func (c *Crawler) remembered(key leak.Digest) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.marks[key]
}

func (c *Crawler) remember(key leak.Digest, mark string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.marks) >= marksMost {
		clear(c.marks)
	}
	c.marks[key] = mark
}

func validators(h http.Header) leak.Validators {
	const most = 256
	v := leak.Validators{ETag: h.Get("ETag"), LastModified: h.Get("Last-Modified")}
	if len(v.ETag) > most {
		v.ETag = ""
	}
	if len(v.LastModified) > most {
		v.LastModified = ""
	}
	return v
}

// bodyHeader is what a request for a body says.
func bodyHeader() http.Header { return http.Header{"Accept": {"*/*"}, "Accept-Encoding": {"identity"}} }
