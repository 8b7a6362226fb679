package server_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestCreateGame(t *testing.T) {
	onEachStore(t, func(e *env) {
		created := ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{
			GameName: aws.String("chess"), Description: aws.String("Two players"), Tags: map[string]string{"team": "a"},
		}))
		want := &types.GameDetails{
			Arn:         aws.String("arn:aws:gamesparks:us-east-1:123456789012:game/chess"),
			Created:     aws.Time(e.clock.Now()),
			Description: aws.String("Two players"),
			LastUpdated: aws.Time(e.clock.Now()),
			Name:        aws.String("chess"),
			State:       types.GameStateActive,
			Tags:        map[string]string{"team": "a"},
		}
		if diff := cmp.Diff(want, created.Game); diff != "" {
			e.Errorf("CreateGame (-want +got):\n%s", diff)
		}
		e.clock.Advance(time.Hour)
		got := ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("chess")}))
		if diff := cmp.Diff(want, got.Game); diff != "" {
			e.Errorf("GetGame (-want +got):\n%s", diff)
		}

		configuration := ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx,
			&gamesparks.GetGameConfigurationInput{GameName: aws.String("chess")})).GameConfiguration
		wantConfiguration := &types.GameConfigurationDetails{
			Created: want.Created, LastUpdated: want.Created, Sections: map[string]types.Section{},
		}
		if diff := cmp.Diff(wantConfiguration, configuration); diff != "" {
			e.Errorf("configuration of a new game (-want +got):\n%s", diff)
		}

		_, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")})
		wantError[*types.ConflictException](e, err, "chess")
	})
}

func TestUpdateGame(t *testing.T) {
	onEachStore(t, func(e *env) {
		game := e.createGame("chess")
		e.clock.Advance(time.Minute)
		update := func(description *string) *types.GameDetails {
			return ok[*gamesparks.UpdateGameOutput](e)(e.UpdateGame(e.ctx, &gamesparks.UpdateGameInput{
				GameName: game.Name, Description: description,
			})).Game
		}
		want := *game
		want.LastUpdated = aws.Time(e.clock.Now())
		for _, description := range []*string{aws.String("new"), nil, aws.String("")} {
			if description != nil {
				want.Description = description
			}
			if diff := cmp.Diff(&want, update(description)); diff != "" {
				e.Errorf("UpdateGame (-want +got):\n%s", diff)
			}
			got := ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: game.Name}))
			if diff := cmp.Diff(&want, got.Game); diff != "" {
				e.Errorf("GetGame (-want +got):\n%s", diff)
			}
		}
	})
}

func TestListGames(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("b")
		ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{
			GameName: aws.String("a"), Description: aws.String("first"), Tags: map[string]string{"k": "v"},
		}))
		got := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil))
		want := []types.GameSummary{
			{Name: aws.String("a"), Description: aws.String("first"), State: types.GameStateActive, Tags: map[string]string{"k": "v"}},
			{Name: aws.String("b"), State: types.GameStateActive},
		}
		if diff := cmp.Diff(want, got.Games); diff != "" || got.NextToken != nil {
			e.Errorf("ListGames (-want +got):\n%s\nnext token: %v", diff, got.NextToken)
		}
	})
}

