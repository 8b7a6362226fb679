package project_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/project"
)

// TestGit checks that a commit and a clone preserve a game although core.autocrlf is set, and that the state of the last
// fetch is not committed.
func TestGit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, clone := t.TempDir(), filepath.Join(t.TempDir(), "clone")
	r := newReader(map[string]string{
		"GameSparks.Core.RequestHandlers": `{"CRLF":{"Code":{"Script":"a;\r\nb;\r\n"}},"LF":{"Code":{"Script":"a;\nb;\n"}},"Mixed":{"Code":{"Script":"a;\r\nb;\nc"}}}`,
	})
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
	for _, args := range [][]string{
		{"-C", dir, "init", "--quiet"},
		{"-C", dir, "add", "."},
		{"-C", dir, "commit", "--quiet", "--message", "first"},
		{"clone", "--quiet", dir, clone},
	} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_COUNT=3",
			"GIT_CONFIG_KEY_0=core.autocrlf", "GIT_CONFIG_VALUE_0=true",
			"GIT_CONFIG_KEY_1=user.name", "GIT_CONFIG_VALUE_1=test",
			"GIT_CONFIG_KEY_2=user.email", "GIT_CONFIG_VALUE_2=test@example.com")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	got, err := project.Read(clone)
	if diff := cmp.Diff(gameWith(r.sections), got); err != nil || diff != "" {
		t.Errorf("the clone differs: %v (-want +got):\n%s", err, diff)
	}
	if _, err := os.Stat(filepath.Join(clone, ".gamesparks")); err == nil {
		t.Error("the state of the last fetch is committed")
	}
	// A clone has no digests, but the files are equal to the server's.
	if got := mustFetch(t, r, clone, project.FetchOptions{}); got != "" {
		t.Errorf("changes in the clone:\n%s", got)
	}
}
