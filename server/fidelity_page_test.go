package server_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// TestFidelityPage checks that docs/fidelity.md describes every operation, in short cells, and that the options that it and
// README.md mention exist.
func TestFidelityPage(t *testing.T) {
	t.Parallel()
	page := readPage(t, "../docs/fidelity.md")
	_, table, _ := strings.Cut(page, "\n## Operation by operation\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var described []string
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) == 3 && cells[0] != "|" && cells[1] != "kind" && cells[1] != "---" {
			described = append(described, strings.Split(strings.TrimPrefix(cells[0], "| "), ", ")...)
		}
	}
	slices.Sort(described)
	var want []string
	for _, operation := range gamesparks.Operations() {
		want = append(want, operation.Name)
	}
	if diff := cmp.Diff(want, described); diff != "" {
		t.Errorf("operations in the table (-want +got):\n%s", diff)
	}

	kind := regexp.MustCompile(`\| (faithful|chosen|differs|extension|kind|---) \|`)
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		if !kind.MatchString(line) {
			t.Errorf("the row has no kind (faithful, chosen, differs or extension): %s", line)
		}
		if cells := strings.Split(line, " | "); len(cells[len(cells)-1]) > 180 {
			t.Errorf("the cell has more than 180 characters: divide it into rules: %s", line)
		}
	}

	options := optionNames(t)
	for _, name := range []string{"../docs/fidelity.md", "README.md"} {
		for _, m := range regexp.MustCompile("`(With[A-Z]\\w+)").FindAllStringSubmatch(readPage(t, name), -1) {
			if !slices.Contains(options, m[1]) && m[1] != "WithIfMatch" { // an option of the client
				t.Errorf("%s: the option %s does not exist", name, m[1])
			}
		}
	}
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// optionNames returns the names of the functions of package server that begin with With.
func optionNames(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "With") {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}
