package server

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Request is what an observer learns about a request that was answered.
type Request struct {
	// ID is the request id that the response carries.
	ID string

	// Operation is the name of the operation: one of the API's, or Download or Connect. It is empty when there is no
	// such path or method.
	Operation string

	// Method and Path are those of the request.
	Method, Path string

	// Account and AccessKeyID tell who made it. They are empty when that was not found out.
	Account, AccessKeyID string

	// Status is the HTTP status of the response, 0 when the connection was cut before there was one.
	Status int

	// ErrorCode is the code of the error, empty when there was none. For an answer that has no code, such as that to a
	// handshake that is none, it is the text of the status: UpgradeRequired.
	ErrorCode string

	// Duration is how long it took. For a player's connection it is how long that lasted.
	Duration time.Duration
}

// WithObserver makes the service tell observe about each request when it has been answered, for metrics for example.
// Observe must be safe for concurrent use. Several observers are told in turn.
func WithObserver(observe func(Request)) Option {
	return func(s *settings) error {
		if observe == nil {
			return errors.New("observer: must not be nil")
		}
		s.observers = append(s.observers, observe)
		return nil
	}
}

// observe tells the log and the observers about the exchange.
func (x *exchange) observe() {
	x.record.Status, x.record.Duration = x.w.status, time.Since(x.start)
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
		"duration", r.Duration)
	for _, observe := range x.observers {
		observe(*r)
	}
}

// statusWriter remembers the status of a response.
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

// Unwrap lets http.ResponseController and others reach what the writer wraps.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
