package download

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// Source returns a presigned URL of the object to download. It is called when a download begins, and again after the
// server refuses the URL. If it returns an error, the download fails without a retry, since the GameSparks client has
// its own retries.
type Source func(ctx context.Context) (url string, err error)

// ExportSnapshotAPIClient is the subset of [gamesparks.Client] that [Snapshot] requires.
type ExportSnapshotAPIClient interface {
	ExportSnapshot(context.Context, *gamesparks.ExportSnapshotInput, ...func(*gamesparks.Options)) (*gamesparks.ExportSnapshotOutput, error)
}

// Snapshot returns the source of a snapshot's file, which ImportGameConfiguration accepts. If the client is nil, the
// source returns an error.
func Snapshot(client ExportSnapshotAPIClient, params *gamesparks.ExportSnapshotInput, optFns ...func(*gamesparks.Options)) Source {
	return func(ctx context.Context) (string, error) {
		if client == nil || client == ExportSnapshotAPIClient((*gamesparks.Client)(nil)) {
			return "", errors.New("client is nil: create one with gamesparks.New or gamesparks.NewFromConfig")
		}
		out, err := client.ExportSnapshot(ctx, params, optFns...)
		if err != nil {
			return "", err
		}
		if out == nil || out.S3Url == nil {
			return "", errors.New("ExportSnapshot returned no URL")
		}
		return *out.S3Url, nil
	}
}

// GeneratedCode returns the source of the code that a job has generated. Wait for the job with
// [gamesparks.NewGeneratedCodeJobCompletedWaiter] first: the source returns a [gamesparks.GeneratedCodeJobFailedError]
// for a job that is FAILED, and a [NotReadyError] for a job without a result. If the client is nil, the source returns
// an error.
func GeneratedCode(client gamesparks.GetGeneratedCodeJobAPIClient, params *gamesparks.GetGeneratedCodeJobInput, optFns ...func(*gamesparks.Options)) Source {
	return func(ctx context.Context) (string, error) {
		if client == nil || client == gamesparks.GetGeneratedCodeJobAPIClient((*gamesparks.Client)(nil)) {
			return "", errors.New("client is nil: create one with gamesparks.New or gamesparks.NewFromConfig")
		}
		out, err := client.GetGeneratedCodeJob(ctx, params, optFns...)
		if err != nil {
			return "", err
		}
		if out == nil || out.GeneratedCodeJob == nil {
			return "", errors.New("GetGeneratedCodeJob returned no job")
		}
		job := out.GeneratedCodeJob
		switch {
		case job.Status == types.GeneratedCodeJobStateFailed:
			return "", &gamesparks.GeneratedCodeJobFailedError{Job: job}
		case job.S3Url == nil:
			return "", &NotReadyError{Job: job}
		}
		return *job.S3Url, nil
	}
}

// NotReadyError means that the job of a [GeneratedCode] source has no result yet.
type NotReadyError struct {
	// Job is the job as returned by the service. It is never nil.
	Job *types.GeneratedCodeJobDetails
}

// Error returns a message with the job's ID and status.
func (e *NotReadyError) Error() string {
	return fmt.Sprintf("code generation job %s is %s and has no file to download: wait until it is COMPLETED", aws.ToString(e.Job.GeneratedCodeJobId), e.Job.Status)
}
