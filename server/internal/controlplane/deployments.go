package controlplane

import (
	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// resultMessages are the default messages of deployment results.
var resultMessages = map[types.ResultCode]string{
	types.ResultCodeSuccess:            "The snapshot is deployed.",
	types.ResultCodeInvalidRoleFailure: "The stage's role cannot be assumed.",
	types.ResultCodeUnspecifiedFailure: "The deployment failed.",
}

func (c *call) latestDeployment(game, stage string) (*records.Deployment, error) {
	return c.tx.Deployments(game, stage).First()
}

// checkNoDeployment returns a conflict if a deployment to the stage is pending or in progress.
func (c *call) checkNoDeployment(game, stage string) error {
	latest, err := c.latestDeployment(game, stage)
	if err != nil || latest == nil {
		return err
	}
	if _, result, _ := latest.State(c.tx); result == nil {
		return conflict("The deployment %q to stage %q has not finished.", latest.ID, stage)
	}
	return nil
}

func (c *call) startStageDeployment(in *gamesparks.StartStageDeploymentInput) (*gamesparks.StartStageDeploymentOutput, error) {
	if _, err := c.activeGame(in.GameName); err != nil {
		return nil, err
	}
	stage, err := c.activeStage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	token, err := c.idempotencyToken(in.ClientToken, &gamesparks.StartStageDeploymentInput{
		GameName: in.GameName, SnapshotId: in.SnapshotId, StageName: in.StageName,
	})
	if err != nil {
		return nil, err
	}
	if token.used {
		deployment, err := c.tx.Deployment(stage.Game, stage.Name, token.record.ResourceRef)
		if err != nil {
			return nil, err
		}
		if deployment != nil {
			return &gamesparks.StartStageDeploymentOutput{StageDeployment: deploymentDetails(deployment, c.tx)}, nil
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
	if err := c.tx.PutDeployment(stage.Game, stage.Name, deployment); err != nil {
		return nil, err
	}
	return &gamesparks.StartStageDeploymentOutput{StageDeployment: deploymentDetails(deployment, c.tx)}, c.saveIdempotencyToken(token, deployment.ID)
}

// deleteDeployments deletes the stage's deployments and their idempotency tokens.
func (c *call) deleteDeployments(game, stage string) error {
	deployments, err := c.tx.Deployments(game, stage).All()
	if err != nil {
		return err
	}
	for _, d := range deployments {
		if err := c.tx.DeleteIdempotencyToken(schemas.StartStageDeployment.Name, d.ClientToken, d.ID); err != nil {
			return err
		}
		if err := c.tx.DeleteDeployment(game, stage, d.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) newDeployment(stage *records.Stage, snapshotID string) (*records.Deployment, error) {
	number := 1
	latest, err := c.latestDeployment(stage.Game, stage.Name)
	if err != nil {
		return nil, err
	}
	if latest != nil {
		number = latest.Number + 1
	}
	outcome := c.Outcome(Deployment{Game: stage.Game, Stage: stage.Name, SnapshotID: snapshotID, Role: stage.Role})
	if outcome.Code == "" {
		outcome.Code = types.ResultCodeSuccess
	}
	if outcome.Message == "" {
		outcome.Message = resultMessages[outcome.Code]
	}
	return &records.Deployment{
		Number: number, ID: records.NewOrderedID(number), SnapshotID: snapshotID, Created: c.now,
		Pending: c.DeploymentPending, InProgress: c.DeploymentInProgress, Code: outcome.Code, Message: outcome.Message,
	}, nil
}

func (c *call) getStageDeployment(in *gamesparks.GetStageDeploymentInput) (*gamesparks.GetStageDeploymentOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	var deployment *records.Deployment
	if in.DeploymentId == nil {
		if deployment, err = c.latestDeployment(stage.Game, stage.Name); err == nil && deployment == nil {
			err = notFound("The stage %q has no deployment.", stage.Name)
		}
	} else {
		deployment, err = c.tx.Deployment(stage.Game, stage.Name, *in.DeploymentId)
		if err == nil && deployment == nil {
			err = notFound("The stage %q has no deployment %q.", stage.Name, *in.DeploymentId)
		}
	}
	if err != nil {
		return nil, err
	}
	return &gamesparks.GetStageDeploymentOutput{StageDeployment: deploymentDetails(deployment, c.tx)}, nil
}

func (c *call) listStageDeployments(in *gamesparks.ListStageDeploymentsInput) (*gamesparks.ListStageDeploymentsOutput, error) {
	stage, err := c.stage(in.GameName, in.StageName)
	if err != nil {
		return nil, err
	}
	deployments, next, err := listPage(c, c.tx.Deployments(stage.Game, stage.Name),
		in.MaxResults, in.NextToken,
		func(d *records.Deployment) (types.StageDeploymentSummary, bool) {
			state, result, since := d.State(c.tx)
			return types.StageDeploymentSummary{
				DeploymentAction: types.DeploymentActionDeploy, DeploymentId: &d.ID, DeploymentResult: result,
				DeploymentState: state, LastUpdated: &since, SnapshotId: &d.SnapshotID,
			}, true
		})
	return &gamesparks.ListStageDeploymentsOutput{StageDeployments: deployments, NextToken: next}, err
}

func deploymentDetails(d *records.Deployment, tx *records.Tx) *types.StageDeploymentDetails {
	state, result, since := d.State(tx)
	return &types.StageDeploymentDetails{
		Created: &d.Created, DeploymentAction: types.DeploymentActionDeploy, DeploymentId: &d.ID,
		DeploymentResult: result, DeploymentState: state, LastUpdated: &since, SnapshotId: &d.SnapshotID,
	}
}
