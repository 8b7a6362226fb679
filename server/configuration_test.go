package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestImportReplacesConfiguration(t *testing.T) {
	onEachStore(t, func(e *env) {
		created := e.clock.Now()
		e.createGame("chess")
		e.importSections("chess", `{"A":{"old":true},"B":{"gone":1}}`)
		e.clock.Advance(time.Minute)
		const sections = `{
			"A" : { "z": 1, "a": [ ], "big": 123456789012345678901234567890.123456789, "text": "<é\u00e9>" },
			"C.D" : null,
			"Empty": {}
		}`
		got := e.importSections("chess", sections)
		want := map[string]string{
			"A":     `{"z":1,"a":[],"big":123456789012345678901234567890.123456789,"text":"<é\u00e9>"}`,
			"C.D":   `null`,
			"Empty": `{}`,
		}
		if diff := cmp.Diff(want, texts(e, got.Sections)); diff != "" {
			e.Errorf("imported sections (-want +got):\n%s", diff)
		}
		if !got.Created.Equal(created) || !got.LastUpdated.Equal(e.clock.Now()) {
			e.Errorf("unexpected times: Created = %v, LastUpdated = %v", got.Created, got.LastUpdated)
		}
		read := ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{
			GameName: aws.String("chess"),
		})).GameConfiguration
		if diff := cmp.Diff(want, texts(e, read.Sections)); diff != "" {
			e.Errorf("GetGameConfiguration sections (-want +got):\n%s", diff)
		}

		for names, want := range map[string][]string{"A": {"A"}, "Empty,A": {"A", "Empty"}, "None": {}, "A,None": {"A"}} {
			got := ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{
				GameName: aws.String("chess"), Sections: strings.Split(names, ","),
			})).GameConfiguration.Sections
			if len(got) != len(want) {
				e.Errorf("requested sections %s: got %v, want %v", names, got, want)
			}
			for _, name := range want {
				if _, found := got[name]; !found {
					e.Errorf("requested sections %s: section %s is missing", names, name)
				}
			}
		}
	})
}

func TestImportErrors(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	e.importSections("chess", `{"A":{"kept":true}}`)
	tests := map[string]struct{ file, want string }{
		"not JSON":             {"plain text", "line 1, column 1: not valid JSON"},
		"error in a section":   {"{\"Document\": {\n \"Type\": \"Game\",\n \"Sections\": {\n  \"A\": {\"é\": 1,}\n}}}", "line 4, column 16: not valid JSON"},
		"error outside":        {"{\"Document\": {\n \"Type\" \"Game\"}}", "line 2, column 9: not valid JSON"},
		"truncated":            {"{\"Document\": {\n \"Type\": \"Game\",\n", "line 3, column 1: unexpected end of file"},
		"truncated section":    {`{"Document":{"Type":"Game","Sections":{"A":{"b":[1,2`, "line 1, column 53: unexpected end of file"},
		"data after the end":   {"{\"Document\":{\"Type\":\"Game\",\"Sections\":{}}}\n {}", "line 2, column 2: unexpected data"},
		"comma after the end":  {`{"Document":{"Type":"Game","Sections":{}}},`, "line 1, column 43: unexpected data"},
		"array":                {"[1, 2, 3, 4]", "line 1, column 1: the file must be an object"},
		"no document":          {`{"Other": {}}`, "line 1, column 1: the file has no Document"},
		"document is a number": {"{\"Document\":\n\t7}", "line 2, column 2: Document must be an object"},
		"no type":              {`{"Document":{"Sections":{}},"Other":1}`, "line 1, column 13: Document has no Type"},
		"other type":           {"{\"Document\":{\n\"Type\":\"Stage\",\"Sections\":{}}}", `line 2, column 8: Document.Type must be "Game"`},
		"no sections":          {"{\"Document\":\n {\"Type\":\"Game\"}}", "line 2, column 2: Document has no Sections"},
		"sections is an array": {`{"Document":{"Type":"Game","Sections":[]}}`, "line 1, column 39: Document.Sections must be an object"},
		"section name":         {"{\"Document\":{\"Type\":\"Game\",\"Sections\":{\n\"A b\":{}}}}", `line 2, column 1: section name "A b": value must match`},
		"duplicate section":    {"{\"Document\":{\"Type\":\"Game\",\"Sections\":{\"A\":{},\n\"A\":{}}}}", `line 2, column 1: Document.Sections has a duplicate key "A"`},
		"duplicate document":   {"{\"Document\":{\"Type\":\"Game\",\"Sections\":{}},\n\"Document\":{}}", `line 2, column 1: the file has a duplicate key "Document"`},
		"not UTF-8":            {"{\"Document\":{\"Type\":\"Game\",\n\"Sections\":{\"A\":\"\xff\"}}}", "line 2, column 18: not valid UTF-8"},
		"too deep":             {`{"Document":{"Type":"Game","Sections":{"A":` + strings.Repeat("[", 20000), "not valid JSON"},
		"section too deep":     {`{"Document":{"Type":"Game","Sections":{"A":` + nested(9_991) + `}}}`, "line 1, column 44: the section would be nested 9991 levels deep, but the limit is 9990"},
		"null":                 {`{"Document":null}`, "Document must be an object"},
	}
	for name, test := range tests {
		_, err := e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: aws.String("chess"), ImportSource: &types.ImportGameConfigurationSource{File: []byte(test.file)},
		})
		if !gamesparks.IsValidation(err) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "ImportSource.File") {
			t.Errorf("%s: got error %v, want one that contains %q", name, err, test.want)
		}
	}
	got := ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: aws.String("chess")}))
	if diff := cmp.Diff(map[string]string{"A": `{"kept":true}`}, texts(e, got.GameConfiguration.Sections)); diff != "" {
		t.Errorf("sections after failed imports (-want +got):\n%s", diff)
	}
}

