package project_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/server"
)

// TestConcurrentStageChanges changes a stage between the read of the game and the request of apply, which then fails. Apply reads
// the game again: it reports a conflict, or continues if the stage already has the planned state.
func TestConcurrentStageChanges(t *testing.T) {
	t.Parallel()
	stage := func(role string) map[string]project.Stage { return map[string]project.Stage{"live": {Role: role}} }
	for _, test := range []struct {
		name          string
		before, after map[string]project.Stage // the planned change
		request       string
		change        map[string]project.Stage // by the other program
		want          []string                 // the conflicts
	}{
		{"created equally", nil, stage(role), "POST /game/lighthouse/stage", stage(role), nil},
		{"created differently", nil, stage(role), "POST /game/lighthouse/stage", stage(role + "2"),
			[]string{`stage live /role: expected "` + role + `", found "` + role + `2"`}},
		{"deleted, to be deleted", stage(role), nil, "DELETE /game/lighthouse/stage/live", nil, nil},
		{"deleted, to be changed", stage(role), stage(role + "2"), "PATCH /game/lighthouse/stage/live", nil,
			[]string{`stage live: expected {"/role":"` + role + `"}, found nothing`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t, server.WithDeletionTime(0))
			client := srv.Client()
			game := func(stages map[string]project.Stage) *project.Game {
				g := newGame(t, "lighthouse", "A", `{}`)
				// Pruning all stages requires that the directory has one.
				g.Stages = map[string]project.Stage{"dev": {Role: role}}
				for name, stage := range stages {
					g.Stages[name] = stage
				}
				return g
			}
			mustApply(t, client, game(test.before))
			changed := false
			racer := newClient(srv, &wire{before: func(_ int, request string) error {
				if request == test.request {
					changed = true
					mustApply(t, client, game(test.change))
				}
				return nil
			}})
			_, err := project.Apply(t.Context(), racer, mustPlan(t, racer, game(test.after)), applyOptions())
			if !changed {
				t.Fatalf("apply did not send %s", test.request)
			}
			if test.want == nil {
				if err != nil {
					t.Error(err)
				}
				checkGame(t, client, game(test.after))
				return
			}
			var got []string
			for _, c := range wantStale(t, err).Conflicts {
				got = append(got, c.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			checkGame(t, client, game(test.change))
		})
	}
}

// TestChangeAfterWrite changes another section after apply has written the configuration, so that the configuration equals the one
// that the stage already runs. Apply still deploys the snapshot of the configuration that it has written.
func TestChangeAfterWrite(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	client := srv.Client()
	game := func(a, b, description string) *project.Game {
		g := newGame(t, "lighthouse", "A", a, "B", b)
		g.Description, g.Stages = description, map[string]project.Stage{"live": {Role: role}}
		return g
	}
	mustApply(t, client, game(`{"v":2}`, `{"v":2}`, "before"), "live")
	mustApply(t, client, game(`{"v":1}`, `{"v":1}`, "before"))
	var once sync.Once
	racer := newClient(srv, &wire{after: func(request string) (err error) {
		if request == "PATCH /game/lighthouse" {
			once.Do(func() {
				modify(t, client, "lighthouse", "B", "/v", 2)
				err = errors.New("the response is lost")
			})
		}
		return err
	}})
	result, err := project.Apply(t.Context(), racer, mustPlan(t, racer, game(`{"v":2}`, `{"v":1}`, "after")), applyOptions("live"))
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := client.GetSnapshot(t.Context(), &gamesparks.GetSnapshotInput{GameName: new("lighthouse"), SnapshotId: &result.SnapshotID})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := snapshot.Snapshot.Sections["B"].Attributes.MarshalSmithyDocument(); err != nil || string(text) != `{"v":1}` {
		t.Errorf("the section in the snapshot is %s, error %v", text, err)
	}
	checkStage(t, client, "lighthouse", "live", result.SnapshotID)
}
