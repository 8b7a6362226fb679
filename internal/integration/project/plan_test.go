package project_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gamesparks-go/gamesparks/project"
)

// planSchema is the JSON schema of plans, which is part of the module.
var planSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile("../../../project/plan.schema.json")
})

// checkSchema returns an error if the JSON form of a plan does not match the schema.
func checkSchema(text []byte) error {
	schema, err := planSchema()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// TestPlanSchema checks that the schema rejects texts that are not plans. [TestApplyRandomGames] checks that it accepts
// plans.
func TestPlanSchema(t *testing.T) {
	t.Parallel()
	client := startServer(t).Client()
	mustApply(t, client, newGame(t, "lighthouse", "A", `{"v":1}`))
	var text bytes.Buffer
	if err := mustPlan(t, client, newGame(t, "lighthouse", "A", `{"v":2}`)).WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	if err := checkSchema(text.Bytes()); err != nil {
		t.Fatalf("%v\n%s", err, &text)
	}
	for _, edit := range [][2]string{
		{`"version": 1`, `"version": 2`}, {`"game":`, `"name":`}, {`"action": "change"`, `"action": "add"`}, {`"REPLACE"`, `"MOVE"`},
		{`"sectionsChanged": 1`, `"sectionsChanged": -1`}, {"sha256:", "md5:"},
	} {
		edited := strings.Replace(text.String(), edit[0], edit[1], 1)
		if edited == text.String() || checkSchema([]byte(edited)) == nil {
			t.Errorf("the schema accepts %s instead of %s", edit[1], edit[0])
		}
	}
}

// TestPlanText checks the text of plans.
func TestPlanText(t *testing.T) {
	t.Parallel()
	const (
		handlers = `{"StartMatchmaking":{"Code":{"Script":"const a = 1;\nconst b = 2;\nconst c = 3;\nconst response = old();\n"}}}`
		changed  = `{"StartMatchmaking":{"Code":{"Script":"const a = 1;\nconst b = 2;\nconst c = 3;\nconst response = new();\n"}}}`
	)
	before := []string{
		"Lighthouse.Lamps", `{"North":"White"}`, "GameSparks.Core.RequestHandlers", handlers, "Lighthouse.Old", `{}`,
	}
	after := []string{
		"Lighthouse.Lamps", `{"North":"Red","South":"Green"}`, "GameSparks.Core.RequestHandlers", changed, "Lighthouse.Fog", `{"Density":0.5}`,
	}
	for _, test := range []struct {
		name          string
		before, after []string // the sections; nil if the game does not exist
		edit          func(before, after *project.Game)
		options       project.PlanOptions
		want          string
	}{
		{"changes", before, after, func(b, a *project.Game) {
			b.Stages = map[string]project.Stage{"live": {Role: role, Description: "old"}, "test": {Role: role}}
			a.Stages = map[string]project.Stage{"live": {Role: role, Description: "new"}}
		}, project.PlanOptions{}, `
lighthouse at DIGEST
  ~ GameSparks.Core.RequestHandlers  /StartMatchmaking/Code/Script
      @@ -3,2 +3,2 @@
       const c = 3;
      -const response = old();
      +const response = new();
  + Lighthouse.Fog  15 B
  ~ Lighthouse.Lamps
      ~ /North  "White" -> "Red"
      + /South  "Green"
  ! Lighthouse.Old  only on the server; --prune removes it
  ~ stage live      description  "old" -> "new"
  ! stage test      only on the server; --prune-stages removes it
Plan: 1 section added, 2 changed, 0 removed; 1 stage changed. 4 modifications in 1 call.
`},
		{"pruned", before, after, func(b, a *project.Game) {
			b.Stages = map[string]project.Stage{"live": {Role: role}, "test": {Role: role, Tags: map[string]string{"a": "b"}}}
			a.Stages = map[string]project.Stage{"live": {Role: role + "2", Description: "d", Tags: map[string]string{"k/e": "v"}}, "beta": {Role: role}}
			a.Description = "a"
		}, project.PlanOptions{Prune: true, PruneStages: true}, `
lighthouse at DIGEST
  ~ game lighthouse  + description  "a"
  ~ GameSparks.Core.RequestHandlers  /StartMatchmaking/Code/Script
      @@ -3,2 +3,2 @@
       const c = 3;
      -const response = old();
      +const response = new();
  + Lighthouse.Fog   15 B
  ~ Lighthouse.Lamps
      ~ /North  "White" -> "Red"
      + /South  "Green"
  - Lighthouse.Old   2 B
  + stage beta       role  "arn:aws:iam::123456789012:role/lighthouse"
  ~ stage live
      + description  "d"
      ~ role  "arn:aws:iam::123456789012:role/lighthouse" -> "arn:aws:iam::123456789012:role/lighthouse2"
      + tags/k~1e  "v"
  - stage test
Plan: 1 game changed; 1 section added, 2 changed, 1 removed; 1 stage added, 1 changed, 1 removed. The configuration is imported in 1 call, because the section Lighthouse.Old is removed.
`},
		{"game added", nil, after[:2], nil, project.PlanOptions{}, `
lighthouse does not exist yet
  + game lighthouse
  + Lighthouse.Lamps  31 B
Plan: 1 game added; 1 section added, 0 changed, 0 removed. 2 modifications in 1 call.
`},
		{"nothing", before, before[:4], nil, project.PlanOptions{}, `
lighthouse at DIGEST
  ! Lighthouse.Old  only on the server; --prune removes it
Plan: no changes.
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := startServer(t).Client()
			b, a := newGame(t, "lighthouse", test.before...), newGame(t, "lighthouse", test.after...)
			if test.edit != nil {
				test.edit(b, a)
			}
			if test.before != nil {
				mustApply(t, client, b)
			}
			plan, err := project.NewPlan(t.Context(), client, a, test.options)
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			if err := plan.WriteText(&text, project.Style{}); err != nil {
				t.Fatal(err)
			}
			got := strings.Replace(text.String(), plan.Server.ConfigurationDigest[:len("sha256:")+12]+"…", "DIGEST", 1)
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