// nested returns JSON arrays nested to the given number of levels.
func nested(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

// TestDeepSections checks that every operation accepts a section of the maximum depth.
func TestDeepSections(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	want := map[string]string{"A": nested(9_990), "B": `{"b":` + nested(9_989) + `}`}
	e.importSections("chess", `{"A":`+want["A"]+`,"B":{}}`)
	update := func(value string) error {
		m := modification(add, "/b", value)
		m.Section = aws.String("B")
		_, err := e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{GameName: aws.String("chess"), Modifications: []types.SectionModification{m}})
		return err
	}
	if err := update(nested(9_989)); err != nil {
		t.Error(err)
	}
	wantError[*types.ValidationException](e, update(nested(9_990)), "the section would be nested 9991 levels deep, but the limit is 9990")
	snapshot := e.createSnapshot("chess")
	export := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{GameName: aws.String("chess"), SnapshotId: snapshot.Id}))
	_, _, file := download(t, *export.S3Url)
	ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: aws.String("chess"), ImportSource: &types.ImportGameConfigurationSource{File: []byte(file)},
	}))
	got := ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: aws.String("chess")}))
	if got := texts(e, got.GameConfiguration.Sections); !maps.Equal(got, want) {
		t.Error("importing the export changed the sections")
	}
}

func TestImportIgnoresUnknownMembers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	got := ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: aws.String("chess"),
		ImportSource: &types.ImportGameConfigurationSource{
			File: []byte(`{"Version":[1,{"Document":2}],"Document":{"Note":"x","Sections":{"A":1},"Type":"Game"},"After":null} `),
		},
	}))
	if diff := cmp.Diff(map[string]string{"A": "1"}, texts(e, got.GameConfiguration.Sections)); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

// modification returns a modification of section A. If value is empty, the modification has no value.
func modification(op types.Operation, path, value string) types.SectionModification {
	m := types.SectionModification{Operation: op, Path: &path, Section: aws.String("A")}
	if value != "" {
		m.Value = document.NewLazyDocument(rawJSON(value))
	}
	return m
}

// rawJSON is a document that marshals to the given JSON text.
type rawJSON string

func (r rawJSON) MarshalSmithyDocument() ([]byte, error) { return []byte(r), nil }

const (
	add     = types.OperationAdd
	replace = types.OperationReplace
	remove  = types.OperationRemove
)

