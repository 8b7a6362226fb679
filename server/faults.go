package server

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Fault makes requests fail, so that a test can check how a program handles failures. Its effects are applied in the
// order of its fields. A fault without effects leaves requests unchanged.
type Fault struct {
	// Account is the account whose requests the fault affects. The service applies such a fault after it has authenticated the
	// request, and only if no fault of all accounts affects it. Optional. The default is all accounts and unauthenticated
	// requests.
	Account string

	// Operation is the name of the affected operation: an API operation such as CreateGame, Download for downloads of
	// snapshots and generated code, or Connect for player connections. Optional. The default is all operations.
	Operation string

	// Probability is the probability, from 0 to 1, that a matching request is affected. Optional. The default, 0, means
	// that every matching request is affected.
	Probability float64

	// Count is the number of requests that the fault affects. Optional. The default, 0, means no limit. Each attempt of a
	// call is a request, so retries may hide the fault: to see the error, set RetryMaxAttempts of the client to 1.
	Count int

	// Latency delays the request. Optional.
	Latency time.Duration

	// Code is the code of the error that the service returns instead of handling the request, such as
	// ThrottlingException. A code that is neither in the API's model nor an extension requires a Status. For downloads,
	// the error has the XML format of S3, whose codes include SlowDown. Optional.
	Code string

	// Status is the HTTP status of the error, from 400 to 599. Optional. The default is the status that the model defines
	// for the code.
	Status int

	// DropConnection drops the connection before the request is handled. Go's HTTP client automatically retries a GET if
	// it was sent on a reused connection.
	DropConnection bool

	// DropResponse drops the connection after the request has taken effect, instead of sending the response.
	DropResponse bool

	// Truncate drops the connection after the service has sent half of the response body.
	Truncate bool

	// Malformed makes the response body invalid JSON. The header that carries an error code is unchanged. Neither
	// Truncate nor Malformed affects accepted player connections, which have no response body.
	Malformed bool
}

// injectedMessage is the message of injected errors.
const injectedMessage = "This error was injected."

// Inject adds a fault. At most one fault affects a request: the first match in the order in which the faults were added.
// Calling remove removes the fault; it is a no-op if the fault was already removed or has reached its count. Inject
// returns an error if a field of the fault is invalid.
func (s *Service) Inject(f Fault) (remove func(), err error) {
	if err := f.complete(); err != nil {
		return nil, fmt.Errorf("server: fault: %w", err)
	}
	return s.faults.add(&injectedFault{Fault: f}), nil
}

// codePattern restricts codes to what is safe in a header.
var codePattern = regexp.MustCompile(`^[A-Za-z0-9.:_/#-]{1,200}$`)

// complete sets the default status, and returns an error if a field is invalid.
func (f *Fault) complete() error {
	switch {
	case f.Account != "" && !accountPattern.MatchString(f.Account):
		return fmt.Errorf("account %q: must have 12 digits", f.Account)
	case !slices.Contains([]string{"", downloadOperation, connectOperation}, f.Operation) && schemas.FindOperation(f.Operation) == nil:
		return fmt.Errorf("operation %q is unknown: use the name of an API operation, %s or %s",
			f.Operation, downloadOperation, connectOperation)
	case !(f.Probability >= 0 && f.Probability <= 1):
		return fmt.Errorf("probability %v: must be from 0 to 1", f.Probability)
	case f.Count < 0:
		return fmt.Errorf("count %d: must not be negative", f.Count)
	case f.Latency < 0:
		return fmt.Errorf("latency %v: must not be negative", f.Latency)
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status %d: must be from 400 to 599", f.Status)
	case f.Status != 0 && f.Code == "":
		return fmt.Errorf("status %d has no error code: set Code", f.Status)
	case f.Code != "" && !codePattern.MatchString(f.Code):
		return fmt.Errorf("code %.100q: must consist of at most 200 letters, digits and the characters . : _ / # -", f.Code)
	}
	if f.Code != "" && f.Status == 0 {
		if f.Status = statuses[f.Code]; f.Status == 0 {
			codes := strings.Join(slices.Sorted(maps.Keys(statuses)), ", ")
			return fmt.Errorf("code %q is unknown: set Status, or use one of %s", f.Code, codes)
		}
	}
	return nil
}

