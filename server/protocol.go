package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/types"
)

// wireError is an error that the API's model does not have but that every service of AWS may return.
type wireError struct {
	status  int
	code    string
	message string
}

func (e *wireError) Error() string                 { return e.code + ": " + e.message }
func (e *wireError) ErrorCode() string             { return e.code }
func (e *wireError) ErrorMessage() string          { return e.message }
func (e *wireError) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

func malformed(err error) error {
	return &wireError{http.StatusBadRequest, "SerializationException", err.Error()}
}

// The errors of the model, made from a message.

func invalid(format string, args ...any) error {
	return &types.ValidationException{Message: message(format, args)}
}

func conflict(format string, args ...any) error {
	return &types.ConflictException{Message: message(format, args)}
}

func notFound(format string, args ...any) error {
	return &types.ResourceNotFoundException{Message: message(format, args)}
}

func accessDenied(format string, args ...any) error {
	return &types.AccessDeniedException{Message: message(format, args)}
}

func quotaExceeded(format string, args ...any) error {
	return &types.ServiceQuotaExceededException{Message: message(format, args)}
}

func message(format string, args []any) *string {
	text := fmt.Sprintf(format, args...)
	return &text
}

// internalError is what a caller is told of an error that is not its own.
var internalError = &types.InternalServerException{Message: message("The service failed to handle the request.", nil)}

// statuses are the HTTP statuses of the errors that the model has, by their codes.
var statuses = func() map[string]int {
	statuses := map[string]int{}
	for _, op := range schemas.Operations() {
		for _, e := range op.Errors {
			if t, ok := smithy.SchemaTrait[*traits.HTTPError](e); ok {
				statuses[e.ID().Name] = t.Code
			}
		}
	}
	return statuses
}()

func statusOf(err smithy.APIError) int {
	var wire *wireError
	var signature *sigv4.Error
	switch {
	case errors.As(err, &wire):
		return wire.status
	case errors.As(err, &signature):
		return signature.Status
	}
	return statuses[err.ErrorCode()]
}

// readBody returns the body of a request. W is the writer that the server made: it gives up a connection on which too
// much comes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &wireError{
			http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
			fmt.Sprintf("The request body is larger than the limit of %d bytes.", limit),
		}
	case err != nil:
		return nil, malformed(fmt.Errorf("read request body: %w", err))
	}
	return body, nil
}

// validate returns the ValidationException that names every violation of the model's constraints in an input, or nil.
func validate(op operations.Untyped, in any) error {
	err := serde.Check(op.Schema.Name, op.Input, in, true)
	var violations smithy.InvalidParamsError
	if !errors.As(err, &violations) {
		return err
	}
	var lines []string
	for _, v := range violations.Errs() {
		lines = append(lines, v.Error())
	}
	return invalid("%d validation error(s) detected: %s", len(lines), strings.Join(lines, " "))
}

// parseQuery is url.ParseQuery with a message that fits.
func parseQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return query, nil
}
