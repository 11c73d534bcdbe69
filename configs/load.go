package configs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Example is a commented file of settings that loads as it is: what `leakwatch init` writes.
//
//go:embed leakwatch.yaml
var Example []byte

// maxFile bounds the file of settings.
const maxFile = 4 * mib

// Load reads a file of settings. Unknown and repeated keys, wrong types and bad values are refused, all at once, as
// Mistakes, each with its line. Relative paths in it are made to stand beside it.
func Load(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("read settings: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Config{}, fmt.Errorf("read settings: %w", err)
	}
	return Parse(path, b)
}

// Parse is Load for what has been read already; path need not exist.
func Parse(path string, b []byte) (Config, error) {
	c := Default()
	c.Path = path
	if len(b) > maxFile {
		return Config{}, Mistakes{{File: path, Text: "longer than any file of settings"}}
	}
	d := &decoder{lines: map[string]int{}}
	if root := d.parse(b); root != nil {
		d.value(root, reflect.ValueOf(&c).Elem(), "", false)
	}
	c.lines = d.lines
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Config{}, fmt.Errorf("read settings: %w", err)
	}
	c.resolve(folder)
	ms := d.mistakes
	for i := range ms {
		ms[i].File = path
	}
	// A value that could not be read is not judged: its place holds a default.
	for _, m := range c.mistakes() {
		if !ms.hold(m.Key) && !slices.ContainsFunc(d.muddled, func(at string) bool { return within(m.Key, at) }) {
			ms = append(ms, m)
		}
	}
	if err := ms.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// parse gives the root node, or nil when there is none.
func (d *decoder) parse(b []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var doc, more yaml.Node
	err := decodeNode(dec, &doc)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		d.mistakes = append(d.mistakes, syntax(err))
		return nil
	}
	switch err := decodeNode(dec, &more); {
	case err == nil:
		d.wrong(&more, "", "a second document")
	case !errors.Is(err, io.EOF):
		d.mistakes = append(d.mistakes, syntax(err))
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// decodeNode turns a panic of the parser into an error.
func decodeNode(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("not readable as YAML")
		}
	}()
	return dec.Decode(n)
}

var lineOf = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax makes a mistake out of the parser's error.
func syntax(err error) Mistake {
	text := err.Error()
	m := lineOf.FindStringSubmatch(text)
	if m == nil {
		return Mistake{Text: text}
	}
	line, _ := strconv.Atoi(m[1]) // "" gives 0: no line known
	return Mistake{Line: line, Text: "not YAML: " + text[len(m[0]):]}
}

// hold says whether a mistake was found already at key, or above or below it.
func (ms Mistakes) hold(key string) bool {
	for _, m := range ms {
		if m.Key == key || within(m.Key, key) || within(key, m.Key) {
			return true
		}
	}
	return false
}

// within says whether a key lies inside a section.
func within(key, section string) bool {
	rest, ok := strings.CutPrefix(key, section)
	return ok && section != "" && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

// resolve makes relative paths absolute.
func (c *Config) resolve(folder string) {
	for _, p := range c.paths() {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(folder, *p)
		}
	}
}

// paths are all settings that name a file or a folder.
func (c *Config) paths() map[string]*string {
	m := map[string]*string{
		"data": &c.Data, "keys.dir": &c.Keys.Dir,
		"finds.elastic.api_key_file":  &c.Finds.Elastic.APIKeyFile,
		"finds.elastic.password_file": &c.Finds.Elastic.PasswordFile,
		"finds.elastic.ca_file":       &c.Finds.Elastic.CAFile,
		"alerts.smtp.password_file":   &c.Alerts.SMTP.PasswordFile,
		"alerts.smtp.ca_file":         &c.Alerts.SMTP.CAFile,
		"alerts.webhook.secret_file":  &c.Alerts.Webhook.SecretFile,
	}
	for i := range c.Sources {
		m[fmt.Sprintf("sources[%d].auth_file", i)] = &c.Sources[i].AuthFile
	}
	return m
}

// Digest tells one effective configuration from another: SHA-256 over all settings, first 16 hex digits. Secrets are
// in files and no part of it.
func (c *Config) Digest() string {
	plain := *c
	plain.Path = ""
	b, err := json.Marshal(plain)
	if err != nil {
		panic("configs: settings that JSON cannot hold: " + err.Error()) // no field is of such a type
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:8])
}
