package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"leakwatch/finds"
	"leakwatch/leak"
)

// errMapping is given by Check for an index of another version of the program.
var errMapping = errors.New("the index has the mapping of another version: run `leakwatch reindex`")

// buildingAlias is on the index that a rebuild fills.
func (x *Index) buildingAlias() string { return x.name + "-building" }

// state is which indices there are.
type state struct {
	serving  string   // the index behind the alias, "" when there is none
	building string   // the one that a rebuild fills
	stray    []string // those without either, which a crash left
	last     int      // the highest number
}

// state asks the cluster, in one call.
func (x *Index) state(ctx context.Context) (state, error) {
	var answer map[string]struct {
		Aliases map[string]any `json:"aliases"`
	}
	err := x.do(ctx, esapi.IndicesGetAliasRequest{Index: []string{x.name + "-v*"}}, &answer)
	if err != nil && status(err) != http.StatusNotFound {
		return state{}, fmt.Errorf("list indices: %w", err)
	}
	var s state
	for index, a := range answer {
		n, err := strconv.Atoi(index[strings.LastIndexByte(index, '-')+1:])
		if err != nil {
			continue // not ours
		}
		s.last = max(s.last, n)
		_, serves := a.Aliases[x.name]
		_, fills := a.Aliases[x.buildingAlias()]
		switch {
		case serves:
			s.serving = index
		case fills:
			s.building = index
		default:
			s.stray = append(s.stray, index)
		}
	}
	return s, nil
}

// current says whether an index has this version's mapping.
func (x *Index) current(index string) bool {
	return strings.HasPrefix(index, fmt.Sprintf("%s-v%d-", x.name, mappingVersion))
}

// targets are the aliases that a write goes to: an index with the mapping of another version takes none.
func (x *Index) targets(s state) ([]string, error) {
	var to []string
	if x.current(s.serving) {
		to = append(to, x.name)
	}
	if x.current(s.building) {
		to = append(to, x.buildingAlias())
	}
	if len(to) == 0 {
		return nil, fmt.Errorf("%s: %w", s.serving, errMapping)
	}
	return to, nil
}

// ensure creates the first index, with its alias, where there is none, and gives what is there. Several processes may
// do it at the same time: the cluster refuses a second index that wants to serve.
func (x *Index) ensure(ctx context.Context) (state, error) {
	for range 10 {
		s, err := x.state(ctx)
		if err != nil || s.serving != "" {
			return s, err
		}
		if _, err := x.create(ctx, s, x.name); err != nil && status(err) != http.StatusBadRequest {
			return state{}, err
		} else if err != nil {
			if err := x.wait(ctx, 1); err != nil {
				return state{}, err
			}
		}
	}
	return state{}, fmt.Errorf("the index %s cannot be created: is there one of that name that is no alias?", x.name)
}

// create makes an empty index under the next number, with an alias unless that is "".
func (x *Index) create(ctx context.Context, s state, alias string) (string, error) {
	var body object
	if err := json.Unmarshal(mapping, &body); err != nil {
		return "", fmt.Errorf("read mapping.json: %w", err)
	}
	if alias != "" {
		body["aliases"] = object{alias: object{"is_write_index": true}}
	}
	index := fmt.Sprintf("%s-v%d-%06d", x.name, mappingVersion, s.last+1)
	if err := x.do(ctx, esapi.IndicesCreateRequest{Index: index, Body: encode(body)}, nil); err != nil {
		return "", fmt.Errorf("create index %s: %w", index, err)
	}
	return index, nil
}

// actions changes aliases in one call, all or nothing.
func (x *Index) actions(ctx context.Context, actions ...object) error {
	return x.do(ctx, esapi.IndicesUpdateAliasesRequest{Body: encode(object{"actions": actions})}, nil)
}

func add(index, alias string) object {
	return object{"add": object{"index": index, "alias": alias, "is_write_index": true}}
}

func remove(index string) object {
	return object{"remove_index": object{"index": index}}
}

// Reset begins a rebuild; see finds.Index. It drops what a rebuild before it left.
func (x *Index) Reset(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, err := x.reset(ctx)
	if err != nil {
		return fmt.Errorf("begin a rebuild: %w", err)
	}
	x.building = index
	return nil
}

func (x *Index) reset(ctx context.Context) (string, error) {
	s, err := x.ensure(ctx)
	if err != nil {
		return "", err
	}
	index, err := x.create(ctx, s, "")
	if err != nil {
		return "", err
	}
	steps := []object{add(index, x.buildingAlias())}
	for _, old := range append(s.stray, s.building) {
		if old != "" {
			steps = append(steps, remove(old))
		}
	}
	return index, x.actions(ctx, steps...)
}

// Commit ends a rebuild: one call moves the alias and drops the old index; see finds.Index.
func (x *Index) Commit(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.commit(ctx); err != nil {
		return fmt.Errorf("end the rebuild: %w", err)
	}
	x.building = ""
	return nil
}

func (x *Index) commit(ctx context.Context) error {
	s, err := x.state(ctx)
	if err != nil {
		return err
	}
	if s.building == "" || s.building != x.building {
		return finds.ErrNotRebuilding
	}
	if err := x.do(ctx, esapi.IndicesRefreshRequest{Index: []string{s.building}}, nil); err != nil {
		return err
	}
	steps := []object{
		add(s.building, x.name),
		{"remove": object{"index": s.building, "alias": x.buildingAlias(), "must_exist": true}},
	}
	if s.serving != "" {
		steps = append(steps, remove(s.serving))
	}
	return x.actions(ctx, steps...)
}

// Check asks the cluster for the index behind the alias, and for a search in it; see finds.Index. It does not ask for
// the version of the cluster, which needs a right that the key may not have.
func (x *Index) Check(ctx context.Context) error {
	s, err := x.ensure(ctx)
	if err != nil {
		return fmt.Errorf("check elasticsearch: %w", err)
	}
	if !x.current(s.serving) {
		return fmt.Errorf("check elasticsearch: %s: %w", s.serving, errMapping)
	}
	if _, err := x.Search(ctx, leak.Query{Limit: 1}); err != nil {
		return fmt.Errorf("check elasticsearch: %w", err)
	}
	return nil
}
