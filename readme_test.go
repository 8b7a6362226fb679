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
