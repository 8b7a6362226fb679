package gamesparks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/types"
)

// GetStageDeploymentAPIClient is the part of a [Client] that a [StageDeploymentCompletedWaiter] needs.
type GetStageDeploymentAPIClient interface {
	GetStageDeployment(context.Context, *GetStageDeploymentInput, ...func(*Options)) (*GetStageDeploymentOutput, error)
}

// GetGeneratedCodeJobAPIClient is the part of a [Client] that a [GeneratedCodeJobCompletedWaiter] needs.
type GetGeneratedCodeJobAPIClient interface {
	GetGeneratedCodeJob(context.Context, *GetGeneratedCodeJobInput, ...func(*Options)) (*GetGeneratedCodeJobOutput, error)
}

// GetGameAPIClient is the part of a [Client] that a [GameDeletedWaiter] needs.
type GetGameAPIClient interface {
	GetGame(context.Context, *GetGameInput, ...func(*Options)) (*GetGameOutput, error)
}

// GetStageAPIClient is the part of a [Client] that a [StageDeletedWaiter] needs.
type GetStageAPIClient interface {
	GetStage(context.Context, *GetStageInput, ...func(*Options)) (*GetStageOutput, error)
}

type (
	// StageDeploymentCompletedWaiterOptions configures a [StageDeploymentCompletedWaiter].
	StageDeploymentCompletedWaiterOptions = WaiterOptions[GetStageDeploymentInput, GetStageDeploymentOutput]
	// StageDeploymentCompletedWaiter waits until a deployment is COMPLETED.
	StageDeploymentCompletedWaiter = Waiter[GetStageDeploymentInput, GetStageDeploymentOutput]

	// GeneratedCodeJobCompletedWaiterOptions configures a [GeneratedCodeJobCompletedWaiter].
	GeneratedCodeJobCompletedWaiterOptions = WaiterOptions[GetGeneratedCodeJobInput, GetGeneratedCodeJobOutput]
	// GeneratedCodeJobCompletedWaiter waits until a code generation job is COMPLETED.
	GeneratedCodeJobCompletedWaiter = Waiter[GetGeneratedCodeJobInput, GetGeneratedCodeJobOutput]

	// GameDeletedWaiterOptions configures a [GameDeletedWaiter].
	GameDeletedWaiterOptions = WaiterOptions[GetGameInput, GetGameOutput]
	// GameDeletedWaiter waits until a game is gone.
	GameDeletedWaiter = Waiter[GetGameInput, GetGameOutput]

	// StageDeletedWaiterOptions configures a [StageDeletedWaiter].
	StageDeletedWaiterOptions = WaiterOptions[GetStageInput, GetStageOutput]
	// StageDeletedWaiter waits until a stage is gone.
	StageDeletedWaiter = Waiter[GetStageInput, GetStageOutput]
)

// DeploymentFailedError is the error of a [StageDeploymentCompletedWaiter] whose deployment has FAILED.
type DeploymentFailedError struct {
	// Deployment is the deployment as it was seen last. It is not nil.
	Deployment *types.StageDeploymentDetails
}

// Error gives the deployment's id and result.
func (e *DeploymentFailedError) Error() string {
	text := fmt.Sprintf("deployment %s failed", aws.ToString(e.Deployment.DeploymentId))
	if result := e.Deployment.DeploymentResult; result != nil {
		text += fmt.Sprintf(": %s", result.ResultCode)
		if result.Message != nil {
			text += ": " + *result.Message
		}
	}
	return text
}

// GeneratedCodeJobFailedError is the error of a [GeneratedCodeJobCompletedWaiter] whose job has FAILED.
type GeneratedCodeJobFailedError struct {
	// Job is the job as it was seen last. It is not nil.
	Job *types.GeneratedCodeJobDetails
}

// Error gives the job's id and description.
func (e *GeneratedCodeJobFailedError) Error() string {
	text := fmt.Sprintf("code generation job %s failed", aws.ToString(e.Job.GeneratedCodeJobId))
	if e.Job.Description != nil {
		text += ": " + *e.Job.Description
	}
	return text
}

