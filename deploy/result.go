package deploy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/types"
)

// ErrNotStarted is the error for a stage whose deployment was not started, because an earlier step failed or ctx was
// done.
var ErrNotStarted = errors.New("nothing was deployed")

// StageDeletingError means that a stage is DELETING. Run fails with it before changing anything.
type StageDeletingError struct {
	// Stage is the name of the stage.
	Stage string
}

// Error returns a message without the name of the stage, which the message of [Error] contains.
func (e *StageDeletingError) Error() string {
	return "the stage is being deleted: remove it from Input.Stages"
}

// DeploymentInProgressError means that the latest deployment to a stage has not ended when Run checks the stage. Run
// fails with it before changing anything.
type DeploymentInProgressError struct {
	// Stage is the name of the stage.
	Stage string

	// Deployment is the deployment. It is PENDING or IN_PROGRESS, and not nil.
	Deployment *types.StageDeploymentDetails
}

// Error returns a message with the deployment. The message of [Error] contains the name of the stage.
func (e *DeploymentInProgressError) Error() string {
	return fmt.Sprintf("deployment %s is %s: wait until it has ended",
		aws.ToString(e.Deployment.DeploymentId), e.Deployment.DeploymentState)
}

// SnapshotMismatchError means that the snapshot created in [StepSnapshot] differs from the imported configuration,
// because another program changed the game's configuration between the import and the snapshot. Run deploys nothing in
// this case, and Result.SnapshotID is empty. The current configuration of the game also differs from the import. To
// import and deploy it, call Run again with the same input while no other program changes the game.
type SnapshotMismatchError struct {
	// SnapshotID is the identifier of the differing snapshot, which is not deleted.
	SnapshotID string

	// Sections are the sorted names of the sections that differ or are missing from either the snapshot or the import.
	Sections []string
}

// Error returns a message with the snapshot and the sections.
func (e *SnapshotMismatchError) Error() string {
	return fmt.Sprintf("snapshot %s differs from the imported configuration in the sections %s: "+
		"the configuration was changed after the import; run the deployment again while no other program changes the game",
		e.SnapshotID, strings.Join(e.Sections, ", "))
}

// Result is the outcome of [Run] as confirmed by the service. If all responses to a request were lost, the request may have
// taken effect without appearing in the result. In this case, the error wraps no smithy.APIError, or one with a status of
// 500 or more.
type Result struct {
	// Imported reports whether the service has confirmed the import of the configuration file.
	Imported bool

	// SnapshotID is the identifier of the snapshot to deploy. It is empty if the service has not confirmed a snapshot,
	// and after a [SnapshotMismatchError].
	SnapshotID string

	// Stages are the results of all stages, in the order of the input.
	Stages []StageResult
}

// StageResult is the outcome of the deployment to a stage.
type StageResult struct {
	// Stage is the name of the stage.
	Stage string

	// Deployment is the latest known state of the deployment, or nil if the service has not confirmed one. After an
	// error that does not show whether a deployment was started, [gamesparks.Client.GetStageDeployment] without an ID
	// returns the latest.
	Deployment *types.StageDeploymentDetails

	// Err is nil if the deployment is COMPLETED. Otherwise it is a *[StageDeletingError] or a
	// *[DeploymentInProgressError] from StepCheck, a *[gamesparks.DeploymentFailedError] for a deployment that is
	// FAILED, a *[gamesparks.WaiterTimeoutError] for one that exceeded MaxWait, an error from the client or the
	// context, or [ErrNotStarted].
	Err error
}

func newResult(in *Input) *Result {
	r := &Result{Stages: make([]StageResult, len(in.Stages))}
	for i, stage := range in.Stages {
		r.Stages[i] = StageResult{Stage: stage, Err: ErrNotStarted}
	}
	return r
}

// Error is the error that [Run] returns when a step fails. It wraps the error of that step. In StepCheck and
// StepDeploy, it wraps the errors of all stages, so errors.Is and errors.As find each of them.
type Error struct {
	// GameName is the name of the game.
	GameName string

	// Step is the step that failed.
	Step Step

	// Result contains the outcomes of all stages. It is never nil.
	Result *Result

	// Err is the error of the step.
	Err error
}

// Error returns a message with the game, the step and all errors.
func (e *Error) Error() string { return fmt.Sprintf("deploy %s: %s: %v", e.GameName, e.Step, e.Err) }

// Unwrap returns the error of the step.
func (e *Error) Unwrap() error { return e.Err }

// stageErrors joins the errors of several stages.
type stageErrors struct {
	errs   []error
	stages int
}

// joinStages joins the errors that are not nil. If all are nil, it returns nil.
func joinStages(errs []error) error {
	joined := &stageErrors{stages: len(errs)}
	for _, err := range errs {
		if err != nil {
			joined.errs = append(joined.errs, err)
		}
	}
	if joined.errs == nil {
		return nil
	}
	return joined
}

func (e *stageErrors) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d of %d stages failed", len(e.errs), e.stages)
	for _, err := range e.errs {
		text.WriteString("; " + err.Error())
	}
	return text.String()
}

func (e *stageErrors) Unwrap() []error { return e.errs }
