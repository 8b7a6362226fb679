package docpage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/cmd/internal/docpage"
)

func TestParse(t *testing.T) {
	t.Parallel()
	page := strings.ReplaceAll("# Page\n'''sh\na\n'''\n## No code\n## Title\ntext\n'''sh fails\n## b\n\nc\n'''\n'''text\n'''\n", "'''", "```")
	got, err := docpage.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	want := []docpage.Section{
		{Blocks: []docpage.Block{{Line: 2, Words: []string{"sh"}, Content: "a\n"}}},
		{Title: "Title", Blocks: []docpage.Block{
			{Line: 8, Words: []string{"sh", "fails"}, Content: "## b\n\nc\n"}, {Line: 13, Words: []string{"text"}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("sections (-want +got):\n%s", diff)
	}
	if block := got[1].Blocks[0]; !block.Is("sh") || !block.Is("sh", "fails") || block.Is("text") || block.Is("sh", "server") {
		t.Errorf("Is reports wrong words of %+v", block)
	}
	for page, want := range map[string]string{
		"a\n```\nb\n```\n":             "line 2: the code block has no language",
		"a\n```sh\nb\n```\n```text\nc": "line 5: the code block has no closing fence",
	} {
		if _, err := docpage.Parse(page); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): error %v, want %q", page, err, want)
		}
	}
}

func TestMatches(t *testing.T) {
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
			if got := docpage.Matches(test.got, test.want); got != test.matches {
				t.Errorf("Matches(%q, %q) = %t, want %t", test.got, test.want, got, test.matches)
			}
		})
	}
}
