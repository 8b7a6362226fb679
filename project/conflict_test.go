package project

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestConflictText checks that the text of a conflict shows where two values differ, even if they begin with the same text.
func TestConflictText(t *testing.T) {
	t.Parallel()
	text := func(s string) []byte { return stringNode(s).scalar }
	long := strings.Repeat("lamp ", 100)
	for _, test := range []struct {
		name           string
		planned, found []byte
		want           string
	}{
		{"short values", text("White"), text("Blue"), `section A /v: expected "White", found "Blue"`},
		{"lines", text("// " + long + "\nconst a = 1;\nreturn old();\n"), text("// " + long + "\nconst a = 1;\nreturn new_();\n"),
			"section A /v: expected (-), found (+):\n      @@ -2,2 +2,2 @@\n       const a = 1;\n      -return old();\n      +return new_();"},
		{"many lines", text(strings.Repeat("a\n", 50)), text(strings.Repeat("b\n", 50)),
			"section A /v: expected (-), found (+):\n      @@ -1,50 +1,50 @@" + strings.Repeat("\n      -a", 19) + "\n      and 81 more lines"},
		{"one long line", text(long + "White"), text(long + "Blue"),
			`section A /v: expected …lamp lamp lamp lamp White", found …lamp lamp lamp lamp Blue"`},
		{"a long end", text("White" + long), nil,
			`section A /v: expected "White` + long[:73] + `…, found nothing`},
	} {
		got := Conflict{Part: "section A", Path: "/v", Planned: test.planned, Present: test.found}.String()
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