func TestDeleteGame(t *testing.T) {
	onEachStore(t, func(e *env) {
		remove := func() {
			ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
		}
		remove() // deleting a game that does not exist succeeds

		game := e.createGame("chess")
		e.importSections("chess", `{"GameSparks.Core.Model":{}}`)
		snapshot := e.createSnapshot("chess")
		e.createStage("chess", "dev")
		e.deploy("chess", "dev", snapshot.Id)
		remove()
		remove()

		got := ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: game.Name}))
		if got.Game.State != types.GameStateDeleting {
			e.Errorf("got state %s, want %s", got.Game.State, types.GameStateDeleting)
		}
		games := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil)).Games
		if len(games) != 1 || games[0].State != types.GameStateDeleting {
			e.Errorf("got games %v, want one game in state DELETING", games)
		}
		_, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: game.Name})
		wantError[*types.ConflictException](e, err)
		_, err = e.CreateStage(e.ctx, &gamesparks.CreateStageInput{GameName: game.Name, StageName: aws.String("x"), Role: aws.String(role)})
		wantError[*types.ConflictException](e, err, "being deleted")
		_, err = e.UpdateGame(e.ctx, &gamesparks.UpdateGameInput{GameName: game.Name})
		wantError[*types.ResourceNotFoundException](e, err, "being deleted")
		_, err = e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: game.Name})
		wantError[*types.ResourceNotFoundException](e, err)

		e.clock.Advance(deletion)
		_, err = e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: game.Name})
		wantError[*types.ResourceNotFoundException](e, err, "chess")
		if games := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil)).Games; len(games) != 0 {
			e.Errorf("got games %v, want none", games)
		}

		// A new game with the same name does not inherit the old game's content, and is not removed when the old game
		// expires.
		e.createGame("chess")
		e.createGame("another")
		e.createGame("chess2")
		if stages := ok[*gamesparks.ListStagesOutput](e)(e.ListStages(e.ctx, &gamesparks.ListStagesInput{GameName: game.Name})).Stages; len(stages) != 0 {
			e.Errorf("got stages %v, want none", stages)
		}
		_, err = e.GetSnapshot(e.ctx, &gamesparks.GetSnapshotInput{GameName: game.Name, SnapshotId: snapshot.Id})
		wantError[*types.ResourceNotFoundException](e, err)
	})
}

func TestDeleteGameDuringDeployment(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		snapshot := e.createSnapshot("chess")
		e.createStage("chess", "a")
		e.createStage("chess", "b")
		e.startDeployment("chess", "b", snapshot.Id)
		for _, wait := range []time.Duration{pending, inProgress} {
			_, err := e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")})
			wantError[*types.ConflictException](e, err, `"b"`)
			_, err = e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("b")})
			wantError[*types.ConflictException](e, err, `"b"`)
			e.clock.Advance(wait)
		}
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	})
}

// TestManyDeletions checks that all deleted games are eventually removed and do not displace other games from lists.
func TestManyDeletions(t *testing.T) {
	onEachStore(t, func(e *env) {
		all := numbered("game", 40)
		for _, name := range all {
			e.createGame(name)
		}
		for _, name := range all[:39] {
			ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &name}))
		}
		e.clock.Advance(deletion)
		for range 3 {
			got := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, &gamesparks.ListGamesInput{MaxResults: aws.Int32(1)}))
			if diff := cmp.Diff(all[39:], names(got.Games, func(g types.GameSummary) *string { return g.Name })); diff != "" || got.NextToken != nil {
				e.Errorf("ListGames (-want +got):\n%s\nnext token: %v", diff, got.NextToken)
			}
			ok[*gamesparks.UpdateGameOutput](e)(e.UpdateGame(e.ctx, &gamesparks.UpdateGameInput{GameName: &all[39]}))
		}
	})
}

func TestGameQuota(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithMaxGames(2))
	e.createGame("a")
	e.createGame("b")
	_, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("c")})
	wantError[*types.ServiceQuotaExceededException](e, err, "2")
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("a")}))
	e.clock.Advance(deletion)
	e.createGame("c")
}

// TestGameQuotaAfterManyDeletions checks that deleted games do not count against the quota, however many there are.
func TestGameQuotaAfterManyDeletions(t *testing.T) {
	t.Parallel()
	const quota = 40
	e := newEnv(t, server.WithMaxGames(quota))
	for _, name := range numbered("game", quota) {
		e.createGame(name)
	}
	for _, name := range numbered("game", quota) {
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &name}))
	}
	e.clock.Advance(deletion)
	for _, name := range numbered("new", quota) {
		e.createGame(name)
	}
	_, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("more")})
	wantError[*types.ServiceQuotaExceededException](e, err, "40")
}

