//go:build linux

package project_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/project"
)

// The environment variables that make the test binary fetch into a directory.
const (
	fetchLarge   = "GAMESPARKS_TEST_FETCH_LARGE"   // once, from largeUpdate, with Prune
	fetchForever = "GAMESPARKS_TEST_FETCH_FOREVER" // again and again, from generation 1, 2 and so on
)

func TestMain(m *testing.M) {
	var err error
	if dir := os.Getenv(fetchLarge); dir != "" {
		_, err = project.Fetch(context.Background(), newReader(largeUpdate), dir, project.FetchOptions{Prune: true})
	} else if dir := os.Getenv(fetchForever); dir != "" {
		for i := 1; err == nil; i++ {
			_, err = project.Fetch(context.Background(), newReader(generation(i)), dir, project.FetchOptions{})
		}
	} else {
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// largeUpdate has sections before and after one that exceeds the limit of the file size.
var largeUpdate = map[string]string{"A": `"new"`, "B": `"` + strings.Repeat("b", 1<<20) + `"`, "C": `"new"`}

// generation returns sections whose contents consist of one digit.
func generation(n int) map[string]string {
	sections := map[string]string{}
	for i := range 50 {
		sections[fmt.Sprintf("S%02d", i)] = strings.Repeat(fmt.Sprint(n%9+1), 4096)
	}
	return sections
}

// TestFailedWrite checks that a write that fails leaves no partial file, and that the next fetch continues without Force. It
// also checks that files are removed before others are written: if a written file had the name of a removed one in another
// case, its removal would delete the written file on a case-insensitive file system.
func TestFailedWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newReader(map[string]string{"A": `"old"`, "B": `"old"`, "C": `"old"`, "Removed": `"old"`})
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})

	cmd := exec.CommandContext(t.Context(), "bash", "-c", `ulimit -f 512; exec "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), fetchLarge+"="+dir)
	out, err := cmd.CombinedOutput()
	if want := "write sections/B.json: "; err == nil || !strings.Contains(string(out), want) {
		t.Fatalf("the fetch printed %q, %v, want %q in it", out, err, want)
	}
	want := map[string]string{
		".gitattributes": readFiles(t, dir)[".gitattributes"], "game.json": "{\n  \"name\": \"lighthouse\"\n}\n",
		"sections/A.json": "\"new\"\n", "sections/B.json": "\"old\"\n", "sections/C.json": "\"old\"\n",
	}
	if diff := cmp.Diff(want, readFiles(t, dir)); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}
	if names := temporaryFiles(t, dir); len(names) > 0 {
		t.Errorf("temporary files: %q", names)
	}

	// The game on the server has changed again. The written files do not count as local changes.
	r.sections = map[string]string{"A": `"newer"`, "B": `"newer"`, "C": `"old"`}
	if got := mustFetch(t, r, dir, project.FetchOptions{}); got != "updated sections/A.json\nupdated sections/B.json" {
		t.Errorf("changes:\n%s", got)
	}
}

// TestKilledFetch kills a process that writes files, and checks that each file has its old or its new content.
func TestKilledFetch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newReader(generation(0))
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fetchForever+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	middle := filepath.Join(dir, "sections", "S25.json")
	before, err := os.Stat(middle)
	if err != nil {
		t.Fatal(err)
	}
	for after := before; os.SameFile(before, after); { // a written file is a new file
		if after, err = os.Stat(middle); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // reports that the process was killed
	generations := map[byte]int{}
	for name, content := range readFiles(t, dir) {
		if strings.HasPrefix(name, "sections/") {
			if content != strings.Repeat(content[:1], 4096)+"\n" {
				t.Errorf("%s is partial: %.100q", name, content)
			}
			generations[content[0]]++
		}
	}
	t.Logf("files by generation: %v", generations)

	for _, name := range temporaryFiles(t, dir) {
		yesterday := time.Now().Add(-24 * time.Hour)
		if err := os.Chtimes(name, yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	mustFetch(t, r, dir, project.FetchOptions{})
	got, err := project.Read(dir)
	if diff := cmp.Diff(gameWith(generation(0)), got); err != nil || diff != "" {
		t.Errorf("after the next fetch: %v (-want +got):\n%s", err, diff)
	}
	if names := temporaryFiles(t, dir); len(names) > 0 {
		t.Errorf("temporary files: %q", names)
	}
}

func temporaryFiles(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, ".gamesparks", "tmp-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestAbandonedFiles checks that temporary files of stopped processes are removed, but not those of running processes.
func TestAbandonedFiles(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{".gamesparks/tmp-old": "", ".gamesparks/tmp-new": ""})
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, ".gamesparks", "tmp-old"), yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if err := project.Write(dir, gameWith(map[string]string{"A": "1"})); err != nil {
		t.Fatal(err)
	}
	if names := temporaryFiles(t, dir); len(names) != 1 || filepath.Base(names[0]) != "tmp-new" {
		t.Errorf("temporary files: %q", names)
	}
}
