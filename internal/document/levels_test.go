package document_test

import (
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/document"
)

func TestLevels(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`1`: 0, `"[{"`: 0, `[]`: 1, `[{},[]]`: 2, `{"a":{"b":[1]}}`: 3, ` [ [ ] , [ ] ] `: 2,
		`{"[[":"]]"}`:                1,
		`["a\"[[[",[]]`:              2, // an escaped quote does not end the string
		`["a\\",[[]]]`:               3, // an escaped backslash does not escape the quote
		`["\\\"[[[\\",{}]`:           2,
		`{"\"":[],"\\":{"\\\\":[]}}`: 3,
		`["\u005b[[[",1]`:            1,
	} {
		if got := document.Levels([]byte(text)); got != want {
			t.Errorf("%s: got %d levels, want %d", text, got, want)
		}
	}
}