// TestGameQuotaReadsCounter checks that the quota check does not read the records of games. It therefore succeeds even if a
// record is invalid.
func TestGameQuotaReadsCounter(t *testing.T) {
	t.Parallel()
	store := storage.NewMemory()
	e := newEnv(t, server.WithStore(store), server.WithMaxGames(2))
	e.createGame("a")
	for _, key := range keys(e, store) {
		if strings.HasSuffix(key, "/game/a") {
			if err := store.Update(e.ctx, func(tx storage.Writer) error { return tx.Put(key, []byte("{")) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err := e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("a")})
	wantError[*types.InternalServerException](e, err)
	e.createGame("b")
	_, err = e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("c")})
	wantError[*types.ServiceQuotaExceededException](e, err, "2")
}

func TestClientTokens(t *testing.T) {
	onEachStore(t, func(e *env) {
		token := strings.Repeat("t", 32) + "/"
		input := gamesparks.CreateGameInput{GameName: aws.String("chess"), ClientToken: &token, Tags: map[string]string{"a": "1", "b": "2"}}
		create := func(change func(*gamesparks.CreateGameInput)) (*gamesparks.CreateGameOutput, error) {
			in := input
			if change != nil {
				change(&in)
			}
			return e.CreateGame(e.ctx, &in)
		}
		first := ok[*gamesparks.CreateGameOutput](e)(create(nil))
		e.clock.Advance(time.Second)
		if diff := cmp.Diff(first.Game, ok[*gamesparks.CreateGameOutput](e)(create(nil)).Game); diff != "" {
			e.Errorf("repeated CreateGame (-want +got):\n%s", diff)
		}
		for name, change := range map[string]func(*gamesparks.CreateGameInput){
			"other name":        func(in *gamesparks.CreateGameInput) { in.GameName = aws.String("other") },
			"other description": func(in *gamesparks.CreateGameInput) { in.Description = aws.String("other") },
			"other tags":        func(in *gamesparks.CreateGameInput) { in.Tags = map[string]string{"a": "2", "b": "1"} },
			"other token":       func(in *gamesparks.CreateGameInput) { in.ClientToken = aws.String(token + "2") },
			"no token":          func(in *gamesparks.CreateGameInput) { in.ClientToken = nil },
		} {
			if _, err := create(change); !gamesparks.IsConflict(err) {
				e.Errorf("%s: got error %v, want a ConflictException", name, err)
			}
		}
		e.clock.Advance(24 * time.Hour)
		if _, err := create(nil); !gamesparks.IsConflict(err) {
			e.Errorf("expired token: got error %v, want a ConflictException", err)
		}

		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: input.GameName}))
		if _, err := create(nil); !gamesparks.IsConflict(err) {
			e.Errorf("while the game is being deleted: got error %v, want a ConflictException", err)
		}
		e.clock.Advance(deletion)
		if again := ok[*gamesparks.CreateGameOutput](e)(create(nil)); again.Game.Created.Equal(*first.Game.Created) {
			e.Error("CreateGame with the old token returned the deleted game")
		}
	})
}

// TestReusedClientToken checks that an expired client token that was reused for a second resource survives the deletion
// of the first resource.
func TestReusedClientToken(t *testing.T) {
	onEachStore(t, func(e *env) {
		token := aws.String(strings.Repeat("t", 33))
		game := func(name string) *gamesparks.CreateGameInput {
			return &gamesparks.CreateGameInput{GameName: &name, ClientToken: token}
		}
		stage := func(name string) *gamesparks.CreateStageInput {
			return &gamesparks.CreateStageInput{GameName: aws.String("b"), StageName: &name, Role: aws.String(role), ClientToken: token}
		}
		ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, game("a")))
		e.clock.Advance(24 * time.Hour)
		made := ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, game("b"))).Game
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("a")}))
		if diff := cmp.Diff(made, ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, game("b"))).Game); diff != "" {
			e.Errorf("repeated CreateGame (-want +got):\n%s", diff)
		}

		ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, stage("a")))
		e.clock.Advance(24 * time.Hour)
		want := ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, stage("b"))).Stage
		ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("b"), StageName: aws.String("a")}))
		if diff := cmp.Diff(want, ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, stage("b"))).Stage); diff != "" {
			e.Errorf("repeated CreateStage (-want +got):\n%s", diff)
		}
	})
}

