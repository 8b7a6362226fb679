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

// GetGame describes a game.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetGame
func (c *Client) GetGame(ctx context.Context, params *GetGameInput, optFns ...func(*Options)) (*GetGameOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetGame, getGameInputMembers, getGameOutputMembers), params, optFns)
}

// GetGameInput is the input to [Client.GetGame].
type GetGameInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string
}

func getGameInputMembers(m *serde.Visitor, v *GetGameInput) {
	m.String(schemas.GetGameRequest_GameName, &v.GameName)
}

// GetGameOutput is the output of [Client.GetGame].
type GetGameOutput struct {
	// Game describes the game.
	Game *types.GameDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getGameOutputMembers(m *serde.Visitor, v *GetGameOutput) {
	serde.Struct(m, schemas.GetGameResult_Game, &v.Game, shapes.GameDetails)
}

func (v *GetGameOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// GetGameAPIClient is the subset of [Client] that a [GameDeletedWaiter] requires.
type GetGameAPIClient interface {
	GetGame(context.Context, *GetGameInput, ...func(*Options)) (*GetGameOutput, error)
}

// GameDeletedWaiterOptions configures a [GameDeletedWaiter]. It is an instantiation of [WaiterOptions], which documents
// the fields APIOptions, ClientOptions, MinDelay, MaxDelay, LogWaitAttempts, OnAttempt and Retryable.
type GameDeletedWaiterOptions = WaiterOptions[GetGameInput, GetGameOutput]

// GameDeletedWaiter waits until a game is deleted. It is an instantiation of [Waiter], which has these methods:
//
//   - Wait waits up to a given time.
//   - WaitForOutput also returns the output that ended the wait.
//   - Validate returns an error if the options are invalid.
type GameDeletedWaiter = Waiter[GetGameInput, GetGameOutput]

// NewGameDeletedWaiter returns a waiter that waits until a deletion started by [Client.DeleteGame] is complete. The
// waiter's output is nil. If the client is nil, Wait returns an error.
func NewGameDeletedWaiter(client GetGameAPIClient, optFns ...func(*GameDeletedWaiterOptions)) *GameDeletedWaiter {
	return newWaiter(client, GetGameAPIClient.GetGame, condition[GetGameInput, GetGameOutput]{
		name:      "GameDeleted",
		retryable: untilNotFound[GetGameInput, GetGameOutput],
		state: func(out *GetGameOutput) string {
			if out.Game == nil {
				return ""
			}
			return string(out.Game.State)
		},
	}, optFns)
}
