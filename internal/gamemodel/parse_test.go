package gamemodel_test

import (
	"encoding/json"
	"errors"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
)

func TestParseMessagesErrors(t *testing.T) {
	t.Parallel()
	const basics = `"String", "Boolean", "Integer", "Long", "Float", "Double", "Decimal", "Timestamp", "Document", "Any"`
	model := func(path, reason string) gamemodel.Problem {
		return gamemodel.Problem{Section: gamemodel.ModelSection, Path: path, Reason: reason}
	}
	tests := []struct {
		name     string
		sections map[string]string
		want     []gamemodel.Problem
	}{
		{"no JSON", map[string]string{gamemodel.ModelSection: `{`}, []gamemodel.Problem{model("", "is not JSON: unexpected EOF")}},
		{"two values", map[string]string{gamemodel.ModelSection: `{} {}`}, []gamemodel.Problem{model("", "is not JSON: data after the value")}},
		{"wrong types", map[string]string{gamemodel.ModelSection: `{
			"a": 1, "b": {"Structure": []}, "c": {"Structure": {"Fields": "x"}}, "d": {"Enum": {"Values": {}}},
			"e": {"Enum": {"Values": ["x", 1, 2, true, "x"]}}, "f": {"List": {"Shape": null}},
			"g": {"Structure": {"Description": 1, "Fields": {"x": [], "y": {"Shape": 1, "Cardinality": 2, "Description": null}}}}}`},
			[]gamemodel.Problem{
				model("/a", "must be an object, but is a number"),
				model("/b/Structure", "must be an object, but is an array"),
				model("/c/Structure/Fields", "must be an object, but is a string"),
				model("/d/Enum/Values", "must be an array, but is an object"),
				model("/e/Enum/Values/1", "must be a string, but is a number"),
				model("/e/Enum/Values/2", "must be a string, but is a number"),
				model("/e/Enum/Values/3", "must be a string, but is a boolean"),
				model("/e/Enum/Values/4", `is a duplicate of the value "x"`),
				model("/f/List/Shape", "must be a string, but is null"),
				model("/g/Structure/Description", "must be a string, but is a number"),
				model("/g/Structure/Fields/x", "must be an object, but is an array"),
				model("/g/Structure/Fields/y/Shape", "must be a string, but is a number"),
				model("/g/Structure/Fields/y/Cardinality", "must be a string, but is a number"),
			}},
		{"absent members", map[string]string{gamemodel.ModelSection: `{
			"a": {"Structure": {}}, "b": {"Enum": {}}, "c": {"Map": {}}, "d": {"Structure": {"Fields": {"x": {}}}},
			"e": null, "f": {"Structure": null}, "g": {"Enum": {"Values": null}}, "h": {"Structure": {"Fields": {"x": null}}}}`},
			[]gamemodel.Problem{
				model("/b/Enum", "Values is required"),
				model("/c/Map", "Shape is required"),
				model("/d/Structure/Fields/x", "Shape is required"),
				model("/d/Structure/Fields/x", "Cardinality is required"),
				model("/e", "must be an object, but is null"),
				model("/f/Structure", "must be an object, but is null"),
				model("/g/Enum/Values", "must be an array, but is null"),
				model("/h/Structure/Fields/x", "must be an object, but is null"),
			}},
		{"unknown kinds", map[string]string{gamemodel.ModelSection: `{"a": {}, "b": {"Union": {}, "structure": {}}, "c": {"Enum": {}, "List": {}}}`},
			[]gamemodel.Problem{
				model("/a", `must have exactly one of "Structure", "Enum", "List", "Map", but is empty`),
				model("/b", `must have exactly one of "Structure", "Enum", "List", "Map", but has "Union", "structure"`),
				model("/c", `must have exactly one of "Structure", "Enum", "List", "Map", but has "Enum", "List"`),
			}},
		{"unknown names", map[string]string{gamemodel.ModelSection: `{"a/b~c": {"Structure": {"Fields": {"x": {"Shape": "Strin", "Cardinality": "List"}}}}}`},
			[]gamemodel.Problem{
				model("/a~1b~0c/Structure/Fields/x/Shape", `unknown shape "Strin": use a shape from the model or one of the basic shapes `+basics),
				model("/a~1b~0c/Structure/Fields/x/Cardinality", `must be Required or Optional, but is "List"`),
			}},
		{"messages", map[string]string{
			gamemodel.ModelSection:         `{"S": {"Structure": {"Fields": {}}}, "E": {"Enum": {"Values": []}}}`,
			gamemodel.RequestsSection:      `{"a": 1, "b": {}, "c": {"RequestShape": "S", "ResponseShape": "E"}, "d": {"RequestShape": "String", "ResponseShape": 1, "AllowedSources": [null]}}`,
			gamemodel.EventsSection:        `[]`,
			gamemodel.NotificationsSection: `{"n": {"NotificationShape": "N", "AllowedSources": {}}}`,
		}, []gamemodel.Problem{
			{Section: gamemodel.RequestsSection, Path: "/a", Reason: "must be an object, but is a number"},
			{Section: gamemodel.RequestsSection, Path: "/b", Reason: "RequestShape is required"},
			{Section: gamemodel.RequestsSection, Path: "/b", Reason: "ResponseShape is required"},
			{Section: gamemodel.RequestsSection, Path: "/c/ResponseShape", Reason: `must be the name of a Structure, but the kind of "E" is Enum`},
			{Section: gamemodel.RequestsSection, Path: "/d/RequestShape", Reason: `the model does not define a shape "String"`},
			{Section: gamemodel.RequestsSection, Path: "/d/ResponseShape", Reason: "must be a string, but is a number"},
			{Section: gamemodel.RequestsSection, Path: "/d/AllowedSources/0", Reason: "must be a string, but is null"},
			{Section: gamemodel.EventsSection, Path: "", Reason: "must be an object, but is an array"},
			{Section: gamemodel.NotificationsSection, Path: "/n/NotificationShape", Reason: `the model does not define a shape "N"`},
			{Section: gamemodel.NotificationsSection, Path: "/n/AllowedSources", Reason: "must be an array, but is an object"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := gamemodel.ParseMessages(raw(tt.sections))
			checkProblems(t, err, tt.want)
		})
	}
}

// raw converts sections to the parser's input type.
func raw(sections map[string]string) map[string]json.RawMessage {
	contents := make(map[string]json.RawMessage, len(sections))
	for name, content := range sections {
		contents[name] = json.RawMessage(content)
	}
	return contents
}

func checkProblems(t *testing.T, err error, want []gamemodel.Problem) {
	t.Helper()
	var parseError *gamemodel.Error
	if !errors.As(err, &parseError) {
		t.Fatalf("error = %v, want a *gamemodel.Error", err)
	}
	if diff := cmp.Diff(want, parseError.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestNullIsAbsent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		null, absent map[string]string
	}{
		{
			"sections",
			map[string]string{
				gamemodel.ModelSection: "null", gamemodel.RequestsSection: " null\n", gamemodel.EventsSection: "",
				gamemodel.RequestHandlersSection: "null",
			},
			nil,
		},
		{
			"members",
			map[string]string{
				gamemodel.ModelSection: `{
					"S": {"Structure": {"Description": null, "Fields": null}}, "E": {"Enum": {"Description": null, "Values": []}},
					"L": {"List": {"Description": null, "Shape": "S"}},
					"F": {"Structure": {"Fields": {"X": {"Description": null, "Shape": "L", "Cardinality": "Optional"}}}}}`,
				gamemodel.RequestsSection:        `{"R": {"Description": null, "AllowedSources": null, "RequestShape": "S", "ResponseShape": "F"}}`,
				gamemodel.RequestHandlersSection: `{"R": {"Description": null, "Enabled": null, "Code": {"Script": "", "ScriptLanguage": "Javascript_ES5_1"}}}`,
			},
			map[string]string{
				gamemodel.ModelSection: `{
					"S": {"Structure": {}}, "E": {"Enum": {"Values": []}}, "L": {"List": {"Shape": "S"}},
					"F": {"Structure": {"Fields": {"X": {"Shape": "L", "Cardinality": "Optional"}}}}}`,
				gamemodel.RequestsSection:        `{"R": {"RequestShape": "S", "ResponseShape": "F"}}`,
				gamemodel.RequestHandlersSection: `{"R": {"Code": {"Script": "", "ScriptLanguage": "Javascript_ES5_1"}}}`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantMessages, wantHandlers := parse(t, tt.absent)
			messages, handlers := parse(t, tt.null)
			if diff := cmp.Diff(wantMessages, messages); diff != "" {
				t.Errorf("messages (-absent +null):\n%s", diff)
			}
			if diff := cmp.Diff(wantHandlers, handlers); diff != "" {
				t.Errorf("handlers (-absent +null):\n%s", diff)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`[]`:                      `GameSparks.Core.Model: must be an object, but is an array`,
		`{"a": 1}`:                `GameSparks.Core.Model: /a: must be an object, but is a number`,
		`{"a": 1, "b": 1, "c":1}`: `GameSparks.Core.Model: /a: must be an object, but is a number (and 2 more)`,
	} {
		_, err := gamemodel.ParseMessages(raw(map[string]string{gamemodel.ModelSection: content}))
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", content, err, want)
		}
	}
}

func parse(t *testing.T, sections map[string]string) (*gamemodel.Messages, *gamemodel.Handlers) {
	t.Helper()
	messages, err := gamemodel.ParseMessages(raw(sections))
	if err != nil {
		t.Fatal(err)
	}
	handlers, err := gamemodel.ParseHandlers(raw(sections))
	if err != nil {
		t.Fatal(err)
	}
	return messages, handlers
}

// readSections returns the sections of a configuration file in the service's export format.
func readSections(t testing.TB, file string) map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var export struct {
		Document struct{ Sections map[string]json.RawMessage }
	}
	if err := json.Unmarshal(data, &export); err != nil {
		t.Fatal(err)
	}
	return export.Document.Sections
}

// TestParse parses an exported configuration with every kind of shape, message and handler.
func TestParse(t *testing.T) {
	t.Parallel()
	sections := readSections(t, "chess.json")
	move := &gamemodel.Structure{Name: "Move", Description: "A move of a piece.", Fields: []gamemodel.Field{
		{Name: "From", Shape: gamemodel.String, Required: true},
		{Name: "Seconds", Description: "The time that the player took.", Shape: gamemodel.Decimal},
		{Name: "To", Shape: gamemodel.String, Required: true},
	}}
	result := &gamemodel.Enum{Name: "Result", Values: []string{"WHITE_WINS", "BLACK_WINS", "DRAW"}}
	moves := &gamemodel.List{Name: "Moves", Description: "Moves in order.", Element: move}
	notes := &gamemodel.Map{Name: "Notes", Element: gamemodel.Document}
	position := &gamemodel.Structure{Name: "Position", Fields: []gamemodel.Field{
		{Name: "Moves", Shape: moves, Required: true},
		{Name: "Notes", Shape: notes},
		{Name: "Result", Shape: result},
	}}
	position.Fields = append(position.Fields, gamemodel.Field{Name: "Variation", Shape: position})
	wantMessages := &gamemodel.Messages{
		Shapes: []gamemodel.Shape{move, moves, notes, position, result},
		Requests: []gamemodel.Request{{
			Message:  gamemodel.Message{Name: "MakeMove", Description: "Makes a move.", AllowedSources: []string{"Player"}, Body: move},
			Response: position,
		}},
		Events:        []gamemodel.Event{{gamemodel.Message{Name: "Resigned", AllowedSources: []string{"Player"}, Body: position}}},
		Notifications: []gamemodel.Notification{{gamemodel.Message{Name: "Moved", Body: move}}},
	}
	messages, err := gamemodel.ParseMessages(sections)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantMessages, messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}

	wantHandlers := &gamemodel.Handlers{
		Requests: []gamemodel.Handler{
			{
				Name: "GameSparks.Identity.GetPlayerToken", Enabled: true,
				Code: gamemodel.Code{Script: "return null;", Language: gamemodel.JavaScript},
			},
			{
				Name: "MakeMove", Description: "Checks the move.", Enabled: true,
				Code: gamemodel.Code{Script: "const from = message.From;\r\nreturn GameSparks().Messaging().Response({});", Language: gamemodel.JavaScript},
			},
		},
		Events: []gamemodel.Handler{{Name: "Resigned", Code: gamemodel.Code{Language: gamemodel.JavaScript}}},
	}
	handlers, err := gamemodel.ParseHandlers(sections)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantHandlers, handlers); diff != "" {
		t.Errorf("handlers (-want +got):\n%s", diff)
	}
}

