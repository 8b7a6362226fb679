package gamesparks_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

func strict(o *gamesparks.Options) { o.StrictValidation = true }

// requireInvalid calls the operation with an invalid input on both paths and returns the violations.
func requireInvalid(t *testing.T, name string, input any, optFns ...func(*gamesparks.Options)) smithy.InvalidParamsError {
	t.Helper()
	var invalid smithy.InvalidParamsError
	for path, via := range paths {
		r := &recorder{}
		_, err := methods()[name].call(t.Context(), newClient(r, with(via, optFns)...), input)
		if !errors.As(err, &invalid) {
			t.Fatalf("%s: got %v, want an InvalidParamsError", path, err)
		}
		if len(r.all()) != 0 {
			t.Errorf("%s: a request was sent", path)
		}
		var op *smithy.OperationError
		if !errors.As(err, &op) || op.Operation() != name || !gamesparks.IsValidation(err) {
			t.Errorf("%s: error %v is not a validation error wrapped in an OperationError for %s", path, err, name)
		}
	}
	return invalid
}

// violations returns the violations as sorted strings of the form "field: rule".
func violations(invalid smithy.InvalidParamsError) []string {
	var texts []string
	for _, err := range invalid.Errs() {
		field := err.(smithy.InvalidParamError).Field()
		texts = append(texts, field+": "+strings.TrimSuffix(err.Error(), ", "+field+"."))
	}
	slices.Sort(texts)
	return texts
}

const missing = "missing required field"

// TestRequired checks that each operation rejects an empty input with an error that lists every required member.
func TestRequired(t *testing.T) {
	t.Parallel()
	for name, m := range methods() {
		var want []string
		for member, schema := range m.Input.Members() {
			if _, ok := smithy.SchemaTrait[*schemas.Required](schema); ok {
				want = append(want, name+"Input."+goName(member)+": "+missing)
			}
		}
		if want == nil {
			continue // ListExtensions and ListGames
		}
		slices.Sort(want)
		invalid := requireInvalid(t, name, reflect.New(m.input).Interface())
		if diff := cmp.Diff(want, violations(invalid)); diff != "" {
			t.Errorf("%s: violations (-want +got):\n%s", name, diff)
		}
		for _, violation := range want {
			field, _, _ := strings.Cut(violation, ":")
			if !strings.Contains(invalid.Error(), missing+", "+field) {
				t.Errorf("error %q does not name %s", invalid, field)
			}
		}
	}
}

// TestRequiredNested checks that a single error lists all missing required members at any depth, with their full paths.
func TestRequiredNested(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		input any
		want  []string
	}{
		"CreateStage": {
			&gamesparks.CreateStageInput{GameName: aws.String("g"), StageName: aws.String("s")},
			[]string{"CreateStageInput.Role: " + missing},
		},
		"UpdateGameConfiguration": {
			&gamesparks.UpdateGameConfigurationInput{Modifications: []types.SectionModification{
				{Operation: types.OperationAdd, Path: aws.String("/a"), Section: aws.String("s")},
				{Operation: types.OperationAdd, Section: aws.String("s")},
				{},
				{Operation: types.OperationRemove, Section: aws.String("s")},
			}},
			[]string{
				"UpdateGameConfigurationInput.GameName: " + missing,
				"UpdateGameConfigurationInput.Modifications[1].Path: " + missing,
				"UpdateGameConfigurationInput.Modifications[2].Operation: " + missing,
				"UpdateGameConfigurationInput.Modifications[2].Path: " + missing,
				"UpdateGameConfigurationInput.Modifications[2].Section: " + missing,
				"UpdateGameConfigurationInput.Modifications[3].Path: " + missing,
			},
		},
		"ImportGameConfiguration": {
			&gamesparks.ImportGameConfigurationInput{GameName: aws.String("g"), ImportSource: &types.ImportGameConfigurationSource{}},
			[]string{"ImportGameConfigurationInput.ImportSource.File: " + missing},
		},
		"TagResource": {
			&gamesparks.TagResourceInput{ResourceArn: aws.String(gameARN)},
			[]string{"TagResourceInput.Tags: " + missing},
		},
		"UntagResource": {
			&gamesparks.UntagResourceInput{},
			[]string{"UntagResourceInput.ResourceArn: " + missing, "UntagResourceInput.TagKeys: " + missing},
		},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, violations(requireInvalid(t, name, test.input))); diff != "" {
			t.Errorf("%s: violations (-want +got):\n%s", name, diff)
		}
	}
}

