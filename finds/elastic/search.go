package elastic

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"leakwatch/finds"
	"leakwatch/leak"
)

type object = map[string]any

// Search gives a page; see finds.Index.
func (x *Index) Search(ctx context.Context, q leak.Query) (leak.Answer, error) {
	body := object{
		"size":             finds.Limit(q) + 1, // one more, to know whether there is another page
		"track_total_hits": true,
		"_source":          object{"excludes": []string{"search"}},
		"query":            object{"bool": object{"filter": filters(q)}},
		"sort":             []object{{"search.order": "desc"}, {"id": "asc"}},
	}
	cursor, ok, err := finds.ParseCursor(q.After)
	if err != nil {
		return leak.Answer{}, err
	}
	if ok {
		body["search_after"] = []any{cursor.Order, cursor.ID}
	}
	var answer searchAnswer
	r := esapi.SearchRequest{Index: []string{x.name}, Body: encode(body)}
	if err := x.do(ctx, r, &answer); status(err) == http.StatusNotFound {
		_, err = x.ensure(ctx) // the first use: there is nothing to find yet
		return leak.Answer{}, err
	} else if err != nil {
		return leak.Answer{}, fmt.Errorf("search finds: %w", err)
	}
	return answer.page(q), nil
}

type searchAnswer struct {
	Hits struct {
		Total struct {
			Value int64 `json:"value"`
		} `json:"total"`
		Hits []struct {
			Source leak.IndexDoc `json:"_source"`
		} `json:"hits"`
	} `json:"hits"`
}

func (s searchAnswer) page(q leak.Query) leak.Answer {
	a := leak.Answer{Total: s.Hits.Total.Value}
	limit := finds.Limit(q)
	for i, h := range s.Hits.Hits {
		if i == limit {
			last := a.Docs[limit-1]
			a.After = finds.Cursor{Order: finds.Order(last.MatchedAt), ID: last.ID}.String()
			break
		}
		a.Docs = append(a.Docs, finds.Narrow(h.Source, q.Clinic))
	}
	return a
}

// filters are the conditions of a query; none of them scores.
func filters(q leak.Query) []object {
	var all []object
	term := func(field, value string) {
		if value != "" {
			all = append(all, object{"term": object{field: value}})
		}
	}
	term("source", q.Source)
	term("search.host", strings.ToLower(q.Host))
	term("leak", q.Leak)
	term("indicators", q.Indicator)
	span := object{}
	if !q.From.IsZero() {
		span["gte"] = finds.Order(q.From)
	}
	if !q.To.IsZero() {
		span["lt"] = finds.Order(q.To)
	}
	if len(span) > 0 {
		all = append(all, object{"range": object{"search.order": span}})
	}
	for _, t := range finds.Terms(q.Words) {
		if t.Prefix {
			all = append(all, object{"prefix": object{"search.words": t.Word}})
		} else {
			term("search.words", t.Word)
		}
	}
	if q.Clinic != "" {
		return append(all, ofClinic(q))
	}
	term("kinds", string(q.Kind))
	if q.Confidence > leak.None {
		all = append(all, object{"range": object{"search.rank": object{"gte": int(q.Confidence)}}})
	}
	return all
}

// ofClinic asks confidence and kind of one clinic's part.
func ofClinic(q leak.Query) object {
	part := []object{
		{"term": object{"search.clinics.clinic": q.Clinic}},
		{"range": object{"search.clinics.rank": object{"gte": int(q.Confidence)}}},
	}
	if q.Kind != "" {
		part = append(part, object{"term": object{"search.clinics.kinds": string(q.Kind)}})
	}
	return object{"nested": object{"path": "search.clinics", "query": object{"bool": object{"filter": part}}}}
}
