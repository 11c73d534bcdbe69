package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"leakwatch/finds"
	"leakwatch/leak"
)

const (
	bulkBytes  = 4 << 20 // of one request
	bulkRounds = 10      // of an item that the cluster is too busy for
)

// document is a find as Elasticsearch keeps it: as it is, and what it is found by.
type document struct {
	leak.IndexDoc
	Search search `json:"search"`
}

type search struct {
	Order   int64        `json:"order"`
	Rank    int          `json:"rank"`
	Host    string       `json:"host"`
	Words   []string     `json:"words"`
	Clinics []clinicPart `json:"clinics"`
}

type clinicPart struct {
	Clinic string   `json:"clinic"`
	Rank   int      `json:"rank"`
	Kinds  []string `json:"kinds"`
}

// item is one line of a bulk request, with its body.
type item struct {
	target, id string
	lines      []byte
}

// Put writes documents; see finds.Index. A rebuild that begins while it writes is seen at its end, and written to.
func (x *Index) Put(ctx context.Context, docs []leak.IndexDoc) error {
	return x.everywhere(ctx, func(targets []string) error {
		items := make([]item, 0, len(docs)*len(targets))
		for _, d := range docs {
			body, err := json.Marshal(newDocument(d))
			if err != nil {
				return fmt.Errorf("index find %s: %w", d.ID, err)
			}
			for _, t := range targets {
				items = append(items, newItem("index", t, d.ID, int64(d.Revision), append(body, '\n')))
			}
		}
		if err := x.bulk(ctx, items); err != nil {
			return fmt.Errorf("index finds: %w", err)
		}
		return nil
	})
}

func newDocument(d leak.IndexDoc) document {
	row := finds.NewRow(d)
	s := search{Order: row.Order, Rank: row.Rank, Host: strings.ToLower(d.Host), Words: row.Words, Clinics: []clinicPart{}}
	for _, c := range row.Clinics {
		s.Clinics = append(s.Clinics, clinicPart(c))
	}
	return document{IndexDoc: d, Search: s}
}

// newItem has its version from us: one that is below what is there is refused, the same is not.
func newItem(action, target, id string, version int64, body []byte) item {
	meta := object{"_index": target, "_id": id, "version": version, "version_type": "external_gte"}
	if action == "index" {
		meta["require_alias"] = true
	}
	head, _ := json.Marshal(object{action: meta}) // strings and numbers: it cannot fail
	return item{target: target, id: id, lines: append(append(head, '\n'), body...)}
}

// everywhere runs a write for the index that serves and the one being built, and again if others are there by then.
func (x *Index) everywhere(ctx context.Context, write func(targets []string) error) error {
	s, err := x.ensure(ctx)
	if err != nil {
		return err
	}
	for {
		targets, err := x.targets(s)
		if err != nil {
			return err
		}
		if err := write(targets); err != nil {
			return err
		}
		now, err := x.ensure(ctx)
		if err != nil {
			return err
		}
		if now.serving == s.serving && (now.building == "" || now.building == s.building) ||
			now.serving == s.building && now.building == "" {
			return nil
		}
		s = now
	}
}

// bulk sends items in requests of some megabytes. What the cluster is too busy for is sent again; the last request of
// each round makes all of them searchable.
func (x *Index) bulk(ctx context.Context, items []item) error {
	for round := 1; len(items) > 0; round++ {
		if round > bulkRounds {
			return fmt.Errorf("%d of them: the cluster stayed too busy", len(items))
		}
		if round > 1 {
			if err := x.wait(ctx, round-1); err != nil {
				return err
			}
		}
		var again []item
		for len(items) > 0 {
			n, size := 0, 0
			for n < len(items) && (n == 0 || size+len(items[n].lines) <= bulkBytes) {
				size += len(items[n].lines)
				n++
			}
			busy, err := x.send(ctx, items[:n], n == len(items))
			if err != nil {
				return err
			}
			again, items = append(again, busy...), items[n:]
		}
		items = again
	}
	return nil
}

type bulkAnswer struct {
	Items []map[string]struct {
		Status int `json:"status"`
		Error  struct {
			Type string `json:"type"`
		} `json:"error"`
	} `json:"items"`
}

// send sends one request and gives the items to send again.
func (x *Index) send(ctx context.Context, items []item, last bool) (busy []item, err error) {
	var body bytes.Buffer
	for _, i := range items {
		body.Write(i.lines)
	}
	r := esapi.BulkRequest{Body: bytes.NewReader(body.Bytes())}
	if last {
		r.Refresh = x.refresh
	}
	var answer bulkAnswer
	if err := x.do(ctx, r, &answer); err != nil {
		return nil, err
	}
	if len(answer.Items) != len(items) {
		return nil, fmt.Errorf("elasticsearch answered for %d of %d items", len(answer.Items), len(items))
	}
	var bad []error
	for n, outcome := range answer.Items {
		for _, o := range outcome {
			switch x.judge(items[n], o.Status) {
			case redo:
				busy = append(busy, items[n])
			case refused:
				err := error(&statusError{status: o.Status, kind: o.Error.Type})
				if o.Status == http.StatusBadRequest {
					err = fmt.Errorf("%w: %w", leak.ErrPermanent, err)
				}
				bad = append(bad, fmt.Errorf("find %s: %w", items[n].id, err))
			}
		}
	}
	return busy, errors.Join(bad[:min(len(bad), 5)]...)
}

type verdict int

const (
	done verdict = iota
	redo
	refused
)

// judge says what became of an item.
func (x *Index) judge(i item, status int) verdict {
	switch {
	case status/100 == 2, status == http.StatusConflict: // a newer revision is there
		return done
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return redo
	case status == http.StatusNotFound && i.target == x.buildingAlias(): // the rebuild has ended
		return done
	case status == http.StatusNotFound: // the index that served was replaced this moment
		return redo
	}
	return refused
}

// Delete takes documents out; see finds.Index. A deletion leaves a version behind for a minute, so it takes the one of
// the document: any other would keep the same find from coming back.
func (x *Index) Delete(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return x.everywhere(ctx, func(targets []string) error {
		for range bulkRounds { // a newer revision may come in between
			items, err := x.present(ctx, targets, ids)
			if err != nil || len(items) == 0 {
				return err
			}
			if err := x.bulk(ctx, items); err != nil {
				return fmt.Errorf("take finds out of the index: %w", err)
			}
		}
		return errors.New("take finds out of the index: they keep coming back")
	})
}

// present makes a deletion of each document that is there.
func (x *Index) present(ctx context.Context, targets, ids []string) ([]item, error) {
	var items []item
	for _, t := range targets {
		var answer struct {
			Docs []struct {
				ID      string `json:"_id"`
				Version int64  `json:"_version"`
				Found   bool   `json:"found"`
			} `json:"docs"`
		}
		r := esapi.MgetRequest{Index: t, Body: encode(object{"ids": ids}), Source: []string{"false"}}
		if err := x.do(ctx, r, &answer); err != nil && status(err) != http.StatusNotFound {
			return nil, fmt.Errorf("look up finds: %w", err)
		}
		for _, d := range answer.Docs {
			if d.Found {
				items = append(items, newItem("delete", t, d.ID, d.Version, nil))
			}
		}
	}
	return items, nil
}