// hasEffect reports whether the fault changes the requests that it affects.
func (f *Fault) hasEffect() bool {
	return f.Latency > 0 || f.Code != "" || f.DropConnection || f.DropResponse || f.Truncate || f.Malformed
}

// ClearFaults removes all faults. It does not affect requests in progress.
func (s *Service) ClearFaults() { s.faults.remove(func(*injectedFault) bool { return true }) }

// injectedFault is an active fault.
type injectedFault struct {
	Fault

	// id identifies a fault of the test API. It is empty for other faults.
	id string
}

// isOf reports whether the test API has added the fault to an account.
func (f *injectedFault) isOf(account string) bool { return f.id != "" && f.Account == account }

// faults holds the active faults. Each affected request decrements a nonzero Count of its fault.
type faults struct {
	mu     sync.Mutex
	active []*injectedFault
}

func (fs *faults) add(f *injectedFault) (remove func()) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.active = append(fs.active, f)
	return func() { fs.remove(func(other *injectedFault) bool { return other == f }) }
}

// addLimited adds a fault of the test API, unless it has added limit faults to the account.
func (fs *faults) addLimited(f *injectedFault, limit int) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := 0
	for _, other := range fs.active {
		if other.isOf(f.Account) {
			n++
		}
	}
	if n >= limit {
		return false
	}
	fs.active = append(fs.active, f)
	return true
}

// of returns the faults that the test API has added to an account.
func (fs *faults) of(account string) (found []injectedFault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.active {
		if f.isOf(account) {
			found = append(found, *f)
		}
	}
	return found
}

// remove removes the matching faults and returns their number.
func (fs *faults) remove(match func(*injectedFault) bool) int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	before := len(fs.active)
	fs.active = slices.DeleteFunc(fs.active, match)
	return before - len(fs.active)
}

// next returns the fault to apply to a request of an account for the operation. The faults of all accounts have the empty
// account. If none matches, next returns a fault without effects.
func (fs *faults) next(operation, account string) (f Fault, found bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, f := range fs.active {
		if f.Account != account || f.Operation != "" && f.Operation != operation || f.Probability > 0 && rand.Float64() >= f.Probability {
			continue
		}
		if f.Count == 1 {
			fs.active = slices.Delete(fs.active, i, i+1)
		} else if f.Count > 1 {
			f.Count--
		}
		return f.Fault, true
	}
	return Fault{}, false
}

// applyFault applies the first fault of the account that matches the request, unless another fault affects the request already.
func (x *exchange) applyFault(account string) error {
	if x.faulted {
		return nil
	}
	fault, found := x.faults.next(x.record.Operation, account)
	x.faulted = found
	x.writer = fault.wrap(x.writer)
	return fault.applyBefore(x.request.Context())
}

// applyBefore applies the effects that precede the handling of the request. If it returns an error, the service responds
// with that error.
func (f *Fault) applyBefore(ctx context.Context) error {
	if f.Latency > 0 {
		timer := time.NewTimer(f.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			if isEndedByShutdown(ctx) {
				return ctx.Err()
			}
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

// faultWriter applies the effects of a fault to the response. It buffers the body, because Truncate needs its length.
type faultWriter struct {
	http.ResponseWriter
	fault  Fault
	status int // 0 until the header is written
	body   bytes.Buffer
}

// wrap returns a writer that applies the effects of the fault to the response. If there are none, it returns w.
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
	case status < http.StatusOK: // WebSocket handshake, without a body
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

// Unwrap gives http.ResponseController access to the wrapped writer.
func (w *faultWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish sends the buffered response.
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
	_, _ = w.ResponseWriter.Write(sent) // fails only if the client has disconnected
	if w.fault.Truncate {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
}
