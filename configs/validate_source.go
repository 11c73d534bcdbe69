package configs

import (
	"fmt"
	"net/netip"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a container from scratch and Windows know no zones

	"github.com/andybalholm/cascadia"
	"github.com/robfig/cron/v3"

	"leakwatch/leak"
)

var sourceID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// The ids under which the store keeps what persons ask for by `fetch`, and files recorded by `scan --record`.
const (
	tips = "tips"
	scan = "scan"
)

func (k *checker) source(at string, s Source) {
	switch {
	case !sourceID.MatchString(s.ID):
		k.wrong(at+".id", "%s is not 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit", quote(s.ID))
	case s.ID == tips, s.ID == scan:
		k.wrong(at+".id", "%s is leakwatch's own", s.ID)
	}
	k.oneOf(at+".kind", s.Kind, DirectoryIndex, JSONListing, HTMLListing)
	k.sourceURL(at, s)
	k.schedule(at+".schedule", s.Schedule)
	between(k, at+".jitter", s.Jitter, 0, day)
	k.oneOf(at+".network", string(s.Network), string(leak.Direct), string(leak.Tor))
	k.oneOf(at+".legal", string(s.Legal), string(leak.LegalMetadata), string(leak.LegalListing), string(leak.LegalHead), string(leak.LegalFull))
	k.oneOf(at+".robots", s.Robots, "obey", "ignore")
	k.oneOf(at+".collection", s.Collection, ByFolder, ByPoster, ByItem, ByListing)
	between(k, at+".pace", s.Pace, 0, day)
	between(k, at+".recheck", s.Recheck, 0, 365*day)
	k.sourceLimits(at+".limits", s.Limits)
	if _, err := time.LoadLocation(s.TZ); err != nil {
		k.wrong(at+".tz", "%s is not a zone such as Europe/Helsinki", quote(s.TZ))
	}
	k.requests(at, s)
	switch s.Kind {
	case DirectoryIndex:
		k.directory(at, s)
	case JSONListing:
		k.jsonListing(at, s)
	case HTMLListing:
		k.htmlListing(at, s)
	}
}

// sourceURL checks what a listing is read from. Braces in it are templates, such as {date}.
func (k *checker) sourceURL(at string, s Source) {
	u, err := url.Parse(s.URL)
	key := at + ".url"
	switch {
	case s.URL == "":
		k.wrong(key, "is missing")
	case err != nil:
		k.wrong(key, "not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		k.wrong(key, "must begin with http:// or https://")
	case u.Hostname() == "":
		k.wrong(key, "names no host")
	case u.User != nil:
		k.wrong(key, "a URL must not hold a password: use auth_file")
	case u.Fragment != "":
		k.wrong(key, "what follows # is never sent")
	case isOnion(u.Hostname()) && s.Network != leak.Tor:
		k.wrong(key, "an onion address needs network: tor")
	case s.Network == leak.Direct && !s.AllowPrivate && private(u.Hostname()):
		k.wrong(key, "a private or loopback address needs allow_private: true")
	}
}

func isOnion(host string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".onion")
}

// private says whether a host is clearly none of the internet's. The crawler asks again when it dials.
func private(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	ip = ip.Unmap()
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
}

// schedule checks a schedule as robfig/cron reads it. Zones are refused: next runs are computed in UTC.
func (k *checker) schedule(key, s string) {
	switch {
	case s == "":
		k.wrong(key, `is missing: "@every 15m", or five fields`)
	case strings.Contains(s, "TZ="):
		k.wrong(key, "schedules are in UTC")
	default:
		if _, err := cron.ParseStandard(s); err != nil {
			k.wrong(key, "%s is neither five fields nor such as @every 15m", quote(s))
		}
	}
}

func (k *checker) sourceLimits(at string, l SourceLimits) {
	const most = 1 << 50
	k.size(at+".max_bytes", l.MaxBytes, kib, most)
	k.size(at+".head_bytes", l.HeadBytes, 512, gib)
	k.size(at+".run_bytes", l.RunBytes, kib, most)
	between(k, at+".max_items", l.MaxItems, 1, 10_000_000)
	between(k, at+".max_pages", l.MaxPages, 1, 1_000_000)
	between(k, at+".parallel", l.Parallel, 1, 64)
	between(k, at+".timeout", l.Timeout, time.Second, 30*day)
	between(k, at+".body_time", l.BodyTime, time.Second, 30*day)
}

// secretHeaders carry secrets, which are in files only.
var secretHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Private-Token", "X-Api-Key", "X-Auth-Token"}

var token = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (k *checker) requests(at string, s Source) {
	for name, value := range s.Headers {
		key := at + ".headers." + name
		switch {
		case !token.MatchString(name) || strings.ContainsAny(value, "\r\n\x00"):
			k.wrong(key, "not a header")
		case slices.Contains(secretHeaders, textproto.CanonicalMIMEHeaderKey(name)):
			k.wrong(key, "secrets are in files: use auth_file and auth_as")
		}
	}
	if s.AuthFile != "" && !token.MatchString(s.AuthAs) {
		k.wrong(at+".auth_as", "must be bearer, basic or the name of a header")
	}
}

