package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDiffText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, before, after string
		want                []string
	}{
		{"last line", "a\nb\nc\nold();\n", "a\nb\nc\nnew();\n", []string{"@@ -3,2 +3,2 @@", " c", "-old();", "+new();"}},
		{"two hunks", "a\nb\nc\nd\ne\nf\n", "A\nb\nc\nd\ne\nF\n",
			[]string{"@@ -1,2 +1,2 @@", "-a", "+A", " b", "@@ -5,2 +5,2 @@", " e", "-f", "+F"}},
		{"line ends", "a\r\nb\r\n", "a\r\nb\n", []string{"@@ -1,2 +1,2 @@", " a\r", "-b\r", "+b"}},
		{"no final newline", "a", "a\n", []string{"@@ -1 +1 @@", "-a", `\ No newline at end of file`, "+a"}},
		{"new", "", "a\nb\n", []string{"@@ -0,0 +1,2 @@", "+a", "+b"}},
		{"deleted", "a\n", "", []string{"@@ -1 +0,0 @@", "-a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := diffText(test.before, test.after)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPatch applies diffs of random texts with the program patch.
func TestPatch(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("patch is not installed: apt-get install patch")
	}
	file := filepath.Join(t.TempDir(), "script")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "\n", "c\r\n"}), 0, 12),
			func(lines []string) string { return strings.Join(lines, "") })
		before, after := text.Draw(t, "before")+rapid.SampledFrom([]string{"", "end"}).Draw(t, "end"), text.Draw(t, "after")
		hunks, err := diffText(before, after)
		if err != nil || (len(hunks) == 0) != (before == after) {
			t.Fatalf("%d lines, error %v", len(hunks), err)
		}
		if len(hunks) == 0 {
			return
		}
		if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("patch", "--binary", "--fuzz=0", "--no-backup-if-mismatch", "--output=-", "--quiet", file)
		cmd.Stdin = strings.NewReader("--- script\n+++ script\n" + strings.Join(hunks, "\n") + "\n")
		got, err := cmd.Output()
		if err != nil || string(got) != after {
			t.Fatalf("patch returns %q and %v\n%s", got, err, strings.Join(hunks, "\n"))
		}
	})
}
