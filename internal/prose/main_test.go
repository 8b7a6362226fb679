package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPlantedPhrases checks that each expression matches its example in every kind of text.
func TestPlantedPhrases(t *testing.T) {
	t.Parallel()
	phrases, err := parsePhrases(phrasesText)
	if err != nil {
		t.Fatal(err)
	}
	if len(phrases) < 15 {
		t.Fatalf("phrases.txt has %d expressions, want at least 15", len(phrases))
	}
	places := map[string]struct{ path, format string }{
		"line comment":    {"a.go", "package p\n\n// %s\nvar x int\n"},
		"broken comment":  {"a.go", "package p\n\n// %[2]s\nvar x int\n"},
		"general comment": {"a.go", "package p\n\n/* %s */\nvar x int\n"},
		"string":          {"a.go", "package p\n\nconst x = \"%s\"\n"},
		"raw string":      {"a.go", "package p\n\nconst x = `%s`\n"},
		"page":            {"a.md", "# Page\n\n%s\n"},
		"table":           {"docs/a.md", "| a | b |\n| --- | --- |\n| %s | b |\n"},
		"web page":        {"a.html", "<p>\n%s</p>\n"},
		"template":        {"a.go.tmpl", "{{- range .X}}\n// %s\n{{end}}\n"},
		"script":          {"testdata/a.py", "set -e\n\n# %s\n"},
		"CI":              {".ci/run", "set -e\n\n# %s\n"},
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, p := range phrases {
				content := strings.ReplaceAll(place.format, "%s", p.example)
				content = strings.ReplaceAll(content, "%[2]s", strings.ReplaceAll(p.example, " ", "\n// "))
				found := find([]phrase{p}, place.path, maskOf(place.path)([]byte(content)))
				if len(found) != 1 || found[0].line < 2 {
					t.Errorf("%v has %d matches in\n%s", p.expression, len(found), content)
				}
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path, content string
		want          string
	}{
		"found":             {"a/b.go", "package p\n\n// A is beside\n// B.\nvar A int\n", "a/b.go:3: \"beside\": write \"next to\", \"in addition to\", \"concurrently with\"\n"},
		"across lines":      {"a.md", "Both come\nto the same.\n", "a.md:1: \"come to the same\": write \"is equivalent\"\n"},
		"identifier":        {"a.go", "package p\n\nvar beside, anew, hence int\n", ""},
		"code and comment":  {"a.go", "package p\n\nvar ended int // well\n", ""},
		"start of sentence": {"a.go", "package p\n\n// A is a name. Who keeps it clones it.\nvar A int\n", "a.go:3: \"Who keeps it\": write \"To keep a name, clone it\" or \"A caller that ...\"\n"},
		"relative clause":   {"a.go", "package p\n\n// A is a player who keeps names.\nvar A int\n", ""},
		"test data":         {"testdata/a.go", "package p // beside\n", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "ok.md", "# Page\n")
			write(t, dir, test.path, test.content)
			var out strings.Builder
			count, err := run(&out, dir)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("output differs (-want +got):\n%s", diff)
			}
			if want := strings.Count(test.want, "\n"); count != want {
				t.Errorf("count = %d, want %d", count, want)
			}
		})
	}
}

func TestRunWithoutFiles(t *testing.T) {
	t.Parallel()
	if _, err := run(new(strings.Builder), t.TempDir()); err == nil {
		t.Error("run succeeded in an empty directory")
	}
}

func TestParsePhrases(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\tb", "a\t\tc", "(\ta\tb", ""} {
		if _, err := parsePhrases(text); err == nil || !strings.HasPrefix(err.Error(), "phrases.txt:1: ") {
			t.Errorf("parsePhrases(%q) error = %v, want an error with the line number", text, err)
		}
	}
}

// TestMask checks that masks preserve the length of every line.
func TestMask(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"main.go", "main_test.go"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		masked := maskGo(content)
		if got, want := lineLengths(masked), lineLengths(content); got != want {
			t.Errorf("%s: line lengths = %s, want %s", path, got, want)
		}
	}
}

func lineLengths(content []byte) string {
	var lengths []int
	for line := range strings.Lines(string(content)) {
		lengths = append(lengths, len(line))
	}
	return fmt.Sprint(lengths)
}

func write(t *testing.T, dir, path, content string) {
	t.Helper()
	path = filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
