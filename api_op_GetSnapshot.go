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

// GetSnapshot returns a snapshot with all sections of its configuration, or with only the requested ones.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetSnapshot
func (c *Client) GetSnapshot(ctx context.Context, params *GetSnapshotInput, optFns ...func(*Options)) (*GetSnapshotOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetSnapshot, getSnapshotInputMembers, getSnapshotOutputMembers), params, optFns)
}

// GetSnapshotInput is the input to [Client.GetSnapshot].
type GetSnapshotInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// Sections are the names of the sections to return. Nil or empty returns all sections. At most 100 names, each of 1
	// to 36 letters, digits and dots.
	Sections []string

	// SnapshotId is the identifier of the snapshot. 33 to 36 characters: Snapshot_ followed by a UTC time with 3 to 6
	// fractional digits. Required.
	SnapshotId *string
}

func getSnapshotInputMembers(m *serde.Visitor, v *GetSnapshotInput) {
	m.String(schemas.GetSnapshotRequest_GameName, &v.GameName)
	m.StringList(schemas.GetSnapshotRequest_Sections, &v.Sections)
	m.String(schemas.GetSnapshotRequest_SnapshotId, &v.SnapshotId)
}

// GetSnapshotOutput is the output of [Client.GetSnapshot].
type GetSnapshotOutput struct {
	// Snapshot describes the snapshot.
	Snapshot *types.SnapshotDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getSnapshotOutputMembers(m *serde.Visitor, v *GetSnapshotOutput) {
	serde.Struct(m, schemas.GetSnapshotResult_Snapshot, &v.Snapshot, shapes.SnapshotDetails)
}

func (v *GetSnapshotOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
