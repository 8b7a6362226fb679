package gamesparks

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	smithy "github.com/aws/smithy-go"
)

// interruptedError is the error for a response that said that the call has succeeded, and then broke off. The retryer
// goes by RetryableError: what has been done is not done again unless that is known to do no harm.
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
	return &interruptedError{err: err, retryable: c.op.Method == http.MethodGet || c.op.Idempotent}
}

// heedRetryAfter tells the SDK's retry middleware what the standard header asks for, which proxies and gateways send. The
// middleware knows only the header of AWS, and waits five seconds beyond its own delay at most.
func heedRetryAfter(header http.Header) {
	const name = "X-Amz-Retry-After" // in milliseconds
	value := header.Get("Retry-After")
	if value == "" || header.Get(name) != "" {
		return
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		header.Set(name, strconv.FormatUint(seconds*1000, 10))
		return
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	header.Set(name, strconv.FormatInt(max(0, at.Sub(now).Milliseconds()), 10))
}