// TestEmptyLabels checks that empty labels are rejected with and without strict validation. A request with an empty label
// would address another resource.
func TestEmptyLabels(t *testing.T) {
	t.Parallel()
	table := exchanges()
	labels := 0
	for name, m := range methods() {
		for _, label := range m.Path.Labels() {
			labels++
			input := clone(table[name].input)
			reflect.ValueOf(input).Elem().FieldByName(label).Set(reflect.ValueOf(aws.String("")))
			for _, options := range [][]func(*gamesparks.Options){nil, {strict}} {
				want := []string{name + "Input." + label + ": value must not be empty, because it is part of the request's path"}
				if diff := cmp.Diff(want, violations(requireInvalid(t, name, input, options...))); diff != "" {
					t.Errorf("violations (-want +got):\n%s", diff)
				}
				_, err := m.call(t.Context(), newClient(&recorder{}, options...), input)
				if _, ok := errors.AsType[*smithy.SerializationError](err); !ok {
					t.Errorf("error %v is not a SerializationError", err)
				}
			}
		}
	}
	if labels < 40 {
		t.Errorf("found only %d labels, want at least 40", labels)
	}
}

// clone returns a pointer to a shallow copy of the struct that input points to.
func clone(input any) any {
	v := reflect.New(reflect.TypeOf(input).Elem())
	v.Elem().Set(reflect.ValueOf(input).Elem())
	return v.Interface()
}

// TestStrictAccepts checks that strict validation accepts a valid input for every operation.
func TestStrictAccepts(t *testing.T) {
	t.Parallel()
	table := exchanges()
	for name, m := range methods() {
		r := &recorder{answers: []answer{table[name].answer()}}
		if _, err := m.call(t.Context(), newClient(r, strict), table[name].input); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(r.all()) != 1 {
			t.Errorf("%s: sent %d requests, want 1", name, len(r.all()))
		}
	}
}

