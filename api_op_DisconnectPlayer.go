package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// DisconnectPlayer closes a player's connections to the game runtime of a stage. The output lists the connections that
// were closed and those that could not be closed.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DisconnectPlayer
func (c *Client) DisconnectPlayer(ctx context.Context, params *DisconnectPlayerInput, optFns ...func(*Options)) (*DisconnectPlayerOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.DisconnectPlayer, disconnectPlayerInputMembers, disconnectPlayerOutputMembers), params, optFns)
}

// DisconnectPlayerInput is the input to [Client.DisconnectPlayer].
type DisconnectPlayerInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// PlayerId is the identifier of the player. 1 to 44 letters, digits, underscores and hyphens. Required.
	PlayerId *string

	// StageName is the name of the stage. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func disconnectPlayerInputMembers(m *serde.Visitor, v *DisconnectPlayerInput) {
	m.String(schemas.DisconnectPlayerRequest_GameName, &v.GameName)
	m.String(schemas.DisconnectPlayerRequest_PlayerId, &v.PlayerId)
	m.String(schemas.DisconnectPlayerRequest_StageName, &v.StageName)
}

// DisconnectPlayerOutput is the output of [Client.DisconnectPlayer].
type DisconnectPlayerOutput struct {
	// DisconnectFailures are the identifiers of the connections that could not be closed.
	DisconnectFailures []string

	// DisconnectSuccesses are the identifiers of the connections that were closed.
	DisconnectSuccesses []string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func disconnectPlayerOutputMembers(m *serde.Visitor, v *DisconnectPlayerOutput) {
	m.StringList(schemas.DisconnectPlayerResult_DisconnectFailures, &v.DisconnectFailures)
	m.StringList(schemas.DisconnectPlayerResult_DisconnectSuccesses, &v.DisconnectSuccesses)
}

func (v *DisconnectPlayerOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
