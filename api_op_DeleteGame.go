package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// DeleteGame deletes a game and its contents: configuration, snapshots, stages and their runtimes. The deletion
// continues after the call returns; until it is complete, the game is in state DELETING. Deleting a game that does not
// exist succeeds.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ConflictException] or [types.InternalServerException]. A ConflictException means, for example, that a
// deployment to a stage of the game has not finished.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DeleteGame
func (c *Client) DeleteGame(ctx context.Context, params *DeleteGameInput, optFns ...func(*Options)) (*DeleteGameOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.DeleteGame, deleteGameInputMembers, deleteGameOutputMembers), params, optFns)
}

// DeleteGameInput is the input to [Client.DeleteGame].
type DeleteGameInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string
}

func deleteGameInputMembers(m *serde.Visitor, v *DeleteGameInput) {
	m.String(schemas.DeleteGameRequest_GameName, &v.GameName)
}

// DeleteGameOutput is the output of [Client.DeleteGame].
type DeleteGameOutput struct {
	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func deleteGameOutputMembers(*serde.Visitor, *DeleteGameOutput) {}

func (v *DeleteGameOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
