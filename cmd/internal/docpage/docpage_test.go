package docpage_test

import (
	"testing"

	"github.com/gamesparks-go/gamesparks/cmd/internal/docpage"
)

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
