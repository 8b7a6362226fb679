package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetGeneratedCodeJob describes a code generation job and, once it is COMPLETED, where to download its result.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetGeneratedCodeJob
func (c *Client) GetGeneratedCodeJob(ctx context.Context, params *GetGeneratedCodeJobInput, optFns ...func(*Options)) (*GetGeneratedCodeJobOutput, error) {
	return invoke[GetGeneratedCodeJobInput, GetGeneratedCodeJobOutput](ctx, c, schemas.GetGeneratedCodeJob, params, optFns)
}

// GetGeneratedCodeJobInput is the input of [Client.GetGeneratedCodeJob].
type GetGeneratedCodeJobInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits and characters of _-. Required.
	GameName *string

	// JobId is the identifier that StartGeneratedCodeJob returned. A UUID in lower case. Required.
	JobId *string

	// SnapshotId is the identifier of the snapshot. Snapshot_ and a UTC time with 3 to 6 digits of a second's fraction,
	// 33 to 36 characters in all. Required.
	SnapshotId *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetGeneratedCodeJobInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.GetGeneratedCodeJobRequest_GameName, &v.GameName)
	m.String(schemas.GetGeneratedCodeJobRequest_JobId, &v.JobId)
	m.String(schemas.GetGeneratedCodeJobRequest_SnapshotId, &v.SnapshotId)
}

// GetGeneratedCodeJobOutput is the output of [Client.GetGeneratedCodeJob].
type GetGeneratedCodeJobOutput struct {
	// GeneratedCodeJob describes the job.
	GeneratedCodeJob *types.GeneratedCodeJobDetails

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetGeneratedCodeJobOutput) VisitMembers(m *serde.Visitor) {
	serde.Struct(m, schemas.GetGeneratedCodeJobResult_GeneratedCodeJob, &v.GeneratedCodeJob)
}

func (v *GetGeneratedCodeJobOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
