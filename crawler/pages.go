package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/tidwall/gjson"

	"leakwatch/configs"
	"leakwatch/leak"
)

// listed is a page of a json-listing or html-listing as read.
type listed struct {
	entries []entry
	next    *url.URL // nil at the end
	more    bool     // it names more items than may be taken
}

// pages reads a listing page by page, as far as it goes or the limits let it.
func (r *run) pages(ctx context.Context) error {
	most := r.s.Limits.MaxPages
	if r.s.Page.Max > 0 {
		most = min(most, r.s.Page.Max)
	}
	visited := map[string]bool{}
	u := r.start
	for n := 1; u != nil; n++ {
		if n > most {
			r.cut("page limit %d", most)
			return nil
		}
		if visited[u.String()] {
			r.cut("page %d leads back to an earlier one", n-1)
			return nil
		}
		visited[u.String()] = true
		p, err := r.onePage(ctx, u, n)
		if mine := (yieldError{}); err != nil && (n == 1 || ctx.Err() != nil || errors.As(err, &mine)) {
			return err
		}
		if err != nil {
			r.cut("page %d unread: %v", n, err)
			return nil
		}
		if p.more {
			r.cut("item limit %d", r.s.Limits.MaxItems)
			return nil
		}
		u = p.next
	}
	return nil
}

func (r *run) onePage(ctx context.Context, u *url.URL, n int) (listed, error) {
	accept, read := acceptHTML, r.htmlPage
	if r.s.Kind == configs.JSONListing {
		accept, read = "application/json, */*;q=0.5", r.jsonPage
	}
	got, err := r.w.page(ctx, u, accept)
	var p listed
	if err == nil {
		p, err = r.understand(got, read)
	}
	if err != nil {
		if yerr := r.evidence(ctx, got); yerr != nil {
			return p, yerr
		}
		return p, err
	}
	if n == 1 {
		r.start = got.url
	}
	r.page = got.url
	if err := r.give(got, got.url, r.itemsOf(p.entries, n)); err != nil {
		return p, err
	}
	return p, nil
}

// itemsOf makes the items of a page, each URL once a run, and of the page itself where names are matched together.
func (r *run) itemsOf(entries []entry, n int) []leak.Item {
	var items []leak.Item
	var lines []string
	for _, e := range entries {
		lines = append(lines, line(e))
		if e.url != nil {
			if first, seen := r.seen[r.c.places.Digest(canonical(e.url))]; seen && first == e.url.String() {
				continue
			}
		}
		items = append(items, r.item(e))
	}
	if len(items) > 0 && r.s.by() == configs.ByListing && r.s.Legal != leak.LegalMetadata {
		i := r.listing(r.s.base, lines)
		if n > 1 {
			i.Key = r.c.places.Digest(fmt.Sprintf("listing:%s\npage %d", r.s.base, n))
		}
		items = append(items, i)
	}
	return items
}

// understand reads a page behind a recover: its parsers are others', its bytes are hostile.
func (r *run) understand(f *fetched, read func(*fetched) (listed, error)) (p listed, err error) {
	defer func() {
		if recover() != nil {
			p, err = listed{}, fmt.Errorf("the parser failed: %w", ErrListing)
		}
	}()
	if text := r.s.RejectText; text != "" && contains(f.body, text) {
		return listed{}, &wireError{"the answer holds the source's reject_text", ErrListing}
	}
	return read(f)
}

func contains(body []byte, text string) bool { return bytes.Contains(body, []byte(text)) }

func (r *run) jsonPage(f *fetched) (listed, error) {
	if err := checkJSON(f.body); err != nil {
		return listed{}, err
	}
	root := gjson.ParseBytes(f.body)
	list := root.Get(r.s.Items)
	if !list.IsArray() {
		return listed{}, fmt.Errorf("no array at the path of items: %w", ErrListing)
	}
	var p listed
	n := 0
	list.ForEach(func(_, v gjson.Result) bool {
		n++
		if len(p.entries) >= r.room() {
			p.more = true
			return false
		}
		if e, ok := r.entry(f.url, func(name string) string { return r.s.fields[name].json(v) }); ok {
			p.entries = append(p.entries, e)
		}
		return true
	})
	if n > 0 && len(p.entries) == 0 && !p.more {
		return listed{}, fmt.Errorf("%d items, none with an id or a URL: %w", n, ErrListing)
	}
	p.next = r.nextJSON(f, root)
	return p, nil
}

