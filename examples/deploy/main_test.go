package main

import (
	"errors"
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	tests := map[string]deploy.Event{
		"check calm: done":    {Step: deploy.StepCheck, Stage: "calm", Done: true},
		"import: done":        {Step: deploy.StepImport, Done: true},
		"deploy calm: failed": {Step: deploy.StepDeploy, Stage: "calm", Done: true, Err: errors.New("access denied")},
	}
	for want, event := range tests {
		if got := progress(event); got != want {
			t.Errorf("progress %q, want %q", got, want)
		}
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	deployment := func(state types.DeploymentState) *types.StageDeploymentDetails {
		return &types.StageDeploymentDetails{DeploymentState: state}
	}
	failed := &gamesparks.DeploymentFailedError{Deployment: deployment(types.DeploymentStateFailed)}
	tests := map[string]deploy.StageResult{
		"calm: deployed":                                      {Stage: "calm", Deployment: deployment(types.DeploymentStateCompleted)},
		"calm: " + failed.Error():                             {Stage: "calm", Deployment: deployment(types.DeploymentStateFailed), Err: failed},
		"calm: still IN_PROGRESS: timeout":                    {Stage: "calm", Deployment: deployment(types.DeploymentStateInProgress), Err: errors.New("timeout")},
		"calm: not deployed: access denied":                   {Stage: "calm", Err: errors.New("access denied")},
		"calm: not deployed: " + deploy.ErrNotStarted.Error(): {Stage: "calm", Err: deploy.ErrNotStarted},
	}
	for want, stage := range tests {
		if got := outcome(stage); got != want {
			t.Errorf("outcome %q, want %q", got, want)
		}
	}
}
