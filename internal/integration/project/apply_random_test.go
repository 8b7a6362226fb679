package project_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gamesparks-go/gamesparks/project"
)

// TestApplyRandomGames applies random games. Each apply writes the configuration in one call, with at most as many
// modifications as paths that differ.
func TestApplyRandomGames(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	client := srv.Client()
	dir := t.TempDir()
	games := 0
	rapid.Check(t, func(rt *rapid.T) {
		games++
		name := fmt.Sprintf("game%d", games)
		before, after := randomGame(rt, name, "before"), randomGame(rt, name, "after")
		if len(before.Sections)+len(before.Stages) > 0 || rapid.Bool().Draw(rt, "exists") {
			mustApply(t, client, before)
			checkGame(t, client, before)
		}
		path := filepath.Join(dir, name)
		if err := project.Write(path, after); err != nil {
			rt.Fatal(err)
		}
		desired, err := project.Read(path)
		if err != nil {
			rt.Fatal(err)
		}
		options := project.PlanOptions{
			Prune:       len(after.Sections) > 0 && rapid.Bool().Draw(rt, "prune"),
			PruneStages: len(after.Stages) > 0 && rapid.Bool().Draw(rt, "prune stages"),
		}
		for name, content := range before.Sections {
			if _, ok := after.Sections[name]; !ok && !options.Prune {
				after.Sections[name] = content
			}
		}
		for name, stage := range before.Stages {
			if _, ok := after.Stages[name]; !ok && !options.PruneStages {
				after.Stages[name] = stage
			}
		}

		w := &wire{}
		recorded := newClient(srv, w)
		plan, err := project.NewPlan(t.Context(), recorded, desired, options)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := project.Apply(t.Context(), recorded, reread(rt, plan), project.ApplyOptions{}); err != nil {
			rt.Fatal(err)
		}
		checkGame(t, client, after)
		differing := 0
		for name := range mergeKeys(before.Sections, after.Sections) {
			differing += countDiffering(rt, before.Sections[name], after.Sections[name])
		}
		wantWrites := 0
		if differing > 0 {
			wantWrites = 1
		}
		if got := w.count(isConfigurationWrite); got != wantWrites {
			rt.Errorf("%d calls write the configuration, want %d", got, wantWrites)
		}
		if plan.Write != nil && len(plan.Write.Modifications) > differing {
			rt.Errorf("%d modifications for %d differing paths", len(plan.Write.Modifications), differing)
		}
		if again, err := project.NewPlan(t.Context(), client, desired, options); err != nil || again.HasChanges() {
			rt.Errorf("the plan after apply has changes: %+v, error %v", again, err)
		}
	})
}

// reread returns the plan as read from its JSON form.
func reread(t *rapid.T, p *project.Plan) *project.Plan {
	var text bytes.Buffer
	if err := p.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	if err := checkSchema(text.Bytes()); err != nil {
		t.Fatalf("%v\n%s", err, &text)
	}
	read, err := project.ReadPlan(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func mergeKeys[V any](a, b map[string]V) map[string]bool {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}

// countDiffering returns the number of paths at which two JSON values differ, without an alignment of arrays.
func countDiffering(t *rapid.T, before, after json.RawMessage) int {
	if string(before) == string(after) {
		return 0
	}
	decode := func(text json.RawMessage) (value any) {
		if text == nil {
			return map[string]any{} // an added section has added members
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	return max(countPaths(decode(before), decode(after)), 1)
}

func countPaths(before, after any) int {
	n := 0
	if b, ok := before.(map[string]any); ok {
		if a, ok := after.(map[string]any); ok {
			for key := range mergeKeys(b, a) {
				vb, inBefore := b[key]
				va, inAfter := a[key]
				switch {
				case inBefore != inAfter:
					n++
				default:
					n += countPaths(vb, va)
				}
			}
			return n
		}
	}
	if b, ok := before.([]any); ok {
		if a, ok := after.([]any); ok {
			for i := range max(len(a), len(b)) {
				if i >= len(a) || i >= len(b) {
					n++
				} else {
					n += countPaths(b[i], a[i])
				}
			}
			return n
		}
	}
	if !cmp.Equal(before, after) {
		return 1
	}
	return 0
}

var (
	randomName  = rapid.SampledFrom([]string{"a", "b", "c", "", "a/b", "~", "-", "0", "01", "ü", "x\ny", `"`, "Code", "Script"})
	randomText  = rapid.SampledFrom([]string{`""`, `"a"`, `"line\r\nline\n"`, `"\ud800"`, `"\u0000<>&\u2028"`, `"😀"`})
	randomValue = rapid.SampledFrom([]string{`null`, `true`, `1`, `1.0`, `-0`, `1e400`, `12345678901234567890.1`, `{}`, `[]`})
)

func randomJSON(depth int) *rapid.Generator[string] {
	if depth == 0 {
		return rapid.OneOf(randomText, randomValue)
	}
	return rapid.Custom(func(t *rapid.T) string {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return randomText.Draw(t, "text")
		case 1:
			return randomValue.Draw(t, "value")
		case 2:
			return "[" + strings.Join(rapid.SliceOfN(randomJSON(depth-1), 0, 5).Draw(t, "items"), ",") + "]"
		}
		var members []string
		for _, name := range rapid.SliceOfNDistinct(randomName, 0, 5, rapid.ID).Draw(t, "names") {
			quoted, err := json.Marshal(name)
			if err != nil {
				t.Fatal(err)
			}
			members = append(members, string(quoted)+":"+randomJSON(depth-1).Draw(t, "member"))
		}
		return "{" + strings.Join(members, ",") + "}"
	})
}

func randomGame(t *rapid.T, name, label string) *project.Game {
	description := rapid.SampledFrom([]string{"", "a", "b"})
	tags := func() map[string]string {
		tags := rapid.MapOfN(rapid.SampledFrom([]string{"team", "a/b", "x:y"}), rapid.SampledFrom([]string{"", "v", "w"}), 0, 3).Draw(t, "tags")
		if len(tags) == 0 {
			return nil
		}
		return tags
	}
	g := &project.Game{
		Name: name, Description: description.Draw(t, label), Tags: tags(),
		Sections: map[string]json.RawMessage{}, Stages: map[string]project.Stage{},
	}
	names := []string{"A", "B.x", "GameSparks.Core.RequestHandlers", "D"}
	for _, section := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 4, rapid.ID).Draw(t, "sections") {
		content, err := project.Canonical([]byte(randomJSON(3).Draw(t, section)))
		if err != nil {
			t.Fatal(err)
		}
		g.Sections[section] = content
	}
	for _, stage := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"dev", "live"}), 0, 2, rapid.ID).Draw(t, "stages") {
		g.Stages[stage] = project.Stage{
			Role: role + rapid.SampledFrom([]string{"1", "2"}).Draw(t, "role"), Description: description.Draw(t, stage), Tags: tags(),
		}
	}
	return g
}
