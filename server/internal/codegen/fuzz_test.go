package codegen_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
)

// FuzzGenerate checks that every configuration results in either a *gamemodel.Error or code that compiles and contains
// only declarations that the generator emits.
func FuzzGenerate(f *testing.F) {
	for _, file := range []string{"game.json", "hostile.json"} {
		s := readSections(f, file)
		f.Add([]byte(s[modelSection]), []byte(s[requestsSection]), []byte(s[eventsSection]), []byte(s[notificationsSection]))
	}
	f.Fuzz(func(t *testing.T, model, requests, events, notifications []byte) {
		sections := map[string]json.RawMessage{
			modelSection: model, requestsSection: requests, eventsSection: events, notificationsSection: notifications,
		}
		err := codegen.Check(sections, codegen.Generator{Language: "GO"})
		var configurationError *gamemodel.Error
		if errors.As(err, &configurationError) {
			if err.Error() == "" {
				t.Error("the error has no message")
			}
			return
		}
		checkCode(t, sections)
	})
}

// FuzzNames checks that no name or description in a valid configuration breaks the code or injects a declaration.
func FuzzNames(f *testing.F) {
	f.Add("Race", "race", "A race.")
	f.Add("MarshalJSON", "Requests", "x\n//go:embed y\n*/ func init() {}")
	f.Add("RequestType", "String", "x\u2028class Evil {}\u2029</summary>")
	f.Add("", "\n", "+build ignore")
	f.Add("X2", "\xff\x00\"`'\\", "{{.}} \u202e")
	f.Fuzz(func(t *testing.T, a, b, text string) {
		// Names are keys of one object, so they must differ after conversion to valid UTF-8.
		a, b = strings.ToValidUTF8(a, "?"), strings.ToValidUTF8(b, "?")
		if slices.Contains([]string{a, "E" + a, "L" + a, "M" + a}, b) {
			b += "!"
		}
		field := func(shape, cardinality string) any {
			return map[string]any{"Shape": shape, "Cardinality": cardinality, "Description": text}
		}
		structure := func(fields map[string]any) any {
			return map[string]any{"Structure": map[string]any{"Description": text, "Fields": fields}}
		}
		message := map[string]any{"Description": text, "AllowedSources": []string{text}, "RequestShape": a, "ResponseShape": b,
			"EventShape": a, "NotificationShape": b}
		content := map[string]any{
			modelSection: map[string]any{
				a:       structure(map[string]any{a: field(b, "Required"), b: field("E"+a, "Optional"), "L": field("L"+a, "Optional")}),
				b:       structure(map[string]any{a: field("E"+a, "Required"), b: field("M"+a, "Required"), text: field(a, "Optional")}),
				"E" + a: map[string]any{"Enum": map[string]any{"Description": text, "Values": []string{a, b, a + b + "x"}}},
				"L" + a: map[string]any{"List": map[string]any{"Description": text, "Shape": a}},
				"M" + a: map[string]any{"Map": map[string]any{"Description": text, "Shape": "L" + a}},
			},
			requestsSection:      map[string]any{a: message, b: message},
			eventsSection:        map[string]any{a: message, b: message},
			notificationsSection: map[string]any{a: message, b: message},
		}
		sections := make(map[string]json.RawMessage)
		for name, value := range content {
			data, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			sections[name] = data
		}
		checkCode(t, sections)
	})
}

// checkCode generates code for valid sections in every language and checks it.
func checkCode(t *testing.T, sections map[string]json.RawMessage) {
	t.Helper()
	checkGo(t, generateFiles(t, sections, "GO"))
	checkCSharp(t, generateFiles(t, sections, "CSHARP"))
}

func generateFiles(t *testing.T, sections map[string]json.RawMessage, language string) map[string]string {
	t.Helper()
	contents, err := codegen.GenerateFiles(sections, codegen.Generator{Language: language})
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string, len(contents))
	for name, content := range contents {
		files[name] = string(content)
	}
	return files
}
