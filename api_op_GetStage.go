package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetStage describes a stage of a game.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetStage
func (c *Client) GetStage(ctx context.Context, params *GetStageInput, optFns ...func(*Options)) (*GetStageOutput, error) {
	return invoke[GetStageInput, GetStageOutput](ctx, c, schemas.GetStage, params, optFns)
}

// GetStageInput is the input of [Client.GetStage].
type GetStageInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits and characters of _-. Required.
	GameName *string

	// StageName is the name of the stage. 1 to 36 letters, digits and characters of _-. Required.
	StageName *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetStageInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.GetStageRequest_GameName, &v.GameName)
	m.String(schemas.GetStageRequest_StageName, &v.StageName)
}

// GetStageOutput is the output of [Client.GetStage].
type GetStageOutput struct {
	// Stage describes the stage.
	Stage *types.StageDetails

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetStageOutput) VisitMembers(m *serde.Visitor) {
	serde.Struct(m, schemas.GetStageResult_Stage, &v.Stage)
}

func (v *GetStageOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
