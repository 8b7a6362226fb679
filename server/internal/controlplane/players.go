package controlplane

import (
	"context"
	"crypto/subtle"
	"fmt"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// AdmitPlayer returns the stage if a player may connect to it with the game key. An unknown stage and a wrong key result
// in the same error, so that players cannot find out which stages exist.
func (s *Service) AdmitPlayer(ctx context.Context, game, stage, gameKey, player string) (records.StageRef, error) {
	if rule := checkConstraints(schemas.PlayerId, player); rule != "" {
		return records.StageRef{}, invalid("playerId: %s.", rule)
	}
	if checkConstraints(schemas.GameName, game) == "" && checkConstraints(schemas.StageName, stage) == "" {
		for _, account := range s.Accounts() {
			var admitted *records.StageRef
			err := s.view(ctx, account, func(c *call) (err error) {
				admitted, err = c.admitPlayer(game, stage, gameKey)
				return err
			})
			if err != nil {
				return records.StageRef{}, err
			}
			if admitted != nil {
				return *admitted, nil
			}
		}
	}
	return records.StageRef{}, accessDenied("The stage does not exist, or the game key is wrong.")
}

// admitPlayer returns nil if the account has no active stage with that name and key.
func (c *call) admitPlayer(game, name, gameKey string) (*records.StageRef, error) {
	owner, err := c.tx.Game(game)
	if err != nil || owner == nil {
		return nil, err
	}
	stage, err := c.tx.Stage(owner, name)
	if err != nil || stage == nil || stage.State() != types.StageStateActive ||
		subtle.ConstantTimeCompare([]byte(stage.GameKey), []byte(gameKey)) == 0 {
		return nil, err
	}
	ref := c.stageRef(stage)
	return &ref, c.checkDeployed(stage)
}

// checkDeployed returns a conflict unless a deployment to the stage has completed. A snapshot stays deployed while a
// later deployment is in progress, and if that deployment fails.
func (c *call) checkDeployed(stage *records.Stage) error {
	for entry, err := range c.tx.Deployments(stage).List("") {
		if err != nil {
			return err
		}
		if state, _, _ := entry.Record.State(c.tx); state == types.DeploymentStateCompleted {
			return nil
		}
	}
	return conflict("No deployment to stage %q has completed.", stage.Name)
}

// disconnectAfterCommit closes the connections to deleted stages after the transaction has committed.
func (c *call) disconnectAfterCommit(match func(records.StageRef) bool) {
	c.afterCommit = func() { c.Presence.DisconnectStages(match, "The stage was deleted.") }
}

func (c *call) getPlayerConnectionStatus(in *gamesparks.GetPlayerConnectionStatusInput) (*gamesparks.GetPlayerConnectionStatusOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	out := &gamesparks.GetPlayerConnectionStatusOutput{Connections: []types.Connection{}}
	for _, conn := range c.Presence.Connections(c.stageRef(stage), *in.PlayerId) {
		out.Connections = append(out.Connections, types.Connection{Created: &conn.Created, Id: &conn.ID})
	}
	return out, nil
}

// disconnectPlayer looks up the player's connections in the transaction and closes them after the transaction has
// committed.
func (c *call) disconnectPlayer(in *gamesparks.DisconnectPlayerInput) (*gamesparks.DisconnectPlayerOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	ref := c.stageRef(stage)
	ids := []string{}
	for _, conn := range c.Presence.Connections(ref, *in.PlayerId) {
		ids = append(ids, conn.ID)
	}
	c.afterCommit = func() {
		c.Presence.Disconnect(ref, ids, fmt.Sprintf("The player %s was disconnected.", *in.PlayerId))
	}
	return &gamesparks.DisconnectPlayerOutput{DisconnectFailures: []string{}, DisconnectSuccesses: ids}, nil
}
