package controlplane

import (
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// game returns the game, which may be in state DELETING.
func (c *call) game(name *string) (*records.Game, error) {
	game, err := c.tx.Game(*name)
	if err == nil && game == nil {
		err = notFound("The game %q does not exist.", *name)
	}
	return game, err
}

// activeGame returns the game, or an error if it is being deleted.
func (c *call) activeGame(name *string) (*records.Game, error) {
	game, err := c.game(name)
	if err == nil && game.State() != types.GameStateActive {
		err = c.errDeleting("The game %q is being deleted.", game.Name)
	}
	return game, err
}

func (c *call) createGameKeys(in *gamesparks.CreateGameInput) []string {
	return records.NewGameKeys(c.owner(), *in.GameName, c.op.Name, aws.ToString(in.ClientToken))
}

func (c *call) createGame(in *gamesparks.CreateGameInput) (*gamesparks.CreateGameOutput, error) {
	token, err := c.idempotencyToken(in.ClientToken, &gamesparks.CreateGameInput{
		Description: in.Description, GameName: in.GameName, Tags: in.Tags,
	})
	if err != nil {
		return nil, err
	}
	game, err := c.tx.Game(*in.GameName)
	switch {
	case err != nil:
		return nil, err
	case game != nil && token.repeats(game.ClientToken):
		return &gamesparks.CreateGameOutput{Game: c.gameDetails(game)}, nil
	case game != nil:
		return nil, conflict("A game named %q already exists.", game.Name)
	}
	if err := c.checkGameQuota(); err != nil {
		return nil, err
	}
	game = &records.Game{
		Name: *in.GameName, Description: in.Description, Created: c.now, LastUpdated: c.now,
		Tags: in.Tags, ClientToken: token.value,
	}
	if err := c.tx.CreateGame(game); err != nil {
		return nil, err
	}
	return &gamesparks.CreateGameOutput{Game: c.gameDetails(game)}, c.saveIdempotencyToken(token, game.Ref())
}

func (c *call) checkGameQuota() error {
	if c.MaxGames == 0 {
		return nil
	}
	n, err := c.tx.GameCount()
	if err == nil && n >= c.MaxGames {
		// Expired games do not count against the quota. Remove all of them, because an update removes only a few.
		if err = c.tx.RemoveExpired(math.MaxInt); err == nil {
			n, err = c.tx.GameCount()
		}
	}
	if err != nil {
		return err
	}
	if n >= c.MaxGames {
		return quotaExceeded("The account already has %d games, and its quota is %d.", n, c.MaxGames)
	}
	return nil
}

func (c *call) getGame(in *gamesparks.GetGameInput) (*gamesparks.GetGameOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	return &gamesparks.GetGameOutput{Game: c.gameDetails(game)}, nil
}

func (c *call) updateGame(in *gamesparks.UpdateGameInput) (*gamesparks.UpdateGameOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		game.Description = in.Description
	}
	game.LastUpdated = c.now
	return &gamesparks.UpdateGameOutput{Game: c.gameDetails(game)}, c.tx.PutGame(game)
}

func (c *call) listGames(in *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
	games, next, err := listPage(c, c.tx.Games(), in.MaxResults, in.NextToken,
		func(game *records.Game) (summary types.GameSummary, ok bool) {
			return types.GameSummary{
				Description: game.Description, Name: &game.Name, State: game.State(), Tags: game.Tags,
			}, game.Exists(c.tx)
		})
	return &gamesparks.ListGamesOutput{Games: games, NextToken: next}, err
}

// deleteGame immediately deletes everything that belongs to the game: readers ignore it, and it is removed in the
// background. The game itself stays in the DELETING state for a while.
func (c *call) deleteGame(in *gamesparks.DeleteGameInput) (*gamesparks.DeleteGameOutput, error) {
	out := &gamesparks.DeleteGameOutput{}
	game, err := c.tx.Game(*in.GameName)
	if err != nil || game == nil {
		return out, err
	}
	c.disconnectAfterCommit(records.GameKey(c.owner(), game.ID)) // a repeated call completes one whose response was lost
	if game.State() == types.GameStateDeleting {
		return out, nil
	}
	for entry, err := range c.tx.Stages(game).List("") {
		if err == nil {
			err = c.checkNoDeployment(entry.Record)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, c.tx.ExpireGame(game, c.now.Add(c.Deletion))
}

func (c *call) gameARN(name string) *string {
	return aws.String("arn:aws:gamesparks:" + c.Region + ":" + c.Account + ":game/" + name)
}

func (c *call) gameDetails(g *records.Game) *types.GameDetails {
	return &types.GameDetails{
		Arn: c.gameARN(g.Name), Created: &g.Created, Description: g.Description, LastUpdated: &g.LastUpdated,
		Name: &g.Name, State: g.State(), Tags: g.Tags,
	}
}
