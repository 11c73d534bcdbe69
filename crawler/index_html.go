package crawler

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"leakwatch/leak"
)

// utf8Page gives a page in UTF-8. What is valid UTF-8 is taken for it, whatever the server labels it: Apache calls every
// listing Latin-1, mini_httpd names no charset at all.
func utf8Page(body []byte, contentType string) []byte {
	if utf8.Valid(body) {
		return body
	}
	e, _, _ := charset.DetermineEncoding(body[:min(len(body), 1024)], contentType)
	decoded, err := e.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return decoded
}

// htmlIndex reads one page of links.
type htmlIndex struct {
	indexReader
	rows map[*html.Node][]cell // of tables, each read once: a hostile page has a million links in one
}

// html reads any page of links: those one level below the folder are its entries, named by their href, for the text of
// a link may be cut, unescaped or decorated. Sizes and times are what stands in the same row or line.
func (r indexReader) html(body []byte) (index, error) {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(utf8Page(body, "")))
	if err != nil {
		return index{}, fmt.Errorf("%w: malformed HTML", ErrListing)
	}
	x := index{empty: isIndex(doc)}
	h := htmlIndex{r, map[*html.Node][]cell{}}
	seen := map[string]int{}
	for _, a := range doc.Find("a[href]").Nodes {
		e, ok := h.link(a)
		if !ok {
			continue
		}
		key := e.url.String()
		if i, twice := seen[key]; twice { // an icon and a name that link the same
			x.entries[i] = merge(x.entries[i], e)
			continue
		}
		if len(x.entries) >= r.max {
			x.more = true
			break
		}
		seen[key] = len(x.entries)
		x.entries = append(x.entries, e)
	}
	if len(x.entries) == 0 && hasLogin(doc) {
		return index{}, fmt.Errorf("%w: a login page", ErrListing)
	}
	return x, nil
}

// isIndex says whether a page without entries is a listing all the same, of an empty folder.
func isIndex(doc *goquery.Document) bool {
	heads := doc.Find("title, h1, h2").Nodes
	for _, n := range heads[:min(len(heads), 8)] {
		head := strings.ToLower(textOf(n))
		for _, words := range []string{"index of", "directory listing", "listing:", "files within"} {
			if strings.Contains(head, words) {
				return true
			}
		}
	}
	return doc.Find(`a[href="../"], a[href=".."]`).Length() > 0
}

func hasLogin(doc *goquery.Document) bool { return doc.Find(`input[type="password" i]`).Length() > 0 }

func merge(a, b entry) entry {
	if a.size == leak.UnknownSize {
		a.size, a.said = b.size, b.said
	}
	if a.time.IsZero() {
		a.time = b.time
	}
	a.folder = a.folder || b.folder
	return a
}

func (h htmlIndex) link(a *html.Node) (entry, bool) {
	u, raw, slash, ok := child(h.base, attr(a, "href"))
	if !ok {
		return entry{}, false
	}
	e := entry{url: u, name: clearName(raw), folder: slash || folderClass(a), size: leak.UnknownSize}
	if e.folder {
		e.url = asFolder(u)
	}
	cells := h.around(a)
	e.time = h.timeIn(cells)
	if !e.folder {
		e.size, e.said = sizeIn(cells)
	}
	return e, true
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// within gives the nearest element of one of the names that a node is in, or nil.
func within(n *html.Node, names ...string) *html.Node {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			return n
		}
	}
	return nil
}

func folderClass(a *html.Node) bool {
	for _, n := range []*html.Node{a, within(a, "tr", "li")} {
		if n == nil {
			continue
		}
		for _, c := range strings.Fields(attr(n, "class")) {
			if c == "icon-directory" || c == "folder" || c == "dir" || c == "directory" {
				return true
			}
		}
	}
	return false
}

// pageOf parses a page for selectors.
func pageOf(body []byte, contentType string, u *url.URL) (*goquery.Document, error) {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(utf8Page(body, contentType)))
	if err != nil {
		return nil, fmt.Errorf("%w: malformed HTML", ErrListing)
	}
	doc.Url = u
	return doc, nil
}
