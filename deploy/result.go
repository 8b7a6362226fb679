package deploy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gamesparks-go/gamesparks/types"
)

// ErrNotStarted is the error of a stage that nothing was deployed to, because of what happened before.
var ErrNotStarted = errors.New("nothing was deployed")

// Result is what became of a deployment, as far as the service has answered. A request whose answers were all lost, which
// the error shows by having no smithy.APIError in it or one with a status of 500 or more, may have been carried out
// without being seen here.
type Result struct {
	// Imported tells whether the service has confirmed the import of the configuration file.
	Imported bool

	// SnapshotID is the identifier of the snapshot, empty when the service has confirmed none.
	SnapshotID string

	// Stages are the results of all stages, in the order of the input.
	Stages []StageResult
}

// StageResult is what became of the deployment to a stage.
type StageResult struct {
	// Stage is the name of the stage.
	Stage string

	// Deployment is the deployment as it was seen last, nil when the service has confirmed none. After an error that
	// leaves open whether one was started, [gamesparks.Client.GetStageDeployment] without an id tells.
	Deployment *types.StageDeploymentDetails

	// Err is nil when the deployment is COMPLETED. Otherwise it is a [gamesparks.DeploymentFailedError] for one that is
	// FAILED, a [gamesparks.WaiterTimeoutError] for one that takes too long, an error of the client or of the context,
	// or [ErrNotStarted].
	Err error
}

func newResult(in *Input) *Result {
	r := &Result{Stages: make([]StageResult, len(in.Stages))}
	for i, stage := range in.Stages {
		r.Stages[i] = StageResult{Stage: stage, Err: ErrNotStarted}
	}
	return r
}

// Error is the error of [Run]. It wraps the errors of the step that failed, of all stages in StepCheck and StepDeploy,
// so that errors.Is and errors.As find each of them.
type Error struct {
	// GameName is the name of the game.
	GameName string

	// Step is the step that failed.
	Step Step

	// Result is what became of all stages. It is not nil.
	Result *Result

	// Err has the errors of the step.
	Err error
}

// Error gives the game, the step, and every error.
func (e *Error) Error() string { return fmt.Sprintf("deploy %s: %s: %v", e.GameName, e.Step, e.Err) }

// Unwrap returns the errors of the step.
func (e *Error) Unwrap() error { return e.Err }

// stageErrors are the errors of some of the stages.
type stageErrors struct {
	errs   []error
	stages int
}

// joinStages returns the errors that are not nil as one, nil when there are none.
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
