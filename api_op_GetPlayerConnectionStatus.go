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

// GetPlayerConnectionStatus lists a player's connections to the game runtime of a stage. A player can have several
// connections; if there are none, the list is empty.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetPlayerConnectionStatus
func (c *Client) GetPlayerConnectionStatus(ctx context.Context, params *GetPlayerConnectionStatusInput, optFns ...func(*Options)) (*GetPlayerConnectionStatusOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetPlayerConnectionStatus, getPlayerConnectionStatusInputMembers, getPlayerConnectionStatusOutputMembers), params, optFns)
}

// GetPlayerConnectionStatusInput is the input to [Client.GetPlayerConnectionStatus].
type GetPlayerConnectionStatusInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// PlayerId is the identifier of the player. 1 to 44 letters, digits, underscores and hyphens. Required.
	PlayerId *string

	// StageName is the name of the stage. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func getPlayerConnectionStatusInputMembers(m *serde.Visitor, v *GetPlayerConnectionStatusInput) {
	m.String(schemas.GetPlayerConnectionStatusRequest_GameName, &v.GameName)
	m.String(schemas.GetPlayerConnectionStatusRequest_PlayerId, &v.PlayerId)
	m.String(schemas.GetPlayerConnectionStatusRequest_StageName, &v.StageName)
}

// GetPlayerConnectionStatusOutput is the output of [Client.GetPlayerConnectionStatus].
type GetPlayerConnectionStatusOutput struct {
	// Connections are the player's connections. The list is empty if the player is not connected.
	Connections []types.Connection

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getPlayerConnectionStatusOutputMembers(m *serde.Visitor, v *GetPlayerConnectionStatusOutput) {
	serde.StructList(m, schemas.GetPlayerConnectionStatusResult_Connections, &v.Connections, shapes.Connection)
}

func (v *GetPlayerConnectionStatusOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