// TestStrictConstraints checks that each kind of constraint is enforced and named in the error. Without StrictValidation,
// the same inputs are sent.
func TestStrictConstraints(t *testing.T) {
	t.Parallel()
	long := func(n int) *string { return aws.String(strings.Repeat("x", n)) }
	g := aws.String("g")
	tooMany := map[string]string{}
	for i := range 51 {
		tooMany["k"+strings.Repeat("x", i)] = ""
	}
	tests := map[string]struct {
		operation string
		input     any
		want      []string
	}{
		"string too long":  {"GetGame", &gamesparks.GetGameInput{GameName: long(37)}, []string{"GetGameInput.GameName: length must be at most 36, is 37"}},
		"string too short": {"CreateGame", &gamesparks.CreateGameInput{GameName: g, ClientToken: long(32)}, []string{"CreateGameInput.ClientToken: length must be at least 33, is 32"}},
		"characters, not bytes": {"UpdateGame", &gamesparks.UpdateGameInput{GameName: g, Description: aws.String(strings.Repeat("日", 251))},
			[]string{"UpdateGameInput.Description: length must be at most 250, is 251"}},
		"pattern": {"GetGame", &gamesparks.GetGameInput{GameName: aws.String("my game")}, []string{"GetGameInput.GameName: value must match ^[a-zA-Z0-9_-]+$"}},
		"pattern and length": {"GetGame", &gamesparks.GetGameInput{GameName: aws.String(strings.Repeat("!", 40))},
			[]string{"GetGameInput.GameName: length must be at most 36, is 40", "GetGameInput.GameName: value must match ^[a-zA-Z0-9_-]+$"}},
		"pattern with a look-ahead": {"TagResource", &gamesparks.TagResourceInput{ResourceArn: aws.String(gameARN), Tags: map[string]string{"aws:x": "v"}},
			[]string{`TagResourceInput.Tags["aws:x"]: value must match ^(?!aws:)[a-zA-Z+-=._:/]+$`}},
		"range, too small": {"ListGames", &gamesparks.ListGamesInput{MaxResults: aws.Int32(0)}, []string{"ListGamesInput.MaxResults: value must be at least 1, is 0"}},
		"range, too large": {"ListStages", &gamesparks.ListStagesInput{GameName: g, MaxResults: aws.Int32(101)}, []string{"ListStagesInput.MaxResults: value must be at most 100, is 101"}},
		"empty query":      {"ListGames", &gamesparks.ListGamesInput{NextToken: aws.String("")}, []string{"ListGamesInput.NextToken: length must be at least 1, is 0", `ListGamesInput.NextToken: value must match ^\S(.*\S)?$`}},
		"list too short":   {"GetSnapshot", &gamesparks.GetSnapshotInput{GameName: g, SnapshotId: aws.String(snapshotID), Sections: []string{}}, []string{"GetSnapshotInput.Sections: length must be at least 1, is 0"}},
		"list too long": {"UntagResource", &gamesparks.UntagResourceInput{ResourceArn: aws.String(gameARN), TagKeys: slices.Repeat([]string{"k"}, 51)},
			[]string{"UntagResourceInput.TagKeys: length must be at most 50, is 51"}},
		"list element": {"UntagResource", &gamesparks.UntagResourceInput{ResourceArn: aws.String(gameARN), TagKeys: []string{"ok", "", "a!b"}},
			[]string{"UntagResourceInput.TagKeys[1]: length must be at least 1, is 0", "UntagResourceInput.TagKeys[1]: value must match ^(?!aws:)[a-zA-Z+-=._:/]+$",
				"UntagResourceInput.TagKeys[2]: value must match ^(?!aws:)[a-zA-Z+-=._:/]+$"}},
		"map too large": {"CreateGame", &gamesparks.CreateGameInput{GameName: g, Tags: tooMany}, []string{"CreateGameInput.Tags: length must be at most 50, is 51"}},
		"map too small": {"CreateGame", &gamesparks.CreateGameInput{GameName: g, Tags: map[string]string{}}, []string{"CreateGameInput.Tags: length must be at least 1, is 0"}},
		"map value": {"CreateGame", &gamesparks.CreateGameInput{GameName: g, Tags: map[string]string{"b": "#", "a": strings.Repeat("v", 257)}},
			[]string{`CreateGameInput.Tags["a"]: length must be at most 256, is 257`, `CreateGameInput.Tags["b"]: value must match ^[\s\w+-=\.:/@]*$`}},
		"blob too short": {"ImportGameConfiguration", &gamesparks.ImportGameConfigurationInput{GameName: g, ImportSource: &types.ImportGameConfigurationSource{File: []byte("{}")}},
			[]string{"ImportGameConfigurationInput.ImportSource.File: length must be at least 10, is 2"}},
		"blob too long": {"ImportGameConfiguration", &gamesparks.ImportGameConfigurationInput{GameName: g, ImportSource: &types.ImportGameConfigurationSource{File: make([]byte, 1024001)}},
			[]string{"ImportGameConfigurationInput.ImportSource.File: length must be at most 1024000, is 1024001"}},
		"enumeration": {"UpdateGameConfiguration", &gamesparks.UpdateGameConfigurationInput{GameName: g, Modifications: []types.SectionModification{
			{Operation: "MOVE", Path: aws.String("/a/"), Section: aws.String("s"), Value: document.NewLazyDocument(1)},
		}}, []string{"UpdateGameConfigurationInput.Modifications[0].Operation: value must be one of ADD, REMOVE, REPLACE",
			`UpdateGameConfigurationInput.Modifications[0].Path: value must match ^\/.*[^\/]$`}},
		"nested": {"StartGeneratedCodeJob", &gamesparks.StartGeneratedCodeJobInput{GameName: g, SnapshotId: aws.String(snapshotID), Generator: &types.Generator{
			GameSdkVersion: aws.String("latest"), Language: aws.String("C#"), TargetPlatform: aws.String(""),
		}}, []string{
			`StartGeneratedCodeJobInput.Generator.GameSdkVersion: value must match ^((\d|[1-9]\d*)\.(\d|[0-9]\d*)\.(\d|[0-9]\d*)|LATEST)$`,
			"StartGeneratedCodeJobInput.Generator.Language: value must match ^[a-zA-Z_]+$",
			"StartGeneratedCodeJobInput.Generator.TargetPlatform: length must be at least 1, is 0",
			"StartGeneratedCodeJobInput.Generator.TargetPlatform: value must match ^[a-zA-Z]+$",
		}},
		"role": {"CreateStage", &gamesparks.CreateStageInput{GameName: g, StageName: g, Role: aws.String("arn:aws:iam::1:role/x")},
			[]string{`CreateStageInput.Role: value must match ^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/.+$`}},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			got := violations(requireInvalid(t, test.operation, test.input, strict))
			slices.Sort(test.want)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			r := &recorder{}
			if _, err := methods()[test.operation].call(t.Context(), newClient(r, via), test.input); err != nil || len(r.all()) != 1 {
				t.Errorf("without StrictValidation: got error %v and %d requests, want no error and one request", err, len(r.all()))
			}
			// StrictValidation can also be set for a single call.
			if _, err := methods()[test.operation].call(t.Context(), newClient(r, via), test.input, strict); !gamesparks.IsValidation(err) {
				t.Errorf("with StrictValidation in the call's options: got %v, want a validation error", err)
			}
		})
	}
}

