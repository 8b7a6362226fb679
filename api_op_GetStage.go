package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/internal/shapes"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetStage describes a stage of a game.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetStage
func (c *Client) GetStage(ctx context.Context, params *GetStageInput, optFns ...func(*Options)) (*GetStageOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetStage, getStageInputMembers, getStageOutputMembers), params, optFns)
}

// GetStageInput is the input to [Client.GetStage].
type GetStageInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// StageName is the name of the stage. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func getStageInputMembers(m *serde.Visitor, v *GetStageInput) {
	m.String(schemas.GetStageRequest_GameName, &v.GameName)
	m.String(schemas.GetStageRequest_StageName, &v.StageName)
}

// GetStageOutput is the output of [Client.GetStage].
type GetStageOutput struct {
	// Stage describes the stage.
	Stage *types.StageDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getStageOutputMembers(m *serde.Visitor, v *GetStageOutput) {
	serde.Struct(m, schemas.GetStageResult_Stage, &v.Stage, shapes.StageDetails)
}

func (v *GetStageOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// GetStageAPIClient is the subset of [Client] that a [StageDeletedWaiter] requires.
type GetStageAPIClient interface {
	GetStage(context.Context, *GetStageInput, ...func(*Options)) (*GetStageOutput, error)
}

// StageDeletedWaiterOptions configures a [StageDeletedWaiter]. It is an instantiation of [WaiterOptions], which
// documents the fields APIOptions, ClientOptions, MinDelay, MaxDelay, LogWaitAttempts, OnAttempt and Retryable.
type StageDeletedWaiterOptions = WaiterOptions[GetStageInput, GetStageOutput]

// StageDeletedWaiter waits until a stage is deleted. It is an instantiation of [Waiter], which has these methods:
//
//   - Wait waits up to a given time.
//   - WaitForOutput also returns the output that ended the wait.
//   - Validate returns an error if the options are invalid.
type StageDeletedWaiter = Waiter[GetStageInput, GetStageOutput]

// NewStageDeletedWaiter returns a waiter that waits until a deletion started by [Client.DeleteStage] is complete. The
// waiter's output is nil. The wait also ends if the stage's game is deleted. If the client is nil, Wait returns an
// error.
func NewStageDeletedWaiter(client GetStageAPIClient, optFns ...func(*StageDeletedWaiterOptions)) *StageDeletedWaiter {
	return newWaiter(client, GetStageAPIClient.GetStage, condition[GetStageInput, GetStageOutput]{
		name:      "StageDeleted",
		retryable: untilNotFound[GetStageInput, GetStageOutput],
		state: func(out *GetStageOutput) string {
			if out.Stage == nil {
				return ""
			}
			return string(out.Stage.State)
		},
	}, optFns)
}
