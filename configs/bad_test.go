package configs_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/configs"
)

var update = flag.Bool("update", false, "write what is said of the bad examples into their .want files")

// TestBadExamples loads every bad example and compares all that is said of it.
func TestBadExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no bad examples", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			_, err := configs.Load(file)
			if err == nil {
				t.Fatal("was loaded")
			}
			here, _ := filepath.Abs(filepath.Dir(file))
			got := strings.NewReplacer(filepath.ToSlash(filepath.Dir(file))+"/", "", here+string(filepath.Separator), "").
				Replace(filepath.ToSlash(err.Error())) + "\n"
			for _, secret := range []string{"hunter2", "NOTTOBESHOWN", "Bearer"} {
				if strings.Contains(got, secret) {
					t.Errorf("says a secret: %s", secret)
				}
			}
			wanted := strings.TrimSuffix(file, ".yaml") + ".want"
			if *update {
				if err := os.WriteFile(wanted, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wanted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