// TestEveryConstraint checks each constraint on an input member: a value just outside the limit violates it, and a value
// just inside does not.
func TestEveryConstraint(t *testing.T) {
	t.Parallel()
	table := exchanges()
	checked := map[string]int{}
	for name, m := range methods() {
		for _, member := range slices.Sorted(maps.Keys(m.Input.Members())) {
			schema := m.Input.Member(member)
			// check sets the member to value and checks whether the violations contain the rule.
			check := func(kind string, value any, rule string, want bool) {
				t.Helper()
				checked[kind]++
				input := clone(table[name].input)
				reflect.ValueOf(input).Elem().FieldByName(goName(member)).Set(reflect.ValueOf(value))
				_, err := m.call(t.Context(), newClient(&recorder{}, strict), input)
				var invalid smithy.InvalidParamsError
				errors.As(err, &invalid)
				got := slices.Contains(violations(invalid), name+"Input."+goName(member)+": "+rule)
				if got != want {
					t.Errorf("%s.%s, %s: violation of %q reported = %t; got error %v", name, member, kind, rule, got, err)
				}
			}
			text := func(n int) *string { return aws.String(strings.Repeat("x", n)) }
			if l, ok := smithy.SchemaTrait[*schemas.Length](schema); ok && schema.Type() == smithy.ShapeTypeString {
				check("too long", text(l.Max+1), fmt.Sprintf("length must be at most %d, is %d", l.Max, l.Max+1), true)
				check("longest", text(l.Max), fmt.Sprintf("length must be at most %d, is %d", l.Max, l.Max), false)
				if _, isLabel := smithy.SchemaTrait[*traits.HTTPLabel](schema); l.Min > 1 || l.Min > 0 && !isLabel {
					check("too short", text(l.Min-1), fmt.Sprintf("length must be at least %d, is %d", l.Min, l.Min-1), true)
					check("shortest", text(l.Min), fmt.Sprintf("length must be at least %d, is %d", l.Min, l.Min), false)
				}
			}
			if p, ok := smithy.SchemaTrait[*schemas.Pattern](schema); ok {
				check("pattern", aws.String(" \n "), "value must match "+p.String(), true)
			}
			if r, ok := smithy.SchemaTrait[*schemas.Range](schema); ok {
				low, high := int32(r.Min), int32(r.Max)
				check("too small", aws.Int32(low-1), fmt.Sprintf("value must be at least %d, is %d", low, low-1), true)
				check("smallest", aws.Int32(low), fmt.Sprintf("value must be at least %d, is %d", low, low), false)
				check("too large", aws.Int32(high+1), fmt.Sprintf("value must be at most %d, is %d", high, high+1), true)
				check("largest", aws.Int32(high), fmt.Sprintf("value must be at most %d, is %d", high, high), false)
			}
		}
	}
	for _, kind := range []string{"too long", "longest", "too short", "shortest", "pattern", "too small", "smallest", "too large", "largest"} {
		if checked[kind] < 7 {
			t.Errorf("checked only %d constraints of kind %q, want at least 7", checked[kind], kind)
		}
	}
}

// TestViolationPaths checks that callers can prefix a violation with the context of their own structures.
func TestViolationPaths(t *testing.T) {
	t.Parallel()
	outer := smithy.InvalidParamsError{Context: "Config"}
	outer.AddNested("Games[0]", requireInvalid(t, "GetGame", &gamesparks.GetGameInput{GameName: aws.String("")}))
	outer.AddNested("Tags", requireInvalid(t, "TagResource", &gamesparks.TagResourceInput{ResourceArn: aws.String("")}))
	want := []string{
		"Config.Games[0].GameName: value must not be empty, because it is part of the request's path",
		"Config.Tags.ResourceArn: value must not be empty, because it is part of the request's path",
		"Config.Tags.Tags: " + missing,
	}
	if diff := cmp.Diff(want, violations(outer)); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}