// TestExpiredClientTokensAreRemoved checks that expired tokens do not accumulate in the store.
func TestExpiredClientTokensAreRemoved(t *testing.T) {
	t.Parallel()
	store := watch(storage.NewMemory())
	e := newEnv(t, server.WithStore(store))
	e.createGame("chess")
	e.clock.Advance(24 * time.Hour)
	e.createGame("go") // also removes the expired token of the first game
	before := len(keys(e, store))
	for _, name := range numbered("game", 20) {
		ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: &name}))
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &name}))
	}
	e.clock.Advance(24 * time.Hour)
	for range 5 {
		ok[*gamesparks.UpdateGameOutput](e)(e.UpdateGame(e.ctx, &gamesparks.UpdateGameInput{GameName: aws.String("go")}))
	}
	for _, key := range keys(e, store) {
		if strings.Contains(key, "/token/") || strings.Contains(key, "/expiry/") {
			e.Errorf("key %s was not removed", key)
		}
	}
	store.await(e, "there are fewer keys than before", func() bool { return len(keys(e, store)) < before })
}

// keys returns all keys in the store.
func keys(e *env, store storage.Store) (found []string) {
	e.Helper()
	err := store.View(e.ctx, func(tx storage.Reader) error {
		for entry, err := range tx.Scan(storage.Prefix("")) {
			if err != nil {
				return err
			}
			found = append(found, entry.Key)
		}
		return nil
	})
	if err != nil {
		e.Fatal(err)
	}
	return found
}

// TestConcurrentCreation checks that exactly one of several concurrent requests creates a resource, and that concurrent
// requests with the same token all return that resource.
func TestConcurrentCreation(t *testing.T) {
	onEachStore(t, func(e *env) {
		const n = 16
		atOnce := func(call func() error) (won, conflicts int64) {
			var wins, losses atomic.Int64
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					switch err := call(); {
					case err == nil:
						wins.Add(1)
					case gamesparks.IsConflict(err):
						losses.Add(1)
					default:
						e.Error(err)
					}
				})
			}
			wg.Wait()
			return wins.Load(), losses.Load()
		}
		check := func(what string, want int64, call func() error) {
			e.Helper()
			if won, conflicts := atOnce(call); won != want || conflicts != n-want {
				e.Errorf("%s: %d requests succeeded and %d failed with a conflict, want %d successes",
					what, won, conflicts, want)
			}
		}
		check("CreateGame", 1, func() error {
			_, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")})
			return err
		})
		check("CreateGame with one token", n, func() error {
			_, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("go"), ClientToken: aws.String(strings.Repeat("t", 33))})
			return err
		})
		check("CreateStage", 1, func() error {
			_, err := e.CreateStage(e.ctx, &gamesparks.CreateStageInput{GameName: aws.String("chess"), StageName: aws.String("dev"), Role: aws.String(role)})
			return err
		})
		snapshot := e.createSnapshot("chess")
		check("StartStageDeployment", 1, func() error {
			_, err := e.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{
				GameName: aws.String("chess"), StageName: aws.String("dev"), SnapshotId: snapshot.Id,
			})
			return err
		})
		check("CreateSnapshot", n, func() error {
			_, err := e.CreateSnapshot(e.ctx, &gamesparks.CreateSnapshotInput{GameName: aws.String("chess")})
			return err
		})
		list := ok[*gamesparks.ListSnapshotsOutput](e)(e.ListSnapshots(e.ctx, &gamesparks.ListSnapshotsInput{GameName: aws.String("chess")})).Snapshots
		if len(list) != n+1 {
			e.Errorf("got %d snapshots, want %d", len(list), n+1)
		}
	})
}