func TestUpdateGameConfiguration(t *testing.T) {
	const before = `{"list":[1,2,3],"object":{"a":1,"b":2},"text":"x","a/b":{"m~n":1},"":{"":0},"null":null}`
	tests := map[string]struct {
		modifications []types.SectionModification
		want          string // section A with sorted keys
		fails         string
	}{
		"add a member":              {[]types.SectionModification{modification(add, "/object/c", `3`)}, `{"a":1,"b":2,"c":3}`, ""},
		"add replaces a member":     {[]types.SectionModification{modification(add, "/object/a", `{"x":[]}`)}, `{"a":{"x":[]},"b":2}`, ""},
		"replace a member":          {[]types.SectionModification{modification(replace, "/object/a", `7`)}, `{"a":7,"b":2}`, ""},
		"remove a member":           {[]types.SectionModification{modification(remove, "/object/a", "")}, `{"b":2}`, ""},
		"remove takes no value":     {[]types.SectionModification{modification(remove, "/object/a", "1")}, `{"b":2}`, ""},
		"add null":                  {[]types.SectionModification{modification(add, "/object/c", `null`)}, `{"a":1,"b":2,"c":null}`, ""},
		"replace with null":         {[]types.SectionModification{modification(replace, "/object/a", `null`)}, `{"a":null,"b":2}`, ""},
		"large numbers":             {[]types.SectionModification{modification(add, "/object/c", `123456789012345678901234567890.12e400`)}, `{"a":1,"b":2,"c":123456789012345678901234567890.12e400}`, ""},
		"in order":                  {[]types.SectionModification{modification(add, "/object/c", `{}`), modification(add, "/object/c/d", `1`), modification(remove, "/object/a", "")}, `{"b":2,"c":{"d":1}}`, ""},
		"missing parent":            {[]types.SectionModification{modification(add, "/object/x/y", `1`)}, "", `Modifications[0]: cannot ADD at path "/object/x/y"`},
		"replace an unknown member": {[]types.SectionModification{modification(replace, "/object/x", `1`)}, "", `Modifications[0]: cannot REPLACE at path "/object/x"`},
		"remove an unknown member":  {[]types.SectionModification{modification(remove, "/object/x", "")}, "", `Modifications[0]: cannot REMOVE at path "/object/x"`},
		"member of a string":        {[]types.SectionModification{modification(add, "/text/x", `1`)}, "", "Modifications[0]"},
		"no value to add":           {[]types.SectionModification{modification(add, "/object/c", "")}, "", "Modifications[0]: cannot ADD at path \"/object/c\" of section \"A\": a value is required"},
		"no value to replace":       {[]types.SectionModification{modification(replace, "/object/a", "")}, "", "a value is required"},
		"atomic":                    {[]types.SectionModification{modification(add, "/object/c", `1`), modification(remove, "/object/a", ""), modification(remove, "/object/a", "")}, "", "Modifications[2]"},
		"another section":           {[]types.SectionModification{{Operation: replace, Path: aws.String("/x"), Section: aws.String("None"), Value: document.NewLazyDocument(1)}}, "", `the section does not exist`},
		"deep in another section":   {[]types.SectionModification{{Operation: add, Path: aws.String("/x/y"), Section: aws.String("None"), Value: document.NewLazyDocument(1)}}, "", `section "None"`},
	}
	onEachStore(t, func(e *env) {
		for name, test := range tests {
			game := strings.ReplaceAll(name, " ", "_")
			e.createGame(game)
			e.importSections(game, `{"A":`+before+`,"B":{}}`)
			e.clock.Advance(time.Second)
			got, err := e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
				GameName: &game, Modifications: test.modifications,
			})
			var configuration *types.GameConfigurationDetails
			if test.fails != "" {
				if !gamesparks.IsValidation(err) || !strings.Contains(err.Error(), test.fails) {
					e.Errorf("%s: got error %v, want one that contains %q", name, err, test.fails)
				}
				configuration = ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx,
					&gamesparks.GetGameConfigurationInput{GameName: &game})).GameConfiguration
				if configuration.LastUpdated.Equal(e.clock.Now()) {
					e.Errorf("%s: the failed update changed LastUpdated", name)
				}
				test.want = `{"a":1,"b":2}`
			} else {
				if err != nil {
					e.Errorf("%s: %v", name, err)
					continue
				}
				configuration = got.GameConfiguration
				if !configuration.LastUpdated.Equal(e.clock.Now()) {
					e.Errorf("%s: the update did not set LastUpdated: %v", name, configuration.LastUpdated)
				}
			}
			var section struct{ Object json.RawMessage }
			if err := json.Unmarshal([]byte(text(e, configuration.Sections["A"].Attributes)), &section); err != nil || string(section.Object) != test.want {
				e.Errorf("%s: got %s, error %v; want %s", name, section.Object, err, test.want)
			}
			if len(configuration.Sections) != 2 || text(e, configuration.Sections["B"].Attributes) != "{}" {
				e.Errorf("%s: the update changed other sections: %v", name, configuration.Sections)
			}
		}
	})
}

