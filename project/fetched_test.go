package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestOverwritten checks which parts of a plan discard changes that were made on the server since the last fetch.
func TestOverwritten(t *testing.T) {
	t.Parallel()
	const scripts = `{"A":{"Code":{"Script":"a"}},"B":{"Code":{"Script":"b"}}}`
	const game = `{"name": "lighthouse", "description": "A lamp", "stages": {"dev": {"role": "r"}, "live": {"role": "r"}}}`
	tests := map[string]struct {
		edit   map[string]string // files to write, or to remove if empty
		change func(*reader)     // on the server
		prune  bool
		want   []string
	}{
		"edited here only": {
			edit: map[string]string{"sections/Lamps.json": "2", "game.json": `{"name": "lighthouse", "stages": {"dev": {"role": "s"}}}`},
		},
		"other sections": {
			edit:   map[string]string{"sections/Lamps.json": "2"},
			change: func(r *reader) { r.sections["New"] = "1" },
		},
		"the same section": {
			edit:   map[string]string{handlers + "/A.js": "x"},
			change: func(r *reader) { r.sections["GameSparks.Core.RequestHandlers"] = `{"A":{"Code":{"Script":"a"}}}` },
			want:   []string{"section GameSparks.Core.RequestHandlers"},
		},
		"not edited here": {
			change: func(r *reader) { r.sections["Lamps"] = "2"; r.game.Description = new("Light") },
			want:   []string{"game lighthouse", "section Lamps"},
		},
		"equal edits": {
			edit:   map[string]string{"sections/Lamps.json": "2"},
			change: func(r *reader) { r.sections["Lamps"] = "2" },
		},
		"a section removed on the server": {
			change: func(r *reader) { delete(r.sections, "Lamps") },
			want:   []string{"section Lamps"},
		},
		"a section added on the server, kept": {change: func(r *reader) { r.sections["New"] = "1" }},
		"a section added on the server, pruned": {
			change: func(r *reader) { r.sections["New"] = "1" },
			prune:  true,
			want:   []string{"section New"},
		},
		"a section removed here": {edit: map[string]string{"sections/Lamps.json": ""}, prune: true},
		"stages": {
			edit: map[string]string{"game.json": `{"name": "lighthouse", "description": "A lamp", "stages": {"dev": {"role": "s"}, "live": {"role": "r", "description": "x"}}}`},
			change: func(r *reader) {
				r.stages[0].Role = new("t")
				r.stages[1].Tags = map[string]string{"a": "b"}
				r.stages = append(r.stages, types.StageDetails{Name: new("new"), Role: new("r")})
			},
			prune: true,
			want:  []string{"stage dev", "stage live", "stage new"},
		},
		"a stage removed on the server": {
			change: func(r *reader) { r.stages = r.stages[:1] },
			want:   []string{"stage live"},
		},
		"another game": {
			edit:   map[string]string{"game.json": `{"name": "harbor"}`},
			change: func(r *reader) { r.sections["Lamps"] = "2" },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReader(map[string]string{"Lamps": "1", "GameSparks.Core.RequestHandlers": scripts})
			r.game.Description = new("A lamp")
			r.stages = []types.StageDetails{{Name: new("dev"), Role: new("r")}, {Name: new("live"), Role: new("r")}}
			dir := writeFiles(t, map[string]string{"game.json": game})
			mustFetch(t, r, dir, project.FetchOptions{})
			editFiles(t, dir, tt.edit)
			if tt.change != nil {
				tt.change(r)
			}
			plan := planDirectory(t, r, dir, project.PlanOptions{Prune: tt.prune, PruneStages: tt.prune})
			if diff := cmp.Diff(tt.want, overwritten(t, dir, plan)); diff != "" {
				t.Errorf("the parts differ (-want +got):\n%s", diff)
			}
			if name == "another game" {
				return
			}

			t.Log("A fetch takes over the changes on the server.")
			mustFetch(t, r, dir, project.FetchOptions{Force: true})
			plan = planDirectory(t, r, dir, project.PlanOptions{Prune: tt.prune, PruneStages: tt.prune})
			if parts := overwritten(t, dir, plan); parts != nil {
				t.Errorf("after a fetch, the plan overwrites %q", parts)
			}
		})
	}
}

