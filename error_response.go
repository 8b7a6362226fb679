package gamesparks

import (
	"fmt"
	"net/http"
	"strings"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

// modeledErrors maps the error codes of the API's model to constructors of the error types.
var modeledErrors = map[string]func(message *string) error{
	schemas.AccessDeniedException.ID().Name: func(m *string) error { return &types.AccessDeniedException{Message: m} },
	schemas.ConflictException.ID().Name:     func(m *string) error { return &types.ConflictException{Message: m} },
	schemas.InternalServerException.ID().Name: func(m *string) error {
		return &types.InternalServerException{Message: m}
	},
	schemas.ResourceNotFoundException.ID().Name: func(m *string) error {
		return &types.ResourceNotFoundException{Message: m}
	},
	schemas.ServiceQuotaExceededException.ID().Name: func(m *string) error {
		return &types.ServiceQuotaExceededException{Message: m}
	},
	schemas.ThrottlingException.ID().Name: func(m *string) error { return &types.ThrottlingException{Message: m} },
	schemas.ValidationException.ID().Name: func(m *string) error { return &types.ValidationException{Message: m} },
}

const (
	// maxErrorBody limits how much of an error response is read. The service's errors are a few hundred bytes long.
	maxErrorBody = 1 << 20

	unknownCode = "UnknownError"
)

// responseError returns the error for a response whose status is not 2xx. It is never nil: if the body cannot be
// parsed, for example because it is an HTML page from a proxy, the error has code UnknownError and a message with the
// status.
func (c *call) responseError(resp *smithyhttp.Response) error {
	if resp.StatusCode < 500 {
		c.outcome.rejected()
	}
	copyRetryAfter(resp.Response)
	body, readErr := readBody(resp, maxErrorBody)
	if readErr != nil && c.values.Err() != nil {
		return &smithy.CanceledError{Err: c.values.Err()}
	}
	bodyCode, message := restjson.ErrorInfo(body)
	redactMessage(message)
	code := restjson.SanitizeCode(resp.Header.Get("X-Amzn-Errortype"))
	if code == "" {
		code = restjson.SanitizeCode(bodyCode)
	}
	if modeled, ok := modeledErrors[code]; ok {
		return modeled(message)
	}
	if rejection := (&types.PreconditionFailedException{Message: message}); code == rejection.ErrorCode() {
		return c.preconditionError(rejection)
	}

	generic := &smithy.GenericAPIError{Code: code, Fault: smithy.FaultClient}
	if code == "" {
		generic.Code = unknownCode
	}
	if resp.StatusCode >= 500 {
		generic.Fault = smithy.FaultServer
	}
	generic.Message = strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	switch {
	case message != nil:
		generic.Message = *message
	case readErr != nil:
		generic.Message += fmt.Sprintf(" with an incomplete body: %v", readErr)
	}
	if code == "" && readErr != nil {
		return &truncatedError{generic, readErr}
	}
	return generic
}

// truncatedError is an error response that ends before its error type is known. The retryer examines the cause, as in every
// client of the SDK. If the error type is known, for example from the header, the retryer examines the type instead, because
// a retry would return the same error.
type truncatedError struct {
	response *smithy.GenericAPIError
	cause    error
}

func (e *truncatedError) Error() string   { return e.response.Error() }
func (e *truncatedError) Unwrap() []error { return []error{e.response, e.cause} }

// responseRequestID returns the ID that the service assigned to the request, or an empty string.
func responseRequestID(resp *smithyhttp.Response) string {
	if id := resp.Header.Get("X-Amzn-Requestid"); id != "" {
		return id
	}
	return resp.Header.Get("X-Amz-Requestid")
}
