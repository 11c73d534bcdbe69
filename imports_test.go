package leakwatch_test

import (
	"cmp"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed says what each room may import of this module beside its own subfolders, its tests included. Only cmd joins the
// rooms, and sees all; internal holds programs that measure, in the demo's world, or serve the tests.
var allowed = map[string][]string{
	"leak": {}, "configs": {"leak"}, "matcher": {"leak", "configs"}, "internal": {"leak", "matcher", "cmd"},
	"crawler": {"leak", "configs"}, "finds": {"leak", "configs"}, "alerts": {"leak", "configs"},
	"store": {"leak", "configs"}, "web": {"leak", "configs"}, "pipeline": {"leak", "configs"},
}

// bounded packages import, outside their tests, nothing beside the standard library but this. The matcher runs in
// browsers, as WebAssembly.
var bounded = map[string][]string{
	"leak": {}, "internal/tornet": {},
	"matcher": {"leakwatch/leak", "golang.org/x/text/unicode/norm", "golang.org/x/net/idna", "golang.org/x/sys/cpu"},
}

func TestWhoKnowsWhom(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 1 && d.Name()[0] == '.') {
			return cmp.Or[error](err, fs.SkipDir)
		}
		if strings.HasSuffix(path, ".go") {
			check(t, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, path string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	folder := path[:max(0, strings.LastIndex(path, "/"))]
	room, _, _ := strings.Cut(folder, "/")
	rooms, known := allowed[room]
	if !known && room != "cmd" && folder != "" {
		t.Errorf("%s: the room %s is not known here", path, room)
	}
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		first, inner, _ := strings.Cut(name, "/")
		other, _, _ := strings.Cut(inner, "/")
		if first == "leakwatch" && room != "cmd" && other != room && !slices.Contains(rooms, other) {
			t.Errorf("%s imports the room %s", path, other)
		}
		only, isBounded := bounded[folder]
		standard := first != "leakwatch" && !strings.Contains(first, ".")
		if isBounded && !standard && !strings.HasSuffix(path, "_test.go") && !slices.Contains(only, name) {
			t.Errorf("%s imports %s", path, name)
		}
	}
}
