package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"leakwatch/configs"
	"leakwatch/leak"
)

// What a directory is asked for. One request suffices for most: a server that knows JSON gives it.
const (
	acceptJSON = "application/json, text/html;q=0.9, application/xhtml+xml;q=0.9, */*;q=0.5"
	acceptHTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
)

// folder is a directory still to be read.
type folder struct {
	url    *url.URL
	depth  int
	within string        // the collection that it belongs to
	above  []leak.Digest // what the folders above it list
}

// collected is what a collection named so far.
type collected struct {
	within string
	lines  []string
}

// folders reads a directory and those below it, one collection after the other, the deeper before the next.
func (r *run) folders(ctx context.Context) error {
	t := tree{todo: []folder{{url: r.start}}, visited: map[string]bool{canonical(r.start): true}}
	err := r.walk(ctx, &t)
	if mine := (yieldError{}); errors.As(err, &mine) {
		return err
	}
	if t.unread > 0 {
		r.cut("%d folders unread: %v", t.unread, t.why)
	}
	if gerr := r.giveFolder(nil, &t.whole, true); gerr != nil { // what was read of a collection that was cut short
		return gerr
	}
	return err
}

// tree is a directory as far as it was walked.
type tree struct {
	todo    []folder
	visited map[string]bool
	whole   collected // the collection at hand
	unread  int
	why     error // of the last unread folder
}

func (r *run) walk(ctx context.Context, t *tree) error {
	for len(t.todo) > 0 {
		switch {
		case r.out.Pages >= r.s.Limits.MaxPages:
			r.cut("page limit %d: %d folders left", r.s.Limits.MaxPages, len(t.todo))
			return nil
		case r.room() == 0:
			r.cut("item limit %d: %d folders left", r.s.Limits.MaxItems, len(t.todo))
			return nil
		}
		f := t.todo[len(t.todo)-1]
		t.todo = t.todo[:len(t.todo)-1]
		below, page, err := r.folder(ctx, f, &t.whole)
		if first := r.out.Pages == 0; err != nil && (first || !passable(ctx, err)) {
			return err
		}
		if err != nil {
			t.unread, t.why = t.unread+1, err
		}
		for _, b := range slices.Backward(below) {
			if c := canonical(b.url); !t.visited[c] {
				t.visited[c] = true
				t.todo = append(t.todo, b)
			}
		}
		last := len(t.todo) == 0 || r.whose(t.todo[len(t.todo)-1].within) != t.whole.within
		if err := r.giveFolder(page, &t.whole, last); err != nil {
			return err
		}
	}
	return nil
}

// passable says whether other folders may be read after an error in one.
func passable(ctx context.Context, err error) bool {
	mine := yieldError{}
	return ctx.Err() == nil && !errors.As(err, &mine) && !errors.Is(err, ErrBusy)
}

// whose is the collection that a folder's names are matched with.
func (r *run) whose(within string) string {
	if r.s.by() == configs.ByListing {
		return r.s.base
	}
	return within
}

// folderPage is a folder as read: its items are not handed over yet.
type folderPage struct {
	fetched *fetched
	url     *url.URL
	items   []leak.Item
}

