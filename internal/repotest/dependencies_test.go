package repotest

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestDependencies checks what is compiled into a program that imports one of the packages that the client is made of:
// the standard library, what every client of aws-sdk-go-v2 needs, and none of the others.
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
					t.Errorf("%s is compiled too", dep)
				}
			}
			if len(deps) < 10 {
				t.Errorf("go list tells %q", deps)
			}
		})
	}
}
