package download

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// Source returns a presigned URL of the object to download. It is called when a download begins, and again when the URL
// is refused. An error of it ends the download; the client that is called has retried by then.
type Source func(ctx context.Context) (url string, err error)

// ExportSnapshotAPIClient is the part of a [gamesparks.Client] that [Snapshot] needs.
type ExportSnapshotAPIClient interface {
	ExportSnapshot(context.Context, *gamesparks.ExportSnapshotInput, ...func(*gamesparks.Options)) (*gamesparks.ExportSnapshotOutput, error)
}

// Snapshot returns the source of a snapshot's file, which ImportGameConfiguration takes.
func Snapshot(client ExportSnapshotAPIClient, params *gamesparks.ExportSnapshotInput, optFns ...func(*gamesparks.Options)) Source {
	return func(ctx context.Context) (string, error) {
		out, err := client.ExportSnapshot(ctx, params, optFns...)
		if err != nil {
			return "", err
		}
		if out.S3Url == nil {
			return "", errors.New("ExportSnapshot returned no URL")
		}
		return *out.S3Url, nil
	}
}

// GeneratedCode returns the source of the code that a job has generated. A job that has FAILED is a
// [gamesparks.GeneratedCodeJobFailedError], and one that is not COMPLETED a [NotReadyError]: wait for it with
// [gamesparks.NewGeneratedCodeJobCompletedWaiter] first.
func GeneratedCode(client gamesparks.GetGeneratedCodeJobAPIClient, params *gamesparks.GetGeneratedCodeJobInput, optFns ...func(*gamesparks.Options)) Source {
	return func(ctx context.Context) (string, error) {
		out, err := client.GetGeneratedCodeJob(ctx, params, optFns...)
		if err != nil {
			return "", err
		}
		job := out.GeneratedCodeJob
		switch {
		case job == nil:
			return "", errors.New("GetGeneratedCodeJob returned no job")
		case job.Status == types.GeneratedCodeJobStateFailed:
			return "", &gamesparks.GeneratedCodeJobFailedError{Job: job}
		case job.S3Url == nil:
			return "", &NotReadyError{Job: job}
		}
		return *job.S3Url, nil
	}
}

// NotReadyError is the error of [GeneratedCode] for a job that has no result to download.
type NotReadyError struct {
	// Job is the job as the service described it. It is not nil.
	Job *types.GeneratedCodeJobDetails
}

// Error gives the job's id and status.
func (e *NotReadyError) Error() string {
	return fmt.Sprintf("code generation job %s is %s and has nothing to download", aws.ToString(e.Job.GeneratedCodeJobId), e.Job.Status)
}