func TestBasicShapes(t *testing.T) {
	t.Parallel()
	tests := map[string]gamemodel.Shape{
		"String": gamemodel.String, "Boolean": gamemodel.Boolean, "Integer": gamemodel.Integer, "Long": gamemodel.Long,
		"Float": gamemodel.Float, "Double": gamemodel.Double, "Decimal": gamemodel.Decimal, "Timestamp": gamemodel.Timestamp,
		"Document": gamemodel.Document, "Any": gamemodel.Document,
		"Map": &gamemodel.Enum{Name: "Map"}, // a shape of the model, despite its name
	}
	for name, want := range tests {
		messages, _ := parse(t, map[string]string{
			gamemodel.ModelSection: `{"A": {"List": {"Shape": "` + name + `"}}, "Map": {"Enum": {"Values": []}}}`,
		})
		list := messages.Shapes[0].(*gamemodel.List)
		if diff := cmp.Diff(want, list.Element); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if name != "Any" && list.Element.ShapeName() != name {
			t.Errorf("%s: ShapeName returns %q", name, list.Element.ShapeName())
		}
	}
	if got := gamemodel.Basic(0).String(); got != "Basic(0)" {
		t.Errorf("String of an invalid Basic returns %q", got)
	}
}

// TestModelHidesBasicShapes checks that a shape of the model replaces the basic shape of the same name.
func TestModelHidesBasicShapes(t *testing.T) {
	t.Parallel()
	messages, _ := parse(t, map[string]string{
		gamemodel.ModelSection: `{"L": {"List": {"Shape": "Decimal"}}, "Decimal": {"Structure": {}}}`,
	})
	want := []gamemodel.Shape{
		&gamemodel.Structure{Name: "Decimal"}, &gamemodel.List{Name: "L", Element: &gamemodel.Structure{Name: "Decimal"}},
	}
	if diff := cmp.Diff(want, messages.Shapes); diff != "" {
		t.Errorf("shapes (-want +got):\n%s", diff)
	}
}

