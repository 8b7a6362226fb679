package sigv4

import (
	"fmt"
	"net/http"

	smithy "github.com/aws/smithy-go"
)

// The codes of the errors, which are AWS's own. A clock that is too far off is an InvalidSignatureException, too: it
// is the code by which AWS SDKs notice that they should correct their clock.
const (
	CodeMissingAuthenticationToken = "MissingAuthenticationTokenException"
	CodeIncompleteSignature        = "IncompleteSignatureException"
	CodeUnrecognizedClient         = "UnrecognizedClientException"
	CodeInvalidSignature           = "InvalidSignatureException"
	CodeExpiredToken               = "ExpiredTokenException"
)

// Error says why a signature is refused. It is a smithy.APIError. It never contains a secret, a session token or a
// signature that would be right.
type Error struct {
	Code    string // one of the constants
	Status  int    // of the HTTP response
	Message string // for the caller

	expired bool // the request came too late
}

var _ smithy.APIError = (*Error)(nil)

func newError(code, format string, args ...any) *Error {
	status := http.StatusForbidden
	if code == CodeIncompleteSignature {
		status = http.StatusBadRequest
	}
	return &Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// ErrorCode implements smithy.APIError.
func (e *Error) ErrorCode() string { return e.Code }

// ErrorMessage implements smithy.APIError.
func (e *Error) ErrorMessage() string { return e.Message }

// ErrorFault implements smithy.APIError.
func (e *Error) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }
