package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetSnapshot returns a snapshot with the configuration frozen in it, whole or the sections asked for.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetSnapshot
func (c *Client) GetSnapshot(ctx context.Context, params *GetSnapshotInput, optFns ...func(*Options)) (*GetSnapshotOutput, error) {
	return invoke[GetSnapshotInput, GetSnapshotOutput](ctx, c, schemas.GetSnapshot, params, optFns)
}

// GetSnapshotInput is the input of [Client.GetSnapshot].
type GetSnapshotInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits and characters of _-. Required.
	GameName *string

	// Sections are the names of the sections to return. Nil or empty returns all. 1 to 100 names of 1 to 36 letters,
	// digits and dots each.
	Sections []string

	// SnapshotId is the identifier of the snapshot. Snapshot_ and a UTC time with 3 to 6 digits of a second's fraction,
	// 33 to 36 characters in all. Required.
	SnapshotId *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetSnapshotInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.GetSnapshotRequest_GameName, &v.GameName)
	m.StringList(schemas.GetSnapshotRequest_Sections, &v.Sections)
	m.String(schemas.GetSnapshotRequest_SnapshotId, &v.SnapshotId)
}

// GetSnapshotOutput is the output of [Client.GetSnapshot].
type GetSnapshotOutput struct {
	// Snapshot describes the snapshot.
	Snapshot *types.SnapshotDetails

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetSnapshotOutput) VisitMembers(m *serde.Visitor) {
	serde.Struct(m, schemas.GetSnapshotResult_Snapshot, &v.Snapshot)
}

func (v *GetSnapshotOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
