package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	usesLine      = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`)
	pinnedAction  = regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	imageLine     = regexp.MustCompile(`(?m)^\s*(?:container|image): (.*)$`)
	pinnedImage   = regexp.MustCompile(`^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$`)
	permissions   = regexp.MustCompile(`(?m)^permissions:(?: \{\}|\n  contents: read)$`)
	fromLine      = regexp.MustCompile(`(?m)^FROM (\S+)`)
	dependabotDir = regexp.MustCompile(`(?m)^    director(?:y|ies): \[?([^\]\n]*)\]?$`)
)

// TestWorkflows checks that workflows pin actions and images by digest, and have no permissions but to read by default.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("workflows: %v, error %v", files, err)
	}
	runsChecks := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		runsChecks = runsChecks || strings.Contains(text, "run: bash .ci/run\n")
		if !permissions.MatchString(text) {
			t.Errorf("%s: permissions must be {} or contents: read; a job that needs more has permissions of its own", file)
		}
		for _, m := range usesLine.FindAllStringSubmatch(text, -1) {
			if !pinnedAction.MatchString(m[1]) {
				t.Errorf("%s: %s must be pinned as in actions/checkout@COMMIT # v1.2.3", file, m[1])
			}
		}
		for _, m := range imageLine.FindAllStringSubmatch(text, -1) {
			if !pinnedImage.MatchString(m[1]) {
				t.Errorf("%s: image %s must be pinned as in debian:12@sha256:DIGEST", file, m[1])
			}
		}
	}
	if !runsChecks {
		t.Error("no workflow runs .ci/run")
	}
}

// TestDockerfile checks that the image of the build is pinned by digest, and that the server does not run as root.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	images := fromLine.FindAllStringSubmatch(string(data), -1)
	for _, m := range images {
		if m[1] != "scratch" && !pinnedImage.MatchString(m[1]) {
			t.Errorf("image %s must be pinned as in debian:12@sha256:DIGEST", m[1])
		}
	}
	if len(images) != 2 || images[len(images)-1][1] != "scratch" {
		t.Errorf("images %v, want one for the build and scratch", images)
	}
	if !regexp.MustCompile(`(?m)^USER [1-9]\d*:[1-9]\d*$`).Match(data) {
		t.Error("USER must have the number of a user that is not root")
	}
}

// TestArchives checks that the archives of a release contain the license, and what an operator needs: the manual, the list of
// metrics and the unit.
func TestArchives(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^    files: \[(.*)\]$`).FindStringSubmatch(string(config))
	if list == nil {
		t.Fatal("the archives have no list of files")
	}
	archived := map[string]bool{}
	for pattern := range strings.SplitSeq(list[1], ", ") {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Errorf("%s: files %v, error %v", pattern, files, err)
		}
		for _, file := range files {
			archived[filepath.ToSlash(file)] = true
		}
	}
	for _, want := range []string{"LICENSE", "docs/server.md", "docs/metrics.md", "packaging/gamesparks-server.service"} {
		if !archived[want] {
			t.Errorf("the archives do not contain %s", want)
		}
	}
}

// TestDependabot checks that Dependabot updates every module.
func TestDependabot(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile(".github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range dependabotDir.FindAllStringSubmatch(string(config), -1) {
		for directory := range strings.SplitSeq(m[1], ", ") {
			listed[directory] = true
		}
	}
	work, err := os.ReadFile("go.work")
	if err != nil {
		t.Fatal(err)
	}
	modules := 0
	for line := range strings.Lines(string(work)) {
		module, ok := strings.CutPrefix(strings.TrimSpace(line), ".")
		if !ok {
			continue
		}
		modules++
		if directory := "/" + strings.TrimPrefix(module, "/"); !listed[directory] {
			t.Errorf("dependabot.yml does not list module %s", directory)
		}
	}
	if modules < 5 {
		t.Errorf("found only %d modules in go.work", modules)
	}
}
