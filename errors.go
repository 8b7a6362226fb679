package gamesparks

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
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

// responseRequestID returns the id that the service gave to the request, empty when it has none.
func responseRequestID(resp *smithyhttp.Response) string {
	if id := resp.Header.Get("X-Amzn-Requestid"); id != "" {
		return id
	}
	return resp.Header.Get("X-Amz-Requestid")
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// modeledErrors makes the types of the errors that the API's model has, by their codes.
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

// isFinal knows the errors of the service that are not retried: those below 500 but for the codes and statuses that the SDK
// retries. The SDK would also search their texts, which are the service's own, for what errors of connections say, and
// takes longer for that than for all else about an error.
func isFinal(err error) aws.Ternary {
	resp, ok := err.(*awshttp.ResponseError)
	if !ok || resp.HTTPStatusCode() >= 500 {
		return aws.UnknownTernary
	}
	switch e := resp.Err.(type) {
	case *types.AccessDeniedException, *types.ConflictException, *types.ResourceNotFoundException,
		*types.ServiceQuotaExceededException, *types.ValidationException:
		return aws.FalseTernary
	case *smithy.GenericAPIError:
		_, retried := retry.DefaultRetryableErrorCodes[e.Code]
		_, throttled := retry.DefaultThrottleErrorCodes[e.Code]
		if _, status := retry.DefaultRetryableHTTPStatusCodes[resp.HTTPStatusCode()]; !retried && !throttled && !status {
			return aws.FalseTernary
		}
	}
	return aws.UnknownTernary
}

const (
	// maxErrorBody limits how much of an error response is read. Those of the service have a few hundred bytes.
	maxErrorBody = 1 << 20

	unknownCode = "UnknownError"
)

// responseError returns the error that a response with another status than 2xx stands for. It always returns one: a
// body that cannot be understood, a proxy's HTML page for example, only means that code and message stay unknown.
func (c *call) responseError(resp *smithyhttp.Response) error {
	heedRetryAfter(resp.Response)
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
		generic.Message += fmt.Sprintf(", whose body broke off: %v", readErr)
	}
	if code == "" && readErr != nil {
		return &truncatedError{generic, readErr}
	}
	return generic
}

// truncatedError is an error response that breaks off before its error type is known. The retryer decides by the cause, as
// it does in every client of the SDK. When the error type is known, by the header for example, it decides by that instead:
// a retry would not change the answer.
type truncatedError struct {
	response *smithy.GenericAPIError
	cause    error
}

func (e *truncatedError) Error() string   { return e.response.Error() }
func (e *truncatedError) Unwrap() []error { return []error{e.response, e.cause} }
