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

// UpdateGame changes the description of a game.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/UpdateGame
func (c *Client) UpdateGame(ctx context.Context, params *UpdateGameInput, optFns ...func(*Options)) (*UpdateGameOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.UpdateGame, updateGameInputMembers, updateGameOutputMembers), params, optFns)
}

// UpdateGameInput is the input to [Client.UpdateGame].
type UpdateGameInput struct {
	// Description is the new description of the game. Nil leaves it unchanged. At most 250 characters, without leading
	// or trailing white space.
	Description *string

	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string
}

func updateGameInputMembers(m *serde.Visitor, v *UpdateGameInput) {
	m.String(schemas.UpdateGameRequest_Description, &v.Description)
	m.String(schemas.UpdateGameRequest_GameName, &v.GameName)
}

// UpdateGameOutput is the output of [Client.UpdateGame].
type UpdateGameOutput struct {
	// Game describes the game.
	Game *types.GameDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func updateGameOutputMembers(m *serde.Visitor, v *UpdateGameOutput) {
	serde.Struct(m, schemas.UpdateGameResult_Game, &v.Game, shapes.GameDetails)
}

func (v *UpdateGameOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
