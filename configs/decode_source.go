package configs

import (
	_ "embed"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed presets.yaml
var presetFile []byte

// sources decodes the list of sources, each on top of its preset and the defaults of its kind.
func (d *decoder) sources(n *yaml.Node, to *[]Source, path string) {
	items, ok := d.items(n, path)
	if !ok {
		return
	}
	presets, err := readPresets()
	if err != nil {
		d.wrong(n, path, "%v", err)
		return
	}
	*to = make([]Source, len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.lines[at] = item.Line
		d.source(item, &(*to)[i], at, presets)
	}
}

func (d *decoder) source(n *yaml.Node, s *Source, at string, presets map[string]*yaml.Node) {
	if n.Kind != yaml.MappingNode || n.Anchor != "" {
		d.wrong(n, at, "must be a section of keys, is %s", what(n))
		return
	}
	name, kind := word(n, "preset"), word(n, "kind")
	preset := presets[name]
	if name != "" && preset == nil {
		d.wrong(child(n, "preset"), at+".preset", "no preset %s; there are %s", quote(name), strings.Join(presetNames(presets), ", "))
		d.muddled = append(d.muddled, at)
	}
	if preset != nil {
		own := word(preset, "kind")
		if kind != "" && kind != own {
			d.wrong(child(n, "kind"), at+".kind", "the preset %s is for %s", name, own)
			d.muddled = append(d.muddled, at)
		}
		kind = own
	}
	d.kind = kind
	*s = sourceDefaults(kind)
	if preset != nil {
		p := &decoder{lines: map[string]int{}, kind: kind}
		p.section(preset, reflect.ValueOf(s).Elem(), "")
		for _, m := range p.mistakes { // of ours, not of whoever wrote the settings
			d.wrong(n, at+".preset", "%s.%s: %s", name, m.Key, m.Text)
		}
	}
	d.section(n, reflect.ValueOf(s).Elem(), at)
	if child(n, "jitter") == nil && s.Jitter == 0 {
		s.Jitter = jitter(s.Schedule)
	}
}

// jitter is a fifth of a plain interval, and a minute for a time of day.
func jitter(schedule string) time.Duration {
	every, ok := strings.CutPrefix(schedule, "@every ")
	if !ok {
		return time.Minute
	}
	d, err := time.ParseDuration(every)
	if err != nil {
		return 0 // Validate says so
	}
	return d / 5
}

// readPresets gives the presets by name.
func readPresets() (map[string]*yaml.Node, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(presetFile, &root); err != nil {
		return nil, fmt.Errorf("read presets: %w", err)
	}
	presets := map[string]*yaml.Node{}
	pairs := root.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		presets[pairs[i].Value] = pairs[i+1]
	}
	return presets, nil
}

func presetNames(presets map[string]*yaml.Node) []string {
	var names []string
	for name := range presets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// child gives the value of a key, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// word gives the plain value of a key, or "".
func word(n *yaml.Node, key string) string {
	if c := child(n, key); c != nil && c.Kind == yaml.ScalarNode {
		return c.Value
	}
	return ""
}
