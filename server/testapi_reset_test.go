package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestReset resets an account with games in all states. Nothing of it may be left, and another account must not change.
func TestReset(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) storage.Store{
		"memory":   func(*testing.T) storage.Store { return storage.NewMemory() },
		"postgres": func(t *testing.T) storage.Store { return openDatabase(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := watch(open(t))
			e := newEnv(t, server.WithStore(store), server.WithTestAPI(), withTestKeys())
			foreign := e.srv.Client(once, signedAs(other))
			for _, client := range []*gamesparks.Client{e.Client, foreign} {
				if _, err := client.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: new("shared"), ClientToken: aws.String(fmt.Sprintf("%036d", 1))}); err != nil {
					t.Fatal(err)
				}
			}
			foreignBefore := accountKeys(e, store, "210987654321")

			e.createGame("chess")
			stage := e.deployed("dev")
			snapshot := e.createSnapshot("chess").Id
			ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
				GameName: new("chess"), SnapshotId: snapshot, Generator: &types.Generator{Language: new("GO")},
			}))
			e.createStage("chess", "deleting")
			ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: new("chess"), StageName: new("deleting")}))
			e.createGame("deleting")
			ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: new("deleting")}))
			_, ended := e.join(stage, "ann")
			mustTest[object](t, e.srv, http.MethodPost, "/test/faults", `{"Operation":"DeleteGame","Truncate":true}`)

			if got := testRequest(t, e.srv, local, http.MethodPost, "/test/reset", ""); got.status != http.StatusOK || got.body != "{}" {
				t.Fatalf("reset: %d %s", got.status, got.body)
			}
			games := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil))
			if len(games.Games) != 0 {
				t.Errorf("games after the reset: %v", games.Games)
			}
			if err := <-ended; closedWith(err) == -1 { // the reason depends on which check finds the removal first
				t.Errorf("the connection of the player ended with %v", err)
			}
			if got := testRequest(t, e.srv, local, http.MethodGet, "/test/faults", ""); got.body != `{"Faults":[]}` {
				t.Errorf("faults after the reset: %s", got.body)
			}
			store.await(e, "all content is removed", func() bool {
				left := accountKeys(e, store, "123456789012")
				return len(left) == 1 && strings.HasSuffix(left[0], "/counter/game")
			})
			if got := accountKeys(e, store, "210987654321"); fmt.Sprint(got) != fmt.Sprint(foreignBefore) {
				t.Errorf("keys of another account changed from %q to %q", foreignBefore, got)
			}
			if _, err := foreign.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: new("shared")}); err != nil {
				t.Errorf("game of another account: %v", err)
			}

			// Names and tokens can be used again.
			ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: new("chess"), ClientToken: aws.String(fmt.Sprintf("%036d", 1))}))
			if got := ok[*gamesparks.ListStagesOutput](e)(e.ListStages(e.ctx, &gamesparks.ListStagesInput{GameName: new("chess")})).Stages; len(got) != 0 {
				t.Errorf("stages of a new game: %v", got)
			}
			report, err := maintenance.Check(t.Context(), store)
			if err != nil || len(report.Problems) > 0 {
				t.Errorf("check: error %v, problems %q", err, report.Problems)
			}
		})
	}
}

// accountKeys returns the keys of the records of an account, except the scheduled expiry of stages, whose content the collector
// removes.
func accountKeys(e *env, store storage.Store, account string) (found []string) {
	e.Helper()
	for _, key := range keys(e, store) {
		if strings.HasPrefix(key, "account/"+account+"/") && !(strings.Contains(key, "/expiry/") && strings.Contains(key, "/of/")) {
			found = append(found, key)
		}
	}
	return found
}

// TestResetSteps resets an account with many games and tokens. Each transaction must be small, and after a failed one the reset
// continues where it stopped.
func TestResetSteps(t *testing.T) {
	t.Parallel()
	inner := storage.NewMemory()
	defer inner.Close()
	store := newStepStore(inner)
	e := newEnv(t, server.WithStore(keepOpen{store}), server.WithTestAPI())
	const n = 250
	for i := range n {
		ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{
			GameName: aws.String(fmt.Sprintf("game%d", i)), ClientToken: aws.String(fmt.Sprintf("%036d", i)),
		}))
	}
	store.reset(1)
	if got := testRequest(t, e.srv, local, http.MethodPost, "/test/reset", ""); got.status != http.StatusInternalServerError {
		t.Errorf("reset with a broken store: %d %s", got.status, got.body)
	}
	left := 0
	for game, err := range gamesparks.NewListGamesPaginator(e.Client, nil).Items(e.ctx) {
		if err != nil {
			t.Fatal(err)
		}
		left++
		if _, err := e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: game.Name}); err != nil {
			t.Errorf("%s: %v", *game.Name, err)
		}
	}
	if left == 0 || left >= n {
		t.Errorf("after a failed reset, %d of %d games are left", left, n)
	}
	store.reset(-1)
	mustTest[object](t, e.srv, http.MethodPost, "/test/reset", "")
	store.await(e, "all content is removed", func() bool { return len(accountKeys(e, store, "123456789012")) == 1 })
	if largest := store.largest.Load(); largest > 250 {
		t.Errorf("an update wrote %d keys, want small steps", largest)
	}
}

// TestResetReplicas resets an account while a player of it is connected to another service on the same database.
func TestResetReplicas(t *testing.T) {
	t.Parallel()
	shared := openShared(t)
	first := startEnv(t, shared, server.WithTestAPI(), server.WithDeploymentTime(0, 0))
	second := startEnv(t, shared)
	first.createGame("chess")
	stage := first.createStage("chess", "dev")
	first.startDeployment("chess", "dev", first.createSnapshot("chess").Id)
	_, ended := second.join(stage, "ann")
	mustTest[object](t, first.srv, http.MethodPost, "/test/reset", "")
	if err := <-ended; closedWith(err) == -1 { // the reason depends on which check finds the removal first
		t.Errorf("the connection of the player ended with %v", err)
	}
	if games := ok[*gamesparks.ListGamesOutput](second)(second.ListGames(second.ctx, nil)).Games; len(games) != 0 {
		t.Errorf("games in the other service: %v", games)
	}
}
