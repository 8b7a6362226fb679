package server

import (
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

type gameRecord struct {
	Name        string
	Description *string `json:",omitempty"`
	Created     time.Time
	LastUpdated time.Time
	Tags        map[string]string `json:",omitempty"`
	ClientToken string            `json:",omitempty"`

	// Gone is when a game that is being deleted ceases to exist.
	Gone time.Time `json:",omitzero"`
}

func (c *call) gameKey(name string) string { return c.key("game", name) }

// childKey returns the key of something that belongs to a game and goes with it.
func (c *call) childKey(game string, parts ...string) string {
	return c.key(append([]string{"of", game}, parts...)...)
}

// isGone reports whether what is deleted at that time, if at all, does not exist any more.
func (c *call) isGone(t time.Time) bool { return !t.IsZero() && !c.now.Before(t) }

// findGame returns the game, which may be in state DELETING, or nil.
func (c *call) findGame(name string) (*gameRecord, error) {
	game, err := load[gameRecord](c, c.gameKey(name))
	if err != nil || game == nil || c.isGone(game.Gone) {
		return nil, err
	}
	return game, nil
}

// game returns the game, which may be in state DELETING.
func (c *call) game(name *string) (*gameRecord, error) {
	game, err := c.findGame(*name)
	if err == nil && game == nil {
		err = notFound("There is no game %q.", *name)
	}
	return game, err
}

// activeGame returns a game that can be changed.
func (c *call) activeGame(name *string) (*gameRecord, error) {
	game, err := c.game(name)
	if err == nil && !game.Gone.IsZero() {
		err = c.deleting("The game %q is being deleted.", game.Name)
	}
	return game, err
}

// deleting returns the error for changing something that is being deleted: a conflict for operations that have this
// error, otherwise it counts as not there any more.
func (c *call) deleting(format string, args ...any) error {
	for _, e := range c.op.Errors {
		if e == schemas.ConflictException {
			return conflict(format, args...)
		}
	}
	return notFound(format, args...)
}

func (c *call) createGame(in *gamesparks.CreateGameInput) (*gamesparks.CreateGameOutput, error) {
	token, err := c.clientToken(in.ClientToken, &gamesparks.CreateGameInput{
		Description: in.Description, GameName: in.GameName, Tags: in.Tags,
	})
	if err != nil {
		return nil, err
	}
	game, err := c.findGame(*in.GameName)
	switch {
	case err != nil:
		return nil, err
	case game != nil && token.repeats(game.ClientToken):
		return &gamesparks.CreateGameOutput{Game: c.gameDetails(game)}, nil
	case game != nil:
		return nil, conflict("There is a game %q already.", game.Name)
	}
	if err := c.checkGameQuota(); err != nil {
		return nil, err
	}
	game = &gameRecord{
		Name: *in.GameName, Description: in.Description, Created: c.now, LastUpdated: c.now,
		Tags: in.Tags, ClientToken: token.value,
	}
	if err := save(c, c.gameKey(game.Name), game); err != nil {
		return nil, err
	}
	if err := c.setConfiguration(game.Name, &configurationRecord{Created: c.now, LastUpdated: c.now}, nil); err != nil {
		return nil, err
	}
	return &gamesparks.CreateGameOutput{Game: c.gameDetails(game)}, c.saveClientToken(token, game.Name)
}

func (c *call) checkGameQuota() error {
	if c.maxGames == 0 {
		return nil
	}
	n, err := c.count(c.gameKey(""))
	if err == nil && n >= c.maxGames {
		// Games that are gone do not count. Usually they are swept already, unless there were many.
		if err = c.sweep(math.MaxInt); err == nil {
			n, err = c.count(c.gameKey(""))
		}
	}
	if err != nil {
		return err
	}
	if n >= c.maxGames {
		return quotaExceeded("The account has %d games, and its quota is %d.", n, c.maxGames)
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
	return &gamesparks.UpdateGameOutput{Game: c.gameDetails(game)}, save(c, c.gameKey(game.Name), game)
}

func (c *call) listGames(in *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
	games, next, err := listPage(c, listing{prefix: c.gameKey("")}, in.MaxResults, in.NextToken,
		func(game *gameRecord) (summary types.GameSummary, ok bool) {
			return types.GameSummary{
				Description: game.Description, Name: &game.Name, State: game.state(), Tags: game.Tags,
			}, !c.isGone(game.Gone)
		})
	return &gamesparks.ListGamesOutput{Games: games, NextToken: next}, err
}

// deleteGame deletes what belongs to the game at once. The game itself stays in state DELETING for a while.
func (c *call) deleteGame(in *gamesparks.DeleteGameInput) (*gamesparks.DeleteGameOutput, error) {
	out := &gamesparks.DeleteGameOutput{}
	game, err := c.findGame(*in.GameName)
	if err != nil || game == nil || !game.Gone.IsZero() {
		return out, err
	}
	var stages []*stageRecord
	for entry, err := range c.tx.Scan(storage.Prefix(c.stageKey(game.Name, ""))) {
		if err != nil {
			return nil, err
		}
		stage, err := decode[stageRecord](entry.Key, entry.Value)
		if err != nil {
			return nil, err
		}
		if err := c.checkNoDeployment(game.Name, stage.Name); err != nil {
			return nil, err
		}
		stages = append(stages, stage)
	}
	for _, stage := range stages {
		if err := c.clearStage(stage); err != nil {
			return nil, err
		}
	}
	if err := c.forgetClientToken(schemas.CreateGame.Name, game.ClientToken, game.Name); err != nil {
		return nil, err
	}
	if err := c.clear(c.childKey(game.Name, "")); err != nil {
		return nil, err
	}
	c.committed = c.disconnectPlayers(game.Name, "")
	game.Gone = c.now.Add(c.deletion)
	if err := c.bury(c.gameKey(game.Name), game.Gone); err != nil {
		return nil, err
	}
	return out, save(c, c.gameKey(game.Name), game)
}

func (c *call) gameARN(name string) *string {
	return aws.String("arn:aws:gamesparks:" + c.region + ":" + c.account + ":game/" + name)
}

func (g *gameRecord) state() types.GameState {
	if g.Gone.IsZero() {
		return types.GameStateActive
	}
	return types.GameStateDeleting
}

func (c *call) gameDetails(g *gameRecord) *types.GameDetails {
	return &types.GameDetails{
		Arn: c.gameARN(g.Name), Created: &g.Created, Description: g.Description, LastUpdated: &g.LastUpdated,
		Name: &g.Name, State: g.state(), Tags: g.Tags,
	}
}
