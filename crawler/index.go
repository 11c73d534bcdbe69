package crawler

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"leakwatch/leak"
)

// entry is what one line of a listing says.
type entry struct {
	url    *url.URL // to fetch, as the server wrote it; nil when it names nothing that can be fetched
	id     string   // of an entry without a URL
	name   string   // clear, NFC
	title  string   // clear; the name when empty
	poster string   // clear
	group  string   // clear: thread or the like
	folder bool
	size   leak.Size
	said   string // the size as the listing wrote it
	time   leak.Stamp
	mark   string // whatever else says which version it is
	skip   string // the rule that forbids reading it, when one does
}

// index is a directory listing as read.
type index struct {
	entries []entry
	poor    bool // names only: another form of the same listing says more
	empty   bool // it is a listing, and the folder is empty
	more    bool // it names more entries than may be taken
}

// indexReader reads listings of one server.
type indexReader struct {
	base *url.URL       // the page's final URL
	zone *time.Location // of the server's clock, nil when unknown
	now  time.Time
	max  int // entries at most
}

// read reads a listing in whichever form it comes: JSON, XML or HTML, told by its content.
func (r indexReader) read(body []byte) (x index, err error) {
	defer func() { // parsers of others, on hostile pages
		if p := recover(); p != nil {
			x, err = index{}, fmt.Errorf("%w: the parser failed", ErrListing)
		}
	}()
	text := bytes.TrimLeft(body, "\ufeff \t\r\n")
	switch {
	case len(text) == 0:
		return index{}, fmt.Errorf("%w: empty page", ErrListing)
	case text[0] == '[' || text[0] == '{':
		x, err = r.json(text)
	case bytes.HasPrefix(text, []byte("<?xml")) && bytes.Contains(text[:min(len(text), 512)], []byte("<list>")):
		x, err = r.xml(text)
	case bytes.IndexByte(text, '<') >= 0:
		x, err = r.html(text)
	default:
		return index{}, fmt.Errorf("%w: neither HTML nor JSON", ErrListing)
	}
	if err != nil {
		return index{}, err
	}
	if len(x.entries) == 0 && !x.empty {
		return index{}, fmt.Errorf("%w: no entries in a page of %d bytes", ErrListing, len(body))
	}
	return x, nil
}

// xml reads nginx's XML: <list><file mtime="…" size="2">name</file><directory mtime="…">name</directory></list>.
func (r indexReader) xml(body []byte) (index, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	x := index{empty: true}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return x, nil
		}
		if err != nil {
			return index{}, fmt.Errorf("%w: malformed XML", ErrListing)
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "file" && start.Name.Local != "directory" {
			continue
		}
		name, err := d.Token()
		text, ok := name.(xml.CharData)
		if err != nil || !ok {
			return index{}, fmt.Errorf("%w: malformed XML", ErrListing)
		}
		line := jsonLine{name: string(text), folder: start.Name.Local == "directory"}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "mtime":
				line.time = a.Value
			case "size":
				line.size = a.Value
			}
		}
		if !r.add(&x, line) {
			return x, nil
		}
	}
}

// jsonLine is an entry as the machine-readable forms give it.
type jsonLine struct {
	name, href, size, time string
	folder                 bool
}

// add makes an entry out of a line, and says whether there is room for more. Lines that name nothing below the folder
// are left out.
func (r indexReader) add(x *index, l jsonLine) bool {
	if len(x.entries) >= r.max {
		x.more = true
		return false
	}
	var e entry
	raw, slash, ok := l.name, false, false
	if l.href != "" {
		e.url, raw, slash, ok = child(r.base, l.href)
	} else {
		if n := len(raw); n > 1 && raw[n-1] == '/' {
			raw, slash = raw[:n-1], true
		}
		e.url, ok = namedChild(r.base, raw, slash || l.folder)
	}
	if !ok {
		return true
	}
	e.name, e.folder = clearName(raw), slash || l.folder
	if e.folder {
		e.url = asFolder(e.url)
	}
	e.size = leak.UnknownSize
	if size, ok := parseSize(l.size); ok && !e.folder {
		e.size, e.said = size, l.size
	}
	e.time, _, _ = findTime(l.time, r.zone, r.now)
	x.entries = append(x.entries, e)
	return true
}

// asFolder gives a folder's URL its slash, so that what is inside resolves below it.
func asFolder(u *url.URL) *url.URL {
	if path := u.EscapedPath(); path == "" || path[len(path)-1] != '/' {
		if v, err := u.Parse(u.Scheme + "://" + u.Host + path + "/"); err == nil {
			return v
		}
	}
	return u
}
