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

// UpdateStage changes the description or the role of a stage.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/UpdateStage
func (c *Client) UpdateStage(ctx context.Context, params *UpdateStageInput, optFns ...func(*Options)) (*UpdateStageOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.UpdateStage, updateStageInputMembers, updateStageOutputMembers), params, optFns)
}

// UpdateStageInput is the input to [Client.UpdateStage].
type UpdateStageInput struct {
	// Description is the new description of the stage. Nil leaves it unchanged. At most 250 characters, without leading
	// or trailing white space.
	Description *string

	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// Role is the ARN of the IAM role for game runtimes that are deployed after the call. Nil leaves it unchanged. 20
	// to 2048 characters.
	Role *string

	// StageName is the name of the stage. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func updateStageInputMembers(m *serde.Visitor, v *UpdateStageInput) {
	m.String(schemas.UpdateStageRequest_Description, &v.Description)
	m.String(schemas.UpdateStageRequest_GameName, &v.GameName)
	m.String(schemas.UpdateStageRequest_Role, &v.Role)
	m.String(schemas.UpdateStageRequest_StageName, &v.StageName)
}

// UpdateStageOutput is the output of [Client.UpdateStage].
type UpdateStageOutput struct {
	// Stage describes the stage.
	Stage *types.StageDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func updateStageOutputMembers(m *serde.Visitor, v *UpdateStageOutput) {
	serde.Struct(m, schemas.UpdateStageResult_Stage, &v.Stage, shapes.StageDetails)
}

func (v *UpdateStageOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
