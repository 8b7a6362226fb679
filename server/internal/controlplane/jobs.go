package controlplane

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// checkJob returns a new job without a number and an ID. It determines the outcome of the job, which clients see when the
// job ends.
func (c *call) checkJob(in *gamesparks.StartGeneratedCodeJobInput) (*records.Job, error) {
	var content records.Sections
	err := c.view(func(tx *records.Tx) error {
		c.tx = tx
		if _, err := c.activeGame(in.GameName); err != nil {
			return err
		}
		_, snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
		if err != nil {
			return err
		}
		content, err = tx.Sections(snapshot.Sections, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	job := &records.Job{
		SnapshotID: *in.SnapshotId, Created: c.now, Pending: c.JobPending, InProgress: c.JobInProgress,
		Description: "Code for the messages of the game.",
		Generator: records.Generator{
			Language:       aws.ToString(in.Generator.Language),
			TargetPlatform: aws.ToString(in.Generator.TargetPlatform),
			GameSdkVersion: aws.ToString(in.Generator.GameSdkVersion),
		},
	}
	err = codegen.Check(content, codegen.Generator(job.Generator))
	var unsupported *codegen.GeneratorError
	switch {
	case errors.As(err, &unsupported):
		return nil, invalid("%v.", unsupported)
	case err != nil:
		job.Failed, job.Description = true, describe(err)
	}
	return job, nil
}

func (c *call) startGeneratedCodeJob(in *gamesparks.StartGeneratedCodeJobInput, checked *records.Job) (*gamesparks.StartGeneratedCodeJobOutput, error) {
	if _, err := c.activeGame(in.GameName); err != nil {
		return nil, err
	}
	game, snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	job := *checked // the store may rerun the transaction
	job.Number, job.Created = 1, c.now
	latest, err := c.tx.Jobs(game, snapshot.ID).First()
	if err != nil {
		return nil, err
	}
	if latest != nil {
		job.Number = latest.Number + 1
	}
	job.ID = records.NewOrderedID(job.Number)
	return &gamesparks.StartGeneratedCodeJobOutput{GeneratedCodeJobId: &job.ID}, c.tx.PutJob(game, &job)
}

// describe returns the message of an error, truncated to the maximum length of a job description.
func describe(err error) string {
	const maxDescription = 250
	text := []rune(strings.Join(strings.Fields(err.Error()), " "))
	return strings.TrimSpace(string(text[:min(len(text), maxDescription)]))
}

func (c *call) job(name, snapshot, id *string) (*records.Job, error) {
	game, _, err := c.snapshot(name, snapshot)
	if err != nil {
		return nil, err
	}
	job, err := c.tx.Job(game, *snapshot, *id)
	if err == nil && job == nil {
		err = notFound("The snapshot %q has no code generation job %q.", *snapshot, *id)
	}
	return job, err
}

func (c *call) getGeneratedCodeJob(in *gamesparks.GetGeneratedCodeJobInput) (*gamesparks.GetGeneratedCodeJobOutput, error) {
	job, err := c.job(in.GameName, in.SnapshotId, in.JobId)
	if err != nil {
		return nil, err
	}
	details, err := c.jobDetails(*in.GameName, job)
	return &gamesparks.GetGeneratedCodeJobOutput{GeneratedCodeJob: &details}, err
}

func (c *call) listGeneratedCodeJobs(in *gamesparks.ListGeneratedCodeJobsInput) (*gamesparks.ListGeneratedCodeJobsOutput, error) {
	game, snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	jobs, next, err := listPage(c, c.tx.Jobs(game, snapshot.ID), in.MaxResults, in.NextToken,
		func(j *records.Job) (*records.Job, bool) { return j, true })
	if err != nil {
		return nil, err
	}
	out := &gamesparks.ListGeneratedCodeJobsOutput{GeneratedCodeJobs: []types.GeneratedCodeJobDetails{}, NextToken: next}
	for _, job := range jobs {
		details, err := c.jobDetails(*in.GameName, job)
		if err != nil {
			return nil, err
		}
		out.GeneratedCodeJobs = append(out.GeneratedCodeJobs, details)
	}
	return out, nil
}

func (c *call) jobDetails(game string, j *records.Job) (types.GeneratedCodeJobDetails, error) {
	details := types.GeneratedCodeJobDetails{
		Description: &j.Description, GeneratedCodeJobId: &j.ID, Status: j.State(c.tx),
	}
	if details.Status != types.GeneratedCodeJobStateCompleted {
		return details, nil
	}
	url, expires, err := c.DownloadURL(FileRef{Account: c.Account, Game: game, Snapshot: j.SnapshotID, Job: j.ID})
	details.S3Url, details.ExpirationTime = &url, &expires
	return details, err
}
