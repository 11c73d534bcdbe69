package configs

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// decoder puts YAML nodes into the types of this package. Unlike yaml's own it goes on after a mistake, so that all of
// them are named, and it remembers the line of every key. Anchors and aliases are refused: settings need none, and
// they can make a small file endless.
type decoder struct {
	lines    map[string]int
	mistakes Mistakes
	muddled  []string // sections that are not judged further, as nobody knows what was meant
	kind     string   // of the source being read: says what a plain string means in Field
}

func (d *decoder) wrong(n *yaml.Node, path, format string, args ...any) {
	d.mistakes = append(d.mistakes, Mistake{Line: n.Line, Key: path, Text: fmt.Sprintf(format, args...)})
}

// value decodes one node into v. size says that an integer is a number of bytes.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string, size bool) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.wrong(n, path, "anchors and aliases are not used here")
		return
	}
	switch v.Interface().(type) {
	case []Source:
		d.sources(n, v.Addr().Interface().(*[]Source), path)
		return
	case Field:
		if n.Kind == yaml.ScalarNode {
			d.plainField(n, v, path)
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.section(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Map:
		d.table(n, v, path)
	default:
		d.scalar(n, v, path, size)
	}
}

// section decodes a mapping into a struct. An empty section changes nothing.
func (d *decoder) section(n *yaml.Node, v reflect.Value, path string) {
	fields := fieldsOf(v.Type())
	d.pairs(n, path, func(key, val *yaml.Node, at string) {
		f, ok := fields[key.Value]
		if !ok {
			d.wrong(key, at, "unknown key")
			return
		}
		d.value(val, v.Field(f.index), at, f.size)
	})
}

// table decodes a mapping into a map; keys that are there already stay.
func (d *decoder) table(n *yaml.Node, v reflect.Value, path string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	d.pairs(n, path, func(key, val *yaml.Node, at string) {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(val, elem, at, false)
		v.SetMapIndex(reflect.ValueOf(key.Value), elem)
	})
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// pairs calls each for every key of a mapping, once.
func (d *decoder) pairs(n *yaml.Node, path string, each func(key, val *yaml.Node, at string)) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "must be a section of keys, is %s", what(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		switch first, twice := seen[key.Value]; {
		case key.Kind != yaml.ScalarNode || key.Anchor != "" || !plainKey.MatchString(key.Value):
			d.wrong(key, path, "a key must be a plain word")
		case twice:
			d.wrong(key, at, "said twice, first in line %d", first)
		default:
			seen[key.Value] = key.Line
			d.lines[at] = key.Line
			each(key, val, at)
		}
	}
}

// list decodes a sequence; it replaces what was there.
func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	items, ok := d.items(n, path)
	if !ok {
		return
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.lines[at] = item.Line
		d.value(item, out.Index(i), at, false)
	}
	v.Set(out)
}

func (d *decoder) items(n *yaml.Node, path string) ([]*yaml.Node, bool) {
	if isNull(n) {
		return nil, false
	}
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, path, "must be a list, is %s", what(n))
		return nil, false
	}
	return n.Content, true
}

// scalar decodes a word, a number, a switch, a duration or a size.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string, size bool) {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		d.wrong(n, path, "must be one value, is %s", what(n))
		return
	}
	if err := setScalar(n, v, size); err != nil {
		d.wrong(n, path, "%v", err)
	}
}

func setScalar(n *yaml.Node, v reflect.Value, size bool) error {
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		t, err := parseDuration(n.Value)
		v.SetInt(int64(t))
		return err
	case size:
		b, err := parseSize(n.Value)
		v.SetInt(b)
		return err
	}
	switch v.Kind() {
	case reflect.String:
		if n.Tag == "!!bool" || n.Tag == "!!binary" {
			return fmt.Errorf("must be text, is %s", what(n))
		}
		v.SetString(n.Value)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			return fmt.Errorf("must be true or false, is %s", what(n))
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%s is not a whole number", quote(n.Value))
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return fmt.Errorf("%s is not a number", quote(n.Value))
		}
		v.SetFloat(f)
	default:
		return fmt.Errorf("internal: no setting may be a %s", v.Kind())
	}
	return nil
}

func (d *decoder) plainField(n *yaml.Node, v reflect.Value, path string) {
	f := v.Addr().Interface().(*Field)
	to := &f.Path
	if d.kind == HTMLListing {
		to = &f.CSS
	}
	d.scalar(n, reflect.ValueOf(to).Elem(), path, false)
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// what says what a node is, without its value.
func what(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "empty"
	case "!!bool":
		return "true or false; quote it if it is text"
	case "!!int", "!!float":
		return "a number"
	}
	return "text"
}

type field struct {
	index int
	size  bool
}

// fieldsOf gives a struct's settings by their names in the file: the field's name in snake_case, or what its yaml tag
// says.
func fieldsOf(t reflect.Type) map[string]field {
	fields := make(map[string]field, t.NumField())
	for i := range t.NumField() {
		sf := t.Field(i)
		name, option, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		if !sf.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = snake(sf.Name)
		}
		fields[name] = field{i, option == "size"}
	}
	return fields
}

func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
