package project

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// Deployments are the deployments to a stage that determine what it runs.
type Deployments struct {
	// Current is the deployment that the stage runs: the latest one that is COMPLETED. It is nil if the stage runs nothing.
	Current *types.StageDeploymentSummary

	// Previous is the deployment that the stage ran before: the latest completed deployment before Current that has
	// another snapshot. It is nil if there is none. After a rollback, it is the deployment that was rolled back.
	Previous *types.StageDeploymentSummary

	// Latest is the latest deployment in any state. It is nil if there is none.
	Latest *types.StageDeploymentSummary
}

// Running returns the deployment that has not ended, or nil.
func (d *Deployments) Running() *types.StageDeploymentSummary {
	if d.Latest == nil {
		return nil
	}
	switch d.Latest.DeploymentState {
	case types.DeploymentStatePending, types.DeploymentStateInProgress:
		return d.Latest
	}
	return nil
}

// FetchDeployments reads the deployments to a stage.
func FetchDeployments(ctx context.Context, client gamesparks.ListStageDeploymentsAPIClient, game, stage string) (*Deployments, error) {
	pages := gamesparks.NewListStageDeploymentsPaginator(client, &gamesparks.ListStageDeploymentsInput{GameName: &game, StageName: &stage},
		func(o *gamesparks.ListStageDeploymentsPaginatorOptions) { o.Limit = 100 })
	var all []types.StageDeploymentSummary
	for deployment, err := range pages.Items(ctx) {
		if err != nil {
			return nil, fmt.Errorf("list the deployments to the stage %q of the game %q: %w", stage, game, err)
		}
		all = append(all, deployment)
	}
	// The API does not define an order.
	slices.SortStableFunc(all, func(a, b types.StageDeploymentSummary) int {
		return aws.ToTime(b.LastUpdated).Compare(aws.ToTime(a.LastUpdated))
	})
	return newDeployments(all), nil
}

// newDeployments returns the deployments of a list that is sorted, latest first.
func newDeployments(all []types.StageDeploymentSummary) *Deployments {
	d := &Deployments{}
	undeployed := false
	for i := range all {
		deployment := &all[i]
		if d.Latest == nil {
			d.Latest = deployment
		}
		if deployment.DeploymentState != types.DeploymentStateCompleted {
			continue
		}
		switch {
		case deployment.DeploymentAction == types.DeploymentActionUndeploy:
			undeployed = undeployed || d.Current == nil
		case d.Current == nil && !undeployed:
			d.Current = deployment
		case d.Current == nil || aws.ToString(deployment.SnapshotId) != aws.ToString(d.Current.SnapshotId):
			d.Previous = deployment
			return d
		}
	}
	return d
}