func TestAccountsAndServersAreIsolated(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithCredentials(
		server.Credential{AccessKeyID: "a", SecretAccessKey: "a"},
		server.Credential{AccessKeyID: "b", SecretAccessKey: "b", Account: "210987654321"},
	), server.WithRegion("eu-central-1"))
	other := e.srv.Client(e.strict, func(o *gamesparks.Options) { o.Credentials = static("b", "b", "") })
	e.createGame("chess")
	game := ok[*gamesparks.CreateGameOutput](e)(other.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")})).Game
	if want := "arn:aws:gamesparks:eu-central-1:210987654321:game/chess"; *game.Arn != want {
		e.Errorf("got ARN %s, want %s", *game.Arn, want)
	}
	ok[*gamesparks.CreateGameOutput](e)(other.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("go")}))
	if got := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil)).Games; len(got) != 1 {
		e.Errorf("got games %v, want one", got)
	}
	_, err := e.ListTagsForResource(e.ctx, &gamesparks.ListTagsForResourceInput{ResourceArn: game.Arn})
	wantError[*types.ResourceNotFoundException](e, err)

	apart := newEnv(t)
	if got := ok[*gamesparks.ListGamesOutput](e)(apart.ListGames(e.ctx, nil)).Games; len(got) != 0 {
		e.Errorf("the other server has games: %v", got)
	}
}

