package controlplane

import (
	"context"
	"crypto/subtle"
	"fmt"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
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
	ref := c.tx.StageRef(stage)
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

// disconnectAfterCommit closes the connections to deleted stages, whose keys begin with prefix. That needs a transaction of
// its own, after the one that marks the stages: a player who connects at the same time is then either found here, or finds
// the mark. If this process ends between the two, another one closes the connections.
func (c *call) disconnectAfterCommit(prefix string) {
	c.afterCommit = func(ctx context.Context) error {
		if err := c.Presence.DisconnectStages(ctx, prefix, "The stage was deleted."); err != nil {
			return fmt.Errorf("%w: the deletion is committed: disconnect the players: %w", storage.ErrUnknownOutcome, err)
		}
		return nil
	}
}

// IsActive reports whether players may connect to the stage with a key. A stage that is not active never becomes active
// again.
func (s *Service) IsActive(ctx context.Context, stage string) (active bool, err error) {
	ref, err := records.ParseStageKey(stage)
	if err != nil {
		return false, err
	}
	c := &call{Service: s, Caller: Caller{Account: ref.Account}, ctx: ctx, now: s.now()}
	err = s.Records.View(ctx, ref.Owner, c.now, c.timed(func(tx *records.Tx) error {
		found, err := tx.ActiveStage(ref)
		active = found != nil
		return err
	}))
	return active, err
}

func (c *call) getPlayerConnectionStatus(in *gamesparks.GetPlayerConnectionStatusInput) (*gamesparks.GetPlayerConnectionStatusOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	out := &gamesparks.GetPlayerConnectionStatusOutput{Connections: []types.Connection{}}
	if stage.State() != types.StageStateActive {
		return out, nil // its connections are being closed
	}
	ref := c.tx.StageRef(stage)
	c.afterCommit = func(ctx context.Context) error {
		found, err := c.Presence.Connections(ctx, ref, *in.PlayerId)
		for _, conn := range found {
			out.Connections = append(out.Connections, types.Connection{Created: &conn.Created, Id: &conn.ID})
		}
		return err
	}
	return out, nil
}

// disconnectPlayer finds the player's connections and closes them after the transaction has committed. If the response of
// the store is lost, closing them again has no other effect, since the ids are known.
func (c *call) disconnectPlayer(in *gamesparks.DisconnectPlayerInput) (*gamesparks.DisconnectPlayerOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	ref := c.tx.StageRef(stage)
	out := &gamesparks.DisconnectPlayerOutput{DisconnectFailures: []string{}, DisconnectSuccesses: []string{}}
	c.afterCommit = func(ctx context.Context) error {
		found, err := c.Presence.Connections(ctx, ref, *in.PlayerId)
		if err != nil {
			return err
		}
		for _, conn := range found {
			out.DisconnectSuccesses = append(out.DisconnectSuccesses, conn.ID)
		}
		return c.Presence.Disconnect(ctx, out.DisconnectSuccesses, fmt.Sprintf("The player %s was disconnected.", *in.PlayerId))
	}
	return out, nil
}
