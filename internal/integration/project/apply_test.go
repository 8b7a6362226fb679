package project_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestRacingApplies applies two plans of the same state concurrently. Exactly one succeeds. Planning and applying again
// preserves both changes.
func TestRacingApplies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, first, second string }{
		{"updates", `{"North":"Red","South":"White"}`, `{"North":"White","South":"Green"}`},
		{"imports", `[1]`, `[2]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t)
			client := srv.Client()
			mustApply(t, client, newGame(t, "lighthouse", "Lamps", `{"North":"White","South":"White"}`, "Other", `{}`))

			arrived := make(chan struct{}, 2)
			both := make(chan struct{})
			go func() {
				<-arrived
				<-arrived
				close(both)
			}()
			type outcome struct {
				plan   *project.Plan
				result *project.ApplyResult
				err    error
			}
			outcomes := make(chan outcome, 2)
			for _, content := range []string{test.first, test.second} {
				racer := newClient(srv, &wire{before: func(_ int, request string) error {
					if isConfigurationWrite(request) {
						arrived <- struct{}{}
						<-both
					}
					return nil
				}})
				plan := mustPlan(t, racer, newGame(t, "lighthouse", "Lamps", content, "Other", `{}`))
				go func() {
					result, err := project.Apply(t.Context(), racer, plan, project.ApplyOptions{})
					outcomes <- outcome{plan, result, err}
				}()
			}
			first, second := <-outcomes, <-outcomes
			if first.err != nil {
				first, second = second, first
			}
			if first.err != nil {
				t.Fatalf("both applies failed: %v; %v", first.err, second.err)
			}
			stale := wantStale(t, second.err)
			if stale.Written {
				t.Errorf("the second apply has written the configuration: %v", stale)
			}
			if id := second.result.PreviousSnapshotID; id != "" {
				t.Errorf("the second apply offers to restore %s, which would undo the first apply", id)
			}
			if want := "Another program has changed the game. Fetch it and review the changes before you plan and apply again."; !strings.Contains(second.err.Error(), want) {
				t.Errorf("the error lacks %q:\n%v", want, second.err)
			}
			winner := string(first.plan.Sections[0].After)
			if got := string(section(t, client, "lighthouse", "Lamps")); got != winner {
				t.Errorf("the section is %s, want %s as written by the first apply", got, winner)
			}
			if test.name == "updates" {
				// The loser's change on top of the winner's.
				mustApply(t, client, newGame(t, "lighthouse", "Lamps", `{"North":"Red","South":"Green"}`, "Other", `{}`))
				if got, want := string(section(t, client, "lighthouse", "Lamps")), `{"North":"Red","South":"Green"}`; got != want {
					t.Errorf("the section is %s, want %s", got, want)
				}
			}
		})
	}
}

func section(t *testing.T, client *gamesparks.Client, game, name string) json.RawMessage {
	t.Helper()
	sections, err := project.FetchConfiguration(t.Context(), client, game)
	if err != nil {
		t.Fatal(err)
	}
	return sections[name]
}

// modify changes a value of a section as another program would.
func modify(t testing.TB, client *gamesparks.Client, game, section, path string, value any) {
	t.Helper()
	if _, err := client.UpdateGameConfiguration(t.Context(), &gamesparks.UpdateGameConfigurationInput{
		GameName: &game, Modifications: []types.SectionModification{
			{Section: &section, Operation: types.OperationAdd, Path: &path, Value: document.NewLazyDocument(value)},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// TestStalePlan changes a game between plan and apply. Apply reports the path with the expected and the found value, and
// writes nothing.
func TestStalePlan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(t *testing.T, client *gamesparks.Client)
		want   []string // nil if the plan does not touch the change
	}{
		{"same value", func(t *testing.T, c *gamesparks.Client) { modify(t, c, "lighthouse", "Lamps", "/North", "Blue") },
			[]string{`section Lamps /North: expected "White", found "Blue"`}},
		{"same section", func(t *testing.T, c *gamesparks.Client) { modify(t, c, "lighthouse", "Lamps", "/East", 1) },
			[]string{`section Lamps /East: expected nothing, found 1`}},
		{"added section", func(t *testing.T, c *gamesparks.Client) { modify(t, c, "lighthouse", "Fog", "/x", 1) },
			[]string{`section Fog: expected nothing, found {"x":1}`}},
		{"another section", func(t *testing.T, c *gamesparks.Client) { modify(t, c, "lighthouse", "Other", "/x", 1) }, nil},
		{"description", func(t *testing.T, c *gamesparks.Client) {
			_, err := c.UpdateGame(t.Context(), &gamesparks.UpdateGameInput{GameName: new("lighthouse"), Description: new("other")})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{`game lighthouse /description: expected "before", found "other"`}},
		{"stage deleted", func(t *testing.T, c *gamesparks.Client) {
			_, err := c.DeleteStage(t.Context(), &gamesparks.DeleteStageInput{GameName: new("lighthouse"), StageName: new("live")})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{`stage live: expected {"/description":"before"}, found nothing`}},
		{"stage created", func(t *testing.T, c *gamesparks.Client) {
			_, err := c.CreateStage(t.Context(), &gamesparks.CreateStageInput{GameName: new("lighthouse"), StageName: new("beta"), Role: new(role + "2")})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{`stage beta /role: expected "` + role + `", found "` + role + `2"`}},
		{"stage to delete", func(t *testing.T, c *gamesparks.Client) {
			_, err := c.UpdateStage(t.Context(), &gamesparks.UpdateStageInput{GameName: new("lighthouse"), StageName: new("old"), Description: new("kept")})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{`stage old /description: expected nothing, found "kept"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t)
			client := srv.Client()
			before := newGame(t, "lighthouse", "Lamps", `{"North":"White"}`, "Other", `{}`)
			before.Description = "before"
			before.Stages = map[string]project.Stage{"live": {Role: role, Description: "before"}, "old": {Role: role}}
			mustApply(t, client, before)
			after := newGame(t, "lighthouse", "Lamps", `{"North":"Red"}`, "Other", `{}`, "Fog", `{"a":1}`)
			after.Description = "after"
			after.Stages = map[string]project.Stage{"live": {Role: role, Description: "after"}, "beta": {Role: role}}
			plan := mustPlan(t, client, after)
			test.change(t, client)
			w := &wire{}
			_, err := project.Apply(t.Context(), newClient(srv, w), plan, project.ApplyOptions{})
			if test.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				if got := string(section(t, client, "lighthouse", "Other")); got != `{"x":1}` {
					t.Errorf("the other section is %s", got)
				}
				return
			}
			var got []string
			for _, c := range wantStale(t, err).Conflicts {
				got = append(got, c.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			if i := slices.IndexFunc(w.requests, func(r string) bool { return !strings.HasPrefix(r, "GET ") }); i >= 0 {
				t.Errorf("apply sent %q", w.requests[i])
			}
		})
	}
}

