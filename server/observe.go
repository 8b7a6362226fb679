package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// RequestRecord describes a request that the service has handled.
type RequestRecord struct {
	// ID is the request id, which the response contains.
	ID string

	// Operation is the name of an API operation, Download or Connect, or one of the test API, such as TestReset. It is empty if the path is unknown or does not
	// support the method, and for [Service.WriteError] and [Service.HostCheck].
	Operation string

	// Method and Path are the method and the path of the request.
	Method, Path string

	// Account and AccessKeyID identify the caller. They are empty if the request was not authenticated.
	Account, AccessKeyID string

	// Status is the HTTP status of the response. It is 0 if the connection was dropped before the response.
	Status int

	// ErrorCode is the code of the error. It is empty if the request succeeded. For an invalid handshake, it is derived from
	// the status text, such as UpgradeRequired.
	ErrorCode string

	// Duration is how long the service took to handle the request. For a player connection, it is how long the connection
	// was open.
	Duration time.Duration
}

// WithObserver adds a function that the service calls after each request, for example to record metrics. The function
// must be safe for concurrent use. If the option is repeated, the service calls the functions in the order of the
// options.
func WithObserver(observe func(RequestRecord)) Option {
	return func(s *settings) error {
		if observe == nil {
			return badOption("WithObserver", "observe must not be nil")
		}
		s.observers = append(s.observers, observe)
		return nil
	}
}

// observe records the exchange, unless that is done later.
func (x *exchange) observe() {
	if x.isRecordedLater {
		return
	}
	x.record.Status, x.record.Duration = x.status.status, time.Since(x.start)
	x.settings.observe(x.request.Context(), &x.record)
}

// observe logs a request and calls the observers.
func (s *settings) observe(ctx context.Context, r *RequestRecord) {
	if r.ErrorCode == "" && r.Status >= http.StatusBadRequest {
		r.ErrorCode = statusCode(r.Status)
	}
	level := slog.LevelInfo
	if r.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if s.logger.Enabled(ctx, level) { // the arguments need memory
		s.logger.Log(ctx, level, "request", "request_id", r.ID, "operation", r.Operation, "method", r.Method,
			"path", r.Path, "status", r.Status, "error_code", r.ErrorCode, "account", r.Account, "access_key_id", r.AccessKeyID,
			"duration_ms", float64(r.Duration)/float64(time.Millisecond))
	}
	for _, observe := range s.observers {
		observe(*r)
	}
}

// statusCode returns an error code for an HTTP status, such as UpgradeRequired.
func statusCode(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }

// statusWriter records the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 || w.status < 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
