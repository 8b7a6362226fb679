package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// ExportSnapshot returns a presigned URL from which the contents of a snapshot can be downloaded as the JSON file that
// [Client.ImportGameConfiguration] accepts. The URL expires after 10 minutes; call ExportSnapshot again to get a new
// one. The URL carries its own authorization: do not send AWS credentials to it, and do not log it.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ExportSnapshot
func (c *Client) ExportSnapshot(ctx context.Context, params *ExportSnapshotInput, optFns ...func(*Options)) (*ExportSnapshotOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ExportSnapshot, exportSnapshotInputMembers, exportSnapshotOutputMembers), params, optFns)
}

// ExportSnapshotInput is the input to [Client.ExportSnapshot].
type ExportSnapshotInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// SnapshotId is the identifier of the snapshot. 33 to 36 characters: Snapshot_ followed by a UTC time with 3 to 6
	// fractional digits. Required.
	SnapshotId *string
}

func exportSnapshotInputMembers(m *serde.Visitor, v *ExportSnapshotInput) {
	m.String(schemas.ExportSnapshotRequest_GameName, &v.GameName)
	m.String(schemas.ExportSnapshotRequest_SnapshotId, &v.SnapshotId)
}

// ExportSnapshotOutput is the output of [Client.ExportSnapshot].
type ExportSnapshotOutput struct {
	// S3Url is the presigned URL of the snapshot's file. It expires after 10 minutes. 10 to 2048 characters.
	S3Url *string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func exportSnapshotOutputMembers(m *serde.Visitor, v *ExportSnapshotOutput) {
	m.String(schemas.ExportSnapshotResult_S3Url, &v.S3Url)
}

func (v *ExportSnapshotOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
