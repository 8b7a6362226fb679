package gamesparks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var goDirective = regexp.MustCompile(`(?m)^go (1\.\d+)(?:\.\d+)?$`)

// TestGoDirectiveIsOldest shows that all modules and documents agree on the oldest version of Go.
func TestGoDirectiveIsOldest(t *testing.T) {
	t.Parallel()
	oldest := ""
	for _, name := range []string{"go.mod", "internal/benchmarks/go.mod", "internal/otelawstest/go.mod"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := goDirective.FindSubmatch(data)
		if m == nil {
			t.Fatalf("%s has no go directive", name)
		}
		if oldest == "" {
			oldest = string(m[1])
		}
		if string(m[1]) != oldest {
			t.Errorf("%s is for Go %s, the module for %s", name, m[1], oldest)
		}
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range regexp.MustCompile(`(?:Go|directive to) (1\.\d+)`).FindAllSubmatch(data, -1) {
			if string(version[1]) != oldest {
				t.Errorf("%s speaks of Go %s, the go directive of %s", name, version[1], oldest)
			}
		}
	}
}

// TestGoDirectiveBinds shows that what is newer than the go directive does not pass: the language does not compile, and
// vet knows the standard library. So the checks of this module, which its directive stands for, hold for the oldest
// version that it names.
func TestGoDirectiveBinds(t *testing.T) {
	t.Parallel()
	const (
		ranges    = "package p\n\nfunc _() {\n\tfor range 3 {\n\t}\n}\n"
		newPtr    = "package p\n\nvar _ = new(3)\n"
		waitGroup = "package p\n\nimport \"sync\"\n\nfunc _() {\n\tvar wg sync.WaitGroup\n\twg.Go(func() {})\n}\n"
		asType    = "package p\n\nimport \"errors\"\n\nvar _, _ = errors.AsType[*myError](nil)\n\ntype myError struct{ error }\n"
	)
	tests := map[string]struct{ version, source, complaint string }{
		"language of 1.22 in 1.21": {"1.21", ranges, "requires go1.22 or later"},
		"language of 1.22 in 1.22": {"1.22", ranges, ""},
		"language of 1.26 in 1.25": {"1.25", newPtr, "requires go1.26 or later"},
		"language of 1.26 in 1.26": {"1.26", newPtr, ""},
		"library of 1.25 in 1.24":  {"1.24", waitGroup, "requires go1.25 or later"},
		"library of 1.25 in 1.25":  {"1.25", waitGroup, ""},
		"library of 1.26 in 1.25":  {"1.25", asType, "requires go1.26 or later"},
		"library of 1.26 in 1.26":  {"1.26", asType, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{"go.mod": "module p\n\ngo " + test.version + "\n", "p.go": test.source} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), "go", "vet", "./...")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local")
			out, err := cmd.CombinedOutput()
			if test.complaint == "" && err != nil || test.complaint != "" && !strings.Contains(string(out), test.complaint) {
				t.Errorf("go vet ended with %v and said, want %q:\n%s", err, test.complaint, out)
			}
		})
	}
}
