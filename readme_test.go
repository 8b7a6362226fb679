package gamesparks_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeProgram runs the first program of the README in a new module that replaces this one, as the README says.
func TestReadmeProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	program := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindSubmatch(readme)
	if program == nil {
		t.Fatal("the README has no program")
	}
	prints := regexp.MustCompile(`(?m)^\s*fmt\.Println\(.*\) // (.*)$`).FindSubmatch(program[1])
	if prints == nil {
		t.Fatal("the README's program does not say what it prints")
	}

	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command("go", "list", "-m", "-f", "{{.GoVersion}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/gamesparks-go/gamesparks"
	dir := t.TempDir()
	for name, data := range map[string]string{
		"main.go": string(program[1]),
		"go.sum":  string(sum),
		"go.mod": fmt.Sprintf("module example.com/lighthouse\n\ngo %s\nrequire %s v0.0.0\nreplace %[2]s => %q\n",
			version, module, root),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "-mod=mod", ".")
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if want := string(prints[1]); err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("the README's program ended with %v and printed %q, want %q\n%s", err, out, want, &stderr)
	}
}

// TestReadmePromises shows that the tests that the README names are there, and that the commands beside them run them.
func TestReadmePromises(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "\n## Promises\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile(`(?m)^\| (.+) \| (.+) \| (.+) \|$`).FindAllStringSubmatch(strings.ReplaceAll(table, `\|`, "\x00"), -1)
	if len(rows) < 12 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	for _, row := range rows[2:] { // below the head and its line
		command := strings.Trim(strings.ReplaceAll(row[3], "\x00", "|"), "`")
		dir := strings.TrimSuffix(command[strings.LastIndex(command, " ")+1:], "/...")
		sources, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil || len(sources) == 0 {
			t.Errorf("%q: no tests in %q", row[1], dir)
			continue
		}
		var text strings.Builder
		for _, source := range sources {
			data, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(data)
		}
		pattern := regexp.MustCompile("")
		if m := regexp.MustCompile(`-run '?([^' ]+)'?`).FindStringSubmatch(command); m != nil {
			pattern = regexp.MustCompile(m[1])
		}
		tests := named.FindAllStringSubmatch(row[2], -1)
		if len(tests) == 0 {
			t.Errorf("%q has no test", row[1])
		}
		for _, test := range tests {
			if !strings.Contains(text.String(), "\nfunc "+test[1]+"(") {
				t.Errorf("%q: there is no %s in %s", row[1], test[1], dir)
			}
			if !pattern.MatchString(test[1]) {
				t.Errorf("%q: %s is not run by %s", row[1], test[1], command)
			}
		}
	}
}
