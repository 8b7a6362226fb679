package project

import (
	"errors"
	"fmt"
	"strings"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
)

// ApplyError is the error of a step of [Apply].
type ApplyError struct {
	// Game is the name of the game.
	Game string

	// Step is the step that failed.
	Step string

	// Result contains the steps that have taken effect. It is never nil.
	Result *ApplyResult

	// Unknown reports whether the step may have taken effect, because Apply could not read the outcome.
	Unknown bool

	// Err is the error of the step.
	Err error
}

// Unwrap returns Err.
func (e *ApplyError) Unwrap() error { return e.Err }

// Error returns a message with the step, its error, the steps that have and have not taken effect, and what to do next.
func (e *ApplyError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s", e.Game, e.Step, e.cause())
	if e.Unknown {
		fmt.Fprintf(&b, "\nUnknown: %s may have taken effect.", e.Step)
	}
	if len(e.Result.Done) > 0 {
		fmt.Fprintf(&b, "\nDone: %s.", strings.Join(e.Result.Done, ", "))
	} else if !e.Unknown {
		b.WriteString("\nDone: nothing.")
	}
	fmt.Fprintf(&b, "\nNot done: %s.", strings.Join(e.Result.NotDone, ", "))
	for _, line := range e.next() {
		b.WriteString("\n" + line)
	}
	return b.String()
}

// cause returns the text of Err without the game and the step.
func (e *ApplyError) cause() string {
	failed, ok := errors.AsType[*deploy.Error](e.Err)
	switch {
	case !ok:
		return e.Err.Error()
	case failed.Step != deploy.StepDeploy:
		return failed.Err.Error()
	}
	var texts []string
	for _, stage := range failed.Result.Stages {
		if stage.Err != nil {
			texts = append(texts, fmt.Sprintf("stage %s: %v", stage.Stage, stage.Err))
		}
	}
	return strings.Join(texts, "; ")
}

// next returns what to do after the error. A [StaleError] has this in its message.
func (e *ApplyError) next() []string {
	again := "Run apply again to continue."
	switch {
	case gamesparks.IsThrottled(e.Err):
		again = "Run apply again later to continue."
	case gamesparks.IsAccessDenied(e.Err):
		again = "Run apply again with an access key that has this permission."
	}
	if _, stale := errors.AsType[*StaleError](e.Err); stale {
		return nil
	}
	failed, ok := errors.AsType[*deploy.Error](e.Err)
	if !ok || failed.Step != deploy.StepDeploy {
		return []string{again}
	}
	var lines []string
	for _, stage := range failed.Result.Stages {
		switch {
		case continues(stage):
			lines = append(lines, fmt.Sprintf("The deployment to %s continues on the server; run gamesparks status to see how it ends.", stage.Stage))
		case mayHaveStarted(stage):
			lines = append(lines, fmt.Sprintf("The deployment to %s may have started; run gamesparks status to see whether it has.", stage.Stage))
		}
	}
	switch {
	case len(lines) == 0:
		return []string{again}
	case len(lines) < len(e.Result.NotDone):
		lines = append(lines, "Then run apply again to continue.")
	}
	return lines
}

// continues reports whether the deployment to a stage was started, and had not ended when it was last read.
func continues(s deploy.StageResult) bool {
	_, ended := errors.AsType[*gamesparks.DeploymentFailedError](s.Err)
	return s.Err != nil && s.Deployment != nil && !ended
}

// mayHaveStarted reports whether the call that starts a deployment failed without a response that shows its outcome.
func mayHaveStarted(s deploy.StageResult) bool {
	if s.Err == nil || s.Deployment != nil || errors.Is(s.Err, deploy.ErrNotStarted) {
		return false
	}
	if _, ok := errors.AsType[*gamesparks.UnknownOutcomeError](s.Err); ok {
		return true
	}
	response, ok := errors.AsType[*smithyhttp.ResponseError](s.Err)
	return !ok || response.HTTPStatusCode() < 400 || response.HTTPStatusCode() >= 500
}
