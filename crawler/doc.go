// Package crawler is where documents come from: it reads the listings of sources by their kind, gives items to fetch, and
// streams their bodies. Listings go through colly, bodies through a downloader of our own, both over one guarded
// transport for each source: its network (direct, or Tor by SOCKS5 with the name resolved by the proxy), addresses that
// may not be dialled, politeness (pace for each host, robots.txt, Retry-After), limits, and a record of what was said.
//
// Everything it reads is hostile: bounded, and never trusted for a name, a length or a place. Errors and logs never hold
// a clear URL, a file name, or a word of what a server said.
package crawler