func TestParseHandlersErrors(t *testing.T) {
	t.Parallel()
	limit := strings.Repeat("é", gamemodel.MaxScript)
	tests := map[string]struct {
		sections map[string]string
		want     []gamemodel.Problem
	}{
		"not JSON": {
			map[string]string{gamemodel.RequestHandlersSection: "{"},
			[]gamemodel.Problem{{gamemodel.RequestHandlersSection, "", "is not JSON: unexpected EOF"}},
		},
		"wrong types": {
			map[string]string{
				gamemodel.RequestHandlersSection: `{
					"a": 1, "b": {"Code": "x"}, "c/d": {"Enabled": "true", "Description": 1, "Code": {"Script": {}, "ScriptLanguage": 5}}}`,
				gamemodel.EventHandlersSection: `[]`,
			},
			[]gamemodel.Problem{
				{gamemodel.RequestHandlersSection, "/a", "must be an object, but is a number"},
				{gamemodel.RequestHandlersSection, "/b/Code", "must be an object, but is a string"},
				{gamemodel.RequestHandlersSection, "/c~1d/Description", "must be a string, but is a number"},
				{gamemodel.RequestHandlersSection, "/c~1d/Enabled", "must be a boolean, but is a string"},
				{gamemodel.RequestHandlersSection, "/c~1d/Code/Script", "must be a string, but is an object"},
				{gamemodel.RequestHandlersSection, "/c~1d/Code/ScriptLanguage", "must be a string, but is a number"},
				{gamemodel.EventHandlersSection, "", "must be an object, but is an array"},
			},
		},
		"absent members": {
			map[string]string{gamemodel.EventHandlersSection: `{"a": {}, "b": {"Code": {}}, "c": {"Code": null}}`},
			[]gamemodel.Problem{
				{gamemodel.EventHandlersSection, "/a", "Code is required"},
				{gamemodel.EventHandlersSection, "/b/Code", "Script is required"},
				{gamemodel.EventHandlersSection, "/b/Code", "ScriptLanguage is required"},
				{gamemodel.EventHandlersSection, "/c/Code", "must be an object, but is null"},
			},
		},
		"unknown language and long script": {
			map[string]string{gamemodel.RequestHandlersSection: `{
				"a": {"Code": {"Script": "` + limit + `", "ScriptLanguage": "Lua"}},
				"b": {"Code": {"Script": "` + limit + `!", "ScriptLanguage": "Javascript_ES5_1"}}}`},
			[]gamemodel.Problem{
				{gamemodel.RequestHandlersSection, "/a/Code/ScriptLanguage", `must be "Javascript_ES5_1", but is "Lua"`},
				{gamemodel.RequestHandlersSection, "/b/Code/Script", "must have at most 8000 characters, but has 8001"},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gamemodel.ParseHandlers(raw(tt.sections))
			checkProblems(t, err, tt.want)
		})
	}
}

