package codegen_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
)

func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	const basics = `"String", "Boolean", "Integer", "Long", "Float", "Double", "Decimal", "Timestamp", "Document", "Any"`
	model := func(path, reason string) codegen.Problem {
		return codegen.Problem{Section: modelSection, Path: path, Reason: reason}
	}
	tests := []struct {
		name     string
		sections map[string]string
		want     []codegen.Problem
	}{
		{"no JSON", map[string]string{modelSection: `{`}, []codegen.Problem{model("", "is not JSON: unexpected EOF")}},
		{"two values", map[string]string{modelSection: `{} {}`}, []codegen.Problem{model("", "is not JSON: data after the value")}},
		{"wrong types", map[string]string{modelSection: `{
			"a": 1, "b": {"Structure": []}, "c": {"Structure": {"Fields": "x"}}, "d": {"Enum": {"Values": {}}},
			"e": {"Enum": {"Values": ["x", 1, 2, true, "x"]}}, "f": {"List": {"Shape": null}},
			"g": {"Structure": {"Description": 1, "Fields": {"x": [], "y": {"Shape": 1, "Cardinality": 2, "Description": null}}}}}`},
			[]codegen.Problem{
				model("/a", "must be an object, but is a number"),
				model("/b/Structure", "must be an object, but is an array"),
				model("/c/Structure/Fields", "must be an object, but is a string"),
				model("/d/Enum/Values", "must be an array, but is an object"),
				model("/e/Enum/Values/1", "must be a string, but is a number"),
				model("/e/Enum/Values/2", "must be a string, but is a number"),
				model("/e/Enum/Values/3", "must be a string, but is a boolean"),
				model("/e/Enum/Values/4", `repeats the value "x"`),
				model("/f/List/Shape", "must be a string, but is null"),
				model("/g/Structure/Description", "must be a string, but is a number"),
				model("/g/Structure/Fields/x", "must be an object, but is an array"),
				model("/g/Structure/Fields/y/Shape", "must be a string, but is a number"),
				model("/g/Structure/Fields/y/Cardinality", "must be a string, but is a number"),
			}},
		{"absent members", map[string]string{modelSection: `{
			"a": {"Structure": {}}, "b": {"Enum": {}}, "c": {"Map": {}}, "d": {"Structure": {"Fields": {"x": {}}}},
			"e": null, "f": {"Structure": null}, "g": {"Enum": {"Values": null}}, "h": {"Structure": {"Fields": {"x": null}}}}`},
			[]codegen.Problem{
				model("/b/Enum", "Values is required"),
				model("/c/Map", "Shape is required"),
				model("/d/Structure/Fields/x", "Shape is required"),
				model("/d/Structure/Fields/x", "Cardinality is required"),
				model("/e", "must be an object, but is null"),
				model("/f/Structure", "must be an object, but is null"),
				model("/g/Enum/Values", "must be an array, but is null"),
				model("/h/Structure/Fields/x", "must be an object, but is null"),
			}},
		{"unknown kinds", map[string]string{modelSection: `{"a": {}, "b": {"Union": {}, "structure": {}}, "c": {"Enum": {}, "List": {}}}`},
			[]codegen.Problem{
				model("/a", `must have exactly one of "Structure", "Enum", "List", "Map", but is empty`),
				model("/b", `must have exactly one of "Structure", "Enum", "List", "Map", but has "Union", "structure"`),
				model("/c", `must have exactly one of "Structure", "Enum", "List", "Map", but has "Enum", "List"`),
			}},
		{"unknown names", map[string]string{modelSection: `{"a/b~c": {"Structure": {"Fields": {"x": {"Shape": "Strin", "Cardinality": "List"}}}}}`},
			[]codegen.Problem{
				model("/a~1b~0c/Structure/Fields/x/Shape", `the model has no shape "Strin", and the basic shapes are `+basics),
				model("/a~1b~0c/Structure/Fields/x/Cardinality", `must be Required or Optional, but is "List"`),
			}},
		{"messages", map[string]string{
			modelSection:         `{"S": {"Structure": {"Fields": {}}}, "E": {"Enum": {"Values": []}}}`,
			requestsSection:      `{"a": 1, "b": {}, "c": {"RequestShape": "S", "ResponseShape": "E"}, "d": {"RequestShape": "String", "ResponseShape": 1, "AllowedSources": [null]}}`,
			eventsSection:        `[]`,
			notificationsSection: `{"n": {"NotificationShape": "N", "AllowedSources": {}}}`,
		}, []codegen.Problem{
			{Section: requestsSection, Path: "/a", Reason: "must be an object, but is a number"},
			{Section: requestsSection, Path: "/b", Reason: "RequestShape is required"},
			{Section: requestsSection, Path: "/b", Reason: "ResponseShape is required"},
			{Section: requestsSection, Path: "/c/ResponseShape", Reason: `must name a Structure, but "E" is of the kind Enum`},
			{Section: requestsSection, Path: "/d/RequestShape", Reason: `the model has no shape "String"`},
			{Section: requestsSection, Path: "/d/ResponseShape", Reason: "must be a string, but is a number"},
			{Section: requestsSection, Path: "/d/AllowedSources/0", Reason: "must be a string, but is null"},
			{Section: eventsSection, Path: "", Reason: "must be an object, but is an array"},
			{Section: notificationsSection, Path: "/n/NotificationShape", Reason: `the model has no shape "N"`},
			{Section: notificationsSection, Path: "/n/AllowedSources", Reason: "must be an array, but is an object"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sections := make(map[string]json.RawMessage)
			for name, content := range tt.sections {
				sections[name] = json.RawMessage(content)
			}
			err := codegen.Check(sections, codegen.Generator{Language: "GO"})
			var configurationError *codegen.ConfigurationError
			if !errors.As(err, &configurationError) {
				t.Fatalf("error is %v", err)
			}
			if _, generateErr := codegen.Generate(sections, codegen.Generator{Language: "GO"}); !errors.As(generateErr, &configurationError) {
				t.Errorf("Generate says %v", generateErr)
			}
			if diff := cmp.Diff(tt.want, configurationError.Problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNullCountsAsAbsent checks that a null section is empty, and that a null member is absent where it can be absent.
func TestNullCountsAsAbsent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		null, absent map[string]json.RawMessage
	}{
		{
			"sections",
			map[string]json.RawMessage{
				modelSection: json.RawMessage(`null`), requestsSection: json.RawMessage(" null\n"), eventsSection: nil, notificationsSection: {},
			},
			nil,
		},
		{
			"members",
			map[string]json.RawMessage{
				modelSection: json.RawMessage(`{
					"S": {"Structure": {"Description": null, "Fields": null}}, "E": {"Enum": {"Description": null, "Values": []}},
					"L": {"List": {"Description": null, "Shape": "S"}},
					"F": {"Structure": {"Fields": {"X": {"Description": null, "Shape": "L", "Cardinality": "Optional"}}}}}`),
				requestsSection: json.RawMessage(`{"R": {"Description": null, "AllowedSources": null, "RequestShape": "S", "ResponseShape": "F"}}`),
			},
			map[string]json.RawMessage{
				modelSection: json.RawMessage(`{
					"S": {"Structure": {}}, "E": {"Enum": {"Values": []}}, "L": {"List": {"Shape": "S"}},
					"F": {"Structure": {"Fields": {"X": {"Shape": "L", "Cardinality": "Optional"}}}}}`),
				requestsSection: json.RawMessage(`{"R": {"RequestShape": "S", "ResponseShape": "F"}}`),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, language := range []string{"GO", "CSHARP"} {
				g := codegen.Generator{Language: language}
				if diff := cmp.Diff(generate(t, tt.absent, g), generate(t, tt.null, g)); diff != "" {
					t.Errorf("%s: null gives other code than absent (-absent +null):\n%s", language, diff)
				}
			}
		})
	}
}

func TestConfigurationErrorText(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`[]`:                      `GameSparks.Core.Model: must be an object, but is an array`,
		`{"a": 1}`:                `GameSparks.Core.Model: /a: must be an object, but is a number`,
		`{"a": 1, "b": 1, "c":1}`: `GameSparks.Core.Model: /a: must be an object, but is a number (and 2 more)`,
	} {
		_, err := codegen.Generate(map[string]json.RawMessage{modelSection: json.RawMessage(content)}, codegen.Generator{Language: "GO"})
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", content, err, want)
		}
	}
}

// FuzzGenerate checks that every configuration gives either an error that says where, or code that compiles and holds
// nothing that the configuration smuggled in.
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
		var configurationError *codegen.ConfigurationError
		if errors.As(err, &configurationError) {
			if err.Error() == "" {
				t.Error("the error has no text")
			}
			return
		}
		checkCode(t, sections)
	})
}

// FuzzNames checks that whatever names and descriptions a configuration has, the code compiles and holds nothing that
// they smuggled in.
func FuzzNames(f *testing.F) {
	f.Add("Race", "race", "A race.")
	f.Add("MarshalJSON", "Requests", "x\n//go:embed y\n*/ func init() {}")
	f.Add("RequestType", "String", "x\u2028class Evil {}\u2029</summary>")
	f.Add("", "\n", "+build ignore")
	f.Add("X2", "\xff\x00\"`'\\", "{{.}} \u202e")
	f.Fuzz(func(t *testing.T, a, b, text string) {
		// Names are keys of the same object, and in UTF-8 before they are compared.
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

// checkCode checks the code in every language for sections that are right.
func checkCode(t *testing.T, sections map[string]json.RawMessage) {
	t.Helper()
	checkGo(t, generate(t, sections, codegen.Generator{Language: "GO"}))
	checkCSharp(t, generate(t, sections, codegen.Generator{Language: "CSHARP"}))
}
