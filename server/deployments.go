package server

import (
	"fmt"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// deploymentRecord holds all that decides how a deployment proceeds, from its start on: its state is a matter of what
// time it is.
type deploymentRecord struct {
	Number      int
	ID          string
	SnapshotID  string
	Created     time.Time
	Pending     time.Duration
	InProgress  time.Duration
	Code        types.ResultCode
	Message     string
	ClientToken string `json:",omitempty"`
}

func (c *call) deploymentKey(game, stage, id string) string {
	return c.childKey(game, "deployment", stage, id)
}

// newDeploymentID returns the id of a stage's deployment with that number. Ids are in the order of the numbers.
func newDeploymentID(number int) string { return orderedID(number) }

// orderedID returns an id in the form of a UUID that begins with the number and goes on at random.
func orderedID(number int) string { return fmt.Sprintf("%08x", number) + newID()[8:] }

// progress returns the state of the deployment, its result when it has ended, and when it got there.
func (d *deploymentRecord) progress(now time.Time) (types.DeploymentState, *types.DeploymentResult, time.Time) {
	started := d.Created.Add(d.Pending)
	ended := started.Add(d.InProgress)
	switch {
	case now.Before(started):
		return types.DeploymentStatePending, nil, d.Created
	case now.Before(ended):
		return types.DeploymentStateInProgress, nil, started
	case d.Code != types.ResultCodeSuccess:
		return types.DeploymentStateFailed, d.result(), ended
	}
	return types.DeploymentStateCompleted, d.result(), ended
}

func (d *deploymentRecord) result() *types.DeploymentResult {
	return &types.DeploymentResult{ResultCode: d.Code, Message: &d.Message}
}

func (d *deploymentRecord) running(now time.Time) bool {
	_, result, _ := d.progress(now)
	return result == nil
}

// resultMessages explain the results of deployments that the decider does not explain.
var resultMessages = map[types.ResultCode]string{
	types.ResultCodeSuccess:            "The snapshot is deployed.",
	types.ResultCodeInvalidRoleFailure: "The stage's role cannot be assumed.",
	types.ResultCodeUnspecifiedFailure: "The deployment failed.",
}

func (c *call) latestDeployment(game, stage string) (*deploymentRecord, error) {
	return last[deploymentRecord](c, c.deploymentKey(game, stage, ""))
}

// checkNoDeployment returns a conflict if a deployment of the stage has not ended.
func (c *call) checkNoDeployment(game, stage string) error {
	latest, err := c.latestDeployment(game, stage)
	if err == nil && latest != nil && latest.running(c.now) {
		err = conflict("The deployment %q of stage %q has not ended.", latest.ID, stage)
	}
	return err
}

func (c *call) startStageDeployment(in *gamesparks.StartStageDeploymentInput) (*gamesparks.StartStageDeploymentOutput, error) {
	if _, err := c.activeGame(in.GameName); err != nil {
		return nil, err
	}
	stage, err := c.activeStage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	token, err := c.clientToken(in.ClientToken, &gamesparks.StartStageDeploymentInput{
		GameName: in.GameName, SnapshotId: in.SnapshotId, StageName: in.StageName,
	})
	if err != nil {
		return nil, err
	}
	if token.known {
		made, err := c.deploymentOf(stage, token)
		if err != nil || made != nil {
			return &gamesparks.StartStageDeploymentOutput{StageDeployment: made}, err
		}
	}
	snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if err := c.checkNoDeployment(stage.Game, stage.Name); err != nil {
		return nil, err
	}
	deployment, err := c.newDeployment(stage, snapshot.ID)
	if err != nil {
		return nil, err
	}
	deployment.ClientToken = token.value
	if err := save(c, c.deploymentKey(stage.Game, stage.Name, deployment.ID), deployment); err != nil {
		return nil, err
	}
	return &gamesparks.StartStageDeploymentOutput{StageDeployment: deployment.details(c.now)}, c.saveClientToken(token, deployment.ID)
}

// deploymentOf returns the deployment that was started with the token, nil when there is none any more.
func (c *call) deploymentOf(stage *stageRecord, t *clientToken) (*types.StageDeploymentDetails, error) {
	deployment, err := load[deploymentRecord](c, c.deploymentKey(stage.Game, stage.Name, t.record.Made))
	if err != nil || deployment == nil {
		return nil, err
	}
	return deployment.details(c.now), nil
}

// clearDeployments deletes the stage's deployments, and their client tokens with them.
func (c *call) clearDeployments(game, stage string) error {
	var deployments []*deploymentRecord
	for entry, err := range c.tx.Scan(storage.Prefix(c.deploymentKey(game, stage, ""))) {
		if err != nil {
			return err
		}
		deployment, err := decode[deploymentRecord](entry.Key, entry.Value)
		if err != nil {
			return err
		}
		deployments = append(deployments, deployment)
	}
	for _, d := range deployments {
		if err := c.forgetClientToken(schemas.StartStageDeployment.Name, d.ClientToken, d.ID); err != nil {
			return err
		}
		if err := c.w.Delete(c.deploymentKey(game, stage, d.ID)); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) newDeployment(stage *stageRecord, snapshotID string) (*deploymentRecord, error) {
	number := 1
	latest, err := c.latestDeployment(stage.Game, stage.Name)
	if err != nil {
		return nil, err
	}
	if latest != nil {
		number = latest.Number + 1
	}
	outcome := c.outcome(Deployment{Game: stage.Game, Stage: stage.Name, SnapshotID: snapshotID, Role: stage.Role})
	if outcome.Code == "" {
		outcome.Code = types.ResultCodeSuccess
	}
	if outcome.Message == "" {
		outcome.Message = resultMessages[outcome.Code]
	}
	return &deploymentRecord{
		Number: number, ID: newDeploymentID(number), SnapshotID: snapshotID, Created: c.now,
		Pending: c.deploymentPending, InProgress: c.deploymentInProgress, Code: outcome.Code, Message: outcome.Message,
	}, nil
}

func (c *call) getStageDeployment(in *gamesparks.GetStageDeploymentInput) (*gamesparks.GetStageDeploymentOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	var deployment *deploymentRecord
	if in.DeploymentId == nil {
		if deployment, err = c.latestDeployment(stage.Game, stage.Name); err == nil && deployment == nil {
			err = notFound("The stage %q has no deployment.", stage.Name)
		}
	} else {
		deployment, err = load[deploymentRecord](c, c.deploymentKey(stage.Game, stage.Name, *in.DeploymentId))
		if err == nil && deployment == nil {
			err = notFound("The stage %q has no deployment %q.", stage.Name, *in.DeploymentId)
		}
	}
	if err != nil {
		return nil, err
	}
	return &gamesparks.GetStageDeploymentOutput{StageDeployment: deployment.details(c.now)}, nil
}

func (c *call) listStageDeployments(in *gamesparks.ListStageDeploymentsInput) (*gamesparks.ListStageDeploymentsOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	deployments, next, err := listPage(c, listing{prefix: c.deploymentKey(stage.Game, stage.Name, ""), newest: true},
		in.MaxResults, in.NextToken,
		func(d *deploymentRecord) (types.StageDeploymentSummary, bool) {
			state, result, since := d.progress(c.now)
			return types.StageDeploymentSummary{
				DeploymentAction: types.DeploymentActionDeploy, DeploymentId: &d.ID, DeploymentResult: result,
				DeploymentState: state, LastUpdated: &since, SnapshotId: &d.SnapshotID,
			}, true
		})
	return &gamesparks.ListStageDeploymentsOutput{StageDeployments: deployments, NextToken: next}, err
}

func (d *deploymentRecord) details(now time.Time) *types.StageDeploymentDetails {
	state, result, since := d.progress(now)
	return &types.StageDeploymentDetails{
		Created: &d.Created, DeploymentAction: types.DeploymentActionDeploy, DeploymentId: &d.ID,
		DeploymentResult: result, DeploymentState: state, LastUpdated: &since, SnapshotId: &d.SnapshotID,
	}
}
