package gamesparks_test

import (
	"bytes"
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

// TestReadmeSnippets compiles the Go code of the documents that is no program, with what it leaves to the reader. Where
// it ends, variables may not have been used yet.
func TestReadmeSnippets(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	source.WriteString(`package snippets

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/server"
)

var (
	ctx    context.Context
	client *gamesparks.Client
	srv    *server.Server
	token  string

	_, _, _, _ = fmt.Println, aws.String, config.LoadDefaultConfig, deploy.Run
	_ testing.TB
)
`)
	for _, document := range []string{"README.md", filepath.Join("local", "README.md")} {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatchIndex(text, -1)
		if len(snippets) == 0 {
			t.Errorf("%s has no code", document)
		}
		for _, snippet := range snippets {
			code, line := string(text[snippet[2]:snippet[3]]), bytes.Count(text[:snippet[2]], []byte("\n"))+1
			switch {
			case strings.HasPrefix(code, "package "):
				continue // TestReadmeProgram runs it
			case strings.HasPrefix(code, "func "):
				fmt.Fprintf(&source, "\n//line %s:%d\n%s", document, line, code)
			default:
				fmt.Fprintf(&source, "\n//line %s:%d\nfunc _() error {\n%sreturn nil\n}\n", document, line-1, code)
			}
		}
	}
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "snippets.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, []byte(source.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	// The module has the package for this build only.
	replace := fmt.Sprintf(`{"Replace":{"internal/snippets/snippets.go":%q}}`, file)
	if err := os.WriteFile(overlay, []byte(replace), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-gcflags=-e", "./internal/snippets").CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "# ") && !strings.Contains(line, "declared and not used: ") {
			t.Errorf("the code of the documents does not compile: %s", line)
		}
	}
	if err != nil && len(out) == 0 {
		t.Error(err)
	}
}

// TestReadmePromises shows that the tests that the README names are there, and that the commands beside them run them.
// The commands can be copied from the text: none has a bar, which a table would make "\|" of.
func TestReadmePromises(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "\n## Promises\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile(`(?m)^\| (.+) \| (.+) \| `+"`(.+)`"+` \|$`).FindAllStringSubmatch(table, -1)
	if lines := strings.Count(table, "\n|"); len(rows) < 12 || len(rows) != lines-2 {
		t.Fatalf("%d of %d lines of the table have a promise, tests and a command", len(rows), lines)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	for _, row := range rows {
		command := row[3]
		if strings.ContainsAny(command, "|`'\"") {
			t.Errorf("%q: %s has to be quoted", row[1], command)
		}
		dir := command[strings.LastIndex(command, " ")+1:]
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
		if m := regexp.MustCompile(`-run (\S+)`).FindStringSubmatch(command); m != nil {
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
