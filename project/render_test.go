package project

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWriteSections checks the text of differences in wide and narrow output.
func TestWriteSections(t *testing.T) {
	t.Parallel()
	handlers := func(script, description string) string {
		text, err := json.Marshal(map[string]any{"StartMatchmaking": map[string]any{
			"Code": map[string]string{"Script": script}, "Description": description,
		}})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const (
		script  = "const a = 1;\nconst b = 2;\nconst c = 3;\nconst response = old();\n"
		changed = "const a = 1;\nconst b = 2;\nconst c = 3;\nconst response = new();\n"
		section = "GameSparks.Core.RequestHandlers"
	)
	long := `{"text":"` + strings.Repeat("0123456789", 20) + `"}`
	for _, test := range []struct {
		name          string
		before, after map[string]string
		style         Style
		want          string
	}{
		{"values", map[string]string{"Lighthouse.Lamps": `{"North":"White","East":1}`, "Lighthouse.Old": `{}`, "Same": `1`},
			map[string]string{"Lighthouse.Lamps": `{"North":"Red","South":"Green"}`, "Lighthouse.Fog": `{"a":1}`, "Same": `1`}, Style{}, `
  + Lighthouse.Fog  7 B
  ~ Lighthouse.Lamps
      - /East  1
      ~ /North  "White" -> "Red"
      + /South  "Green"
  - Lighthouse.Old  2 B
`},
		{"script", map[string]string{section: handlers(script, "")}, map[string]string{section: handlers(changed, "")}, Style{}, `
  ~ GameSparks.Core.RequestHandlers  /StartMatchmaking/Code/Script
      @@ -3,2 +3,2 @@
       const c = 3;
      -const response = old();
      +const response = new();
`},
		{"script and value", map[string]string{section: handlers(script, "a")}, map[string]string{section: handlers(changed, "b")}, Style{}, `
  ~ GameSparks.Core.RequestHandlers
      ~ /StartMatchmaking/Code/Script
          @@ -3,2 +3,2 @@
           const c = 3;
          -const response = old();
          +const response = new();
      ~ /StartMatchmaking/Description  "a" -> "b"
`},
		{"line ends", map[string]string{section: handlers("a\r\n", "")}, map[string]string{section: handlers("a\n", "")}, Style{}, `
  ~ GameSparks.Core.RequestHandlers  /StartMatchmaking/Code/Script
      @@ -1 +1 @@
      -a^M
      +a
`},
		{"control characters", map[string]string{"A": `{"a":"\u009b2J\u202e"}`, "B": `{"b":"\n"}`},
			map[string]string{"A": `{"a":"\u001b[2J"}`, "B": `{"b":"\u001b[2J\n"}`}, Style{}, `
  ~ A
      ~ /a  "\u{9b}2J\u{202e}" -> "\u001b[2J"
  ~ B  /b
      @@ -1 +1 @@
      -
      +^[[2J
`},
		{"root", map[string]string{"A": `1`}, map[string]string{"A": `null`}, Style{}, `
  ~ A
      ~ the whole section  1 -> null
`},
		{"width", map[string]string{"A": `{"a":` + long + `}`, section: handlers("\n", "")},
			map[string]string{"A": `{"a":[` + long + `],"b":` + long + `}`, section: handlers("\n"+strings.Repeat("0123456789", 7), "")}, Style{Width: 60}, `
  ~ A
      ~ /a  {"text":"012345678901… -> [{"text":"01234567890…
      + /b  {"text":"01234567890123456789012345678901234567…
  ~ GameSparks.Core.RequestHandlers
      ~ /StartMatchmaking/Code/Script
          @@ -1 +1,2 @@
           
          +01234567890123456789012345678901234567890123456
            78901234567890123456789
          \ No newline at end of file
`},
		{"color", map[string]string{"A": `{"a":1}`}, map[string]string{"A": `{"a":2}`, "B": `1`}, Style{Color: true}, "\n" +
			"\x1b[33m  ~ A\x1b[0m\n\x1b[33m      ~ /a  1 -> 2\x1b[0m\n\x1b[32m  + B  1 B\x1b[0m\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sections, err := DiffSections(rawSections(test.before), rawSections(test.after))
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			if err := WriteSections(&text, sections, test.style); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), text.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func rawSections(texts map[string]string) map[string]json.RawMessage {
	sections := map[string]json.RawMessage{}
	for name, text := range texts {
		sections[name] = json.RawMessage(text)
	}
	return sections
}
