package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	codeSpan     = regexp.MustCompile("`([^`]+)`")
	runFlag      = regexp.MustCompile(`-run '?([^' ]+)`)
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// TestSecurityTable checks that each command in the table of SECURITY.md runs the tests of its row. go test succeeds if it
// finds no test to run, so a reader would not notice that a test has a new name or package.
func TestSecurityTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| ") || !strings.Contains(line, "go test ") {
			continue
		}
		rows++
		// A pipe in a cell must be escaped.
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		if len(cells) != 5 {
			t.Errorf("the row has %d cells, want 3: %s", len(cells)-2, line)
			continue
		}
		span := codeSpan.FindStringSubmatch(cells[3])
		if span == nil {
			t.Errorf("the row has no command in its third cell: %s", line)
			continue
		}
		command := strings.ReplaceAll(span[1], "\x00", "|")
		var found []string
		for word := range strings.FieldsSeq(command) {
			if strings.HasPrefix(word, ".") {
				found = append(found, testsIn(t, word)...)
			}
		}
		run := regexp.MustCompile("") // all tests
		if m := runFlag.FindStringSubmatch(command); m != nil {
			run = regexp.MustCompile(m[1])
		}
		for _, name := range codeSpan.FindAllStringSubmatch(cells[2], -1) {
			if !slices.Contains(found, name[1]) || !run.MatchString(name[1]) {
				t.Errorf("%s does not run %s", command, name[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("found only %d rows", rows)
	}
}

// testsIn returns the names of the tests in a directory.
func testsIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testFunction.FindAllSubmatch(code, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names
}
