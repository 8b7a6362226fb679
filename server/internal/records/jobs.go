package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Job is a code generation job. Like that of a [Deployment], its state is a function of the time. The code is not stored:
// the content of a snapshot never changes, so each download generates the code again.
type Job struct {
	Number      int           // Number is the number in the list, from 1.
	ID          string        // ID identifies the record in its parent.
	SnapshotID  string        // SnapshotID is the snapshot.
	Generator   Generator     // Generator says what to generate.
	Created     time.Time     // Created is the time of creation.
	Pending     time.Duration // Pending is how long it is PENDING.
	InProgress  time.Duration // InProgress is how long it is IN_PROGRESS afterwards.
	Description string        // Description is optional.
	Failed      bool          `json:",omitempty"` // Failed reports that the job fails at the end.
}

// Generator describes the code that a [Job] generates. Its fields are those of types.Generator.
type Generator struct {
	Language       string // Language is GO or CSHARP, or empty for the platform's default.
	TargetPlatform string // TargetPlatform is the platform, Unity for example.
	GameSdkVersion string // GameSdkVersion is the version of the Game SDK.
}

// StateAt returns the state at a time.
func (j *Job) StateAt(now time.Time) types.GeneratedCodeJobState {
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

func (tx *Tx) jobKey(game, snapshot, id string) string {
	return tx.childKey(game, "job", snapshot, id)
}

// Jobs returns the jobs for a snapshot, newest first.
func (tx *Tx) Jobs(game, snapshot string) Set[Job] {
	return NewSet[Job](tx, tx.jobKey(game, snapshot, ""), true)
}

// Job returns a job, or nil if it does not exist.
func (tx *Tx) Job(game, snapshot, id string) (*Job, error) {
	return load[Job](tx, tx.jobKey(game, snapshot, id))
}

// PutJob writes the job.
func (tx *Tx) PutJob(game string, j *Job) error {
	return save(tx, tx.jobKey(game, j.SnapshotID, j.ID), j)
}
