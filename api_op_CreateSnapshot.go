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

// CreateSnapshot creates a snapshot of the current configuration of a game. A snapshot's sections never change. Deploy
// it with [Client.StartStageDeployment]; download it with [Client.ExportSnapshot].
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ConflictException], [types.ResourceNotFoundException] or [types.InternalServerException]. A ConflictException
// means, for example, that the game is being deleted.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/CreateSnapshot
func (c *Client) CreateSnapshot(ctx context.Context, params *CreateSnapshotInput, optFns ...func(*Options)) (*CreateSnapshotOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.CreateSnapshot, createSnapshotInputMembers, createSnapshotOutputMembers), params, optFns)
}

// CreateSnapshotInput is the input to [Client.CreateSnapshot].
type CreateSnapshotInput struct {
	// Description is the description of the new snapshot. At most 250 characters, without leading or trailing white
	// space.
	Description *string

	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string
}

func createSnapshotInputMembers(m *serde.Visitor, v *CreateSnapshotInput) {
	m.String(schemas.CreateSnapshotRequest_Description, &v.Description)
	m.String(schemas.CreateSnapshotRequest_GameName, &v.GameName)
}

// CreateSnapshotOutput is the output of [Client.CreateSnapshot].
type CreateSnapshotOutput struct {
	// Snapshot describes the snapshot.
	Snapshot *types.SnapshotDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func createSnapshotOutputMembers(m *serde.Visitor, v *CreateSnapshotOutput) {
	serde.Struct(m, schemas.CreateSnapshotResult_Snapshot, &v.Snapshot, shapes.SnapshotDetails)
}

func (v *CreateSnapshotOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
