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

// IsNotFound reports whether err says that a resource does not exist.
func IsNotFound(err error) bool { return is[*types.ResourceNotFoundException](err) }

// IsConflict reports whether err says that a name is taken, or that a resource is in a state that does not allow the
// operation.
func IsConflict(err error) bool { return is[*types.ConflictException](err) }

// IsValidation reports whether err says that the input is not valid: the service's ValidationException, or the
// smithy.InvalidParamsError with which the client refuses an input before it sends anything.
func IsValidation(err error) bool {
	return is[*types.ValidationException](err) || is[smithy.InvalidParamsError](err)
}

// IsAccessDenied reports whether err says that the credentials do not allow the operation.
func IsAccessDenied(err error) bool { return is[*types.AccessDeniedException](err) }

// IsQuotaExceeded reports whether err says that the operation would exceed a quota of the account.
func IsQuotaExceeded(err error) bool { return is[*types.ServiceQuotaExceededException](err) }

// IsThrottled reports whether err says that requests come too fast. The client has retried by then, as far as its
// retryer goes.
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

// RequestID returns the id that the service gave to the request which err is about, empty when there was no response
// or it had none.
func RequestID(err error) string {
	var resp *awshttp.ResponseError
	if errors.As(err, &resp) {
		return resp.ServiceRequestID()
	}
	return ""
}

// DefaultMaxResponseBytes is the limit of a response's body unless [Options.MaxResponseBytes] sets another: 64 MiB.
const DefaultMaxResponseBytes = 64 << 20

// ResponseTooLargeError is the error for a response whose body is larger than [Options.MaxResponseBytes]. The rest of
// the body is not read.
type ResponseTooLargeError struct {
	// Limit is the limit in bytes.
	Limit int64
}

// Error names the limit.
func (e *ResponseTooLargeError) Error() string {
	return fmt.Sprintf("the response's body has more than %d bytes", e.Limit)
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}
