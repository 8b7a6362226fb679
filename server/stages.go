package server

import (
	cryptorand "crypto/rand"
	"encoding/base64"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

type stageRecord struct {
	Game        string
	Name        string
	Description *string `json:",omitempty"`
	Role        string
	GameKey     string
	Created     time.Time
	LastUpdated time.Time
	Tags        map[string]string `json:",omitempty"`
	ClientToken string            `json:",omitempty"`

	// Gone is when a stage that is being deleted ceases to exist.
	Gone time.Time `json:",omitzero"`
}

func (c *call) stageKey(game, name string) string { return c.childKey(game, "stage", name) }

// findStage returns the stage, which may be in state DELETING, or nil.
func (c *call) findStage(game, name string) (*stageRecord, error) {
	stage, err := load[stageRecord](c, c.stageKey(game, name))
	if err != nil || stage == nil || c.isGone(stage.Gone) {
		return nil, err
	}
	return stage, nil
}

// stage returns the stage, which may be in state DELETING.
func (c *call) stage(game, name *string) (*stageRecord, error) {
	if _, err := c.game(game); err != nil {
		return nil, err
	}
	stage, err := c.findStage(*game, *name)
	if err == nil && stage == nil {
		err = notFound("The game %q has no stage %q.", *game, *name)
	}
	return stage, err
}

// activeStage returns a stage that can be changed.
func (c *call) activeStage(game, name *string) (*stageRecord, error) {
	stage, err := c.stage(game, name)
	if err == nil && !stage.Gone.IsZero() {
		err = c.deleting("The stage %q is being deleted.", stage.Name)
	}
	return stage, err
}

func (c *call) createStage(in *gamesparks.CreateStageInput) (*gamesparks.CreateStageOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	token, err := c.clientToken(in.ClientToken, &gamesparks.CreateStageInput{
		Description: in.Description, GameName: in.GameName, Role: in.Role, StageName: in.StageName, Tags: in.Tags,
	})
	if err != nil {
		return nil, err
	}
	stage, err := c.findStage(game.Name, *in.StageName)
	switch {
	case err != nil:
		return nil, err
	case stage != nil && token.repeats(stage.ClientToken):
		return &gamesparks.CreateStageOutput{Stage: c.stageDetails(stage)}, nil
	case stage != nil:
		return nil, conflict("The game %q has a stage %q already.", game.Name, stage.Name)
	}
	stage = &stageRecord{
		Game: game.Name, Name: *in.StageName, Description: in.Description, Role: *in.Role, GameKey: newGameKey(),
		Created: c.now, LastUpdated: c.now, Tags: in.Tags, ClientToken: token.value,
	}
	if err := save(c, c.stageKey(game.Name, stage.Name), stage); err != nil {
		return nil, err
	}
	return &gamesparks.CreateStageOutput{Stage: c.stageDetails(stage)}, c.saveClientToken(token, stage.madeAs())
}

// madeAs is what the client token that made the stage remembers.
func (s *stageRecord) madeAs() string { return s.Game + "/" + s.Name }

// clearStage deletes the stage's deployments, and the client tokens of them and of the stage.
func (c *call) clearStage(s *stageRecord) error {
	if err := c.forgetClientToken(schemas.CreateStage.Name, s.ClientToken, s.madeAs()); err != nil {
		return err
	}
	return c.clearDeployments(s.Game, s.Name)
}

// newGameKey returns a key of 256 bits, which is 43 characters.
func newGameKey() string {
	key := make([]byte, 32)
	_, _ = cryptorand.Read(key) // it does not fail
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
	return &gamesparks.UpdateStageOutput{Stage: c.stageDetails(stage)}, save(c, c.stageKey(stage.Game, stage.Name), stage)
}

func (c *call) listStages(in *gamesparks.ListStagesInput) (*gamesparks.ListStagesOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	stages, next, err := listPage(c, listing{prefix: c.stageKey(game.Name, "")}, in.MaxResults, in.NextToken,
		func(s *stageRecord) (types.StageSummary, bool) {
			return types.StageSummary{
				Description: s.Description, GameKey: &s.GameKey, Name: &s.Name, State: s.state(), Tags: s.Tags,
			}, !c.isGone(s.Gone)
		})
	return &gamesparks.ListStagesOutput{Stages: stages, NextToken: next}, err
}

// deleteStage deletes the stage's deployments at once. The stage itself stays in state DELETING for a while.
func (c *call) deleteStage(in *gamesparks.DeleteStageInput) (*gamesparks.DeleteStageOutput, error) {
	out := &gamesparks.DeleteStageOutput{}
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	if !stage.Gone.IsZero() {
		return out, nil
	}
	if err := c.checkNoDeployment(stage.Game, stage.Name); err != nil {
		return nil, err
	}
	if err := c.clearStage(stage); err != nil {
		return nil, err
	}
	c.committed = c.disconnectPlayers(stage.Game, stage.Name)
	stage.Gone = c.now.Add(c.deletion)
	if err := c.bury(c.stageKey(stage.Game, stage.Name), stage.Gone); err != nil {
		return nil, err
	}
	return out, save(c, c.stageKey(stage.Game, stage.Name), stage)
}

func (s *stageRecord) state() types.StageState {
	if s.Gone.IsZero() {
		return types.StageStateActive
	}
	return types.StageStateDeleting
}

func (c *call) stageDetails(s *stageRecord) *types.StageDetails {
	return &types.StageDetails{
		Arn: aws.String(*c.gameARN(s.Game) + "/stage/" + s.Name), Created: &s.Created, Description: s.Description,
		GameKey: &s.GameKey, LastUpdated: &s.LastUpdated, LogGroup: aws.String("/aws/gamesparks/" + s.Game + "/" + s.Name),
		Name: &s.Name, Role: &s.Role, State: s.state(), Tags: s.Tags,
	}
}
