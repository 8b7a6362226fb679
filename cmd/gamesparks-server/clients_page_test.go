package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	repository   = "../.."
	clientsPage  = repository + "/docs/clients.md"
	pageEndpoint = "http://127.0.0.1:8770"
)

// codeBlock is a fenced code block of the page. The words after the opening fence tell the test how to use it:
//
//	sh                 a command to run
//	sh fails           a command that must exit with a nonzero status
//	sh current         a command that runs current releases of aws and python3, which lack the service
//	sh install         a command that installs packages; the test checks that .ci/run installs them
//	sh server          the command that starts the server
//	python FILE        a program to save as FILE; the same applies to js and go
//	text               the expected output of the command above it; "..." matches any text
type codeBlock struct {
	line    int
	words   []string
	content string
}

// is reports whether the block is in the given language and has all of the given words.
func (b codeBlock) is(language string, words ...string) bool {
	return b.words[0] == language && !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(b.words, word) })
}

type section struct {
	title  string
	blocks []codeBlock
}

// parsePage returns the sections of a Markdown page that contain code blocks.
func parsePage(page string) ([]section, error) {
	var sections []section
	var block *codeBlock
	title := ""
	for i, line := range strings.Split(page, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && block == nil:
			block = &codeBlock{line: i + 1, words: strings.Fields(info)}
			if len(block.words) == 0 {
				return nil, fmt.Errorf("line %d: the code block has no language", i+1)
			}
		case fence:
			if len(sections) == 0 || sections[len(sections)-1].title != title {
				sections = append(sections, section{title: title})
			}
			last := &sections[len(sections)-1]
			last.blocks = append(last.blocks, *block)
			block = nil
		case block != nil:
			block.content += line + "\n"
		case strings.HasPrefix(line, "## "):
			title = strings.TrimPrefix(line, "## ")
		}
	}
	if block != nil {
		return nil, fmt.Errorf("line %d: the code block has no closing fence", block.line)
	}
	return sections, nil
}

// TestClientsPage runs the commands and programs in docs/clients.md and compares their output with the page.
func TestClientsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(clientsPage)
	if err != nil {
		t.Fatal(err)
	}
	sections, err := parsePage(string(page))
	if err != nil {
		t.Fatalf("%s: %v", clientsPage, err)
	}
	ci, err := os.ReadFile(repository + "/.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if len(sections) < 7 {
		t.Fatalf("%s has %d sections with code, want at least 7", clientsPage, len(sections))
	}

	// The first section has the command that starts the server and the environment variables that the other sections
	// use.
	var serverArgs []string
	var setup string
	for _, block := range sections[0].blocks {
		switch {
		case block.is("sh", "server"):
			args, ok := strings.CutPrefix(strings.TrimSpace(block.content), "go run ./cmd/gamesparks-server")
			if !ok {
				t.Fatalf("%s:%d: the command does not start with go run ./cmd/gamesparks-server", clientsPage, block.line)
			}
			serverArgs = strings.Fields(args)
		case block.is("sh"):
			setup += block.content
		}
	}
	requirements := map[string]func(*testing.T){
		"AWS CLI":                func(t *testing.T) { requireAWSCLI(t); requireCurl(t) },
		"boto3":                  requireBoto3,
		"AWS SDK for JavaScript": requireJavaScript,
		"curl":                   requireCurl,
	}
	for _, section := range sections[1:] {
		t.Run(section.title, func(t *testing.T) {
			t.Parallel()
			if require := requirements[section.title]; require != nil {
				require(t)
			}
			for _, block := range section.blocks {
				if block.is("sh", "install") {
					checkInstalled(t, block, string(ci))
				}
			}
			path := os.Getenv("PATH")
			if !slices.ContainsFunc(section.blocks, func(b codeBlock) bool { return b.is("sh", "current") }) {
				runSection(t, section, setup, path, start(t, serverArgs...))
				return
			}
			requireBoto3(t) // has the model of the service
			requireAWSCLI(t)
			if hasCurrentClients(t) {
				t.Run("current", func(t *testing.T) {
					t.Parallel()
					runSection(t, section, setup, path, start(t, serverArgs...))
				})
			}
			t.Run("without the service", func(t *testing.T) {
				t.Parallel()
				runSection(t, section, setup, clientsWithoutService(t)+":"+path, start(t, serverArgs...))
			})
		})
	}
}

