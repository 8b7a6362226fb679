package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/cmd/internal/docpage"
)

const clientsPage = repository + "/docs/clients.md"

// TestClientsPage runs the commands and programs in docs/clients.md and compares their output with the page.
func TestClientsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(clientsPage)
	if err != nil {
		t.Fatal(err)
	}
	sections, err := docpage.Parse(string(page))
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

	// The first section has the environment variables that the other sections use, and the command that starts the server of
	// sections without one.
	defaultArgs := serverArgs(t, sections[0], nil)
	var setup string
	for _, block := range sections[0].Blocks {
		if block.Is("sh") && !block.Is("sh", "server") {
			setup += block.Content
		}
	}
	requirements := map[string]func(*testing.T){
		"AWS CLI":                func(t *testing.T) { requireAWSCLI(t); requireCurl(t) },
		"boto3":                  requireBoto3,
		"AWS SDK for JavaScript": requireJavaScript,
		"curl":                   requireCurl,
		"Test API":               func(t *testing.T) { requireBoto3(t); requireJavaScript(t) },
	}
	for _, section := range sections[1:] {
		t.Run(section.Title, func(t *testing.T) {
			t.Parallel()
			if require := requirements[section.Title]; require != nil {
				require(t)
			}
			for _, block := range section.Blocks {
				if block.Is("sh", "install") {
					checkInstalled(t, block, string(ci))
				}
			}
			args := serverArgs(t, section, defaultArgs)
			section.Blocks = slices.DeleteFunc(section.Blocks, func(b docpage.Block) bool { return b.Is("sh", "server") })
			path := os.Getenv("PATH")
			if !slices.ContainsFunc(section.Blocks, func(b docpage.Block) bool { return b.Is("sh", "current") }) {
				runSection(t, section, setup, path, start(t, args...))
				return
			}
			requireBoto3(t) // has the model of the service
			requireAWSCLI(t)
			if hasCurrentClients(t) {
				t.Run("current", func(t *testing.T) {
					t.Parallel()
					runSection(t, section, setup, path, start(t, args...))
				})
			}
			t.Run("without the service", func(t *testing.T) {
				t.Parallel()
				runSection(t, section, setup, clientsWithoutService(t)+":"+path, start(t, args...))
			})
		})
	}
}

// serverArgs returns the arguments of the command that starts the server of a section. If it has none, serverArgs returns the
// default.
func serverArgs(t *testing.T, section docpage.Section, defaultArgs []string) []string {
	t.Helper()
	for _, block := range section.Blocks {
		if !block.Is("sh", "server") {
			continue
		}
		args, ok := strings.CutPrefix(strings.TrimSpace(block.Content), "go run ./cmd/gamesparks-server")
		if !ok {
			t.Fatalf("%s:%d: the command does not start with go run ./cmd/gamesparks-server", clientsPage, block.Line)
		}
		return strings.Fields(args)
	}
	return defaultArgs
}

// checkInstalled reports an error for each package of the block that .ci/run does not install.
func checkInstalled(t *testing.T, block docpage.Block, ci string) {
	t.Helper()
	for line := range strings.Lines(block.Content) {
		words := strings.Fields(line)
		if len(words) < 3 || words[1] != "install" {
			t.Errorf("%s:%d: %q does not install packages", clientsPage, block.Line, line)
			continue
		}
		for _, pkg := range words[2:] {
			if !slices.Contains(strings.FieldsFunc(ci, func(r rune) bool { return strings.ContainsRune(" \n=", r) }), pkg) {
				t.Errorf("%s:%d: .ci/run does not install %s", clientsPage, block.Line, pkg)
			}
		}
	}
}

// runSection runs the commands of a section against a server.
func runSection(t *testing.T, section docpage.Section, setup, path string, srv *process) {
	t.Helper()
	shell := &pageShell{
		page: clientsPage, setup: setup, replace: strings.NewReplacer(pageEndpoint, srv.endpoint),
		env: []string{"PATH=" + path, "NODE_PATH=" + os.Getenv("NODE_PATH")},
	}
	if slices.ContainsFunc(section.Blocks, func(b docpage.Block) bool { return b.Is("go") }) {
		shell.env = append(shell.env, goEnv(t)...)
		sums, err := os.ReadFile(repository + "/internal/benchmarks/go.sum") // has the checksums of the AWS SDK for Go v1
		if err != nil {
			t.Fatal(err)
		}
		shell.files = map[string]string{"go.sum": string(sums)}
	}
	shell.run(t, section)
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