// TestPointers checks that paths follow the rules of RFC 6901 and RFC 6902.
func TestPointers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	tests := []struct {
		before       string
		modification types.SectionModification
		want         string // empty if the modification fails
	}{
		{`{"l":[1,2]}`, modification(add, "/l/0", "0"), `{"l":[0,1,2]}`},
		{`{"l":[1,2]}`, modification(add, "/l/1", "0"), `{"l":[1,0,2]}`},
		{`{"l":[1,2]}`, modification(add, "/l/2", "0"), `{"l":[1,2,0]}`},
		{`{"l":[1,2]}`, modification(add, "/l/-", "0"), `{"l":[1,2,0]}`},
		{`{"l":[1,2]}`, modification(add, "/l/3", "0"), ``},
		{`{"l":[1,2]}`, modification(add, "/l/-1", "0"), ``},
		{`{"l":[1,2]}`, modification(add, "/l/x", "0"), ``},
		{`{"l":[1,2]}`, modification(replace, "/l/1", "0"), `{"l":[1,0]}`},
		{`{"l":[1,2]}`, modification(replace, "/l/2", "0"), ``},
		{`{"l":[1,2]}`, modification(replace, "/l/-", "0"), ``},
		{`{"l":[1,2]}`, modification(replace, "/l/-1", "0"), ``},
		{`{"l":[1,2]}`, modification(remove, "/l/0", ""), `{"l":[2]}`},
		{`{"l":[1,2]}`, modification(remove, "/l/2", ""), ``},
		{`{"l":[1,2]}`, modification(remove, "/l/-", ""), ``},
		{`{"l":[1,2]}`, modification(remove, "/l/-1", ""), ``},
		{`{"l":[1,2]}`, modification(add, "/l/01", "0"), ``},
		{`{"l":[1,2]}`, modification(replace, "/l/+1", "0"), ``},
		{`{"l":[1,2]}`, modification(remove, "/l/-0", ""), ``},
		{`{"l":[1,2]}`, modification(replace, "/l/1e0", "0"), ``},
		{`{"l":[1,2]}`, modification(add, "/l/99999999999999999999", "0"), ``},
		{`{"l":[[1],2]}`, modification(add, "/l/-/0", "0"), ``},
		{`{"l":[[1],2]}`, modification(remove, "/l/0/0", ""), `{"l":[[],2]}`},
		{`{"01":1}`, modification(replace, "/01", "2"), `{"01":2}`},
		{`{"a":1}`, modification(add, "/a~2", "2"), ``},
		{`{"a":1}`, modification(add, "/a~", "2"), ``},
		{`{"a":1}`, modification(add, "//x", "2"), ``},
		{`{"":1}`, modification(add, "//x", "2"), ``},
		{`{"":{"":{"x":1}}}`, modification(remove, "///x", ""), `{"":{"":{}}}`},
		{`{"a":{"b":{"c":null}}}`, modification(replace, "/a/b/c", "[]"), `{"a":{"b":{"c":[]}}}`},
		{`[1,2]`, modification(add, "/0", "0"), `[0,1,2]`},
		{`[[1],[2]]`, modification(add, "/1/-", "0"), `[[1],[2,0]]`},
		{`{"a/b":1}`, modification(replace, "/a~1b", "2"), `{"a/b":2}`},
		{`{"m~n":1}`, modification(replace, "/m~0n", "2"), `{"m~n":2}`},
		{`{"~1":1}`, modification(replace, "/~01", "2"), `{"~1":2}`},
		{`{"":{"x":1}}`, modification(replace, "//x", "2"), `{"":{"x":2}}`},
		{`{" ":1}`, modification(remove, "/ ", ""), `{}`},
		{`{"ü€":1}`, modification(replace, "/ü€", "2"), `{"ü€":2}`},
		{`{"a":"<&>"}`, modification(add, "/b", `"<&>"`), `{"a":"<&>","b":"<&>"}`},
		{`{"a":1}`, modification(add, "/-", "2"), `{"a":1,"-":2}`},
		{`{"a":1}`, modification(add, "/0", "2"), `{"a":1,"0":2}`},
		{`{"a":null}`, modification(replace, "/a", "2"), `{"a":2}`},
		{`{"a":null}`, modification(remove, "/a", ""), `{}`},
		{`{"a":null}`, modification(add, "/a/b", "2"), ``},
		{`{"a":12345678901234567890123}`, modification(add, "/b", "1.10"), `{"a":12345678901234567890123,"b":1.10}`},
		{`"text"`, modification(add, "/a", "1"), ``},
		{`7`, modification(remove, "/a", ""), ``},
		{`null`, modification(add, "/a", "1"), ``},
	}
	for i, test := range tests {
		game := fmt.Sprintf("game%d", i)
		e.createGame(game)
		e.importSections(game, `{"A":`+test.before+`}`)
		got, err := e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
			GameName: &game, Modifications: []types.SectionModification{test.modification},
		})
		what := fmt.Sprintf("%s %s in %s", test.modification.Operation, *test.modification.Path, test.before)
		switch {
		case test.want == "" && !gamesparks.IsValidation(err):
			t.Errorf("%s: got error %v, want a ValidationException", what, err)
		case test.want != "" && err != nil:
			t.Errorf("%s: %v", what, err)
		case test.want != "":
			if got := text(e, got.GameConfiguration.Sections["A"].Attributes); got != test.want {
				t.Errorf("%s: got %s, want %s", what, got, test.want)
			}
		}
	}
}

