package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestRegionsAreSeparate checks that two regions on one store share no resources, client tokens or quotas.
func TestRegionsAreSeparate(t *testing.T) {
	t.Parallel()
	store := storage.NewMemory()
	token := strings.Repeat("t", 40)
	var envs []*env
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		e := newEnv(t, server.WithStore(store), server.WithRegion(region), server.WithMaxGames(1))
		envs = append(envs, e)
		if games := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil)).Games; len(games) != 0 {
			t.Errorf("%s: got games %v, want none", region, names(games, func(g types.GameSummary) *string { return g.Name }))
		}
		// The same token, name and quota.
		game := ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{
			GameName: aws.String("chess"), Description: &region, ClientToken: &token,
		})).Game
		if want := "arn:aws:gamesparks:" + region + ":123456789012:game/chess"; *game.Arn != want {
			t.Errorf("got ARN %s, want %s", *game.Arn, want)
		}
		e.importSections("chess", `{"A":"`+region+`"}`)
		e.createStage("chess", "dev")
	}
	for _, e := range envs {
		got, _ := e.getConfiguration("chess")
		region := e.srv.Config().Region
		if diff := cmp.Diff(map[string]string{"A": `"` + region + `"`}, got); diff != "" {
			t.Errorf("%s: sections (-want +got):\n%s", region, diff)
		}
	}
	east, west := envs[0], envs[1]
	ok[*gamesparks.DeleteGameOutput](east)(east.DeleteGame(east.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	east.clock.Advance(deletion)
	if _, err := west.GetStage(west.ctx, &gamesparks.GetStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")}); err != nil {
		t.Errorf("the stage of the other region: %v", err)
	}
}

// TestPlayersOfCredentialAccounts checks that players can connect to the stages of every account with an access key, and
// only with the key of the stage.
func TestPlayersOfCredentialAccounts(t *testing.T) {
	t.Parallel()
	const other = "210987654321"
	e := newEnv(t, server.WithCredentials(
		server.Credential{AccessKeyID: "a", SecretAccessKey: "a"},
		server.Credential{AccessKeyID: "b", SecretAccessKey: "b", Account: other},
	))
	keys := map[string]string{}
	for _, id := range []string{"a", "b"} {
		e.Client = e.srv.Client(e.strict, as(id, id))
		e.createGame("chess")
		keys[id] = *e.deployed("dev").GameKey
		conn, _, err := e.dial("chess", "dev", "ann", keys[id])
		if err != nil {
			t.Fatalf("account of key %s: %v", id, err)
		}
		defer conn.CloseNow()
		if got := e.connections("dev", "ann"); len(got) != 1 {
			t.Errorf("account of key %s: got connections %v, want one", id, got)
		}
	}
	if _, response, err := e.dial("chess", "dev", "ann", "wrong"); err == nil || response.StatusCode != 403 {
		t.Errorf("wrong game key: got response %v, error %v", response, err)
	}
	// The stage of the first account, with the same names, stays connected.
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	e.Client = e.srv.Client(e.strict)
	if got := e.connections("dev", "ann"); len(got) != 1 {
		t.Errorf("after the game of the other account was deleted: got connections %v, want one", got)
	}
}

// TestClientTokensIdentifyRequests checks that a client token that was used is accepted only with the same parameters.
func TestClientTokensIdentifyRequests(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("first")
		e.createGame("second")
		first, other := e.createSnapshot("first"), e.createSnapshot("first")
		e.createStage("first", "dev")
		e.createStage("first", "test")
		e.createStage("second", "dev")
		token := strings.Repeat("t", 40)
		text, another := aws.String("text"), aws.String("another")
		tags, otherTags := map[string]string{"a": "b"}, map[string]string{"a": "c"}
		game := func(in gamesparks.CreateGameInput) error {
			in.ClientToken = &token
			_, err := e.CreateGame(e.ctx, &in)
			return err
		}
		stage := func(in gamesparks.CreateStageInput) error {
			in.ClientToken = &token
			_, err := e.CreateStage(e.ctx, &in)
			return err
		}
		deployment := func(in gamesparks.StartStageDeploymentInput) error {
			in.ClientToken = &token
			_, err := e.StartStageDeployment(e.ctx, &in)
			return err
		}
		chess, dev, arn, otherARN := aws.String("chess"), aws.String("dev"), aws.String(role), aws.String(role+"2")
		for _, test := range []struct {
			operation string
			same      func() error
			different map[string]func() error
		}{
			{"CreateGame", func() error {
				return game(gamesparks.CreateGameInput{GameName: chess, Description: text, Tags: tags})
			}, map[string]func() error{
				"name": func() error {
					return game(gamesparks.CreateGameInput{GameName: aws.String("go"), Description: text, Tags: tags})
				},
				"description": func() error {
					return game(gamesparks.CreateGameInput{GameName: chess, Description: another, Tags: tags})
				},
				"no description": func() error { return game(gamesparks.CreateGameInput{GameName: chess, Tags: tags}) },
				"tags": func() error {
					return game(gamesparks.CreateGameInput{GameName: chess, Description: text, Tags: otherTags})
				},
			}},
			{"CreateStage", func() error {
				return stage(gamesparks.CreateStageInput{GameName: aws.String("first"), StageName: text, Role: arn, Description: text, Tags: tags})
			}, map[string]func() error{
				"game": func() error {
					return stage(gamesparks.CreateStageInput{GameName: aws.String("second"), StageName: text, Role: arn, Description: text, Tags: tags})
				},
				"name": func() error {
					return stage(gamesparks.CreateStageInput{GameName: aws.String("first"), StageName: another, Role: arn, Description: text, Tags: tags})
				},
				"role": func() error {
					return stage(gamesparks.CreateStageInput{GameName: aws.String("first"), StageName: text, Role: otherARN, Description: text, Tags: tags})
				},
				"description": func() error {
					return stage(gamesparks.CreateStageInput{GameName: aws.String("first"), StageName: text, Role: arn, Description: another, Tags: tags})
				},
				"tags": func() error {
					return stage(gamesparks.CreateStageInput{GameName: aws.String("first"), StageName: text, Role: arn, Description: text, Tags: otherTags})
				},
			}},
			{"StartStageDeployment", func() error {
				return deployment(gamesparks.StartStageDeploymentInput{GameName: aws.String("first"), StageName: dev, SnapshotId: first.Id})
			}, map[string]func() error{
				"stage": func() error {
					return deployment(gamesparks.StartStageDeploymentInput{GameName: aws.String("first"), StageName: aws.String("test"), SnapshotId: first.Id})
				},
				"game": func() error {
					return deployment(gamesparks.StartStageDeploymentInput{GameName: aws.String("second"), StageName: dev, SnapshotId: first.Id})
				},
				"snapshot": func() error {
					return deployment(gamesparks.StartStageDeploymentInput{GameName: aws.String("first"), StageName: dev, SnapshotId: other.Id})
				},
			}},
		} {
			for _, when := range []string{"first request", "same request", "same request, later"} {
				if err := test.same(); err != nil {
					e.Errorf("%s, %s: %v", test.operation, when, err)
				}
				for parameter, call := range test.different {
					wantError[*types.ConflictException](e, call(), "client token was already used with different parameters")
					if e.Failed() {
						e.Fatalf("%s, %s: another %s", test.operation, when, parameter)
					}
				}
				e.clock.Advance(time.Minute)
			}
		}
	})
}
