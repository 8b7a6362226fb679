package server

import (
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

// Fault is something that goes wrong with requests, so that you can test how your program copes. Its effects take place
// in the order of the fields; a fault that has none lets requests pass.
type Fault struct {
	// Operation is the name of the operation whose requests suffer, CreateGame for example. Empty means all operations.
	Operation string

	// Probability is how likely a request suffers, above 0 and up to 1. 0 means that each does.
	Probability float64

	// Count is how many requests suffer before the fault is over. 0 means any number. Each attempt of a call is a
	// request, so a client that retries may hide the fault: give it a RetryMaxAttempts of 1 to see the error.
	Count int

	// Latency delays the request.
	Latency time.Duration

	// Code is the code of the error that answers the request instead of its being handled, ThrottlingException for
	// example. Empty means none. A code that is not in the API's model needs a Status.
	Code string

	// Status is the HTTP status of that error, 400 to 599. 0 means that of the model for the code.
	Status int

	// Cut ends the connection without an answer, before the request is handled. Mind that the HTTP client of Go, for
	// one, then repeats a GET on its own when it had used the connection before.
	Cut bool

	// LoseResponse handles the request, with all its effects, and then ends the connection without an answer, which may
	// have been an error.
	LoseResponse bool

	// Truncate breaks the response, be it an output or an error, off in the middle of its body.
	Truncate bool

	// Malformed makes the body of the response, be it an output or an error, one that is not JSON. An error's code is in
	// a header, too, and stays there.
	Malformed bool
}

// Inject adds a fault. A request suffers one fault at most: the first, in the order in which they were added, that
// takes it. Remove takes the fault away again; doing so more than once, or when the fault is over, does nothing. The
// error says what is wrong with the fault.
func (s *Service) Inject(f Fault) (remove func(), err error) {
	switch {
	case f.Operation != "" && schemas.FindOperation(f.Operation) == nil:
		return nil, fmt.Errorf("server: fault: there is no operation %q", f.Operation)
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

// faults are those that are in force. Count is how many requests are still to suffer.
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
		fs.drop(f)
	}
}

func (fs *faults) drop(f *Fault) {
	fs.active = slices.DeleteFunc(fs.active, func(other *Fault) bool { return other == f })
}

// next returns the fault for a request, one without effect when there is none.
func (fs *faults) next(operation string) Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.active {
		if f.Operation != "" && f.Operation != operation || f.Probability > 0 && rand.Float64() >= f.Probability {
			continue
		}
		if f.Count == 1 {
			fs.drop(f)
		} else if f.Count > 1 {
			f.Count--
		}
		return *f
	}
	return Fault{}
}

// before has the effects that come before the request is handled. An error is the answer to it.
func (f *Fault) before(ctx context.Context) error {
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
		return &wireError{f.Status, f.Code, "This error was injected."}
	}
	if f.Cut {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// respond writes the response, with the effects on it.
func (f *Fault) respond(w http.ResponseWriter, status int, body []byte) {
	if f.LoseResponse {
		panic(http.ErrAbortHandler)
	}
	sent := body
	switch {
	case f.Truncate:
		sent = body[:len(body)/2]
	case f.Malformed:
		body = append([]byte("<malformed>"), body...)
		sent = body
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(sent) // a caller that has gone away needs no answer
	if f.Truncate {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}