func TestUpdateCreatesSections(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	got := ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: aws.String("chess"),
		Modifications: []types.SectionModification{
			modification(add, "/a", `{}`),
			modification(add, "/a/b", `[1]`),
			{Operation: add, Path: aws.String("/x"), Section: aws.String("B"), Value: document.NewLazyDocument("y")},
		},
	}))
	want := map[string]string{"A": `{"a":{"b":[1]}}`, "B": `{"x":"y"}`}
	if diff := cmp.Diff(want, texts(e, got.GameConfiguration.Sections)); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

func TestConfigurationQuota(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	const largest = 1_024_000
	overhead := len(`{"Document":{"Type":"Game","Sections":{"A":{"a":""}}}}`)
	set := func(n int) error {
		_, err := e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
			GameName:      aws.String("chess"),
			Modifications: []types.SectionModification{modification(add, "/a", `"`+strings.Repeat("x", n)+`"`)},
		})
		return err
	}
	if err := set(largest - overhead); err != nil {
		t.Errorf("a configuration of the maximum size was rejected: %v", err)
	}
	wantError[*types.ServiceQuotaExceededException](e, set(largest-overhead+1), "1024001", "1024000")

	file := bytes.Repeat([]byte(" "), largest+1)
	_, err := e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: aws.String("chess"), ImportSource: &types.ImportGameConfigurationSource{File: file},
	})
	wantError[*types.ValidationException](e, err, "ImportSource.File", "length must be at most 1024000")
	copy(file, `{"Document":{"Type":"Game","Sections":{}}}`)
	ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: aws.String("chess"), ImportSource: &types.ImportGameConfigurationSource{File: file[:largest]},
	}))
}
