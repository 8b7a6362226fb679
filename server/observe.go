package server

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// RequestRecord describes a request that was handled.
type RequestRecord struct {
	// ID is the request id that the response carries.
	ID string

	// Operation is the name of the operation: that of an operation of the API, Download or Connect. It is empty if the
	// path or the method is unknown.
	Operation string

	// Method and Path are those of the request.
	Method, Path string

	// Account and AccessKeyID identify the caller. They are empty if the request was not authenticated.
	Account, AccessKeyID string

	// Status is the HTTP status of the response. It is 0 if the connection was dropped before the response.
	Status int

	// ErrorCode is the code of the error, empty if there was none. For a response without a code, such as the one to an
	// invalid handshake, it is the text of the status: UpgradeRequired.
	ErrorCode string

	// Duration is how long handling the request took. For the connection of a player it is how long that was open.
	Duration time.Duration
}

// WithObserver calls observe after each request, for metrics for example. Observe must be safe for concurrent use. If
// the option is repeated, the observers are called in order.
func WithObserver(observe func(RequestRecord)) Option {
	return func(s *settings) error {
		if observe == nil {
			return badOption("WithObserver", "observer: must not be nil")
		}
		s.observers = append(s.observers, observe)
		return nil
	}
}

// observe logs the exchange and calls the observers.
func (x *exchange) observe() {
	x.record.Status, x.record.Duration = x.status.status, time.Since(x.start)
	r := &x.record
	if r.ErrorCode == "" && r.Status >= http.StatusBadRequest {
		r.ErrorCode = strings.ReplaceAll(http.StatusText(r.Status), " ", "")
	}
	level := slog.LevelInfo
	if r.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	x.logger.Log(x.request.Context(), level, "request", "request_id", r.ID, "operation", r.Operation, "method", r.Method,
		"path", r.Path, "status", r.Status, "error_code", r.ErrorCode, "account", r.Account, "access_key_id", r.AccessKeyID,
		"duration_ms", float64(r.Duration.Microseconds())/1000)
	for _, observe := range x.observers {
		observe(*r)
	}
}

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

// Unwrap lets http.ResponseController reach the wrapped writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
