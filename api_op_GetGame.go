package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetGame describes a game.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetGame
func (c *Client) GetGame(ctx context.Context, params *GetGameInput, optFns ...func(*Options)) (*GetGameOutput, error) {
	return invoke[GetGameInput, GetGameOutput](ctx, c, schemas.GetGame, params, optFns)
}

// GetGameInput is the input of [Client.GetGame].
type GetGameInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits and characters of _-. Required.
	GameName *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetGameInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.GetGameRequest_GameName, &v.GameName)
}

// GetGameOutput is the output of [Client.GetGame].
type GetGameOutput struct {
	// Game describes the game.
	Game *types.GameDetails

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetGameOutput) VisitMembers(m *serde.Visitor) {
	serde.Struct(m, schemas.GetGameResult_Game, &v.Game)
}

func (v *GetGameOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
