package server

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Fault makes requests fail, so that a test can check how a program copes. Its effects occur in the order of the fields.
// A fault without an effect lets requests pass.
type Fault struct {
	// Operation is the operation whose requests fail: the name of an operation of the API, CreateGame for example,
	// Download for the download of an exported snapshot or of generated code, or Connect for the connection of a player.
	// Empty means all of them.
	Operation string

	// Probability is the probability that a request fails, above 0 and up to 1. 0 means that every request fails.
	Probability float64

	// Count is the number of requests that fail before the fault ends. 0 means no limit. Each attempt of a call is a
	// request, so a client that retries may hide the fault: set its RetryMaxAttempts to 1 to see the error.
	Count int

	// Latency delays the request.
	Latency time.Duration

	// Code is the code of an error that the request gets instead of being handled, ThrottlingException for example.
	// Empty means no error. A code that is not in the API's model requires a Status. For a download, the error is in the
	// XML of S3, which has codes such as SlowDown.
	Code string

	// Status is the HTTP status of that error, 400 to 599. 0 means the status that the model has for the code.
	Status int

	// DropConnection drops the connection before the request is handled. The HTTP client of Go repeats a GET on its own
	// if the dropped connection had been used before.
	DropConnection bool

	// DropResponse handles the request, with all its effects, and then drops the connection instead of sending the
	// response, which may have been an error.
	DropResponse bool

	// Truncate drops the connection in the middle of the response's body, whether the response is an output or an error.
	Truncate bool

	// Malformed makes the body of the response invalid JSON, whether the response is an output or an error. The code of
	// an error is in a header, too, and stays there. Accepted connections of players have no body, so neither Truncate
	// nor Malformed affects them.
	Malformed bool
}

// injectedMessage is the message of errors that a fault causes.
const injectedMessage = "This error was injected."

// Inject adds a fault. At most one fault affects a request: the first match, in the order in which the faults were
// added. Calling remove removes the fault; it is a no-op if the fault has ended or was removed. The error describes the
// invalid field of the fault.
func (s *Service) Inject(f Fault) (remove func(), err error) {
	switch {
	case !slices.Contains([]string{"", downloadOperation, connectOperation}, f.Operation) && schemas.FindOperation(f.Operation) == nil:
		return nil, fmt.Errorf("server: fault: operation %q is unknown: use the name of an operation of the API, %s or %s",
			f.Operation, downloadOperation, connectOperation)
	case f.Probability < 0 || f.Probability > 1:
		return nil, fmt.Errorf("server: fault: probability %v: must be from 0 to 1", f.Probability)
	case f.Count < 0:
		return nil, fmt.Errorf("server: fault: count %d: must not be negative", f.Count)
	case f.Latency < 0:
		return nil, fmt.Errorf("server: fault: latency %v: must not be negative", f.Latency)
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return nil, fmt.Errorf("server: fault: status %d: must be from 400 to 599", f.Status)
	case f.Status != 0 && f.Code == "":
		return nil, fmt.Errorf("server: fault: status %d: needs a code", f.Status)
	}
	if f.Code != "" && f.Status == 0 {
		if f.Status = statuses[f.Code]; f.Status == 0 {
			codes := strings.Join(slices.Sorted(maps.Keys(statuses)), ", ")
			return nil, fmt.Errorf("server: fault: code %q is none of %s: needs a status", f.Code, codes)
		}
	}
	return s.faults.add(&f), nil
}

// ClearFaults removes all faults. Requests that a fault already affects are not changed.
func (s *Service) ClearFaults() { s.faults.removeAll() }

// faults holds the active faults. The Count of a fault is the number of requests that it still affects.
type faults struct {
	mu     sync.Mutex
	active []*Fault
}

func (fs *faults) add(f *Fault) (remove func()) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.active = append(fs.active, f)
	return func() {
		fs.mu.Lock()
		defer fs.mu.Unlock()
		fs.removeLocked(f)
	}
}

func (fs *faults) removeLocked(f *Fault) {
	fs.active = slices.DeleteFunc(fs.active, func(other *Fault) bool { return other == f })
}

func (fs *faults) removeAll() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.active = nil
}

// next returns the fault that affects a request, or one without an effect.
func (fs *faults) next(operation string) Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.active {
		if f.Operation != "" && f.Operation != operation || f.Probability > 0 && rand.Float64() >= f.Probability {
			continue
		}
		if f.Count == 1 {
			fs.removeLocked(f)
		} else if f.Count > 1 {
			f.Count--
		}
		return *f
	}
	return Fault{}
}

// applyBefore applies the effects that precede the handling of the request. An error is the response to the request.
func (f *Fault) applyBefore(ctx context.Context) error {
	if f.Latency > 0 {
		timer := time.NewTimer(f.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			panic(http.ErrAbortHandler)
		}
	}
	if f.Code != "" {
		return &wireError{f.Status, f.Code, injectedMessage}
	}
	if f.DropConnection {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// faultWriter applies the effects on the response. It buffers the body until finish, since Truncate needs its length.
type faultWriter struct {
	http.ResponseWriter
	fault  Fault
	status int // 0 until the header is written
	body   bytes.Buffer
}

// wrap returns the writer for a response that the fault affects.
func (f *Fault) wrap(w http.ResponseWriter) http.ResponseWriter {
	if !f.DropResponse && !f.Truncate && !f.Malformed {
		return w
	}
	return &faultWriter{ResponseWriter: w, fault: *f}
}

// WriteHeader implements http.ResponseWriter.
func (w *faultWriter) WriteHeader(status int) {
	switch {
	case w.fault.DropResponse:
		panic(http.ErrAbortHandler)
	case status < http.StatusOK: // the handshake of a player's connection, which has no body
		w.ResponseWriter.WriteHeader(status)
	case w.status == 0:
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *faultWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.body.Write(p)
}

// Unwrap lets http.ResponseController reach the wrapped writer.
func (w *faultWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish sends the response, which is complete.
func (w *faultWriter) finish() {
	if w.status == 0 { // the connection was hijacked
		return
	}
	body := w.body.Bytes()
	sent := body
	switch {
	case w.fault.Truncate:
		sent = body[:len(body)/2]
	case w.fault.Malformed:
		body = append([]byte("<malformed>"), body...)
		sent = body
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.ResponseWriter.WriteHeader(w.status)
	_, _ = w.ResponseWriter.Write(sent) // a client that has disconnected needs no response
	if w.fault.Truncate {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
}
