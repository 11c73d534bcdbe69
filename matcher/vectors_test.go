package matcher_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// vector is a line of testdata/vectors.jsonl: a canonical form with everything made of it, or an input that a ring that
// is not for tests refuses, without a region.
type vector struct {
	Kind           leak.Kind
	Canon, In, Err string
	T1, W, F       string
	ClinicB        string `json:"w_clinic_b"`
	NextPepper     string `json:"w_pk2"`
}

func vectors(t *testing.T) (all []vector) {
	t.Helper()
	f, err := os.Open("testdata/vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// TestVectors checks every value of the published vectors. If js/wasm runs it, it is the clinic's browser that is tested.
func TestVectors(t *testing.T) {
	t.Parallel()
	k := setup(t, testRing, matcher.Options{})
	next, err := matcher.New(matcher.Keys{Rings: []matcher.Key{testRing}, Index: []matcher.Key{key("pk-3", 0x60), index}, Find: []matcher.Key{find}}, matcher.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := matcher.NewHasher(testRing, "")
	if got := h.KCV(); got != "2b14cab6" || k.Checks()["ring/test-rk1"] != got {
		t.Errorf("KCV is %s and %s, want 2b14cab6", got, k.Checks()["ring/test-rk1"])
	}
	positive := 0
	for _, v := range vectors(t) {
		if v.Err != "" {
			if got := refused(v.Kind, "", v.In); got != v.Err {
				t.Errorf("%s %q: %s, want %s", v.Kind, v.In, got, v.Err)
			}
			continue
		}
		positive++
		t1, err := h.T1(v.Kind, v.Canon)
		if err != nil {
			t.Fatalf("%s: %v", v.Kind, err)
		}
		same(t, v, "T1", t1[:], v.T1)
		a, tokens, err := k.Wrap("clinic-a", "test-rk1", v.Kind, t1, ref(1))
		if err != nil {
			t.Fatal(err)
		}
		b, _, _ := k.Wrap("clinic-b", "test-rk1", v.Kind, t1, ref(1))
		c, err := next.Rewrap(a)
		if err != nil || c.PK != "pk-3" {
			t.Fatalf("rewrap: %v, pepper %s", err, c.PK)
		}
		same(t, v, "W", a.W[:], v.W)
		same(t, v, "W of clinic b", b.W[:], v.ClinicB)
		same(t, v, "W under the next pepper", c.W[:], v.NextPepper)
		same(t, v, "F", tokens[0].F[:], v.F)
		looked, err := k.Tokens(v.Kind, strings.ReplaceAll(v.Canon, "|", " "))
		if err != nil || len(looked) != 1 {
			t.Fatalf("%s: %d tokens, %v", v.Kind, len(looked), err)
		}
		same(t, v, "F of a look-up", looked[0].F[:], v.F)
	}
	if positive != 6 {
		t.Errorf("%d positive vectors, want 6", positive)
	}
}

func same(t *testing.T, v vector, what string, got []byte, want string) {
	t.Helper()
	if hex.EncodeToString(got) != want {
		t.Errorf("%s: %s is %x, want %s", v.Kind, what, got, want)
	}
}

// TestVectorsInWASM runs TestVectors as WebAssembly under Node.
func TestVectorsInWASM(t *testing.T) {
	t.Parallel()
	node := os.Getenv("LEAKWATCH_TEST_NODE")
	if node == "" {
		t.Skip("LEAKWATCH_TEST_NODE is not set: the path of node")
	}
	run := exec.Command("go", "test", "-count=1", "-run", "^TestVectors$", "-v",
		"-exec", filepath.Join(goEnv(t, "GOROOT"), "lib", "wasm", "go_js_wasm_exec"), ".")
	// Node refuses a large environment, and Go's loader passes all of it on.
	run.Env = []string{"GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "HOME=" + t.TempDir(), "GOCACHE=" + goEnv(t, "GOCACHE"), "GOMODCACHE=" + goEnv(t, "GOMODCACHE"),
		"GOPROXY=off", "PATH=" + filepath.Dir(node) + string(os.PathListSeparator) + os.Getenv("PATH")}
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestVectors") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
