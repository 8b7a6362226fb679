package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/gamesparks-go/gamesparks/cmd/internal/docpage"
)

const (
	projectPage  = "../../docs/project.md"
	pageEndpoint = "http://127.0.0.1:8770"
)

// TestProjectPage runs the commands in docs/project.md in one shell and compares their output with the page.
func TestProjectPage(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	sections := readPage(t)
	script := "set -euo pipefail\n"
	outputs := map[string]docpage.Block{} // by the name of the file that has the output
	for _, section := range sections {
		for i, block := range section.Blocks {
			content := strings.ReplaceAll(block.Content, pageEndpoint, srv.URL)
			switch {
			case block.Is("sh", "install"), block.Is("sh", "server"):
			case block.Is("sh"):
				output := fmt.Sprintf("output.%d", block.Line)
				script += fmt.Sprintf("{\n%s} >%s 2>&1\n", content, filepath.Join(sh.dir, output))
				if i+1 < len(section.Blocks) && section.Blocks[i+1].Is("text") {
					outputs[output] = section.Blocks[i+1]
				}
			case block.Is("bash") || block.Is("yaml"):
				writeFile(t, sh, block.Words[1], content)
			case !block.Is("text"):
				t.Errorf("%s:%d: unknown kind of code block: %q", projectPage, block.Line, block.Words)
			}
		}
	}
	if len(outputs) < 8 {
		t.Fatalf("%s has %d commands with output, want at least 8", projectPage, len(outputs))
	}
	if out, err := sh.bash(script); err != nil {
		files, _ := filepath.Glob(filepath.Join(sh.dir, "output.*"))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			out += string(text)
		}
		t.Fatalf("%s: %v\n%s", projectPage, err, out)
	}
	for file, block := range outputs {
		got, err := os.ReadFile(filepath.Join(sh.dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := singleSpaced(normalize(string(got))), singleSpaced(normalize(block.Content)); !docpage.Matches(got, want) {
			t.Errorf("%s:%d: the command printed\n%s\nwant\n%s", projectPage, block.Line, got, want)
		}
	}
}

// TestProjectPageWorkflow runs the commands of the GitHub workflow in docs/project.md: the jobs of a pull request, and then
// those of a push.
func TestProjectPageWorkflow(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	var text string
	for _, section := range readPage(t) {
		for _, block := range section.Blocks {
			if block.Is("yaml") {
				text = block.Content
			}
		}
	}
	var workflow struct {
		On       map[string]any `yaml:"on"`
		Defaults struct {
			Run struct{ Shell string }
		}
		Env  map[string]string
		Jobs map[string]struct {
			If    string
			Needs string
			Steps []struct{ Uses, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	if workflow.Defaults.Run.Shell != "bash" {
		t.Errorf("shell = %q, want bash, which GitHub runs with pipefail", workflow.Defaults.Run.Shell)
	}
	for _, variable := range []string{"AWS_ENDPOINT_URL_GAMESPARKS", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if !strings.HasPrefix(workflow.Env[variable], "${{ ") {
			t.Errorf("%s = %q", variable, workflow.Env[variable])
		}
	}
	sh.mustRun("init", "game", "--game", "lighthouse")
	summary := filepath.Join(sh.dir, "summary")
	runJob := func(name, event string) {
		t.Helper()
		job := workflow.Jobs[name]
		if want := fmt.Sprintf("github.event_name == '%s'", event); job.If != want && job.Needs == "" {
			t.Errorf("job %s: if = %q, want %q", name, job.If, want)
		}
		for _, step := range job.Steps {
			if step.Run == "" || strings.HasPrefix(step.Run, "go ") {
				continue
			}
			if out, err := sh.with("GITHUB_STEP_SUMMARY=" + summary).bash("set -eo pipefail\n" + step.Run); err != nil {
				t.Errorf("job %s: %s: %v\n%s", name, step.Run, err, out)
			}
		}
	}
	runJob("plan", "pull_request")
	if text, err := os.ReadFile(summary); err != nil || !strings.Contains(string(text), "Plan: 1 game added") {
		t.Errorf("summary: %s, %v", text, err)
	}
	runJob("apply", "push")
	runJob("promote", "push")
	if len(workflow.Jobs) != 3 {
		t.Errorf("%d jobs, want 3", len(workflow.Jobs))
	}
	if diff := cmp.Diff("Plan: no changes.", strings.TrimSpace(lastLine(sh.mustRun("plan", "game", "--exit-code")))); diff != "" {
		t.Error(diff)
	}
	if out := sh.mustRun("status", "--game", "lighthouse"); strings.Count(out, "Snapshot_") != 2 {
		t.Errorf("the stages do not run a snapshot:\n%s", out)
	}
}

func readPage(t *testing.T) []docpage.Section {
	t.Helper()
	page, err := os.ReadFile(projectPage)
	if err != nil {
		t.Fatal(err)
	}
	sections, err := docpage.Parse(string(page))
	if err != nil {
		t.Fatalf("%s: %v", projectPage, err)
	}
	return sections
}

// singleSpaced returns lines with single spaces between words, because the width of columns depends on the values.
func singleSpaced(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
