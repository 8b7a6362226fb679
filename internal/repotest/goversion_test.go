package repotest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var goDirective = regexp.MustCompile(`(?m)^go (\d+\.\d+)(?:\.\d+)?$`)

// TestGoDirectives checks that the workspace and all modules require the same Go version.
func TestGoDirectives(t *testing.T) {
	t.Parallel()
	versions := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "go.mod" && d.Name() != "go.work" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m := goDirective.FindSubmatch(data)
		if m == nil {
			t.Errorf("%s has no go directive", path)
			return nil
		}
		versions[string(m[1])] = append(versions[string(m[1])], path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) != 1 {
		t.Errorf("modules require different Go versions: %v", versions)
	}
	for _, files := range versions {
		if len(files) < 3 {
			t.Errorf("found go directives only in %v", files)
		}
	}
}
