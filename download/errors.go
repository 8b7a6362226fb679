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

// ErrStalled is the cause of an [Error] when no bytes came for the StallTimeout.
var ErrStalled = errors.New("the server sends nothing")

// Error is the error of a download. It wraps the cause: a [StatusError], a [ChangedError], an [InvalidResponseError],
// [ErrStalled], io.ErrUnexpectedEOF for an object that ends before its size, an error of the source, of the writer or of
// the connection, or the context's error.
type Error struct {
	// URL is the URL that was asked last, without its query. It is empty when the source returned none.
	URL string

	// Written is the number of bytes that were written.
	Written int64

	// Total is the size of the object, -1 when it is unknown.
	Total int64

	// Attempts is the number of requests that were made.
	Attempts int

	// Err is the cause.
	Err error
}

// Error tells how far the download came, and the cause.
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
		text += fmt.Sprintf(": %d%s bytes in %d attempts", e.Written, total, e.Attempts)
	}
	return text + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// StatusError is a response that is no part of the object.
type StatusError struct {
	// StatusCode is the HTTP status.
	StatusCode int

	// Code and Message are what the storage service says in the body, empty when it says nothing.
	Code, Message string
}

// Error gives the status, and what the storage service says.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("status %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.Code != "" {
		text += fmt.Sprintf(": %q: %q", e.Code, e.Message)
	}
	return text
}

// refused reports whether the URL is of no use any more.
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

func newStatusError(resp *http.Response) *StatusError {
	e := &StatusError{StatusCode: resp.StatusCode}
	var body struct{ Code, Message string }
	if err := xml.NewDecoder(io.LimitReader(resp.Body, maxErrorBody)).Decode(&body); err == nil {
		e.Code = body.Code[:min(len(body.Code), maxErrorMessage)]
		e.Message = body.Message[:min(len(body.Message), maxErrorMessage)]
	}
	return e
}

// ChangedError says that the object is no longer the one whose first bytes were written.
type ChangedError struct {
	// Reason tells by what it was noticed.
	Reason string
}

// Error gives the reason.
func (e *ChangedError) Error() string { return "the object has changed: " + e.Reason }

// InvalidResponseError is a response that contradicts the request or itself.
type InvalidResponseError struct {
	// Reason tells the contradiction.
	Reason string
}

// Error gives the reason.
func (e *InvalidResponseError) Error() string { return "the response is not valid: " + e.Reason }

// queries matches the queries of URLs in texts.
var queries = regexp.MustCompile(`\?[^\s"]+`)

// transportError is an error of an HTTP client, whose text may show the URL.
type transportError struct{ err error }

// newTransportError leaves out the layer that holds the URL.
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

// withoutSecrets returns the URL's scheme, host and path.
func withoutSecrets(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