// checkInstalled reports an error for each package of the block that .ci/run does not install.
func checkInstalled(t *testing.T, block codeBlock, ci string) {
	t.Helper()
	for line := range strings.Lines(block.content) {
		words := strings.Fields(line)
		if len(words) < 3 || words[1] != "install" {
			t.Errorf("%s:%d: %q does not install packages", clientsPage, block.line, line)
			continue
		}
		for _, pkg := range words[2:] {
			if !slices.Contains(strings.FieldsFunc(ci, func(r rune) bool { return strings.ContainsRune(" \n=", r) }), pkg) {
				t.Errorf("%s:%d: .ci/run does not install %s", clientsPage, block.line, pkg)
			}
		}
	}
}

// runSection runs the commands of a section in one shell, in a temporary directory that contains the section's
// programs.
func runSection(t *testing.T, section section, setup, path string, srv *process) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		content = strings.ReplaceAll(content, pageEndpoint, srv.endpoint)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := "set -euo pipefail\n" + setup
	outputs := map[int]codeBlock{} // by the index of the command
	commands := 0
	for i, block := range section.blocks {
		output := fmt.Sprintf("output.%d", i)
		switch {
		case block.is("sh", "install"):
		case block.is("sh", "fails"):
			script += fmt.Sprintf("set +e\n{\n%s} >%s 2>&1\nstatus=$?\nset -e\n", block.content, output)
			script += fmt.Sprintf("((status)) || { echo 'line %d: the command succeeded, want a failure' >&2; exit 1; }\n", block.line)
			commands++
		case block.is("sh"):
			script += fmt.Sprintf("{\n%s} >%s\n", block.content, output)
			commands++
		case block.is("text") && i > 0 && section.blocks[i-1].is("sh"):
			outputs[i-1] = block
		case (block.is("python") || block.is("js") || block.is("go")) && len(block.words) == 2:
			write(block.words[1], block.content)
		default:
			t.Fatalf("%s:%d: unknown kind of code block: %q", clientsPage, block.line, block.words)
		}
	}
	if commands == 0 || len(outputs) == 0 {
		t.Fatalf("%s: section %q has no command with expected output", clientsPage, section.title)
	}
	write("page.sh", script)

	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(dir, "page.sh"))
	cmd.Dir = dir
	cmd.Env = append(cleanEnv(), "HOME="+home, "PATH="+path, "NODE_PATH="+os.Getenv("NODE_PATH"))
	if slices.ContainsFunc(section.blocks, func(b codeBlock) bool { return b.is("go") }) {
		cmd.Env = append(cmd.Env, goEnv(t)...)
		sums, err := os.ReadFile(repository + "/internal/benchmarks/go.sum") // has the checksums of the AWS SDK for Go v1
		if err != nil {
			t.Fatal(err)
		}
		write("go.sum", string(sums))
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: section %q: %v\n%s", clientsPage, section.title, err, &stderr)
	}
	for i, want := range outputs {
		got, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("output.%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		if !matchesOutput(string(got), want.content) {
			t.Errorf("%s:%d: the command printed\n%s\nwant\n%s", clientsPage, want.line, got, want.content)
		}
	}
}

// matchesOutput reports whether got matches the output that the page shows. If want contains "...", the parts around it
// must occur in got in order. Otherwise, the two must be equal except for leading and trailing space.
func matchesOutput(got, want string) bool {
	parts := strings.Split(want, "...")
	if len(parts) == 1 {
		return strings.TrimSpace(got) == strings.TrimSpace(want)
	}
	for _, part := range parts {
		_, rest, found := strings.Cut(got, strings.TrimSpace(part))
		if !found {
			return false
		}
		got = rest
	}
	return true
}

// goEnv returns an environment in which the go command uses the test's module cache and downloads only missing modules.
func goEnv(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(values) != 3 {
		t.Fatalf("go env printed %q, want three lines", out)
	}
	modules, cache, proxy := values[0], values[1], cmp.Or(values[2], "off")
	return []string{
		"GOMODCACHE=" + modules, "GOCACHE=" + cache, "GOWORK=off", "GOFLAGS=-modcacherw", "GOTOOLCHAIN=local",
		"GOPROXY=file://" + filepath.ToSlash(modules) + "/cache/download," + proxy,
	}
}

func TestMatchesOutput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		got, want string
		matches   bool
	}{
		"equal":               {"a\nb\n", "a\nb\n", true},
		"trailing space":      {"a", "a\n", true},
		"different":           {"a\nb\n", "a\nc\n", false},
		"more":                {"a\nb\n", "a\n", false},
		"elided end":          {"usage\nerror: choices are: x, y\n", "error: choices are: ...\n", true},
		"elided, not found":   {"usage\n", "error: ...\n", false},
		"elided, wrong order": {"b a", "a ... b", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := matchesOutput(test.got, test.want); got != test.matches {
				t.Errorf("matchesOutput(%q, %q) = %t, want %t", test.got, test.want, got, test.matches)
			}
		})
	}
}
