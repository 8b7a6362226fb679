package repotest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	pageLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	pageHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fencedBlock = regexp.MustCompile("(?ms)^```.*?^```$")
	notInAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestLinks checks that links between pages lead to files of the repository and to headings in them.
func TestLinks(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "git", "ls-files", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, page := range strings.Fields(string(list)) {
		for _, m := range pageLink.FindAllStringSubmatch(withoutBlocks(t, page), -1) {
			name, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(name, ":") {
				continue // an absolute URL
			}
			links++
			target := page
			if name != "" {
				target = filepath.Join(filepath.Dir(page), name)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link %s: %v", page, m[1], err)
				continue
			}
			if anchor != "" && !hasAnchor(withoutBlocks(t, target), anchor) {
				t.Errorf("%s: link %s: %s has no such heading", page, m[1], target)
			}
		}
	}
	if links < 30 {
		t.Errorf("found only %d links", links)
	}
}

// withoutBlocks returns the text of a page without its fenced blocks.
func withoutBlocks(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return fencedBlock.ReplaceAllString(string(text), "")
}

// hasAnchor reports whether a page has a heading with the anchor, as GitHub forms it.
func hasAnchor(page, anchor string) bool {
	for _, m := range pageHeading.FindAllStringSubmatch(page, -1) {
		if strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-") == anchor {
			return true
		}
	}
	return false
}