// nextJSON is where a JSON listing goes on: by its Link header, by a URL in it, or by a cursor that the source's own URL
// has a place for.
func (r *run) nextJSON(f *fetched, root gjson.Result) *url.URL {
	if rel := r.s.Page.LinkHeader; rel != "" {
		if target := linkOf(f.header.Values("Link"), rel); target != "" {
			return r.onHost(f.url, target)
		}
	}
	v := root.Get(r.s.Page.Next)
	if r.s.Page.Next == "" || v.Type != gjson.String && v.Type != gjson.Number || v.String() == "" || v.String() == "0" {
		return nil
	}
	if strings.Contains(r.s.URL, "{cursor}") {
		u, err := r.s.start(r.out.Started, v.String())
		if err != nil {
			return nil
		}
		return u
	}
	return r.onHost(f.url, v.String())
}

// onHost resolves a link to another page of the same listing: on the same host, or nowhere.
func (r *run) onHost(page *url.URL, link string) *url.URL {
	if len(link) > maxURL {
		return nil
	}
	u, err := page.Parse(link)
	if err != nil || !strings.EqualFold(u.Scheme, page.Scheme) || authority(u) != authority(page) || u.User != nil {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	return u
}

// linkOf finds the target of a relation in Link headers (RFC 8288).
func linkOf(headers []string, rel string) string {
	for _, h := range headers {
		for len(h) > 0 {
			open := strings.IndexByte(h, '<')
			shut := strings.IndexByte(h, '>')
			if open < 0 || shut < open {
				break
			}
			target, rest := h[open+1:shut], h[shut+1:]
			params := rest
			if i := strings.Index(rest, ",<"); i >= 0 {
				params, h = rest[:i], rest[i+1:]
			} else if i := strings.Index(rest, ", <"); i >= 0 {
				params, h = rest[:i], rest[i+2:]
			} else {
				h = ""
			}
			_, values, err := mime.ParseMediaType("link/link" + params)
			if err != nil {
				continue
			}
			for _, one := range strings.Fields(values["rel"]) {
				if strings.EqualFold(one, rel) {
					return target
				}
			}
		}
	}
	return ""
}

func (r *run) htmlPage(f *fetched) (listed, error) {
	doc, err := pageOf(f.body, f.header.Get("Content-Type"), f.url)
	if err != nil {
		return listed{}, err
	}
	var p listed
	doc.FindMatcher(r.s.item.css).EachWithBreak(func(_ int, item *goquery.Selection) bool {
		if len(p.entries) >= r.room() {
			p.more = true
			return false
		}
		if e, ok := r.entry(f.url, func(name string) string { return r.s.fields[name].html(item) }); ok {
			p.entries = append(p.entries, e)
		}
		return true
	})
	switch {
	case len(p.entries) > 0 || p.more || r.out.Pages > 0:
	case hasLogin(doc):
		return listed{}, fmt.Errorf("a login page: %w", ErrListing)
	default:
		return listed{}, fmt.Errorf("no items in a page of %d bytes: %w", len(f.body), ErrListing)
	}
	if r.s.next != nil {
		if link := r.s.next.html(doc.Selection); link != "" {
			p.next = r.onHost(f.url, link)
		}
	}
	return p, nil
}

// entry makes an entry of what the source's fields say of an item. An item without id, link and title is none.
func (r *run) entry(page *url.URL, value func(name string) string) (entry, bool) {
	s := r.s
	e := entry{name: clearName(value("name")), title: clearName(value("title")), poster: value("poster"), group: value("group"),
		mark: value("mark"), said: value("size"), id: value("id")}
	if text := value("text"); text != "" {
		e.title = strings.TrimPrefix(e.title+"\n"+clearName(text), "\n")
	}
	e.size = s.fields["size"].size(e.said)
	e.time = s.fields["time"].time(value("time"), s.zone, r.c.now())
	link := value("url")
	var ok bool
	if s.Body.URL != "" {
		e.url, ok = fill(s.Body.URL, value)
	} else if link != "" {
		e.url, ok = resolve(page, link)
	}
	if !ok {
		e.url = nil
	}
	if e.id == "" {
		e.id = link
	}
	if e.id == "" {
		e.id = e.title
	}
	return e, e.url != nil || e.id != ""
}

// resolve makes a URL of a link in a page. Whatever is no http or https is no link.
func resolve(page *url.URL, link string) (*url.URL, bool) {
	if len(link) > maxURL {
		return nil, false
	}
	u, err := page.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, false
	}
	u.Fragment, u.RawFragment = "", ""
	return u, true
}
