package repotest

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestDependencies checks that a program that imports a package of the SDK depends only on the standard library, the
// modules that every client of aws-sdk-go-v2 needs, and the JSON tokenizer.
func TestDependencies(t *testing.T) {
	t.Parallel()
	const (
		own     = `github\.com/gamesparks-go/gamesparks`
		foreign = `github\.com/(aws/aws-sdk-go-v2/(aws|internal)|aws/smithy-go|go-json-experiment/json)(/.*)?`
		client  = own + `(/(document|types|internal/.*))?`
	)
	tests := map[string]string{
		".":          client,
		"./download": client + `|` + own + `/download`,
		"./deploy":   client + `|` + own + `/deploy`,
	}
	for pkg, allowed := range tests {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg).Output()
			if err != nil {
				t.Fatal(err)
			}
			expected := regexp.MustCompile(`^(` + foreign + `|` + allowed + `)$`)
			deps := strings.Fields(string(out))
			for _, dep := range deps {
				if !expected.MatchString(dep) {
					t.Errorf("unexpected dependency %s", dep)
				}
			}
			if len(deps) < 10 {
				t.Errorf("go list returned only %q", deps)
			}
		})
	}
}

// TestProjectDependencies checks that the module project does not depend on the server, not even in tests, so that game tools
// can use it against any endpoint.
func TestProjectDependencies(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "./...")
	cmd.Dir = "project" // the tests run in the root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	for _, pkg := range packages {
		if strings.HasPrefix(pkg, "github.com/gamesparks-go/gamesparks/server") || strings.HasPrefix(pkg, "github.com/gamesparks-go/gamesparks/cmd") {
			t.Errorf("the module project depends on %s", pkg)
		}
	}
	if len(packages) < 10 {
		t.Errorf("go list returned only %q", packages)
	}
}
