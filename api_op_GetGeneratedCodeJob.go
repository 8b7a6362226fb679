package gamesparks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/internal/shapes"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetGeneratedCodeJob describes a code generation job. Once the job is COMPLETED, the output contains the URL of its
// result.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetGeneratedCodeJob
func (c *Client) GetGeneratedCodeJob(ctx context.Context, params *GetGeneratedCodeJobInput, optFns ...func(*Options)) (*GetGeneratedCodeJobOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetGeneratedCodeJob, getGeneratedCodeJobInputMembers, getGeneratedCodeJobOutputMembers), params, optFns)
}

// GetGeneratedCodeJobInput is the input to [Client.GetGeneratedCodeJob].
type GetGeneratedCodeJobInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// JobId is the identifier that StartGeneratedCodeJob returned. A lower-case UUID. Required.
	JobId *string

	// SnapshotId is the identifier of the snapshot. 33 to 36 characters: Snapshot_ followed by a UTC time with 3 to 6
	// fractional digits. Required.
	SnapshotId *string
}

func getGeneratedCodeJobInputMembers(m *serde.Visitor, v *GetGeneratedCodeJobInput) {
	m.String(schemas.GetGeneratedCodeJobRequest_GameName, &v.GameName)
	m.String(schemas.GetGeneratedCodeJobRequest_JobId, &v.JobId)
	m.String(schemas.GetGeneratedCodeJobRequest_SnapshotId, &v.SnapshotId)
}

// GetGeneratedCodeJobOutput is the output of [Client.GetGeneratedCodeJob].
type GetGeneratedCodeJobOutput struct {
	// GeneratedCodeJob describes the job.
	GeneratedCodeJob *types.GeneratedCodeJobDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getGeneratedCodeJobOutputMembers(m *serde.Visitor, v *GetGeneratedCodeJobOutput) {
	serde.Struct(m, schemas.GetGeneratedCodeJobResult_GeneratedCodeJob, &v.GeneratedCodeJob, shapes.GeneratedCodeJobDetails)
}

func (v *GetGeneratedCodeJobOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// GetGeneratedCodeJobAPIClient is the subset of [Client] that a [GeneratedCodeJobCompletedWaiter] requires.
type GetGeneratedCodeJobAPIClient interface {
	GetGeneratedCodeJob(context.Context, *GetGeneratedCodeJobInput, ...func(*Options)) (*GetGeneratedCodeJobOutput, error)
}

// GeneratedCodeJobCompletedWaiterOptions configures a [GeneratedCodeJobCompletedWaiter]. It is an instantiation of
// [WaiterOptions], which documents the fields APIOptions, ClientOptions, MinDelay, MaxDelay, LogWaitAttempts, OnAttempt
// and Retryable.
type GeneratedCodeJobCompletedWaiterOptions = WaiterOptions[GetGeneratedCodeJobInput, GetGeneratedCodeJobOutput]

// GeneratedCodeJobCompletedWaiter waits until a code generation job is COMPLETED. It is an instantiation of [Waiter],
// which has these methods:
//
//   - Wait waits up to a given time.
//   - WaitForOutput also returns the output that ended the wait.
//   - Validate returns an error if the options are invalid.
type GeneratedCodeJobCompletedWaiter = Waiter[GetGeneratedCodeJobInput, GetGeneratedCodeJobOutput]

// GeneratedCodeJobFailedError is the error that a [GeneratedCodeJobCompletedWaiter] returns if the job is FAILED.
type GeneratedCodeJobFailedError struct {
	// Job is the last known state of the job. It is never nil.
	Job *types.GeneratedCodeJobDetails
}

// Error contains the job's ID and description.
func (e *GeneratedCodeJobFailedError) Error() string {
	text := fmt.Sprintf("code generation job %s failed", aws.ToString(e.Job.GeneratedCodeJobId))
	if e.Job.Description != nil {
		text += ": " + *e.Job.Description
	}
	return text
}

// NewGeneratedCodeJobCompletedWaiter returns a waiter that waits until a code generation job is COMPLETED. If the job
// is FAILED, Wait returns a *[GeneratedCodeJobFailedError]. If the client is nil, Wait returns an error.
func NewGeneratedCodeJobCompletedWaiter(client GetGeneratedCodeJobAPIClient, optFns ...func(*GeneratedCodeJobCompletedWaiterOptions)) *GeneratedCodeJobCompletedWaiter {
	return newWaiter(client, GetGeneratedCodeJobAPIClient.GetGeneratedCodeJob, condition[GetGeneratedCodeJobInput, GetGeneratedCodeJobOutput]{
		name: "GeneratedCodeJobCompleted",
		retryable: func(_ context.Context, _ *GetGeneratedCodeJobInput, out *GetGeneratedCodeJobOutput, err error) (bool, error) {
			if err != nil || out.GeneratedCodeJob == nil {
				return err == nil, err
			}
			if out.GeneratedCodeJob.Status == types.GeneratedCodeJobStateFailed {
				return false, &GeneratedCodeJobFailedError{out.GeneratedCodeJob}
			}
			return out.GeneratedCodeJob.Status != types.GeneratedCodeJobStateCompleted, nil
		},
		state: func(out *GetGeneratedCodeJobOutput) string {
			if out.GeneratedCodeJob == nil {
				return ""
			}
			return string(out.GeneratedCodeJob.Status)
		},
	}, optFns)
}
