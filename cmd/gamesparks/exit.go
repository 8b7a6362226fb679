package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/project"
)

// Exit statuses. Status 0 means done or nothing to change.
const (
	statusFailure    = 1
	statusUsage      = 2 // invalid command, flag or argument
	statusChanges    = 3 // plan --exit-code or diff --exit-code found differences
	statusStale      = 4 // the game has changed since the plan or the last fetch, or another deployment is running
	statusDeployment = 5 // a deployment failed
)

// statusError is an error with the exit status of the process.
type statusError struct {
	status int
	err    error // nil to print no message, as for plan --exit-code
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// withStatus adds an exit status to an error. If err is nil, the process exits with the status and prints no message.
func withStatus(status int, err error) error { return &statusError{status, err} }

// usageErrorf returns an error with status 2.
func usageErrorf(format string, args ...any) error {
	return withStatus(statusUsage, fmt.Errorf(format, args...))
}

// exitStatus returns the exit status for the error of a command.
func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status
	}
	switch {
	case isStale(err):
		return statusStale
	case isDeploymentError(err):
		return statusDeployment
	}
	return statusFailure
}

// isStale reports whether err means that another program has changed the game, or is deploying to the stage.
func isStale(err error) bool {
	_, stale := errors.AsType[*project.StaleError](err)
	_, running := errors.AsType[*deploy.DeploymentInProgressError](err)
	return stale || running || gamesparks.IsPreconditionFailed(err)
}

// isDeploymentError reports whether err means that a deployment failed. A deployment continues on the server if the command
// cannot wait for its end.
func isDeploymentError(err error) bool {
	_, failed := errors.AsType[*gamesparks.DeploymentFailedError](err)
	return failed
}

// message returns the message for the error of a command, or "" if there is nothing to print.
func message(ctx context.Context, err error) string {
	if status, ok := errors.AsType[*statusError](err); ok && status.err == nil {
		return ""
	}
	text := "gamesparks: " + shorten(err)
	if _, ok := errors.AsType[*apiError](err); ok {
		text = err.Error() // as the AWS CLI prints it
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		text = "gamesparks: interrupted: " + shorten(err)
	}
	if hint := nextStep(err); hint != "" {
		text += "\n" + hint
	}
	return text
}

// shorten replaces the SDK's text of a service error with the service's message, the operation, the error code and the
// request ID.
func shorten(err error) string {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	api, isAPI := errors.AsType[smithy.APIError](err)
	if !ok {
		return err.Error()
	}
	if !isAPI {
		send, isSend := errors.AsType[*smithyhttp.RequestSendError](err)
		if _, isUnknown := errors.AsType[*gamesparks.UnknownOutcomeError](operation); !isSend || isUnknown {
			return err.Error()
		}
		return strings.ReplaceAll(err.Error(), operation.Error(), send.Err.Error())
	}
	details := []string{operation.Operation(), api.ErrorCode()}
	if id := gamesparks.RequestID(err); id != "" {
		details = append(details, "request "+id)
	}
	short := fmt.Sprintf("%s (%s)", api.ErrorMessage(), strings.Join(details, ", "))
	return strings.ReplaceAll(err.Error(), operation.Error(), short)
}