// TestMissingGame calls every operation that needs an existing game on a game that does not exist.
func TestMissingGame(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	game, stage, snapshot, player := aws.String("none"), aws.String("s"), aws.String("Snapshot_2026-01-01T00:00:00.000Z"), aws.String("p")
	calls := map[string]func() error{
		"CreateSnapshot": func() error {
			_, err := e.CreateSnapshot(e.ctx, &gamesparks.CreateSnapshotInput{GameName: game})
			return err
		},
		"CreateStage": func() error {
			_, err := e.CreateStage(e.ctx, &gamesparks.CreateStageInput{GameName: game, StageName: stage, Role: aws.String(role)})
			return err
		},
		"DeleteStage": func() error {
			_, err := e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: game, StageName: stage})
			return err
		},
		"DisconnectPlayer": func() error {
			_, err := e.DisconnectPlayer(e.ctx, &gamesparks.DisconnectPlayerInput{GameName: game, StageName: stage, PlayerId: player})
			return err
		},
		"ExportSnapshot": func() error {
			_, err := e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{GameName: game, SnapshotId: snapshot})
			return err
		},
		"GetGame": func() error { _, err := e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: game}); return err },
		"GetGameConfiguration": func() error {
			_, err := e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: game})
			return err
		},
		"GetGeneratedCodeJob": func() error {
			_, err := e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{GameName: game, SnapshotId: snapshot, JobId: aws.String("01234567-0123-0123-0123-0123456789ab")})
			return err
		},
		"GetPlayerConnectionStatus": func() error {
			_, err := e.GetPlayerConnectionStatus(e.ctx, &gamesparks.GetPlayerConnectionStatusInput{GameName: game, StageName: stage, PlayerId: player})
			return err
		},
		"GetSnapshot": func() error {
			_, err := e.GetSnapshot(e.ctx, &gamesparks.GetSnapshotInput{GameName: game, SnapshotId: snapshot})
			return err
		},
		"GetStage": func() error {
			_, err := e.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: game, StageName: stage})
			return err
		},
		"GetStageDeployment": func() error {
			_, err := e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: game, StageName: stage})
			return err
		},
		"ImportGameConfiguration": func() error {
			_, err := e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{GameName: game, ImportSource: &types.ImportGameConfigurationSource{File: []byte("not even JSON")}})
			return err
		},
		"ListGeneratedCodeJobs": func() error {
			_, err := e.ListGeneratedCodeJobs(e.ctx, &gamesparks.ListGeneratedCodeJobsInput{GameName: game, SnapshotId: snapshot})
			return err
		},
		"ListSnapshots": func() error {
			_, err := e.ListSnapshots(e.ctx, &gamesparks.ListSnapshotsInput{GameName: game})
			return err
		},
		"ListStageDeployments": func() error {
			_, err := e.ListStageDeployments(e.ctx, &gamesparks.ListStageDeploymentsInput{GameName: game, StageName: stage})
			return err
		},
		"ListStages": func() error { _, err := e.ListStages(e.ctx, &gamesparks.ListStagesInput{GameName: game}); return err },
		"ListTagsForResource": func() error {
			_, err := e.ListTagsForResource(e.ctx, &gamesparks.ListTagsForResourceInput{ResourceArn: aws.String("arn:aws:gamesparks:us-east-1:123456789012:game/none")})
			return err
		},
		"StartGeneratedCodeJob": func() error {
			_, err := e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{GameName: game, SnapshotId: snapshot, Generator: &types.Generator{Language: aws.String("GO")}})
			return err
		},
		"StartStageDeployment": func() error {
			_, err := e.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{GameName: game, StageName: stage, SnapshotId: snapshot})
			return err
		},
		"TagResource": func() error {
			_, err := e.TagResource(e.ctx, &gamesparks.TagResourceInput{ResourceArn: aws.String("arn:aws:gamesparks:us-east-1:123456789012:game/none/stage/s"), Tags: map[string]string{"a": "b"}})
			return err
		},
		"UntagResource": func() error {
			_, err := e.UntagResource(e.ctx, &gamesparks.UntagResourceInput{ResourceArn: aws.String("arn:aws:gamesparks:us-east-1:123456789012:game/none"), TagKeys: []string{"a"}})
			return err
		},
		"UpdateGame": func() error { _, err := e.UpdateGame(e.ctx, &gamesparks.UpdateGameInput{GameName: game}); return err },
		"UpdateGameConfiguration": func() error {
			_, err := e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{GameName: game, Modifications: []types.SectionModification{
				{Operation: types.OperationRemove, Path: aws.String("/a"), Section: aws.String(model)},
			}})
			return err
		},
		"UpdateSnapshot": func() error {
			_, err := e.UpdateSnapshot(e.ctx, &gamesparks.UpdateSnapshotInput{GameName: game, SnapshotId: snapshot})
			return err
		},
		"UpdateStage": func() error {
			_, err := e.UpdateStage(e.ctx, &gamesparks.UpdateStageInput{GameName: game, StageName: stage})
			return err
		},
	}
	// The other operations have no game parameter, or create or delete a game.
	if want := 33 - len([]string{"CreateGame", "DeleteGame", "GetExtension", "GetExtensionVersion", "ListExtensionVersions", "ListExtensions", "ListGames"}); len(calls) != want {
		t.Errorf("the test calls %d operations, want %d", len(calls), want)
	}
	check := func(what string) {
		for name, call := range calls {
			if err := call(); !gamesparks.IsNotFound(err) {
				t.Errorf("%s, %s: got error %v, want a ResourceNotFoundException", what, name, err)
			}
		}
	}
	check("no game")

	e.createGame("none")
	noGame := []string{"CreateSnapshot", "CreateStage", "GetGame", "GetGameConfiguration", "ImportGameConfiguration", "ListSnapshots", "ListStages", "ListTagsForResource", "UntagResource", "UpdateGame", "UpdateGameConfiguration"}
	for name := range calls {
		if slices.Contains(noGame, name) {
			delete(calls, name)
		}
	}
	check("no stage or snapshot")
}
