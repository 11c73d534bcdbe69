package configs

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"

	"leakwatch/leak"
)

// Validate names everything that is wrong with the settings, as Mistakes, with the line of each where they came from a
// file. It reads no network and no key; of secret files it looks at who may read them.
func (c *Config) Validate() error { return c.mistakes().err() }

func (c *Config) mistakes() Mistakes {
	k := &checker{file: c.Path, lines: c.lines}
	k.general(c)
	k.keys(c.Keys)
	k.crawler(c.Crawler)
	for i, s := range c.Sources {
		k.source(fmt.Sprintf("sources[%d]", i), s)
		k.twins(i, c.Sources)
	}
	k.limits(c)
	k.finds(c.Finds)
	k.alerts(c.Alerts)
	k.files(c)
	return k.mistakes
}

// checker collects mistakes.
type checker struct {
	file     string
	lines    map[string]int
	mistakes Mistakes
}

// wrong adds a mistake, at the line of the key or of the nearest section around it that the file says.
func (k *checker) wrong(key, format string, args ...any) {
	line := 0
	for at := key; at != "" && line == 0; at = at[:max(0, strings.LastIndexAny(at, ".["))] {
		line = k.lines[at]
	}
	k.mistakes = append(k.mistakes, Mistake{File: k.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

func (k *checker) oneOf(key, value string, words ...string) {
	if !slices.Contains(words, value) {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
		k.wrong(key, "%s is none of %s", quote(value), strings.Join(words, ", "))
	}
}

// between checks a number, a size or a duration.
func between[T int | int64 | time.Duration](k *checker, key string, value, least, most T) {
	if value < least || value > most {
		k.wrong(key, "must be between %s and %s", showNumber(least), showNumber(most))
	}
}

// showNumber writes a duration as the settings do: 30d, 1h.
func showNumber[T int | int64 | time.Duration](v T) string {
	d, ok := any(v).(time.Duration)
	switch {
	case !ok:
		return strconv.FormatInt(int64(v), 10)
	case d >= day && d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	case d >= time.Hour && d%time.Hour == 0:
		return strconv.FormatInt(int64(d/time.Hour), 10) + "h"
	}
	return d.String()
}

func (k *checker) general(c *Config) {
	if c.Data == "" {
		k.wrong("data", "names no folder")
	}
	if c.Keys.Dir == "" {
		k.wrong("keys.dir", "names no folder")
	} else if rel, err := filepath.Rel(c.Data, c.Keys.Dir); err == nil && filepath.IsLocal(rel) {
		k.wrong("keys.dir", "lies in the data folder: keys and data must be apart, in backups too")
	}
	if err := new(slog.Level).UnmarshalText([]byte(c.Log.Level)); err != nil {
		k.wrong("log.level", "%s is none of debug, info, warn, error", quote(c.Log.Level))
	}
	k.oneOf("log.format", c.Log.Format, "text", "json")
	k.listen("web.listen", c.Web.Listen)
}

var keyID = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

func (k *checker) keys(c KeysConfig) {
	seen := map[string]string{}
	id := func(key, use, id string) {
		switch at, twice := seen[use+id]; {
		case !keyID.MatchString(id):
			k.wrong(key, "%s is not 1 to 32 of a-z, 0-9 and -", quote(id))
		case twice:
			k.wrong(key, "%s is named at %s already", id, at)
		default:
			seen[use+id] = key
		}
	}
	each := func(key, use string, ids []string) {
		for i, v := range ids {
			id(fmt.Sprintf("%s[%d]", key, i), use, v)
		}
	}
	optional := func(key, use, v string) {
		if v != "" {
			id(key, use, v)
		}
	}
	each("keys.rings", "ring ", c.Rings)
	each("keys.search_only_rings", "ring ", c.SearchOnlyRings)
	optional("keys.index_pepper", "index ", c.IndexPepper)
	optional("keys.next_index_pepper", "index ", c.NextIndexPepper)
	optional("keys.find_pepper", "find ", c.FindPepper)
	each("keys.search_only_find_peppers", "find ", c.SearchOnlyFindPeppers)
	for i, r := range c.Investigators {
		if !isRecipient(r) {
			k.wrong(fmt.Sprintf("keys.investigators[%d]", i), "not an age recipient (age1…)")
		}
	}
}

// isRecipient says whether s is one age recipient and nothing else.
func isRecipient(s string) bool {
	rs, err := age.ParseRecipients(strings.NewReader(s))
	return err == nil && len(rs) == 1 && !strings.ContainsAny(s, "\n#")
}

func (k *checker) crawler(c Crawler) {
	if strings.TrimSpace(c.UserAgent) == "" || strings.ContainsAny(c.UserAgent, "\r\n") {
		k.wrong("crawler.user_agent", "must be one line of text")
	}
	k.hostPort("crawler.tor_proxy", c.TorProxy)
	between(k, "crawler.timeout", c.Timeout, time.Second, time.Hour)
	k.size("crawler.listing_bytes", c.ListingBytes, kib, gib)
	between(k, "crawler.pace", c.Pace, 0, time.Hour)
	between(k, "crawler.retries", c.Retries, 0, 100)
	between(k, "crawler.max_redirects", c.MaxRedirects, 0, 20)
	between(k, "crawler.parallel", c.Parallel, 1, 1024)
}

func (k *checker) limits(c *Config) {
	const tib = 1024 * gib
	k.size("unpack.max_bytes", c.Unpack.MaxBytes, kib, 1024*tib)
	between(k, "unpack.max_ratio", c.Unpack.MaxRatio, 2, 1<<30)
	between(k, "unpack.max_depth", c.Unpack.MaxDepth, 0, 64)
	between(k, "unpack.max_members", c.Unpack.MaxMembers, 1, 1<<40)
	between(k, "unpack.max_time", c.Unpack.MaxTime, time.Second, 30*day)
	k.size("unpack.max_memory", c.Unpack.MaxMemory, mib, tib)
	k.size("unpack.max_window", c.Unpack.MaxWindow, mib, 2*gib)
	k.size("unpack.max_temp", c.Unpack.MaxTemp, 0, 1024*tib)
	between(k, "unpack.max_passwords", c.Unpack.MaxPasswords, 0, 1024)
	between(k, "unpack.parsers", c.Unpack.Parsers, 1, 256)
	k.size("unpack.parser_memory", c.Unpack.ParserMemory, 64*mib, tib)
	between(k, "unpack.parser_time", c.Unpack.ParserTime, time.Second, day)
	between(k, "unpack.parser_total", c.Unpack.ParserTotal, time.Second, 30*day)
	between(k, "unpack.ocr_time", c.Unpack.OCRTime, time.Second, day)
	if len(c.Unpack.OCR) > 0 && !filepath.IsAbs(c.Unpack.OCR[0]) {
		k.wrong("unpack.ocr", "must begin with the absolute path of a program")
	}
	for i, r := range c.Matcher.Regions {
		if !region.MatchString(r) {
			k.wrong(fmt.Sprintf("matcher.regions[%d]", i), "%s is not a country's two capital letters", quote(r))
		}
	}
	for i, kind := range c.Matcher.Kinds {
		key := fmt.Sprintf("matcher.kinds[%d]", i)
		switch {
		case !kind.Known():
			k.wrong(key, "%s is no kind of identifier", quote(string(kind)))
		case !kind.Tokenised():
			k.wrong(key, "%s leaves no tokens in finds: looking for it before somebody registers one gains nothing", kind)
		}
	}
	between(k, "matcher.candidate_cap", c.Matcher.CandidateCap, 1000, 1<<30)
	between(k, "matcher.token_cap", c.Matcher.TokenCap, 1000, 1<<30)
	if s := c.Rules.JoinShare; !(s > 0 && s <= 1) {
		k.wrong("rules.join_share", "must be above 0 and at most 1")
	}
	k.oneOf("rules.minimum", c.Rules.Minimum, leak.Possible.String(), leak.Probable.String(), leak.Confirmed.String())
	between(k, "rules.window", c.Rules.Window, 0, 30*day)
	r, p := c.Retention, c.Pipeline
	for key, d := range map[string]time.Duration{"finds": r.Finds, "tokens": r.Tokens, "evidence": r.Evidence, "audit": r.Audit, "clean_versions": r.CleanVersions} {
		between(k, "retention."+key, d, day, 36500*day)
	}
	between(k, "retention.hour", r.Hour, 0, 23)
	between(k, "pipeline.workers", p.Workers, 1, 1024)
	between(k, "pipeline.lease", p.Lease, time.Second, day)
	between(k, "pipeline.grace", p.Grace, 0, time.Hour)
	between(k, "pipeline.revision_every", p.RevisionEvery, 10*time.Millisecond, day)
	between(k, "pipeline.recheck_every", p.RecheckEvery, time.Second, 365*day)
	between(k, "pipeline.retries", p.Retries, 0, 1000)
}

var region = regexp.MustCompile(`^[A-Z]{2}$`)

// size is between for a number of bytes.
func (k *checker) size(key string, value, least, most int64) {
	if value < least || value > most {
		k.wrong(key, "must be between %s and %s", showSize(least), showSize(most))
	}
}

func showSize(n int64) string {
	for _, u := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if f := units[u]; n >= f && n%f == 0 {
			return strconv.FormatInt(n/f, 10) + u
		}
	}
	return strconv.FormatInt(n, 10)
}

func (k *checker) hostPort(key, s string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(s)
	if n, errPort := strconv.ParseUint(port, 10, 16); err != nil || errPort != nil || host == "" || n == 0 && key != "web.listen" {
		k.wrong(key, "%s is not host:port", quote(s))
		return "", false
	}
	return host, true
}

// listen checks an address of our own. Port 0 is any free one.
func (k *checker) listen(key, s string) {
	if host, ok := k.hostPort(key, s); ok && !loopback(host) {
		k.wrong(key, "%s is not a loopback address; put a proxy with TLS and authentication before it", quote(host))
	}
}

// loopback says whether a host is this machine, without asking a name server.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// files looks at the files of secrets and certificates that are named.
func (k *checker) files(c *Config) {
	for key, p := range c.paths() {
		switch {
		case *p == "":
		case strings.HasSuffix(key, "ca_file"):
			if fi, err := os.Stat(*p); err != nil || !fi.Mode().IsRegular() {
				k.wrong(key, "%s cannot be read", *p)
			}
		case strings.HasSuffix(key, "_file"):
			if err := CheckMode(*p); err != nil {
				k.wrong(key, "%v", err)
			}
		}
	}
}
