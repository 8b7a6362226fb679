package server

import (
	"context"
	"crypto/subtle"
	"fmt"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/players"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// connectURI is where players connect to a stage, with the parameters gameKey and playerId.
const connectURI = "/runtime/game/{GameName}/stage/{StageName}/connect"

// ConnectionIDHeader is the header that tells a player, when the connection is accepted, its id.
const ConnectionIDHeader = players.ConnectionIDHeader

// connect lets a player in and returns when the connection has ended.
func (x *exchange) connect(labels []string) error {
	query, err := parseQuery(x.request.URL.RawQuery)
	if err != nil {
		return malformed(err)
	}
	player := query.Get("playerId")
	if rule := checkConstraints(schemas.PlayerId, player); rule != "" {
		return invalid("playerId: %s.", rule)
	}
	stage, err := x.enter(x.request.Context(), labels[0], labels[1], query.Get("gameKey"))
	if err != nil {
		return err
	}
	x.players.Serve(x.w, x.request, stage, player, func() error {
		_, err := x.enter(x.request.Context(), stage.Game, stage.Stage, query.Get("gameKey"))
		return err
	})
	return nil
}

// enter returns the stage that a game key opens. A player learns no more than that: a stage that is not there and a
// wrong key are the same.
func (s *Service) enter(ctx context.Context, game, stage, key string) (players.Stage, error) {
	var found *players.Stage
	err := s.store.View(ctx, func(tx storage.Reader) error {
		if checkConstraints(schemas.GameName, game) != "" || checkConstraints(schemas.StageName, stage) != "" {
			return nil
		}
		for account := range s.accounts {
			c := &call{Service: s, account: account, now: s.now(), tx: tx}
			candidate, err := c.findStage(game, stage)
			if err != nil {
				return err
			}
			if candidate == nil || candidate.state() != types.StageStateActive ||
				subtle.ConstantTimeCompare([]byte(candidate.GameKey), []byte(key)) == 0 {
				continue
			}
			found = &players.Stage{Account: account, Game: game, Stage: stage}
			return c.checkDeployed(candidate)
		}
		return nil
	})
	switch {
	case err != nil:
		return players.Stage{}, err
	case found == nil:
		return players.Stage{}, accessDenied("There is no such stage, or the game key is not the stage's.")
	}
	return *found, nil
}

// checkDeployed returns a conflict unless a deployment of the stage was completed: a later one that is under way or has
// failed leaves its runtime as it is.
func (c *call) checkDeployed(stage *stageRecord) error {
	deployments := storage.Prefix(c.deploymentKey(stage.Game, stage.Name, ""))
	deployments.Reverse = true
	for entry, err := range c.tx.Scan(deployments) {
		if err != nil {
			return err
		}
		deployment, err := decode[deploymentRecord](entry.Key, entry.Value)
		if err != nil {
			return err
		}
		if state, _, _ := deployment.progress(c.now); state == types.DeploymentStateCompleted {
			return nil
		}
	}
	return conflict("No deployment of stage %q has completed.", stage.Name)
}

// runtime returns the stage that players are connected to.
func (c *call) runtime(game, stage *string) (players.Stage, error) {
	found, err := c.stage(game, stage)
	if err != nil {
		return players.Stage{}, err
	}
	return players.Stage{Account: c.account, Game: found.Game, Stage: found.Name}, nil
}

// disconnectPlayers returns what ends the connections to the stages of a game, or to one stage if its name is not
// empty.
func (c *call) disconnectPlayers(game, stage string) func() {
	return func() {
		c.players.DisconnectStages(func(s players.Stage) bool {
			return s.Account == c.account && s.Game == game && (stage == "" || s.Stage == stage)
		}, "The stage is deleted.")
	}
}

func (c *call) getPlayerConnectionStatus(in *gamesparks.GetPlayerConnectionStatusInput) (*gamesparks.GetPlayerConnectionStatusOutput, error) {
	stage, err := c.runtime(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	out := &gamesparks.GetPlayerConnectionStatusOutput{Connections: []types.Connection{}}
	for _, conn := range c.players.Connections(stage, *in.PlayerId) {
		out.Connections = append(out.Connections, types.Connection{Created: &conn.Created, Id: &conn.ID})
	}
	return out, nil
}

func (c *call) disconnectPlayer(in *gamesparks.DisconnectPlayerInput) (*gamesparks.DisconnectPlayerOutput, error) {
	stage, err := c.runtime(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	out := &gamesparks.DisconnectPlayerOutput{DisconnectFailures: []string{}, DisconnectSuccesses: []string{}}
	reason := fmt.Sprintf("The player %s is disconnected.", *in.PlayerId)
	for _, conn := range c.players.Disconnect(stage, *in.PlayerId, reason) {
		out.DisconnectSuccesses = append(out.DisconnectSuccesses, conn.ID)
	}
	return out, nil
}

// checkConstraints returns the rule of the model that a text breaks, or "".
func checkConstraints(s *smithy.Schema, text string) string {
	if l, ok := smithy.SchemaTrait[*schemas.Length](s); ok {
		if rule := l.Check(len([]rune(text))); rule != "" {
			return rule
		}
	}
	if p, ok := smithy.SchemaTrait[*schemas.Pattern](s); ok {
		return p.Check(text)
	}
	return ""
}
