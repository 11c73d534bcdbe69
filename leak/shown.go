package leak

import (
	"encoding/base32"
	"net/netip"
	"net/url"
	"strings"
)

// show makes the shown form of a clear place under a base.
func (k *PlaceKey) show(base, clear string) string {
	if base != "" && strings.HasPrefix(clear, base) {
		rest := clear[len(base):]
		if rest == "" || strings.HasSuffix(base, "/") || rest[0] == '/' {
			return visible(base) + k.path(rest)
		}
	}
	u, err := url.Parse(clear)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return k.inner(clear)
	}
	head := u.Scheme + "://" + k.Host(base, u.Host)
	rest := clear[strings.Index(clear, "://")+3:]
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return head + k.path(rest[i:])
	}
	return head
}

// path shows what follows a host or a base: codes for components, one code each for query and fragment.
func (k *PlaceKey) path(s string) string {
	var tail string
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s, tail = s[:i], "#"+k.codeOf("q", s[i+1:])
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s, tail = s[:i], "?"+k.codeOf("q", s[i+1:])+tail
	}
	if plain, err := url.PathUnescape(s); err == nil && !strings.Contains(strings.ToLower(s), "%2f") {
		s = plain // one code for a name, however it was escaped
	}
	return k.inner(s) + tail
}

// inner shows a path with its inner members: `a.tar!b/c.txt`.
func (k *PlaceKey) inner(s string) string {
	parts := strings.Split(s, "!")
	for i, p := range parts {
		parts[i] = k.codes(p)
	}
	return strings.Join(parts, "!")
}

// Host shows a host name. What the base names stays clear, and so do addresses and onion keys, which name nobody; of
// any other host only the last label stays, if it is a known one, for `matti-meikalainen.example` is a name too.
func (k *PlaceKey) Host(base, host string) string {
	host = strings.ToLower(host)
	if u, err := url.Parse(base); err == nil && strings.EqualFold(u.Host, host) && host != "" {
		return host
	}
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name, port = host[:i], host[i:]
	}
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return host
	}
	if onion, ok := strings.CutSuffix(name, ".onion"); ok {
		if key := onion[strings.LastIndexByte(onion, '.')+1:]; onionKey(key) {
			return key + ".onion" + port
		}
	}
	if len(port) > len(":65535") {
		name, port = host, "" // no port, and perhaps a number of somebody's
	}
	i := strings.LastIndexByte(name, '.')
	if i < 0 || !topLevel(name[i+1:]) {
		return k.codeOf("h", name) + port
	}
	return k.codeOf("h", name[:i]) + name[i:] + port
}

// topLevel says whether a host's last label may be shown: two or three letters, or one of the longer ones that are much
// used. A listing may say `https://matti.meikalainen/`, or put a number there.
func topLevel(label string) bool {
	switch label {
	case "example", "test", "info", "onion", "cloud", "online", "site", "store", "shop", "tech", "space", "link", "live", "club",
		"world", "host", "website", "press", "download", "email", "news", "life", "zone", "digital", "network", "media", "wiki",
		"blog", "page", "arpa", "local", "internal", "invalid", "localhost", "health", "care", "clinic":
		return true
	}
	return (len(label) == 2 || len(label) == 3) && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz") == ""
}

func onionKey(s string) bool {
	if len(s) != 56 {
		return false
	}
	_, err := base32.StdEncoding.DecodeString(strings.ToUpper(s))
	return err == nil
}

// extensions that say what a file is and can be nobody's name.
var extensions = func() map[string]bool {
	m := map[string]bool{}
	for _, e := range strings.Fields(`
		txt csv tsv json jsonl ndjson xml html htm md log sql db sqlite sqlite3 dbf mdb accdb dat bin bak old tmp
		tar gz tgz bz2 tbz2 xz txz zst tzst lz4 br zip 7z rar cpio ar iso cab z rtf doc docx odt pdf xls xlsx ods ppt pptx
		odp eml msg mbox pst epub jpg jpeg png gif tif tiff bmp webp heic svg mp3 mp4 avi mov wav ogg flac torrent php
		asp aspx js css py sh ps1 exe dll yaml yml ini conf cfg parquet avro dump part 001 002 003`) {
		m[e] = true
	}
	return m
}()

// extension is the file's extension with its dot (`.tar.gz` whole), or nothing if it is not a known one.
func extension(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || !extensions[strings.ToLower(name[i+1:])] {
		return ""
	}
	ext := strings.ToLower(name[i:])
	if head := name[:i]; strings.HasSuffix(strings.ToLower(head), ".tar") {
		ext = ".tar" + ext
	}
	return ext
}

// visible makes a configured base printable: user names and passwords out of it, controls gone.
func visible(base string) string {
	if u, err := url.Parse(base); err == nil && u.User != nil {
		u.User = nil
		base = u.String()
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, base)
}
