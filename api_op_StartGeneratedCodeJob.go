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

// StartGeneratedCodeJob starts a job that generates client code for the messages of a snapshot, both system-defined and
// defined by the game. Poll the job with [Client.GetGeneratedCodeJob], which returns a presigned URL of the result, a
// .zip file.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StartGeneratedCodeJob
func (c *Client) StartGeneratedCodeJob(ctx context.Context, params *StartGeneratedCodeJobInput, optFns ...func(*Options)) (*StartGeneratedCodeJobOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.StartGeneratedCodeJob, startGeneratedCodeJobInputMembers, startGeneratedCodeJobOutputMembers), params, optFns)
}

// StartGeneratedCodeJobInput is the input to [Client.StartGeneratedCodeJob].
type StartGeneratedCodeJobInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// Generator selects the code to generate. Required.
	Generator *types.Generator

	// SnapshotId is the identifier of the snapshot to generate code for. 33 to 36 characters: Snapshot_ followed by a
	// UTC time with 3 to 6 fractional digits. Required.
	SnapshotId *string
}

func startGeneratedCodeJobInputMembers(m *serde.Visitor, v *StartGeneratedCodeJobInput) {
	m.String(schemas.StartGeneratedCodeJobRequest_GameName, &v.GameName)
	serde.Struct(m, schemas.StartGeneratedCodeJobRequest_Generator, &v.Generator, shapes.Generator)
	m.String(schemas.StartGeneratedCodeJobRequest_SnapshotId, &v.SnapshotId)
}

// StartGeneratedCodeJobOutput is the output of [Client.StartGeneratedCodeJob].
type StartGeneratedCodeJobOutput struct {
	// GeneratedCodeJobId is the identifier of the job, for GetGeneratedCodeJob. A lower-case UUID.
	GeneratedCodeJobId *string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func startGeneratedCodeJobOutputMembers(m *serde.Visitor, v *StartGeneratedCodeJobOutput) {
	m.String(schemas.StartGeneratedCodeJobResult_GeneratedCodeJobId, &v.GeneratedCodeJobId)
}

func (v *StartGeneratedCodeJobOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
