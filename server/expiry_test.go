package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestReusedNamesDoNotExpire deletes more games, stages and client tokens than one update removes, and reuses the last ones
// before they are removed. The removal of the old records must not remove the new ones.
func TestReusedNamesDoNotExpire(t *testing.T) {
	onEachStore(t, func(e *env) {
		const n = 40 // an update removes 16
		token := strings.Repeat("t", 40)
		createLast := func(token string) *types.GameDetails {
			e.Helper()
			return ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{
				GameName: aws.String("z"), Description: aws.String("last"), ClientToken: &token,
			})).Game
		}
		e.createGame("kept")
		games, stages := numbered("g", n), numbered("s", n)
		for i := range n {
			e.createGame(games[i])
			e.createStage("kept", stages[i])
		}
		createLast(token)
		e.createStage("kept", "z")
		for i := range n {
			ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("kept"), StageName: &stages[i]}))
			ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &games[i]}))
		}
		ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("kept"), StageName: aws.String("z")}))
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("z")}))
		e.clock.Advance(deletion)

		created := createLast(token)
		stage := e.createStage("kept", "z")
		for _, name := range numbered("more", n) { // each update removes expired records
			e.createGame(name)
		}
		check := func(when string) {
			e.Helper()
			got, err := e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: created.Name})
			if err != nil || !got.Game.Created.Equal(*created.Created) {
				e.Errorf("%s: the new game: %v", when, err)
			}
			found, err := e.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: aws.String("kept"), StageName: stage.Name})
			if err != nil || *found.Stage.GameKey != *stage.GameKey {
				e.Errorf("%s: the new stage: %v", when, err)
			}
			if again, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{
				GameName: aws.String("z"), Description: aws.String("last"), ClientToken: &token,
			}); err != nil || !again.Game.Created.Equal(*created.Created) {
				e.Errorf("%s: the request with the client token of the new game: %v", when, err)
			}
		}
		check("after the removal")

		// The expiry of the first token, which the deletion of its game has removed, does not remove the second token.
		e.clock.Advance(24*time.Hour - deletion)
		for _, name := range numbered("evenmore", n) {
			e.createGame(name)
		}
		check("at the expiry of the first token")
	})
}

// TestQuotaIgnoresAllExpiredGames checks that CreateGame removes all expired games if the account has reached its quota.
func TestQuotaIgnoresAllExpiredGames(t *testing.T) {
	t.Parallel()
	const n = 40 // an update removes 16
	store := storage.NewMemory()
	e := newEnv(t, server.WithStore(store))
	for _, name := range numbered("g", n) {
		e.createGame(name)
	}
	for _, name := range numbered("g", n) {
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &name}))
	}
	e.clock.Advance(deletion)
	limited := newEnv(t, server.WithStore(store), server.WithClock(e.clock.Now), server.WithMaxGames(2))
	limited.createGame("a")
	limited.createGame("b")
	_, err := limited.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("c")})
	wantError[*types.ServiceQuotaExceededException](limited, err, "already has 2 games")
}