// NewStageDeploymentCompletedWaiter returns a waiter for a deployment to be COMPLETED. One that is FAILED ends the
// waiting with a *[DeploymentFailedError]. Without a DeploymentId in its input, it waits for the deployment that was the
// latest at its first attempt, whatever is deployed after that.
func NewStageDeploymentCompletedWaiter(client GetStageDeploymentAPIClient, optFns ...func(*StageDeploymentCompletedWaiterOptions)) *StageDeploymentCompletedWaiter {
	return newWaiter(condition[GetStageDeploymentInput, GetStageDeploymentOutput]{
		name: "StageDeploymentCompleted",
		call: client.GetStageDeployment,
		retryable: func(_ context.Context, _ *GetStageDeploymentInput, out *GetStageDeploymentOutput, err error) (bool, error) {
			if err != nil || out.StageDeployment == nil {
				return err == nil, err
			}
			if out.StageDeployment.DeploymentState == types.DeploymentStateFailed {
				return false, &DeploymentFailedError{out.StageDeployment}
			}
			return out.StageDeployment.DeploymentState != types.DeploymentStateCompleted, nil
		},
		state: func(out *GetStageDeploymentOutput) string {
			if out.StageDeployment == nil {
				return ""
			}
			return string(out.StageDeployment.DeploymentState)
		},
		pin: func(in *GetStageDeploymentInput, out *GetStageDeploymentOutput) *GetStageDeploymentInput {
			if in.DeploymentId != nil || out.StageDeployment == nil {
				return in
			}
			pinned := *in
			pinned.DeploymentId = out.StageDeployment.DeploymentId
			return &pinned
		},
	}, optFns)
}

// NewGeneratedCodeJobCompletedWaiter returns a waiter for a code generation job to be COMPLETED. One that is FAILED ends
// the waiting with a *[GeneratedCodeJobFailedError].
func NewGeneratedCodeJobCompletedWaiter(client GetGeneratedCodeJobAPIClient, optFns ...func(*GeneratedCodeJobCompletedWaiterOptions)) *GeneratedCodeJobCompletedWaiter {
	return newWaiter(condition[GetGeneratedCodeJobInput, GetGeneratedCodeJobOutput]{
		name: "GeneratedCodeJobCompleted",
		call: client.GetGeneratedCodeJob,
		retryable: func(_ context.Context, _ *GetGeneratedCodeJobInput, out *GetGeneratedCodeJobOutput, err error) (bool, error) {
			if err != nil || out.GeneratedCodeJob == nil {
				return err == nil, err
			}
			if out.GeneratedCodeJob.Status == types.GeneratedCodeJobStateFailed {
				return false, &GeneratedCodeJobFailedError{out.GeneratedCodeJob}
			}
			return out.GeneratedCodeJob.Status != types.GeneratedCodeJobStateCompleted, nil
		},
		state: func(out *GetGeneratedCodeJobOutput) string {
			if out.GeneratedCodeJob == nil {
				return ""
			}
			return string(out.GeneratedCodeJob.Status)
		},
	}, optFns)
}

// NewGameDeletedWaiter returns a waiter for a game to be gone, which [Client.DeleteGame] starts. Its output is nil.
func NewGameDeletedWaiter(client GetGameAPIClient, optFns ...func(*GameDeletedWaiterOptions)) *GameDeletedWaiter {
	return newWaiter(condition[GetGameInput, GetGameOutput]{
		name:      "GameDeleted",
		call:      client.GetGame,
		retryable: untilNotFound[GetGameInput, GetGameOutput],
		state: func(out *GetGameOutput) string {
			if out.Game == nil {
				return ""
			}
			return string(out.Game.State)
		},
	}, optFns)
}

// NewStageDeletedWaiter returns a waiter for a stage to be gone, which [Client.DeleteStage] starts. Its output is nil.
// It also ends when the stage's game is gone.
func NewStageDeletedWaiter(client GetStageAPIClient, optFns ...func(*StageDeletedWaiterOptions)) *StageDeletedWaiter {
	return newWaiter(condition[GetStageInput, GetStageOutput]{
		name:      "StageDeleted",
		call:      client.GetStage,
		retryable: untilNotFound[GetStageInput, GetStageOutput],
		state: func(out *GetStageOutput) string {
			if out.Stage == nil {
				return ""
			}
			return string(out.Stage.State)
		},
	}, optFns)
}

func untilNotFound[In, Out any](_ context.Context, _ *In, _ *Out, err error) (bool, error) {
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
