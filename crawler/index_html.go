package crawler

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"
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

// html reads any page of links: those one level below the folder are its entries, named by their href, for the text of
// a link may be cut, unescaped or decorated. Sizes and times are what stands in the same row or line.
func (r indexReader) html(body []byte) (index, error) {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(utf8Page(body, "")))
	if err != nil {
		return index{}, fmt.Errorf("%w: malformed HTML", ErrListing)
	}
	x := index{empty: isIndex(doc)}
	seen := map[string]int{}
	doc.Find("a[href]").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		e, ok := r.link(a)
		if !ok {
			return true
		}
		key := e.url.String()
		if i, twice := seen[key]; twice { // an icon and a name that link the same
			x.entries[i] = merge(x.entries[i], e)
			return true
		}
		if len(x.entries) >= r.max {
			x.more = true
			return false
		}
		seen[key] = len(x.entries)
		x.entries = append(x.entries, e)
		return true
	})
	if len(x.entries) == 0 && hasLogin(doc) {
		return index{}, fmt.Errorf("%w: a login page", ErrListing)
	}
	return x, nil
}

// isIndex says whether a page without entries is a listing all the same, of an empty folder.
func isIndex(doc *goquery.Document) bool {
	head := strings.ToLower(doc.Find("title, h1, h2").Text())
	for _, words := range []string{"index of", "directory listing", "listing:", "files within"} {
		if strings.Contains(head, words) {
			return true
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

func (r indexReader) link(a *goquery.Selection) (entry, bool) {
	href, _ := a.Attr("href")
	u, raw, slash, ok := child(r.base, href)
	if !ok {
		return entry{}, false
	}
	e := entry{url: u, name: clearName(raw), folder: slash || folderClass(a), size: leak.UnknownSize}
	if e.folder {
		e.url = asFolder(u)
	}
	cells := around(a)
	e.time = r.timeIn(cells)
	if !e.folder {
		e.size, e.said = sizeIn(cells)
	}
	return e, true
}

func folderClass(a *goquery.Selection) bool {
	for _, s := range []*goquery.Selection{a, a.Closest("tr"), a.Closest("li")} {
		for _, c := range strings.Fields(s.AttrOr("class", "")) {
			if c == "icon-directory" || c == "folder" || c == "dir" || c == "directory" {
				return true
			}
		}
	}
	return false
}

// cell is a piece of text that stands beside a link.
type cell struct {
	text  string
	exact string // what an attribute says of the same: data-size, datetime
	line  bool   // free text of a line: date first, then the size
}

// around gives what stands in the same row of a table, item of a list, or line of preformatted text.
func around(a *goquery.Selection) []cell {
	if tr := a.Closest("tr"); tr.Length() > 0 {
		return rowCells(tr, a)
	}
	if spans := a.Find("span"); spans.Length() > 1 { // serve-index puts all into the link
		var cells []cell
		spans.Each(func(_ int, s *goquery.Selection) {
			if !s.HasClass("name") {
				cells = append(cells, cell{text: strings.TrimSpace(s.Text())})
			}
		})
		return cells
	}
	node := a.Get(0)
	return []cell{{text: before(node), line: true}, {text: after(node), line: true}}
}

func rowCells(tr, a *goquery.Selection) []cell {
	var cells []cell
	name := a.Closest("td, th").Get(0)
	tr.Find("td, th").Each(func(_ int, td *goquery.Selection) {
		if td.Get(0) == name {
			return
		}
		c := cell{text: strings.TrimSpace(td.Text())}
		for _, attr := range []string{"data-size", "data-order", "data-sort"} {
			if v, ok := td.Attr(attr); ok && c.exact == "" {
				c.exact = v
			}
		}
		if v, ok := td.Find("time").Attr("datetime"); ok {
			c.exact = v
		}
		cells = append(cells, c)
	})
	return cells
}

// after is the text from a link to the end of its line.
func after(n *html.Node) string {
	var b strings.Builder
	for s := n.NextSibling; s != nil && b.Len() < 512; s = s.NextSibling {
		if ends(s) {
			break
		}
		line, _, more := strings.Cut(text(s), "\n")
		b.WriteString(line)
		if more {
			break
		}
	}
	return b.String()
}

// before is the text from the start of the line to a link.
func before(n *html.Node) string {
	var line string
	for s := n.PrevSibling; s != nil && len(line) < 512; s = s.PrevSibling {
		if ends(s) {
			break
		}
		t := text(s)
		if i := strings.LastIndexByte(t, '\n'); i >= 0 {
			return t[i+1:] + line
		}
		line = t + line
	}
	return line
}

func ends(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	switch n.Data {
	case "a", "br", "hr", "li", "tr", "p", "div", "table", "ul", "pre":
		return true
	}
	return false
}

// text is what a text node says, or the text right inside an inline element.
func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if c := n.FirstChild; n.Type == html.ElementNode && c != nil && c.Type == html.TextNode {
		return c.Data
	}
	return ""
}

func (r indexReader) timeIn(cells []cell) leak.Stamp {
	for _, exact := range []bool{true, false} {
		for _, c := range cells {
			said := c.text
			if exact {
				said = c.exact
			}
			if s, from, _ := findTime(said, r.zone, r.now); from >= 0 {
				return s
			}
		}
	}
	return leak.Stamp{}
}

// sizeIn finds the size: in a line what follows the date, else a cell that is nothing but a size.
func sizeIn(cells []cell) (leak.Size, string) {
	for _, c := range cells {
		said := c.text
		if c.line {
			said = sizeOfLine(said)
		}
		size, ok := parseSize(said)
		if !ok {
			continue
		}
		if n, ok := parseSize(c.exact); ok && n.Exact() && n.Min >= size.Min && n.Max <= size.Max {
			return n, c.exact
		}
		return size, strings.TrimSpace(said)
	}
	return leak.UnknownSize, ""
}

// sizeOfLine cuts the size out of a line: `03-Feb-2021 10:11   25712`, `2021-02-03 12:11  3.0G  Description`.
func sizeOfLine(line string) string {
	if _, _, to := findTime(line, time.UTC, time.Time{}); to >= 0 {
		line = line[to:]
	}
	f := strings.Fields(line)
	switch {
	case len(f) == 0:
		return ""
	case len(f) > 1:
		switch strings.ToLower(f[1]) {
		case "b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "bytes":
			return f[0] + " " + f[1]
		}
	}
	return f[0]
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
