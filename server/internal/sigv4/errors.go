package sigv4

import (
	"fmt"
	"net/http"

	smithy "github.com/aws/smithy-go"
)

// Error codes, as defined by AWS. Excessive clock skew is reported as an InvalidSignatureException, because AWS SDKs
// correct their clock skew after an error with this code.
const (
	CodeMissingAuthenticationToken = "MissingAuthenticationTokenException"
	CodeIncompleteSignature        = "IncompleteSignatureException"
	CodeUnrecognizedClient         = "UnrecognizedClientException"
	CodeInvalidSignature           = "InvalidSignatureException"
	CodeExpiredToken               = "ExpiredTokenException"
)

// Error is the reason for rejecting a signature. It implements smithy.APIError. It never contains a secret, a session
// token or the expected signature.
type Error struct {
	Code    string // AWS or S3 error code
	Status  int    // HTTP status
	Message string // message for the client, in full sentences

	expired bool // whether the signature has expired
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