// TestOverwrittenAfterApply checks that the applied state of a directory counts as fetched, and that parts of the game that the
// directory has not fetched do not.
func TestOverwrittenAfterApply(t *testing.T) {
	t.Parallel()
	r := newReader(map[string]string{"Lamps": "1", "Fog": "1"})
	r.stages = []types.StageDetails{{Name: new("dev"), Role: new("r")}, {Name: new("live"), Role: new("r")}}
	dir := t.TempDir()
	if record, err := project.ReadFetchRecord(dir); record != nil || err != nil {
		t.Errorf("the record of an empty directory is %v, error %v", record, err)
	}
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
	r.sections["New"] = "1"
	r.stages = append(r.stages, types.StageDetails{Name: new("new"), Role: new("r")})
	if err := os.Remove(filepath.Join(dir, "sections/Fog.json")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "sections/Lamps.json", "2")
	writeFile(t, dir, "game.json", `{"name": "lighthouse", "stages": {"dev": {"role": "s"}}}`)
	plan := planDirectory(t, r, dir, project.PlanOptions{})
	applied, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := project.RecordFetch(dir, applied, plan); err != nil {
		t.Fatal(err)
	}
	r.sections["Lamps"] = "2"
	r.stages[0].Role = new("s")
	writeFile(t, dir, "sections/Lamps.json", "3")
	writeFile(t, dir, "game.json", `{"name": "lighthouse", "stages": {"dev": {"role": "t"}}}`)
	plan = planDirectory(t, r, dir, project.PlanOptions{Prune: true, PruneStages: true})
	if diff := cmp.Diff([]string{"section New", "stage new"}, overwritten(t, dir, plan)); diff != "" {
		t.Errorf("the parts differ (-want +got):\n%s", diff)
	}

	t.Log("A section that the plan has removed can be added again.")
	if applied, err = project.Read(dir); err != nil {
		t.Fatal(err)
	}
	if err := project.RecordFetch(dir, applied, plan); err != nil {
		t.Fatal(err)
	}
	r.sections = map[string]string{"Lamps": "3"}
	r.stages = []types.StageDetails{{Name: new("dev"), Role: new("t")}}
	writeFile(t, dir, "sections/Fog.json", "2")
	writeFile(t, dir, "game.json", `{"name": "lighthouse", "stages": {"dev": {"role": "t"}, "live": {"role": "r"}}}`)
	if parts := overwritten(t, dir, planDirectory(t, r, dir, project.PlanOptions{})); parts != nil {
		t.Errorf("the plan overwrites %q", parts)
	}
}

// TestOverwrittenAfterPlan checks that the changes of a plan file that was applied are not those of another program.
func TestOverwrittenAfterPlan(t *testing.T) {
	t.Parallel()
	r := newReader(map[string]string{"Lamps": "1", "Fog": "1"})
	dir := t.TempDir()
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
	writeFile(t, dir, "sections/Lamps.json", "2")
	writeFile(t, dir, "game.json", `{"name": "lighthouse", "description": "A lamp"}`)
	g, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := project.RecordPlan(dir, g, planDirectory(t, r, dir, project.PlanOptions{})); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "sections/Lamps.json", "3")
	writeFile(t, dir, "game.json", `{"name": "lighthouse", "description": "A light"}`)
	check := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, overwritten(t, dir, planDirectory(t, r, dir, project.PlanOptions{}))); diff != "" {
			t.Errorf("the parts differ (-want +got):\n%s", diff)
		}
	}
	check()
	r.sections["Lamps"] = "2"
	r.game.Description = new("A lamp")
	check()
	if got := mustFetch(t, r, dir, project.FetchOptions{DryRun: true}); got != "kept game.json\nkept sections/Lamps.json" {
		t.Errorf("a fetch changes\n%s", got)
	}
	r.sections["Lamps"] = "4"
	check("section Lamps")
}

func planDirectory(t *testing.T, r *reader, dir string, options project.PlanOptions) *project.Plan {
	t.Helper()
	g, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := project.NewPlan(t.Context(), r, g, options)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// overwritten returns the parts that a plan overwrites, according to the record of a directory.
func overwritten(t *testing.T, dir string, plan *project.Plan) []string {
	t.Helper()
	record, err := project.ReadFetchRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	if record == nil {
		t.Fatal("the directory has no record of a fetch")
	}
	if record.Game() != "lighthouse" {
		t.Errorf("the record is of the game %s", record.Game())
	}
	return record.Overwritten(plan)
}
