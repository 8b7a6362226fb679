package main

import (
	"errors"
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestOutcome(t *testing.T) {
	t.Parallel()
	deployment := func(state types.DeploymentState) *types.StageDeploymentDetails {
		return &types.StageDeploymentDetails{DeploymentState: state}
	}
	tests := map[string]deploy.StageResult{
		"calm: deployed":                           {Stage: "calm", Deployment: deployment(types.DeploymentStateCompleted)},
		"calm: FAILED: deployment  failed":         {Stage: "calm", Deployment: deployment(types.DeploymentStateFailed), Err: &gamesparks.DeploymentFailedError{Deployment: deployment(types.DeploymentStateFailed)}},
		"calm: IN_PROGRESS: timeout":               {Stage: "calm", Deployment: deployment(types.DeploymentStateInProgress), Err: errors.New("timeout")},
		"calm: not deployed: access denied":        {Stage: "calm", Err: errors.New("access denied")},
		"calm: not deployed: nothing was deployed": {Stage: "calm", Err: deploy.ErrNotStarted},
	}
	for want, stage := range tests {
		if got := outcome(stage); got != want {
			t.Errorf("outcome %q, want %q", got, want)
		}
	}
}
