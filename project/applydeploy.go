package project

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/types"
)

// checkIdle returns a [*deploy.DeploymentInProgressError] if a deployment to a stage has not ended.
func checkIdle(ctx context.Context, client Client, game, stage string) error {
	deployments, err := FetchDeployments(ctx, client, game, stage)
	if err != nil {
		return err
	}
	if d := deployments.Running(); d != nil {
		return fmt.Errorf("nothing was written: stage %s: %w", stage, &deploy.DeploymentInProgressError{
			Stage: stage, Deployment: &types.StageDeploymentDetails{
				DeploymentId: d.DeploymentId, DeploymentState: d.DeploymentState, DeploymentAction: d.DeploymentAction,
				SnapshotId: d.SnapshotId, LastUpdated: d.LastUpdated,
			},
		})
	}
	return nil
}

func (a *application) keepPrevious(ctx context.Context) (string, error) {
	id, created, err := a.snapshots.findOrCreate(ctx, a.present.Sections)
	a.result.PreviousSnapshotID, a.result.PreviousSnapshotCreated = id, created
	return snapshotDetail(id, created), err
}

// snapshot determines the snapshot to deploy.
func (a *application) snapshot(ctx context.Context) (string, error) {
	id, created, err := a.snapshots.findOrCreate(ctx, a.present.Sections)
	if stale, ok := errors.AsType[*StaleError](err); ok {
		stale.Written = a.written
	}
	a.result.SnapshotID = id
	return snapshotDetail(id, created), err
}

func snapshotDetail(id string, created bool) string {
	switch {
	case id == "":
		return ""
	case created:
		return id + " created"
	}
	return id + " reused"
}

// deploy deploys to the stages that do not run the configuration yet.
func (a *application) deploy(ctx context.Context) (string, error) {
	want := digestSections(a.present.Sections)
	var stages []string
	previous := map[string]string{}
	for _, stage := range a.options.Stages {
		deployments, err := FetchDeployments(ctx, a.client, a.plan.Game, stage)
		if err != nil {
			return "", err
		}
		if deployments.Current != nil {
			got, err := a.snapshots.digest(ctx, aws.ToString(deployments.Current.SnapshotId))
			if err != nil {
				return "", err
			}
			if got == want {
				a.done[deployStep(stage)] = true
				continue
			}
			previous[stage] = aws.ToString(deployments.Current.SnapshotId)
		}
		stages = append(stages, stage)
	}
	if stages == nil {
		return "the configuration is already deployed", nil
	}
	var err error
	a.result.Deployment, err = deploy.Run(ctx, a.client, &deploy.Input{
		GameName: a.plan.Game, Stages: stages, SnapshotID: a.result.SnapshotID,
	}, append(slices.Clone(a.options.Deploy), a.reportDeployment)...)
	a.result.PreviousDeployments = previous
	for _, s := range a.result.Deployment.Stages {
		a.done[deployStep(s.Stage)] = s.Err == nil
	}
	return "", err
}

// reportDeployment adds the progress of deployments to that of the steps.
func (a *application) reportDeployment(o *deploy.Options) {
	next := o.Progress
	o.Progress = func(e deploy.Event) {
		a.report(ApplyEvent{Step: deployStep(e.Stage), Deployment: &e})
		if next != nil {
			next(e)
		}
	}
}
