package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Job is a code generation job. Like the state of a [Deployment], its state is a function of time. The generated code is
// not stored: the sections of a snapshot never change, so it can be generated again.
type Job struct {
	// Number is the sequence number of the job within its snapshot, starting at 1.
	Number int

	// ID identifies the job within its snapshot. IDs sort by Number.
	ID string

	// SnapshotID is the id of the snapshot for which the job generates code.
	SnapshotID string

	// Generator describes the code to generate.
	Generator Generator

	// Created is when the job was created.
	Created time.Time

	// Pending is how long the job stays in the PENDING state.
	Pending time.Duration

	// InProgress is how long the job then stays in the IN_PROGRESS state.
	InProgress time.Duration

	// Description describes the job, or the error if the job fails.
	Description string

	// Failed reports whether the job ends in the FAILED state.
	Failed bool `json:",omitempty"`
}

// Generator describes the code that a [Job] generates. Its fields correspond to those of types.Generator.
type Generator struct {
	// Language is the programming language, such as GO. If it is empty, the target platform determines the language.
	Language string

	// TargetPlatform is the platform of the generated code, such as Unity. It may be empty if Language is set.
	TargetPlatform string

	// GameSdkVersion is the version of the Game SDK, or empty for the default.
	GameSdkVersion string
}

// State returns the state of the job at the time of the transaction.
func (j *Job) State(tx *Tx) types.GeneratedCodeJobState {
	started := j.Created.Add(j.Pending)
	switch {
	case !tx.Reached(started):
		return types.GeneratedCodeJobStatePending
	case !tx.Reached(started.Add(j.InProgress)):
		return types.GeneratedCodeJobStateInProgress
	case j.Failed:
		return types.GeneratedCodeJobStateFailed
	}
	return types.GeneratedCodeJobStateCompleted
}

const jobSegment = "job"

func (tx *Tx) jobKey(g *Game, snapshot, id string) string {
	return tx.childKey(g.ID, jobSegment, snapshot, id)
}

// Jobs returns the jobs for a snapshot, newest first.
func (tx *Tx) Jobs(g *Game, snapshot string) Set[Job] {
	return children[Job](tx, g, tx.jobKey(g, snapshot, ""), true)
}

// Job returns a job, or nil if it does not exist.
func (tx *Tx) Job(g *Game, snapshot, id string) (*Job, error) {
	return loadChild[Job](tx, g, tx.jobKey(g, snapshot, id))
}

// PutJob writes the job.
func (tx *Tx) PutJob(g *Game, j *Job) error {
	return save(tx, tx.jobKey(g, j.SnapshotID, j.ID), j)
}
