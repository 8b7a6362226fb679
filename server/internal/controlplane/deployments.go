package controlplane

import (
	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// resultMessages are the default messages of deployment results.
var resultMessages = map[types.ResultCode]string{
	types.ResultCodeSuccess:            "The snapshot is deployed.",
	types.ResultCodeInvalidRoleFailure: "The stage's role cannot be assumed.",
	types.ResultCodeUnspecifiedFailure: "The deployment failed.",
}

func (c *call) latestDeployment(stage *records.Stage) (*records.Deployment, error) {
	return c.tx.Deployments(stage).First()
}

// checkNoDeployment returns a conflict if a deployment to the stage is pending or in progress.
func (c *call) checkNoDeployment(stage *records.Stage) error {
	latest, err := c.latestDeployment(stage)
	if err != nil || latest == nil {
		return err
	}
	if _, result, _ := latest.State(c.tx); result == nil {
		return conflict("The deployment %q to stage %q has not finished.", latest.ID, stage.Name)
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
		deployment, err := c.tx.Deployment(stage, token.record.Resource.Deployment)
		if err != nil {
			return nil, err
		}
		if deployment != nil {
			return &gamesparks.StartStageDeploymentOutput{StageDeployment: deploymentDetails(deployment, c.tx)}, nil
		}
	}
	_, snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if err := c.checkNoDeployment(stage); err != nil {
		return nil, err
	}
	deployment, err := c.newDeployment(stage, snapshot.ID)
	if err != nil {
		return nil, err
	}
	deployment.ClientToken = token.value
	if err := c.tx.PutDeployment(stage, deployment); err != nil {
		return nil, err
	}
	return &gamesparks.StartStageDeploymentOutput{StageDeployment: deploymentDetails(deployment, c.tx)}, c.saveIdempotencyToken(token, deployment.Ref(stage))
}

func (c *call) newDeployment(stage *records.Stage, snapshotID string) (*records.Deployment, error) {
	number := 1
	latest, err := c.latestDeployment(stage)
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
		if deployment, err = c.latestDeployment(stage); err == nil && deployment == nil {
			err = notFound("The stage %q has no deployment.", stage.Name)
		}
	} else {
		deployment, err = c.tx.Deployment(stage, *in.DeploymentId)
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
	deployments, next, err := listPage(c, c.tx.Deployments(stage),
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
