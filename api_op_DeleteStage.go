package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// DeleteStage deletes a stage of a game together with the game runtime deployed to it. The deletion continues after the
// call returns; until it is complete, the stage is in state DELETING.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ConflictException], [types.ResourceNotFoundException] or [types.InternalServerException]. A ConflictException
// means, for example, that a deployment to the stage has not finished.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DeleteStage
func (c *Client) DeleteStage(ctx context.Context, params *DeleteStageInput, optFns ...func(*Options)) (*DeleteStageOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.DeleteStage, deleteStageInputMembers, deleteStageOutputMembers), params, optFns)
}

// DeleteStageInput is the input to [Client.DeleteStage].
type DeleteStageInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// StageName is the name of the stage. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func deleteStageInputMembers(m *serde.Visitor, v *DeleteStageInput) {
	m.String(schemas.DeleteStageRequest_GameName, &v.GameName)
	m.String(schemas.DeleteStageRequest_StageName, &v.StageName)
}

// DeleteStageOutput is the output of [Client.DeleteStage].
type DeleteStageOutput struct {
	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func deleteStageOutputMembers(*serde.Visitor, *DeleteStageOutput) {}

func (v *DeleteStageOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
