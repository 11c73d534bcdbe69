package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/leak"
)

func newSearchCommand(a *app) *cobra.Command {
	var q leak.Query
	var from, to, kind, confidence string
	cmd := &cobra.Command{
		Use:   "search [QUERY]",
		Short: "Search the finds, newest first",
		Long: `Searches finds by words of their masked titles, posters, places, hosts, indicators and ids. A word that may be a name
is masked as titles are, so that a name which you know finds what was titled with it. There is no leaked text to search
or to show. A word that ends in * is the beginning of a code, an id or a plain word.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if q.From, err = day(from); err != nil {
				return err
			}
			if q.To, err = day(to); err != nil {
				return err
			}
			if q.Kind = leak.Kind(kind); kind != "" && !q.Kind.Known() {
				return usageError("--kind is not known; kinds are fi-hetu, email, phone and the like")
			}
			if confidence != "" && q.Confidence.UnmarshalText([]byte(confidence)) != nil {
				return usageError("--confidence is possible, probable or confirmed")
			}
			return a.search(cmd.Context(), strings.Join(args, " "), q)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.Source, "source", "", "id of a source")
	f.StringVar(&q.Host, "host", "", "host name, in clear or as it is shown")
	f.StringVar(&q.Indicator, "indicator", "", "SHA-256, ETag or another indicator")
	f.StringVar(&from, "from", "", "found at or after this day or time, UTC")
	f.StringVar(&to, "to", "", "found before this day or time, UTC")
	f.StringVar(&q.Clinic, "clinic", "", "id of a clinic")
	f.StringVar(&kind, "kind", "", "kind of identifier that was found")
	f.StringVar(&confidence, "confidence", "", "at least possible, probable or confirmed")
	f.StringVar(&q.Leak, "leak", "", "id of a leak")
	f.IntVar(&q.Limit, "limit", 50, "finds to show, at most 1000")
	f.StringVar(&q.After, "after", "", "go on after the page that ended with this cursor")
	return cmd
}

func (a *app) search(ctx context.Context, words string, q leak.Query) error {
	places, err := a.places(ctx)
	if err != nil {
		return err
	}
	q.Words = maskWords(places, words)
	if q.Host != "" {
		q.Host = a.shownHost(places, q.Host)
	}
	index, err := a.index(ctx)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, a.principal("search"), "search", strings.TrimSpace(q.Words+" "+q.Host)); err != nil {
		return err
	}
	answer, err := index.Search(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		for _, d := range answer.Docs {
			if err := a.writeJSON(d); err != nil {
				return err
			}
		}
	} else if err := a.writeFinds(answer); err != nil {
		return err
	}
	if len(answer.Docs) == 0 {
		return errNothing
	}
	return nil
}

// maskWords masks the words of a query as titles are masked. Codes and ids are left as they are.
func maskWords(places *leak.PlaceKey, query string) string {
	fields := strings.Fields(query)
	for i, f := range fields {
		if !strings.HasSuffix(f, "*") && !isCode(f) {
			fields[i] = places.Title(f)
		}
	}
	return strings.Join(fields, " ")
}

func isCode(word string) bool {
	i := strings.IndexByte(word, '-')
	return i == 1 && strings.Contains("nwhqfla", word[:1]) && len(word) >= 10
}

// shownHost is a host as finds show it: clear when a source names it.
func (a *app) shownHost(places *leak.PlaceKey, host string) string {
	for _, s := range a.loaded.Sources {
		if u, err := url.Parse(s.URL); err == nil && (strings.EqualFold(u.Host, host) || strings.EqualFold(u.Hostname(), host)) {
			return strings.ToLower(u.Host)
		}
	}
	if strings.HasPrefix(host, "h-") {
		return host
	}
	return places.Host("", host)
}

func (a *app) writeFinds(answer leak.Answer) error {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	if len(answer.Docs) > 0 {
		fmt.Fprintln(w, "FOUND\tFIND\tCONFIDENCE\tCLINICS\tPLACE\tSTATE\tLEAK")
	}
	for _, d := range answer.Docs {
		var clinics []string
		for _, c := range d.Clinics {
			clinics = append(clinics, fmt.Sprintf("%s %d", c.Clinic, c.Persons))
		}
		state := "gone"
		if d.Live {
			state = "there"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s, %s\t%s\n", stamp(d.MatchedAt), d.ID, d.Confidence, strings.Join(clinics, ", "), d.Place, state, d.Completeness, d.Leak)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d of %d finds\n", len(answer.Docs), answer.Total)
	if answer.After != "" {
		fmt.Fprintf(a.out, "more: --after %s\n", answer.After)
	}
	return nil
}

// stamp shows a time for people: UTC, to the second, or a dash.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// counts shows numbers by name, in order.
func counts[K ~string, N int | int64](m map[K]N) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(parts, ", ")
}