// folder reads one directory, and gives the folders in it that are to be read.
func (r *run) folder(ctx context.Context, f folder, whole *collected) ([]folder, *folderPage, error) {
	got, x, err := r.index(ctx, f.url)
	if f.within != "" && r.whose(f.within) != whole.within {
		*whole = collected{within: r.whose(f.within)}
	}
	if err != nil {
		if yerr := r.evidence(ctx, got); yerr != nil {
			return nil, nil, yerr
		}
		return nil, nil, err
	}
	if f.within == "" { // the first: after redirects it may lie elsewhere on its host
		r.start, f.within = got.url, asFolderOf(got.url)
		*whole = collected{within: r.whose(f.within)}
	}
	r.page, r.within = got.url, f.within
	r.probe(ctx, x.entries)
	page := &folderPage{fetched: got, url: got.url}
	own := make([]string, 0, len(x.entries))
	for _, e := range x.entries {
		own = append(own, line(e))
	}
	slices.Sort(own)
	mark := r.c.places.Digest(fmt.Sprint(own))
	again := len(own) > 0 && slices.Contains(f.above, mark)
	if x.more {
		r.cut("item limit %d", r.s.Limits.MaxItems)
	}
	var below []folder
	for _, e := range x.entries {
		if e.folder {
			e.skip = r.descend(f, again)
			if e.skip == read {
				below = append(below, r.inside(f, e, mark))
			}
		}
		page.items = append(page.items, r.item(e))
	}
	whole.lines = append(whole.lines, own...)
	return below, page, nil
}

// read is the rule of folders, which are listed and not fetched.
const read = "folder: read as a listing"

// descend says whether a folder inside f is read, or by which rule it is not.
func (r *run) descend(f folder, again bool) string {
	switch {
	case again:
		return "folder: lists what a folder above it lists"
	case f.depth >= r.s.Depth:
		return fmt.Sprintf("folder: depth limit %d", r.s.Depth)
	}
	return read
}

// inside is a folder in f. The first level below the source's own folder makes the collections.
func (r *run) inside(f folder, e entry, mark leak.Digest) folder {
	within := f.within
	if f.depth == 0 {
		within = e.url.String()
	}
	return folder{url: e.url, depth: f.depth + 1, within: within, above: append(slices.Clone(f.above), mark)}
}

// asFolderOf is the URL of the folder that a page lists.
func asFolderOf(u *url.URL) string {
	v := *u
	v.RawQuery, v.Fragment = "", ""
	return v.ResolveReference(&url.URL{Path: "./"}).String()
}

// giveFolder hands a folder's page over; with the last one of a collection the listing itself as an item.
func (r *run) giveFolder(p *folderPage, whole *collected, last bool) error {
	if p == nil && !last {
		return nil
	}
	where := r.page
	var items []leak.Item
	var from *fetched
	if p != nil {
		items, from, where = p.items, p.fetched, p.url
	}
	if last && len(whole.lines) > 0 && r.s.Legal != leak.LegalMetadata && r.s.by() != configs.ByItem {
		slices.Sort(whole.lines)
		items = append(items, r.listing(whole.within, whole.lines))
		*whole = collected{}
	}
	if p == nil && len(items) == 0 {
		return nil
	}
	return r.give(from, where, items)
}

// index fetches and reads one directory.
func (r *run) index(ctx context.Context, u *url.URL) (*fetched, index, error) {
	accept := acceptJSON
	if s := r.s.Server; s == "apache" || s == "lighttpd" {
		accept = acceptHTML
	}
	got, err := r.w.page(ctx, u, accept)
	var status *statusError
	if accept == acceptJSON && errors.As(err, &status) && status.status == http.StatusNotAcceptable {
		got, err = r.w.page(ctx, u, acceptHTML)
		accept = acceptHTML
	}
	if err != nil {
		return got, index{}, err
	}
	x, err := r.readIndex(got)
	if accept == acceptHTML || err == nil && !x.poor {
		return got, x, err
	}
	better, perr := r.w.page(ctx, u, acceptHTML) // names only, or JSON that is not understood: what does it show to people?
	if perr != nil {
		return got, x, err
	}
	if y, yerr := r.readIndex(better); yerr == nil {
		return better, y, nil
	}
	return got, x, err
}

func (r *run) readIndex(f *fetched) (index, error) {
	if text := r.s.RejectText; text != "" && contains(f.body, text) {
		return index{}, &wireError{"the answer holds the source's reject_text", ErrListing}
	}
	return indexReader{base: f.url, zone: r.s.zone, now: r.c.now(), max: r.room()}.read(f.body)
}
