package server

import (
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/types"
)

// jobRecord is a code generation job. Like that of a deployment its state is a matter of what time it is. The code is
// not kept: a snapshot does not change, so it can be generated again for each download.
type jobRecord struct {
	Number      int
	ID          string
	SnapshotID  string
	Generator   codegen.Generator
	Created     time.Time
	Pending     time.Duration
	InProgress  time.Duration
	Description string
	Failed      bool `json:",omitempty"`
}

func (c *call) jobKey(game, snapshot, id string) string { return c.childKey(game, "job", snapshot, id) }

func (j *jobRecord) state(now time.Time) types.GeneratedCodeJobState {
	started := j.Created.Add(j.Pending)
	switch {
	case now.Before(started):
		return types.GeneratedCodeJobStatePending
	case now.Before(started.Add(j.InProgress)):
		return types.GeneratedCodeJobStateInProgress
	case j.Failed:
		return types.GeneratedCodeJobStateFailed
	}
	return types.GeneratedCodeJobStateCompleted
}

func (c *call) startGeneratedCodeJob(in *gamesparks.StartGeneratedCodeJobInput) (*gamesparks.StartGeneratedCodeJobOutput, error) {
	if _, err := c.activeGame(in.GameName); err != nil {
		return nil, err
	}
	snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	content, err := c.readSections(c.snapshotSectionKey(*in.GameName, snapshot.ID, ""), nil)
	if err != nil {
		return nil, err
	}
	generator := codegen.Generator{
		Language:       aws.ToString(in.Generator.Language),
		TargetPlatform: aws.ToString(in.Generator.TargetPlatform),
		GameSdkVersion: aws.ToString(in.Generator.GameSdkVersion),
	}
	job := &jobRecord{
		Number: 1, SnapshotID: snapshot.ID, Generator: generator, Created: c.now,
		Pending: c.jobPending, InProgress: c.jobInProgress, Description: "Code for the messages of the game.",
	}
	// Whether the job will succeed is known from the start; it takes its time to say so.
	err = codegen.Check(content, generator)
	var refused *codegen.GeneratorError
	switch {
	case errors.As(err, &refused):
		return nil, invalid("%v.", refused)
	case err != nil:
		job.Failed, job.Description = true, describe(err)
	}
	latest, err := last[jobRecord](c, c.jobKey(*in.GameName, snapshot.ID, ""))
	if err != nil {
		return nil, err
	}
	if latest != nil {
		job.Number = latest.Number + 1
	}
	job.ID = orderedID(job.Number)
	return &gamesparks.StartGeneratedCodeJobOutput{GeneratedCodeJobId: &job.ID},
		save(c, c.jobKey(*in.GameName, snapshot.ID, job.ID), job)
}

// describe returns the message of an error as far as a description may go.
func describe(err error) string {
	const maxDescription = 250
	text := []rune(strings.Join(strings.Fields(err.Error()), " "))
	return strings.TrimSpace(string(text[:min(len(text), maxDescription)]))
}

func (c *call) job(game, snapshot, id *string) (*jobRecord, error) {
	if _, err := c.snapshot(game, snapshot); err != nil {
		return nil, err
	}
	job, err := load[jobRecord](c, c.jobKey(*game, *snapshot, *id))
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
	snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	jobs, next, err := listPage(c, listing{prefix: c.jobKey(*in.GameName, snapshot.ID, ""), newest: true},
		in.MaxResults, in.NextToken, func(j *jobRecord) (*jobRecord, bool) { return j, true })
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

func (c *call) jobDetails(game string, j *jobRecord) (types.GeneratedCodeJobDetails, error) {
	details := types.GeneratedCodeJobDetails{
		Description: &j.Description, GeneratedCodeJobId: &j.ID, Status: j.state(c.now),
	}
	if details.Status != types.GeneratedCodeJobStateCompleted {
		return details, nil
	}
	signed, err := c.presign(codeURI, c.account, game, j.SnapshotID, j.ID)
	// The signature has the time in seconds.
	details.S3Url, details.ExpirationTime = signed, aws.Time(c.now.Truncate(time.Second).Add(sigv4.DownloadExpiry))
	return details, err
}

func (x *exchange) downloadCode(labels []string) error {
	return x.download(labels, func(c *call) (*file, error) {
		game, snapshot := labels[1], labels[2]
		job, err := c.job(&game, &snapshot, &labels[3])
		if err != nil {
			return nil, err
		}
		content, err := c.readSections(c.snapshotSectionKey(game, snapshot, ""), nil)
		if err != nil {
			return nil, err
		}
		zip, err := codegen.Generate(content, job.Generator)
		if err != nil {
			return nil, err
		}
		return &file{game + ".zip", "application/zip", job.Created, zip}, nil
	})
}
