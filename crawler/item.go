package crawler

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"leakwatch/configs"
	"leakwatch/leak"
)

// maxName is how much of a name or title is kept for matching.
const maxName = 4 << 10

// item makes an item of an entry.
func (r *run) item(e entry) leak.Item {
	i := leak.Item{Source: r.s.ID, Published: e.time, Size: e.size, Fetch: true}
	if e.url != nil {
		i.Place, i.Key = r.c.place(r.s, e.url.String()), r.key(e.url)
	} else {
		i.Place = r.c.place(r.s, withFragment(r.start, e.id))
		i.Key = r.c.places.Digest("item:" + r.s.base + "\n" + e.id)
		e.skip = "no link"
	}
	i.Poster = r.c.places.Title(e.poster)
	title := e.title
	if title == "" {
		title = e.name
	}
	i.Title = r.c.places.Title(title)
	if r.s.Legal != leak.LegalMetadata {
		i.Name = nameOf(e)
	}
	i.Mark = r.mark(e)
	i.Collection, i.Group = r.group(i, e)
	i.Skip = r.skip(e)
	i.Fetch = i.Skip == ""
	return i
}

// nameOf is what of an entry is matched: its name, and its title where that says something else.
func nameOf(e entry) string {
	name := e.name
	if e.title != "" && e.title != e.name {
		name = strings.TrimPrefix(name+"\n"+e.title, "\n")
	}
	return clearName(strings.ToValidUTF8(name[:min(len(name), maxName)], ""))
}

// key is the identity of a URL. Two names of one listing that differ in their Unicode form alone are two items: the one
// that is not in NFC has an identity by its bytes.
func (r *run) key(u *url.URL) leak.Digest {
	k, exact := r.c.places.Digest(canonical(u)), u.String()
	if first, seen := r.seen[k]; seen && first != exact {
		return r.c.places.Digest("bytes:" + exact)
	}
	r.seen[k] = exact
	return k
}

// mark is what the listing says of the version, as a keyed digest: what stands in a listing is nobody's to read.
func (r *run) mark(e entry) string {
	switch {
	case e.folder:
		return "folder"
	case e.said == "" && e.time.Said == "" && e.mark == "":
		return ""
	}
	return r.c.places.Digest("mark:" + e.said + "\n" + e.time.Said + "\n" + e.mark).String()
}

// skip is the rule that forbids reading an entry's body, or "".
func (r *run) skip(e entry) string {
	switch {
	case r.s.Legal == leak.LegalMetadata || r.s.Legal == leak.LegalListing:
		return "legal: " + string(r.s.Legal)
	case e.skip != "":
		return e.skip
	}
	if err := checkURL(e.url, r.s.Network, r.s.AllowPrivate); err != nil {
		return plain(err).Error()
	}
	if r.c.robots.forbids(r.w, e.url) {
		return "robots.txt"
	}
	return ""
}

// by is what items of this source belong to. Bodies that may not be read leave names, and names are matched together, a
// listing at a time.
func (s *source) by() string {
	namesOnly := s.Legal == leak.LegalListing
	switch {
	case s.Collection == configs.ByListing, namesOnly && s.Kind != configs.DirectoryIndex:
		return configs.ByListing
	case s.Kind != configs.DirectoryIndex:
		return s.Collection
	case s.Collection == configs.ByItem && !namesOnly:
		return configs.ByItem
	}
	return configs.ByFolder
}

// group is what an item belongs to.
func (r *run) group(i leak.Item, e entry) (leak.Digest, leak.Place) {
	switch by := r.s.by(); {
	case by == configs.ByListing:
		return r.collection(r.s.base)
	case by == configs.ByFolder && r.s.Kind == configs.DirectoryIndex:
		return r.collection(r.within)
	case by != configs.ByItem && e.group != "":
		return r.named("group", e.group)
	case by == configs.ByPoster && e.poster != "":
		return r.named("poster", e.poster)
	}
	return i.Key, i.Place
}

func (r *run) named(what, name string) (leak.Digest, leak.Place) {
	name = clearName(name)
	return r.c.places.Digest(what + ":" + r.s.ID + "\n" + name), r.c.place(r.s, withFragment(r.start, name))
}

// collection is a folder, or the source itself.
func (r *run) collection(where string) (leak.Digest, leak.Place) {
	id := where
	if u, err := url.Parse(where); err == nil {
		id = canonical(u)
	}
	return r.c.places.Digest("collection:" + id), r.c.place(r.s, where)
}

// withFragment names a part of a page.
func withFragment(u *url.URL, part string) string {
	v := *u
	v.Fragment, v.RawFragment = part, ""
	return v.String()
}

// listing is the item of a listing itself: its names are the text. mark is of all that it lists.
func (r *run) listing(where string, lines []string) leak.Item {
	id, group := r.collection(where)
	i := leak.Item{Source: r.s.ID, Key: r.c.places.Digest("listing:" + where), Place: group, Collection: id, Group: group,
		Size: leak.UnknownSize, Listing: true, Fetch: true, Mark: r.c.places.Digest("entries:" + strings.Join(lines, "\n")).String()}
	if u, err := url.Parse(where); err == nil {
		i.Name = clearName(strings.TrimSuffix(path.Base(u.Path), "/"))
		i.Title = r.c.places.Title(i.Name)
	}
	return i
}

// line is what of an entry says whether a listing changed. It is never the page's bytes: those have clocks and nonces.
func line(e entry) string {
	return fmt.Sprintf("%q %q %q %q %v", e.name, e.said, e.time.Said, e.title, e.folder)
}