func (k *checker) directory(at string, s Source) {
	between(k, at+".depth", s.Depth, 0, 64)
	k.oneOf(at+".server", s.Server, "auto", "nginx", "apache", "lighttpd", "caddy")
	if s.Items != "" || s.Item != "" || len(s.Fields) > 0 || s.Body.URL != "" || s.Next != (Field{}) {
		k.wrong(at, "items, item, fields, body and next are not for %s", DirectoryIndex)
	}
}

func (k *checker) jsonListing(at string, s Source) {
	if s.Items == "" {
		k.wrong(at+".items", `is missing: the gjson path of the array, "@this" when it is the whole answer`)
	}
	if s.Item != "" || s.Next != (Field{}) {
		k.wrong(at, "item and next are for %s", HTMLListing)
	}
	if s.Body.URL == "" && !s.has("url") {
		k.wrong(at+".body.url", "is missing, and there is no field url: nothing to fetch")
	}
	k.bodyURL(at+".body.url", s)
	k.fields(at, s, func(key string, f Field) {
		if f.Path == "" || f.CSS != "" || f.Attr != "" {
			k.wrong(key, "needs path, the gjson path of the value; css and attr are for %s", HTMLListing)
		}
	})
}

func (k *checker) htmlListing(at string, s Source) {
	if s.Item == "" {
		k.wrong(at+".item", "is missing: the CSS selector of one item")
	}
	k.selector(at+".item", s.Item)
	if s.Items != "" || s.Page.Next != "" {
		k.wrong(at, "items and page.next are for %s", JSONListing)
	}
	if s.Body.URL == "" && !s.has("url") {
		k.wrong(at+".fields.url", "is missing, and there is no body.url: nothing to fetch")
	}
	k.bodyURL(at+".body.url", s)
	css := func(key string, f Field) {
		if f.CSS == "" || f.Path != "" {
			k.wrong(key, "needs css, the selector of the value (& is the item itself); path is for %s", JSONListing)
		}
	}
	k.fields(at, s, css)
	if s.Next != (Field{}) {
		css(at+".next", s.Next)
		k.field(at+".next", s.Next)
	}
}

func (s Source) has(field string) bool { _, ok := s.Fields[field]; return ok }

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// bodyURL checks the template of a body's URL: every name in braces is a field.
func (k *checker) bodyURL(key string, s Source) {
	if s.Body.URL == "" {
		return
	}
	for _, m := range placeholder.FindAllStringSubmatch(s.Body.URL, -1) {
		if !s.has(m[1]) {
			k.wrong(key, "{%s} is no field of this source", m[1])
		}
	}
	u, err := url.Parse(s.Body.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		k.wrong(key, "must be a http or https URL without a password")
	} else if isOnion(u.Hostname()) && s.Network != leak.Tor {
		k.wrong(key, "an onion address needs network: tor")
	}
}

// fieldNames are what a listing may say of an item.
var fieldNames = []string{"id", "title", "name", "url", "size", "time", "poster", "text", "group", "mark"}

func (k *checker) fields(at string, s Source, kind func(key string, f Field)) {
	for name, f := range s.Fields {
		key := at + ".fields." + name
		if !slices.Contains(fieldNames, name) {
			k.wrong(key, "is none of %s", strings.Join(fieldNames, ", "))
			continue
		}
		kind(key, f)
		k.field(key, f)
	}
}

// selector checks a CSS selector as the crawler reads it; & is the item itself.
func (k *checker) selector(key, s string) {
	if s == "" || s == "&" {
		return
	}
	if _, err := cascadia.Compile(s); err != nil {
		k.wrong(key, "%s is not a CSS selector", quote(s))
	}
}

func (k *checker) field(key string, f Field) {
	k.selector(key+".css", f.CSS)
	if _, err := regexp.Compile(f.Re); err != nil {
		k.wrong(key+".re", "not a regular expression of RE2")
	}
	k.oneOf(key+".unix", f.Unix, "", "s", "ms")
	k.oneOf(key+".zero", f.Zero, "", "never")
	k.oneOf(key+".size", f.Size, "", "bytes", "human")
	if f.Date != "" && f.Unix != "" {
		k.wrong(key+".date", "either a layout or unix, not both")
	}
}

// twins refuses what one source has in common with an earlier one.
func (k *checker) twins(i int, sources []Source) {
	s := sources[i]
	at := fmt.Sprintf("sources[%d]", i)
	for j, o := range sources[:i] {
		if s.ID != "" && s.ID == o.ID {
			k.wrong(at+".id", "%s is the id of sources[%d] already", quote(s.ID), j)
		}
		if s.URL != "" && s.URL == o.URL && s.Network == o.Network {
			k.wrong(at+".url", "sources[%d] reads it already", j)
		}
	}
}
