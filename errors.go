package gamesparks

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/types"
)

// IsNotFound reports whether err means that a resource does not exist.
func IsNotFound(err error) bool { return is[*types.ResourceNotFoundException](err) }

// IsConflict reports whether err means that a name is already in use, or that the state of a resource does not allow the
// operation.
func IsConflict(err error) bool { return is[*types.ConflictException](err) }

// IsValidation reports whether err means that the input is invalid. It matches the service's ValidationException and the
// smithy.InvalidParamsError that the client returns before it sends a request.
func IsValidation(err error) bool {
	return is[*types.ValidationException](err) || is[smithy.InvalidParamsError](err)
}

// IsAccessDenied reports whether err means that the credentials do not allow the operation.
func IsAccessDenied(err error) bool { return is[*types.AccessDeniedException](err) }

// IsQuotaExceeded reports whether err means that the operation would exceed a quota of the account.
func IsQuotaExceeded(err error) bool { return is[*types.ServiceQuotaExceededException](err) }

// IsThrottled reports whether err means that the service throttled the request. The client returns such an error only
// after it has made all retries that its retryer allows.
func IsThrottled(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) {
		if _, ok := retry.DefaultThrottleErrorCodes[api.ErrorCode()]; ok {
			return true
		}
	}
	var resp *smithyhttp.ResponseError
	return errors.As(err, &resp) && resp.HTTPStatusCode() == http.StatusTooManyRequests
}

// RequestID returns the ID that the service assigned to the failed request. It is empty if there was no response, or if the
// response has no ID.
func RequestID(err error) string {
	var resp *awshttp.ResponseError
	if errors.As(err, &resp) {
		return resp.ServiceRequestID()
	}
	return ""
}

// DefaultMaxResponseBytes is the default of [Options.MaxResponseBytes], 64 MiB.
const DefaultMaxResponseBytes = 64 << 20

// ResponseTooLargeError is the error that a call returns if its response body exceeds [Options.MaxResponseBytes]. The
// client does not read the rest of the body and does not retry the call.
type ResponseTooLargeError struct {
	// Limit is the limit in bytes.
	Limit int64
}

// Error returns a message with the limit.
func (e *ResponseTooLargeError) Error() string {
	return fmt.Sprintf("response body exceeds %d bytes: raise Options.MaxResponseBytes to accept it", e.Limit)
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}
