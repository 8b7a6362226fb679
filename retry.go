package gamesparks

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/defaults"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

// newRetryer returns the default retryer for the retry mode of the options.
func newRetryer(o *Options, mode defaults.Configuration) aws.Retryer {
	if o.RetryMode == "" {
		o.RetryMode = mode.RetryMode
	}
	if o.RetryMode == "" {
		o.RetryMode = aws.RetryModeStandard
	}
	standard := func(so *retry.StandardOptions) {
		so.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(isNotRetryable)}, so.Retryables...)
		if o.RetryMaxAttempts != 0 {
			so.MaxAttempts = o.RetryMaxAttempts
		}
	}
	if o.RetryMode == aws.RetryModeAdaptive {
		return retry.NewAdaptiveMode(func(ao *retry.AdaptiveModeOptions) {
			ao.StandardOptions = append(ao.StandardOptions, standard)
		})
	}
	return retry.NewStandard(standard)
}

// isNotRetryable returns FalseTernary for service errors with a status below 500, except for the codes and statuses that the
// SDK retries. Without it, the SDK also searches the messages of these errors for the texts of connection errors. That
// misclassifies messages of the service, and takes longer than all other processing of an error.
func isNotRetryable(err error) aws.Ternary {
	resp, ok := err.(*awshttp.ResponseError)
	if !ok || resp.HTTPStatusCode() >= 500 {
		return aws.UnknownTernary
	}
	switch e := resp.Err.(type) {
	case *types.AccessDeniedException, *types.ConflictException, *types.ResourceNotFoundException,
		*types.ServiceQuotaExceededException, *types.ValidationException, *types.PreconditionFailedException, *rejectedRetryError:
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

// copyRetryAfter copies the delay of the standard Retry-After header, which proxies and gateways send, to the header
// that the SDK's retry middleware reads. The middleware adds at most five seconds to its own delay.
func copyRetryAfter(resp *http.Response) {
	delay, ok := retryAfter(resp.Header)
	const name = "X-Amz-Retry-After" // in milliseconds
	if !ok || resp.Header.Get(name) != "" {
		return
	}
	resp.Header = resp.Header.Clone() // a fake HTTP client may return the same header again
	resp.Header.Set(name, strconv.FormatInt(delay.Milliseconds(), 10))
}

// retryAfter returns the delay of the standard header, whose value is a number of seconds or a date.
func retryAfter(header http.Header) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now)), true
}

// interruptedError is the error for a successful response whose body is incomplete. RetryableError tells the retryer
// whether to retry the call. In other clients of the SDK, the decision depends on how the connection ends, not on the
// operation: they retry after a reset or a timeout, but not after a closed connection.
type interruptedError struct {
	err       error
	retryable bool
}

func (e *interruptedError) Error() string        { return fmt.Sprintf("read response body: %v", e.err) }
func (e *interruptedError) Unwrap() error        { return e.err }
func (e *interruptedError) RetryableError() bool { return e.retryable }

// bodyError returns the error for a successful response whose body cannot be read.
func (c *call) bodyError(err error) error {
	var tooLarge *ResponseTooLargeError
	switch {
	case c.values.Err() != nil:
		return &smithy.CanceledError{Err: c.values.Err()}
	case errors.As(err, &tooLarge):
		return fmt.Errorf("read response body: %w", err)
	}
	return &interruptedError{err: err, retryable: c.isRepeatable()}
}

// isRepeatable reports whether a call that has succeeded can be repeated with the same result and no further effect.
func (c *call) isRepeatable() bool {
	// The model marks UpdateGameConfiguration as idempotent, but it is not: a removed section cannot be removed again, and a
	// repeated call would append an element twice.
	// A write with If-Match changes the entity tag that it matches, so a repeated call would be rejected.
	return c.op.Method == http.MethodGet ||
		c.op.Idempotent && c.op != schemas.UpdateGameConfiguration && c.options.ifMatch == nil
}