// TestStaleAccount applies a plan to a game of the same name in another account.
func TestStaleAccount(t *testing.T) {
	t.Parallel()
	other := startServer(t, server.WithAccount("999999999999")).Client()
	client := startServer(t).Client()
	for _, c := range []*gamesparks.Client{client, other} {
		mustApply(t, c, newGame(t, "lighthouse", "A", `{}`))
	}
	plan := mustPlan(t, client, newGame(t, "lighthouse", "A", `{"a":1}`))
	_, err := project.Apply(t.Context(), other, plan, project.ApplyOptions{})
	wantStale(t, err)
	checkGame(t, other, newGame(t, "lighthouse", "A", `{}`))
}

// TestStaleDeletedGame applies a plan to a game that has been deleted since.
func TestStaleDeletedGame(t *testing.T) {
	t.Parallel()
	client := startServer(t, server.WithDeletionTime(0)).Client()
	mustApply(t, client, newGame(t, "lighthouse", "A", `{}`))
	plan := mustPlan(t, client, newGame(t, "lighthouse", "A", `{"a":1}`))
	if _, err := client.DeleteGame(t.Context(), &gamesparks.DeleteGameInput{GameName: new("lighthouse")}); err != nil {
		t.Fatal(err)
	}
	_, err := project.Apply(t.Context(), client, plan, project.ApplyOptions{})
	var got []string
	for _, c := range wantStale(t, err).Conflicts {
		got = append(got, c.String())
	}
	want := []string{`game lighthouse: expected "` + plan.ARN + `", found nothing`, `section A: expected {}, found nothing`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
}

// TestPreviousSnapshots checks the snapshots that applies use and create.
func TestPreviousSnapshots(t *testing.T) {
	t.Parallel()
	client := startServer(t).Client()
	v1, v2 := newGame(t, "lighthouse", "A", `{"v":1}`), newGame(t, "lighthouse", "A", `{"v":2}`)
	v1.Stages = map[string]project.Stage{"beta": {Role: role}, "live": {Role: role}}
	v2.Stages = v1.Stages

	first := mustApply(t, client, v1)
	if first.PreviousSnapshotID != "" || len(snapshotIDs(t, client, "lighthouse")) != 0 {
		t.Errorf("the snapshot %q keeps an empty configuration", first.PreviousSnapshotID)
	}
	second := mustApply(t, client, v2, "beta")
	if !second.PreviousSnapshotCreated || second.SnapshotID == "" || second.SnapshotID == second.PreviousSnapshotID {
		t.Errorf("result %+v, want two new snapshots", second)
	}
	third := mustApply(t, client, v1, "beta", "live")
	if third.PreviousSnapshotCreated || third.PreviousSnapshotID != second.SnapshotID || third.SnapshotID != second.PreviousSnapshotID {
		t.Errorf("result %+v, want the snapshots of %+v in reverse", third, second)
	}
	for range 3 {
		if again := mustApply(t, client, v1, "beta", "live"); again.Deployment != nil || again.PreviousSnapshotID != "" {
			t.Errorf("result %+v of an apply without changes", again)
		}
	}
	if ids := snapshotIDs(t, client, "lighthouse"); len(ids) != 2 {
		t.Errorf("%d snapshots after six applies, want 2", len(ids))
	}
	for _, stage := range []string{"beta", "live"} {
		checkStage(t, client, "lighthouse", stage, third.SnapshotID)
	}
}

// TestInvalidInput checks that invalid input fails before anything is written.
func TestInvalidInput(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	client := srv.Client()
	g := newGame(t, "lighthouse", "A", `{"v":1}`)
	g.Stages = map[string]project.Stage{"live": {Role: role}}
	mustApply(t, client, g)
	changed := newGame(t, "lighthouse", "A", `{"v":2}`)
	changed.Stages = g.Stages

	for _, stages := range [][]string{{"lvie"}, {"live", "live"}} {
		if _, err := project.Apply(t.Context(), client, mustPlan(t, client, changed), applyOptions(stages...)); err == nil || !strings.Contains(err.Error(), "nothing was written") {
			t.Errorf("apply to the stages %q: error %v", stages, err)
		}
	}
	for _, empty := range []*project.Game{{Name: "lighthouse", Stages: g.Stages}, {Name: "lighthouse", Sections: g.Sections}} {
		if _, err := project.NewPlan(t.Context(), client, empty, project.PlanOptions{Prune: true, PruneStages: true}); err == nil {
			t.Error("the plan of a directory without sections or stages prunes all of them")
		}
		plan, err := project.NewPlan(t.Context(), client, empty, project.PlanOptions{})
		if err != nil || plan.HasChanges() {
			t.Errorf("the plan of a directory without sections or stages has changes; error %v", err)
		}
	}
	large := newGame(t, "lighthouse", "A", `"`+strings.Repeat("x", 1_024_000)+`"`)
	if _, err := project.NewPlan(t.Context(), client, large, project.PlanOptions{}); err == nil || !strings.Contains(err.Error(), "1024000") {
		t.Errorf("the plan of a configuration over the limit: error %v", err)
	}
	noRole := &project.Game{Name: "lighthouse", Stages: map[string]project.Stage{"new": {}}}
	if _, err := project.NewPlan(t.Context(), client, noRole, project.PlanOptions{}); err == nil || !strings.Contains(err.Error(), `"new"`) {
		t.Errorf("the plan of a stage without a role: error %v", err)
	}
	checkGame(t, client, g)
}

// TestPlanFile checks the mode of plan files, and that ReadPlan rejects edited ones.
func TestPlanFile(t *testing.T) {
	t.Parallel()
	client := startServer(t).Client()
	mustApply(t, client, newGame(t, "lighthouse", "A", `{"v":1}`))
	plan := mustPlan(t, client, newGame(t, "lighthouse", "A", `{"v":2}`))
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := plan.WriteFile(file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, error %v, want 0600", info.Mode(), err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := project.ReadPlan(text); err != nil {
		t.Errorf("ReadPlan: %v", err)
	}
	for _, edit := range [][2]string{
		{`"version": 1`, `"version": 2`}, {`"format": "gamesparks-plan"`, `"format": "plan"`}, {`"value": 2`, `"value": 3`},
		{`"sectionsChanged": 1`, `"sectionsChanged": 2`}, {`"action": "change"`, `"action": "add"`}, {`"game":`, `"gaem":`},
		{`"path": "/v"`, `"path": "/w"`}, {"{", "["},
	} {
		edited := strings.Replace(string(text), edit[0], edit[1], 1)
		if edited == string(text) {
			t.Fatalf("the plan has no %s:\n%s", edit[0], text)
		}
		if _, err := project.ReadPlan([]byte(edited)); err == nil || !strings.Contains(err.Error(), "create") {
			t.Errorf("ReadPlan of a plan with %s: error %v", edit[1], err)
		}
	}
}

// TestManyModifications checks that a configuration is imported if a call of UpdateGameConfiguration cannot take all
// modifications, and that an import keeps sections that are not pruned.
func TestManyModifications(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	for _, test := range []struct {
		members   int
		operation string
	}{{100, "UpdateGameConfiguration"}, {101, "ImportGameConfiguration"}} {
		content := func(value int) string {
			var members []string
			for i := range test.members {
				members = append(members, fmt.Sprintf(`"m%d":%d`, i, value))
			}
			return "{" + strings.Join(members, ",") + "}"
		}
		w := &wire{}
		client := newClient(srv, w)
		name := test.operation
		mustApply(t, client, newGame(t, name, "A", content(1), "Kept", `{}`))
		plan, err := project.NewPlan(t.Context(), client, newGame(t, name, "A", content(2)), project.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.requests = nil
		if _, err := project.Apply(t.Context(), client, plan, project.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		checkGame(t, client, newGame(t, name, "A", content(2), "Kept", `{}`))
		if plan.Write.Operation != test.operation || w.count(isConfigurationWrite) != 1 {
			t.Errorf("%d changed members: %s in %d calls, want %s in 1", test.members, plan.Write.Operation, w.count(isConfigurationWrite), test.operation)
		}
	}
}

// TestNewGameIsChanged changes a game right after apply has created it.
func TestNewGameIsChanged(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	client := srv.Client()
	created := false
	racer := newClient(srv, &wire{before: func(_ int, request string) error {
		switch {
		case request == "POST /game":
			created = true
		case created:
			created = false
			modify(t, client, "lighthouse", "A", "/v", 9)
		}
		return nil
	}})
	_, err := project.Apply(t.Context(), racer, mustPlan(t, client, newGame(t, "lighthouse", "A", `{"v":1}`)), project.ApplyOptions{})
	if stale := wantStale(t, err); stale.Conflicts[0].String() != `section A: expected nothing, found {"v":9}` {
		t.Errorf("error %v", stale)
	}
	checkGame(t, client, newGame(t, "lighthouse", "A", `{"v":9}`))
}

// TestSnapshotsAreNotRead checks that an apply does not read the snapshots that other applies have created, and that it
// does not trust descriptions that claim a configuration.
func TestSnapshotsAreNotRead(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	client := srv.Client()
	version := func(v int) *project.Game { return newGame(t, "lighthouse", "A", fmt.Sprintf(`{"v":%d}`, v)) }
	for v := range 10 {
		mustApply(t, client, version(v))
	}
	w := &wire{}
	result := mustApply(t, newClient(srv, w), version(10))
	isSnapshotRead := func(request string) bool { return strings.HasPrefix(request, "GET /game/lighthouse/snapshot/") }
	if n := w.count(isSnapshotRead); n != 0 || !result.PreviousSnapshotCreated {
		t.Errorf("%d snapshots were read, result %+v", n, result)
	}

	ids := snapshotIDs(t, client, "lighthouse")
	newest, oldest := ids[0], ids[len(ids)-1]
	first, err := client.GetSnapshot(t.Context(), &gamesparks.GetSnapshotInput{GameName: new("lighthouse"), SnapshotId: &oldest})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateSnapshot(t.Context(), &gamesparks.UpdateSnapshotInput{
		GameName: new("lighthouse"), SnapshotId: &newest, Description: first.Snapshot.Description,
	}); err != nil {
		t.Fatal(err)
	}
	mustApply(t, client, version(0))
	if again := mustApply(t, client, version(11)); again.PreviousSnapshotID != oldest {
		t.Errorf("the previous snapshot is %s, want %s", again.PreviousSnapshotID, oldest)
	}
}
