package controlplane

import (
	cryptorand "crypto/rand"
	"encoding/base64"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// stage returns the stage, which may be in state DELETING.
func (c *call) stage(game, name *string) (*records.Stage, error) {
	owner, err := c.game(game)
	if err != nil {
		return nil, err
	}
	stage, err := c.tx.Stage(owner, *name)
	if err == nil && stage == nil {
		err = notFound("The game %q has no stage %q.", *game, *name)
	}
	return stage, err
}

// activeStage returns the stage, or an error if it is being deleted.
func (c *call) activeStage(game, name *string) (*records.Stage, error) {
	stage, err := c.stage(game, name)
	if err == nil && stage.State() != types.StageStateActive {
		err = c.errDeleting("The stage %q is being deleted.", stage.Name)
	}
	return stage, err
}

func (c *call) createStage(in *gamesparks.CreateStageInput) (*gamesparks.CreateStageOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	token, err := c.idempotencyToken(in.ClientToken, &gamesparks.CreateStageInput{
		Description: in.Description, GameName: in.GameName, Role: in.Role, StageName: in.StageName, Tags: in.Tags,
	})
	if err != nil {
		return nil, err
	}
	stage, err := c.tx.Stage(game, *in.StageName)
	switch {
	case err != nil:
		return nil, err
	case stage != nil && token.repeats(stage.ClientToken):
		return &gamesparks.CreateStageOutput{Stage: c.stageDetails(stage)}, nil
	case stage != nil:
		return nil, conflict("The game %q already has a stage named %q.", game.Name, stage.Name)
	}
	stage = &records.Stage{
		Name: *in.StageName, Description: in.Description, Role: *in.Role, GameKey: newGameKey(), Created: c.now,
		LastUpdated: c.now, Tags: in.Tags, ClientToken: token.value,
	}
	if err := c.tx.CreateStage(game, stage); err != nil {
		return nil, err
	}
	return &gamesparks.CreateStageOutput{Stage: c.stageDetails(stage)}, c.saveIdempotencyToken(token, stage.Ref())
}

// newGameKey returns a random 256-bit key, encoded as 43 characters.
func newGameKey() string {
	key := make([]byte, 32)
	_, _ = cryptorand.Read(key) // never fails
	return base64.RawURLEncoding.EncodeToString(key)
}

func (c *call) getStage(in *gamesparks.GetStageInput) (*gamesparks.GetStageOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	return &gamesparks.GetStageOutput{Stage: c.stageDetails(stage)}, nil
}

func (c *call) updateStage(in *gamesparks.UpdateStageInput) (*gamesparks.UpdateStageOutput, error) {
	stage, err := c.activeStage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		stage.Description = in.Description
	}
	if in.Role != nil {
		stage.Role = *in.Role
	}
	stage.LastUpdated = c.now
	return &gamesparks.UpdateStageOutput{Stage: c.stageDetails(stage)}, c.tx.PutStage(stage)
}

func (c *call) listStages(in *gamesparks.ListStagesInput) (*gamesparks.ListStagesOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	stages, next, err := listPage(c, c.tx.Stages(game), in.MaxResults, in.NextToken,
		func(s *records.Stage) (types.StageSummary, bool) {
			return types.StageSummary{
				Description: s.Description, GameKey: &s.GameKey, Name: &s.Name, State: s.State(), Tags: s.Tags,
			}, s.Exists(c.tx)
		})
	return &gamesparks.ListStagesOutput{Stages: stages, NextToken: next}, err
}

// deleteStage immediately deletes the stage's deployments, as deleteGame does the content of a game. The stage itself
// stays in the DELETING state for a while.
func (c *call) deleteStage(in *gamesparks.DeleteStageInput) (*gamesparks.DeleteStageOutput, error) {
	out := &gamesparks.DeleteStageOutput{}
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	c.disconnectAfterCommit(c.tx.StageRef(stage).Key()) // a repeated call completes one whose response was lost
	if stage.State() == types.StageStateDeleting {
		return out, nil
	}
	if err := c.checkNoDeployment(stage); err != nil {
		return nil, err
	}
	return out, c.tx.ExpireStage(stage, c.now.Add(c.Deletion))
}

func (c *call) stageDetails(s *records.Stage) *types.StageDetails {
	return &types.StageDetails{
		Arn: aws.String(*c.gameARN(s.Game) + "/stage/" + s.Name), Created: &s.Created, Description: s.Description,
		GameKey: &s.GameKey, LastUpdated: &s.LastUpdated, LogGroup: aws.String("/aws/gamesparks/" + s.Game + "/" + s.Name),
		Name: &s.Name, Role: &s.Role, State: s.State(), Tags: s.Tags,
	}
}
