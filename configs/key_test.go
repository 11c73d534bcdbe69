package configs_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"leakwatch/configs"
)

func writeKeys(t *testing.T, ring string) (string, configs.Keys) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	keys, err := configs.WriteKeys(dir, ring)
	if err != nil {
		t.Fatal(err)
	}
	return dir, keys
}

func TestKeysRoundTrip(t *testing.T) {
	t.Parallel()
	dir, made := writeKeys(t, "fi-2026a")
	read, err := configs.LoadKeys(configs.KeysConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, read); diff != "" { // compares by value, prints <secret>
		t.Errorf("keys differ: %s", diff)
	}
	if string(made.Deployment) != string(read.Deployment) || made.Place != read.Place || made.Rings[0].Secret != read.Rings[0].Secret {
		t.Error("secrets differ")
	}
	if made.Rings[0].ID != "fi-2026a" || !strings.HasPrefix(made.Index[0].ID, "pk-") || made.Index[0].ID == made.Find[0].ID {
		t.Errorf("ids: %+v", made)
	}
	if _, err := configs.WriteKeys(dir, "fi-2026b"); err == nil {
		t.Error("keys were made over others")
	}
	if _, err := os.Stat(filepath.Join(dir, configs.InvestigatorFile)); err != nil {
		t.Error("the investigator's identity is missing")
	}
	// The investigator's identity is moved off the machine; nothing here needs it.
	if err := os.Remove(filepath.Join(dir, configs.InvestigatorFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := configs.LoadKeys(configs.KeysConfig{Dir: dir}); err != nil {
		t.Error(err)
	}
}

func TestKeysRotation(t *testing.T) {
	t.Parallel()
	dir, made := writeKeys(t, "fi-2026a")
	for _, k := range [][2]string{{configs.UseRing, "fi-2027a"}, {configs.UseIndex, "pk-next"}, {configs.UseFind, "pk-find2"}} {
		if _, err := configs.AddKey(dir, k[0], k[1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := configs.AddKey(dir, configs.UseRing, "fi-2027a"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a key was made over another: %v", err)
	}
	_, err := configs.LoadKeys(configs.KeysConfig{Dir: dir})
	if err == nil || strings.Count(err.Error(), "several files") != 3 {
		t.Fatalf("must say that three uses are undecided: %v", err)
	}
	keys, err := configs.LoadKeys(configs.KeysConfig{
		Dir: dir, Rings: []string{"fi-2027a"}, SearchOnlyRings: []string{"fi-2026a"}, NextIndexPepper: "pk-next",
		FindPepper: "pk-find2", SearchOnlyFindPeppers: []string{made.Find[0].ID},
	})
	if err != nil {
		t.Fatal(err)
	}
	if keys.Rings[0].ID != "fi-2027a" || keys.Rings[0].SearchOnly || !keys.Rings[1].SearchOnly {
		t.Errorf("rings: %+v", keys.Rings)
	}
	if keys.Index[0].ID != "pk-next" || keys.Index[1].ID != made.Index[0].ID || !keys.Index[1].SearchOnly {
		t.Errorf("index peppers: %+v", keys.Index)
	}
	if keys.Find[0].ID != "pk-find2" || !keys.Find[1].SearchOnly {
		t.Errorf("find peppers: %+v", keys.Find)
	}
}

// TestKeyFilesWithSurprises names each surprise, and never what the file holds.
func TestKeyFilesWithSurprises(t *testing.T) {
	t.Parallel()
	const marked = "c2VjcmV0c2VjcmV0" // must not come back in an error
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	for name, c := range map[string]struct {
		file string // the place key is broken where it is ""
		text string // "dir" makes a folder, "none" no file
		want string
	}{
		"folder":         {text: "dir", want: "is not a file"},
		"missing":        {text: "none", want: "does not exist"},
		"empty":          {text: " \n", want: "is empty"},
		"not a key":      {text: marked, want: "is not a key file"},
		"other version":  {text: "leakwatch-key/2 place place " + key, want: "is not a key file"},
		"other use":      {text: "leakwatch-key/1 ring place " + key, want: "does not hold the place key"},
		"other id":       {text: "leakwatch-key/1 place other " + key, want: "does not hold the place key"},
		"short":          {text: "leakwatch-key/1 place place " + marked, want: "12 bytes, not 32"},
		"not base64":     {text: "leakwatch-key/1 place place " + marked + "!", want: "not base64"},
		"zeros":          {text: "leakwatch-key/1 place place " + strings.Repeat("A", 43) + "=", want: "all zeros"},
		"long":           {text: strings.Repeat(marked, 10000), want: "too long"},
		"identity":       {file: "deployment.age-identity", text: "AGE-SECRET-KEY-1" + marked, want: "does not hold one age identity"},
		"investigators":  {file: "investigators.recipients", text: "AGE-SECRET-KEY-1" + marked, want: "not an age recipient"},
		"no one":         {file: "investigators.recipients", text: "# nobody", want: "names nobody"},
		"no recipients":  {file: "investigators.recipients", text: "none", want: "does not exist"},
		"identity moved": {file: "deployment.age-identity", text: "none", want: "does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := writeKeys(t, "fi-2026a")
			if c.file == "" {
				c.file = "place.key"
			}
			path := filepath.Join(dir, c.file)
			replace(t, path, c.text)
			_, err := configs.LoadKeys(configs.KeysConfig{Dir: dir})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), marked) {
				t.Errorf("the error holds the secret: %v", err)
			}
		})
	}
}

func replace(t *testing.T, path, text string) {
	t.Helper()
	err := os.Remove(path)
	switch {
	case err != nil || text == "none":
	case text == "dir":
		err = os.Mkdir(path, 0o700)
	default:
		err = configs.WriteSecret(path, []byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestNoKeyFolder(t *testing.T) {
	t.Parallel()
	_, err := configs.LoadKeys(configs.KeysConfig{Dir: filepath.Join(t.TempDir(), "none")})
	if err == nil || !strings.Contains(err.Error(), "leakwatch init") {
		t.Error(err)
	}
	if _, err := configs.WriteKeys(t.TempDir(), "../ring"); err == nil {
		t.Error("an id that is a path was taken")
	}
}

func TestCheckMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has access lists instead of modes")
	}
	path := filepath.Join(t.TempDir(), "k")
	if err := configs.WriteSecret(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := configs.WriteSecret(path, []byte("y")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a secret was written over another: %v", err)
	}
	if err := configs.CheckMode(path); err != nil {
		t.Error(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o620, 0o601, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := configs.CheckMode(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if os.Geteuid() == 0 {
		if err := errors.Join(os.Chmod(path, 0o600), os.Chown(path, 12345, 12345)); err != nil {
			t.Fatal(err)
		}
		if err := configs.CheckMode(path); err == nil || !strings.Contains(err.Error(), "another user") {
			t.Errorf("another user's file: %v", err)
		}
	}
}

// TestSecretsPrintNothing prints secrets in every way that the program has.
func TestSecretsPrintNothing(t *testing.T) {
	t.Parallel()
	_, keys := writeKeys(t, "fi-2026a")
	var out bytes.Buffer
	for _, v := range []any{keys, &keys, keys.Place, &keys.Place, keys.Deployment, keys.Rings[0], keys.Rings} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
			log.Info("keys", "v", v)
		}
		for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal, xml.Marshal} {
			b, err := marshal(v)
			if err != nil {
				t.Error(err)
			}
			out.Write(b)
		}
		out.WriteString(errors.Join(fmt.Errorf("%v", v)).Error())
	}
	for _, secret := range []configs.Secret{keys.Place, keys.Rings[0].Secret, keys.Index[0].Secret, keys.Find[0].Secret} {
		array := strings.Trim(fmt.Sprint([32]byte(secret)), "[]")
		for _, form := range []string{
			string(secret[:8]), fmt.Sprintf("%x", secret[:]), fmt.Sprintf("%X", secret[:]), array, strings.ReplaceAll(array, " ", ","),
			base64.StdEncoding.EncodeToString(secret[:]), strings.ReplaceAll(fmt.Sprintf("%#v", secret[:4])[7:], "}", ""),
		} {
			if strings.Contains(out.String(), form) {
				t.Errorf("a secret was printed as %.20q", form)
			}
		}
	}
	if strings.Contains(strings.ToUpper(out.String()), "AGE-SECRET-KEY") || !strings.Contains(out.String(), "<secret>") {
		t.Error("the identity was printed, or <secret> was not")
	}
}
