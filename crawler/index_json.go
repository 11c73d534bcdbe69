package crawler

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"
)

// maxNesting is how deep JSON may be nested: parsers that recurse end the program at some depth.
const maxNesting = 256

// checkJSON says whether a body is JSON that can be read safely.
func checkJSON(body []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			if depth++; depth > maxNesting {
				return fmt.Errorf("%w: JSON nested too deep", ErrListing)
			}
		case c == '}', c == ']':
			depth--
		}
	}
	if !gjson.ValidBytes(body) {
		return fmt.Errorf("%w: malformed JSON", ErrListing)
	}
	return nil
}

// json reads the JSON of nginx, Caddy, npm serve, HFS and Express. Names are raw bytes, so they are taken as they are.
func (r indexReader) json(body []byte) (index, error) {
	if err := checkJSON(body); err != nil {
		return index{}, err
	}
	root := gjson.ParseBytes(body)
	list := root
	if root.IsObject() {
		if list = root.Get("files"); !list.IsArray() {
			if list = root.Get("list"); list.IsArray() {
				r.base = ofQuery(r.base)
			}
		}
	}
	if !list.IsArray() {
		return index{}, fmt.Errorf("%w: JSON without a list of entries", ErrListing)
	}
	x := index{empty: true}
	list.ForEach(func(_, v gjson.Result) bool {
		x.empty = false
		x.poor = x.poor || v.Type == gjson.String
		return r.add(&x, lineOf(v))
	})
	return x, nil
}

// lineOf reads one entry: a bare name, or an object with the keys of one of the servers.
func lineOf(v gjson.Result) jsonLine {
	if v.Type == gjson.String {
		return jsonLine{name: v.String()}
	}
	first := func(keys ...string) string {
		for _, k := range keys {
			if f := v.Get(k); f.Exists() && (f.Type == gjson.String || f.Type == gjson.Number) {
				if f.Type == gjson.Number {
					return f.Raw
				}
				return f.String()
			}
		}
		return ""
	}
	kind := first("type")
	l := jsonLine{name: first("base", "name", "n"), href: first("url"), size: first("size", "s"), time: first("mtime", "mod_time", "m"),
		folder: kind == "directory" || kind == "folder" || v.Get("is_dir").Bool()}
	if strings.HasSuffix(l.name, "/") {
		l.folder = true
	}
	return l
}

// ofQuery is the folder that an HFS listing is about: its API's parameter uri.
func ofQuery(base *url.URL) *url.URL {
	uri := base.Query().Get("uri")
	if !strings.HasPrefix(uri, "/") {
		return base
	}
	return &url.URL{Scheme: base.Scheme, Host: base.Host, Path: uri}
}