// FuzzParse checks that the parser never panics, that every reported problem is complete, and that every reference in a
// result resolves to a shape.
func FuzzParse(f *testing.F) {
	s := readSections(f, "chess.json")
	f.Add([]byte(s[gamemodel.ModelSection]), []byte(s[gamemodel.RequestsSection]), []byte(s[gamemodel.EventsSection]), []byte(s[gamemodel.RequestHandlersSection]))
	f.Add([]byte(`{"A": {"List": {"Shape": "A"}}}`), []byte(`{"R": {"RequestShape": "A"}}`), []byte("null"), []byte("[]"))
	f.Add([]byte(`{"A": {"Map": {}, "List": 1}, "B": {"Structure": {"Fields": {"a": {"Shape": "A", "Cardinality": 1}}}}}`),
		[]byte(`{"R": {"RequestShape": "A", "ResponseShape": "B", "AllowedSources": [1]}}`), []byte("{"), []byte(`{"R": {"Code": {}}}`))
	f.Fuzz(func(t *testing.T, model, requests, messages, handlers []byte) {
		sections := map[string]json.RawMessage{
			gamemodel.ModelSection: model, gamemodel.RequestsSection: requests, gamemodel.EventsSection: messages,
			gamemodel.NotificationsSection: messages, gamemodel.RequestHandlersSection: handlers, gamemodel.EventHandlersSection: handlers,
		}
		m, err := gamemodel.ParseMessages(sections)
		if checkError(t, err); err == nil {
			checkMessages(t, m)
		}
		_, err = gamemodel.ParseHandlers(sections)
		checkError(t, err)
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var parseError *gamemodel.Error
	if err == nil {
		return
	}
	if !errors.As(err, &parseError) || len(parseError.Problems) == 0 {
		t.Fatalf("error = %v, want a *gamemodel.Error with problems", err)
	}
	for _, p := range parseError.Problems {
		if !strings.HasPrefix(p.Section, "GameSparks.Core.") || p.Path != "" && p.Path[0] != '/' || p.Reason == "" {
			t.Errorf("invalid problem %+v", p)
		}
	}
}

// checkMessages checks that every reference is a basic shape or a shape of the model.
func checkMessages(t *testing.T, m *gamemodel.Messages) {
	t.Helper()
	isShape := func(s gamemodel.Shape) {
		if _, basic := s.(gamemodel.Basic); s == nil || !basic && !slices.Contains(m.Shapes, s) {
			t.Errorf("%v is neither a basic shape nor a shape of the model", s)
		}
	}
	for _, s := range m.Shapes {
		switch s := s.(type) {
		case *gamemodel.Structure:
			for _, f := range s.Fields {
				isShape(f.Shape)
			}
		case *gamemodel.List:
			isShape(s.Element)
		case *gamemodel.Map:
			isShape(s.Element)
		}
	}
	for _, r := range m.Requests {
		isShape(r.Body)
		isShape(r.Response)
	}
	for _, e := range m.Events {
		isShape(e.Body)
	}
	for _, n := range m.Notifications {
		isShape(n.Body)
	}
}

// TestImports checks that the package imports only the standard library, whose paths have no dot.
func TestImports(t *testing.T) {
	t.Parallel()
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pkg.Imports {
		if strings.Contains(path, ".") {
			t.Errorf("unexpected import of %s", path)
		}
	}
}
