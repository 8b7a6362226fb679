package gamesparks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/internal/shapes"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetStageDeployment describes the deployment with the ID params.DeploymentId, or the latest deployment to the stage if
// DeploymentId is nil.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetStageDeployment
func (c *Client) GetStageDeployment(ctx context.Context, params *GetStageDeploymentInput, optFns ...func(*Options)) (*GetStageDeploymentOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetStageDeployment, getStageDeploymentInputMembers, getStageDeploymentOutputMembers), params, optFns)
}

// GetStageDeploymentInput is the input to [Client.GetStageDeployment].
type GetStageDeploymentInput struct {
	// DeploymentId is the identifier of the deployment. Nil selects the latest deployment to the stage. 1 to 128
	// characters, without leading or trailing white space.
	DeploymentId *string

	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// StageName is the name of the stage. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func getStageDeploymentInputMembers(m *serde.Visitor, v *GetStageDeploymentInput) {
	m.String(schemas.GetStageDeploymentRequest_DeploymentId, &v.DeploymentId)
	m.String(schemas.GetStageDeploymentRequest_GameName, &v.GameName)
	m.String(schemas.GetStageDeploymentRequest_StageName, &v.StageName)
}

// GetStageDeploymentOutput is the output of [Client.GetStageDeployment].
type GetStageDeploymentOutput struct {
	// StageDeployment describes the deployment.
	StageDeployment *types.StageDeploymentDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getStageDeploymentOutputMembers(m *serde.Visitor, v *GetStageDeploymentOutput) {
	serde.Struct(m, schemas.GetStageDeploymentResult_StageDeployment, &v.StageDeployment, shapes.StageDeploymentDetails)
}

func (v *GetStageDeploymentOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// GetStageDeploymentAPIClient is the subset of [Client] that a [StageDeploymentCompletedWaiter] requires.
type GetStageDeploymentAPIClient interface {
	GetStageDeployment(context.Context, *GetStageDeploymentInput, ...func(*Options)) (*GetStageDeploymentOutput, error)
}

// StageDeploymentCompletedWaiterOptions configures a [StageDeploymentCompletedWaiter]. It is an instantiation of
// [WaiterOptions], which documents the fields APIOptions, ClientOptions, MinDelay, MaxDelay, LogWaitAttempts, OnAttempt
// and Retryable.
type StageDeploymentCompletedWaiterOptions = WaiterOptions[GetStageDeploymentInput, GetStageDeploymentOutput]

// StageDeploymentCompletedWaiter waits until a deployment is COMPLETED. It is an instantiation of [Waiter], which has
// these methods:
//
//   - Wait waits up to a given time.
//   - WaitForOutput also returns the output that ended the wait.
//   - Validate returns an error if the options are invalid.
type StageDeploymentCompletedWaiter = Waiter[GetStageDeploymentInput, GetStageDeploymentOutput]

// DeploymentFailedError is the error that a [StageDeploymentCompletedWaiter] returns if the deployment is FAILED.
type DeploymentFailedError struct {
	// Deployment is the last known state of the deployment. It is never nil.
	Deployment *types.StageDeploymentDetails
}

// Error contains the deployment's ID and result.
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

// NewStageDeploymentCompletedWaiter returns a waiter that waits until a deployment is COMPLETED. If the deployment is
// FAILED, Wait returns a *[DeploymentFailedError]. If the input has no DeploymentId, the waiter follows the deployment
// that is the latest at the first attempt. If the client is nil, Wait returns an error.
func NewStageDeploymentCompletedWaiter(client GetStageDeploymentAPIClient, optFns ...func(*StageDeploymentCompletedWaiterOptions)) *StageDeploymentCompletedWaiter {
	return newWaiter(client, GetStageDeploymentAPIClient.GetStageDeployment, condition[GetStageDeploymentInput, GetStageDeploymentOutput]{
		name: "StageDeploymentCompleted",
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
