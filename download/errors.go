package download

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
)

// ErrStalled is the cause of an [Error] when a server sends nothing for longer than StallTimeout.
var ErrStalled = errors.New("received no data within the stall timeout")

// Error is the error that a failed download returns. It wraps the cause: a [StatusError], a [ChangedError], an
// [InvalidResponseError], [ErrStalled], io.ErrUnexpectedEOF for a response that ends before the object is complete, or
// an error from the source, the writer or the connection. If the context is done, it matches both the context's error
// and its [context.Cause].
type Error struct {
	// URL is the URL of the last request, without its query. It is empty if the source returned none.
	URL string

	// Written is the number of bytes written.
	Written int64

	// Total is the size of the object, or -1 if it is unknown.
	Total int64

	// Attempts is the number of requests sent.
	Attempts int

	// Err is the cause.
	Err error
}

// Error returns a message with the bytes written, the number of attempts and the cause.
func (e *Error) Error() string {
	text := "download"
	if e.URL != "" {
		text += " " + e.URL
	}
	if e.Attempts > 0 {
		total := ""
		if e.Total >= 0 {
			total = fmt.Sprintf(" of %d", e.Total)
		}
		plural := "s"
		if e.Attempts == 1 {
			plural = ""
		}
		text += fmt.Sprintf(": %d%s bytes in %d attempt%s", e.Written, total, e.Attempts, plural)
	}
	return text + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// StatusError is a response with an unexpected HTTP status.
type StatusError struct {
	// StatusCode is the HTTP status.
	StatusCode int

	// Code and Message come from the storage service's error body and are truncated to 500 bytes. They are empty if the
	// body does not contain them.
	Code, Message string
}

// Error returns a message with the status, the code and the message.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("status %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.Code != "" {
		text += fmt.Sprintf(": %q: %q", e.Code, e.Message)
	}
	return text
}

// refused reports whether the URL is no longer valid.
func (e *StatusError) refused() bool {
	return e.StatusCode == http.StatusForbidden || e.Code == "ExpiredToken"
}

// temporary reports whether the same request may succeed later.
func (e *StatusError) temporary() bool {
	return e.StatusCode >= 500 || e.StatusCode == http.StatusRequestTimeout || e.StatusCode == http.StatusTooManyRequests
}

const (
	maxErrorBody    = 64 << 10
	maxErrorMessage = 500
)

func newStatusError(statusCode int, content io.Reader) *StatusError {
	e := &StatusError{StatusCode: statusCode}
	var body struct{ Code, Message string }
	if err := xml.NewDecoder(io.LimitReader(content, maxErrorBody)).Decode(&body); err == nil {
		e.Code = body.Code[:min(len(body.Code), maxErrorMessage)]
		e.Message = body.Message[:min(len(body.Message), maxErrorMessage)]
	}
	return e
}

// ChangedError means that the object changed after its first bytes were written.
type ChangedError struct {
	// Reason describes the change.
	Reason string
}

// Error returns a message with the reason.
func (e *ChangedError) Error() string { return "the object has changed: " + e.Reason }

// InvalidResponseError means that a response is inconsistent with its request or with itself.
type InvalidResponseError struct {
	// Reason describes the inconsistency.
	Reason string
}

// Error returns a message with the reason.
func (e *InvalidResponseError) Error() string { return "invalid response: " + e.Reason }

// queries matches the query of each URL in a text.
var queries = regexp.MustCompile(`\?[^\s"]+`)

// transportError wraps an HTTP client's error and redacts URLs in its message.
type transportError struct{ err error }

// newTransportError unwraps a *url.Error, because its message contains the complete URL.
func newTransportError(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	return &transportError{err}
}

func (e *transportError) Error() string {
	return queries.ReplaceAllString(e.err.Error(), "?[redacted]")
}

func (e *transportError) Unwrap() error { return e.err }

// withoutSecrets returns the URL's scheme, host and path. It omits the query, which contains the signature.
func withoutSecrets(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
