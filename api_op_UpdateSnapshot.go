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

// UpdateSnapshot changes the description of a snapshot. Its sections cannot be changed.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/UpdateSnapshot
func (c *Client) UpdateSnapshot(ctx context.Context, params *UpdateSnapshotInput, optFns ...func(*Options)) (*UpdateSnapshotOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.UpdateSnapshot, updateSnapshotInputMembers, updateSnapshotOutputMembers), params, optFns)
}

// UpdateSnapshotInput is the input to [Client.UpdateSnapshot].
type UpdateSnapshotInput struct {
	// Description is the new description of the snapshot. Nil leaves it unchanged. At most 250 characters, without
	// leading or trailing white space.
	Description *string

	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// SnapshotId is the identifier of the snapshot. 33 to 36 characters: Snapshot_ followed by a UTC time with 3 to 6
	// fractional digits. Required.
	SnapshotId *string
}

func updateSnapshotInputMembers(m *serde.Visitor, v *UpdateSnapshotInput) {
	m.String(schemas.UpdateSnapshotRequest_Description, &v.Description)
	m.String(schemas.UpdateSnapshotRequest_GameName, &v.GameName)
	m.String(schemas.UpdateSnapshotRequest_SnapshotId, &v.SnapshotId)
}

// UpdateSnapshotOutput is the output of [Client.UpdateSnapshot].
type UpdateSnapshotOutput struct {
	// Snapshot describes the snapshot.
	Snapshot *types.SnapshotDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func updateSnapshotOutputMembers(m *serde.Visitor, v *UpdateSnapshotOutput) {
	serde.Struct(m, schemas.UpdateSnapshotResult_Snapshot, &v.Snapshot, shapes.SnapshotDetails)
}

func (v *UpdateSnapshotOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
