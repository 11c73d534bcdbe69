package crawler

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// maxURL is the longest URL that is taken from a listing.
const maxURL = 8 << 10

// canonical is the form of a URL by which a place is known again: scheme and host in lower case without the default
// port, every component in NFC with one way of escaping, no fragment. It is never fetched: the URL as the server wrote
// it is.
func canonical(u *url.URL) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(u.Scheme))
	b.WriteString("://")
	b.WriteString(authority(u))
	if u.Path == "" {
		b.WriteByte('/')
	}
	for i, part := range strings.Split(u.EscapedPath(), "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(canonicalPart(part))
	}
	if u.RawQuery != "" {
		b.WriteByte('?')
		b.WriteString(canonicalQuery(u.RawQuery))
	}
	return b.String()
}

// authority is a URL's host and port, in lower case, without the root's dot and the default port.
func authority(u *url.URL) string {
	host := strings.TrimRight(strings.ToLower(u.Hostname()), ".")
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := u.Port()
	if port == "" || port == "80" && strings.EqualFold(u.Scheme, "http") || port == "443" && strings.EqualFold(u.Scheme, "https") {
		return host
	}
	return host + ":" + port
}

func canonicalPart(part string) string {
	plain, err := url.PathUnescape(part)
	if err != nil {
		return part
	}
	if utf8.ValidString(plain) {
		plain = norm.NFC.String(plain)
	}
	return url.PathEscape(plain)
}

// canonicalQuery rewrites only escapes, for what is between them is the server's business.
func canonicalQuery(q string) string {
	parts := strings.Split(q, "&")
	for i, p := range parts {
		name, value, has := strings.Cut(p, "=")
		parts[i] = canonicalValue(name)
		if has {
			parts[i] += "=" + canonicalValue(value)
		}
	}
	return strings.Join(parts, "&")
}

func canonicalValue(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	if utf8.ValidString(plain) {
		plain = norm.NFC.String(plain)
	}
	return url.QueryEscape(plain)
}

// clearName is a name for matching: NFC, and bytes that are no UTF-8 read as Windows-1252, of which Latin-1 is a part.
func clearName(raw string) string {
	if !utf8.ValidString(raw) {
		if s, err := charmap.Windows1252.NewDecoder().String(raw); err == nil {
			raw = s
		}
	}
	return norm.NFC.String(raw)
}

// child gives the URL and the raw name of what an href names, when that is one level below the folder base: the same
// scheme and host, no query, no fragment, one path component. dir says that the href ends in a slash.
func child(base *url.URL, href string) (u *url.URL, name string, dir, ok bool) {
	href = strings.Trim(href, " \t\r\n\f")
	if href == "" || len(href) > maxURL || href[0] == '?' || href[0] == '#' {
		return nil, "", false, false
	}
	ref := reference(href)
	if ref.Opaque != "" {
		return nil, "", false, false
	}
	u = base.ResolveReference(ref)
	if !strings.EqualFold(u.Scheme, base.Scheme) || authority(u) != authority(base) || u.User != nil ||
		u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, "", false, false
	}
	name, dir, ok = below(base, u)
	return u, name, dir, ok
}

// reference parses an href. A blank in it says that its server does not escape: then nothing in it is an escape. A name
// with a colon (`klo 12:30.txt`) is no scheme.
func reference(href string) *url.URL {
	if !strings.Contains(href, " ") {
		if ref, err := url.Parse(href); err == nil {
			return ref
		}
		if ref, err := url.Parse("./" + href); err == nil {
			return ref
		}
	}
	return literal(href)
}

// literal makes a reference of an href that its server did not escape.
func literal(href string) *url.URL {
	ref := &url.URL{Path: href}
	if !strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "./") {
		ref.Path = "./" + href
	}
	return ref
}

// below gives the one component that u's path has more than the folder base.
func below(base, u *url.URL) (name string, dir, ok bool) {
	folder, path := folderParts(base), strings.Split(u.EscapedPath(), "/")
	if n := len(path); n > 1 && path[n-1] == "" {
		path, dir = path[:n-1], true
	}
	if len(path) != len(folder)+1 {
		return "", false, false
	}
	for i, part := range folder {
		if canonicalPart(part) != canonicalPart(path[i]) {
			return "", false, false
		}
	}
	name, err := url.PathUnescape(path[len(path)-1])
	if err != nil || name == "" || name == "." || name == ".." {
		return "", false, false
	}
	return name, dir, true
}

// folderParts are the escaped components of the folder that a URL is in.
func folderParts(base *url.URL) []string {
	parts := strings.Split(base.EscapedPath(), "/")
	if len(parts) == 1 {
		return []string{""}
	}
	return parts[:len(parts)-1]
}

// namedChild gives the URL of a name that is not escaped, as JSON listings give it.
func namedChild(base *url.URL, name string, dir bool) (*url.URL, bool) {
	if name == "" || name == "." || name == ".." || len(name) > maxURL || strings.Contains(name, "/") {
		return nil, false
	}
	path := strings.Join(folderParts(base), "/") + "/" + url.PathEscape(name)
	if dir {
		path += "/"
	}
	u, err := base.Parse(base.Scheme + "://" + base.Host + path)
	if err != nil {
		return nil, false
	}
	return u, true
}
