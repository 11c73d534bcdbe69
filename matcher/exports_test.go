package matcher_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// harmless are types that have no room for an identifier in clear, and why.
var harmless = map[string]string{
	"error": "of fixed words: TestAPatientNeverShows", "bool": "", "int": "", "int64": "", "float64": "", "uint8": "",
	"[32]byte": "a keyed hash, T1", "[][32]byte": "keyed hashes, T1", "[16]byte": "a digest",
	"leak.Tag": "a wrapped hash, and a reference", "[]leak.Token": "keyed hashes", "[]leak.Seen": "references and kinds", "leak.Tally": "counts",
	"leak.Kind": "a name of a kind", "leak.Class": "", "leak.Person": "a reference", "time.Duration": "", "time.Time": "", "func() time.Time": "",
	"*Matcher": "walked itself", "*Reading": "walked itself", "*Hasher": "walked itself", "*BadIdentifier": "walked itself",
	"*NumberPattern": "what a clinic's record numbers look like, which says nothing of one",
}

// explained are the strings and the like that are exported, and why none of them is an identifier.
var explained = map[string]string{
	"Version":             "a number of ours",
	"BadIdentifier.Kind":  "a name of a kind",
	"BadIdentifier.Why":   "a fixed word",
	"BadIdentifier.Error": "a kind and a fixed word",
	"BadTerm.Why":         "a fixed word",
	"BadTerm.Error":       "fixed words",
	"Hasher.KCV":          "a check value of a key",
	"Matcher.Checks":      "check values of keys",
	"Reading.Drain":       "keyed hashes, references, and fixed words with counts",
	"Key.ID":              "put in by the caller", "Key.Secret": "put in by the caller; New keeps its own copy",
	"Keys.Rings": "put in by the caller", "Keys.Index": "put in by the caller", "Keys.Find": "put in by the caller",
	"Options.Regions": "put in by the caller", "Options.Kinds": "put in by the caller", "Options.Temp": "put in by the caller",
}

// TestEverythingExportedIsExplained reads the source: every result, field and variable that is exported is of a type without
// room for an identifier, or is explained above. A new one has to be explained before it passes.
func TestEverythingExportedIsExplained(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			for id, kind := range exports(d) {
				seen++
				if _, ok := harmless[kind]; !ok && explained[id] == "" {
					t.Errorf("%s: %s is a %s that nobody explains", name, id, kind)
				}
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d exports seen", seen)
	}
}

// exports gives the types of what a declaration lets out, by name.
func exports(d ast.Decl) map[string]string {
	out := map[string]string{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		id, ok := d.Name.Name, d.Name.IsExported()
		if d.Recv != nil {
			of := strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*")
			id, ok = of+"."+id, ok && ast.IsExported(of)
		}
		if ok && d.Type.Results != nil {
			for _, r := range d.Type.Results.List {
				add(out, id, types.ExprString(r.Type))
			}
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				typeExports(out, s)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						add(out, n.Name, "value")
					}
				}
			}
		}
	}
	return out
}

// typeExports gives the fields of a struct that is exported, and the methods of an interface.
func typeExports(out map[string]string, s *ast.TypeSpec) {
	if !s.Name.IsExported() {
		return
	}
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		add(out, s.Name.Name, types.ExprString(s.Type))
		return
	}
	for _, f := range st.Fields.List {
		if len(f.Names) == 0 {
			add(out, s.Name.Name+".embedded", types.ExprString(f.Type))
		}
		for _, n := range f.Names {
			if n.IsExported() {
				add(out, s.Name.Name+"."+n.Name, types.ExprString(f.Type))
			}
		}
	}
}

// add keeps the worst of several types under one name.
func add(out map[string]string, id, kind string) {
	if _, ok := harmless[out[id]]; out[id] == "" || ok {
		out[id] = kind
	}
}
