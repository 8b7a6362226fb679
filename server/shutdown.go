package server

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bodyGrace is how long Shutdown waits for the rest of request bodies, and how long net/http waits for the rest of a
	// body that a handler has not read.
	bodyGrace = 2 * time.Second

	// endGrace is how long Shutdown waits for requests to respond after it has ended them.
	endGrace = time.Second
)

// endedByShutdown returns the error of the exchange, which failed with err. If Shutdown has ended it, the client should
// retry the request.
func (x *exchange) endedByShutdown(err error) error {
	if !isEndedByShutdown(x.request.Context()) {
		return err
	}
	x.writer.Header().Set("Retry-After", "1")
	return &wireError{
		http.StatusServiceUnavailable, "ServiceUnavailableException",
		"The service is shutting down. Retry the request after a few seconds.",
	}
}

// Shutdown ends the connections and requests of the service gracefully: every request in flight gets a response. Call it
// when the HTTP server stops accepting connections, and then call [Service.Close].
//
//   - It closes the connections of players with the WebSocket status code 1001 (going away).
//   - Requests whose body is incomplete after two seconds fail with a ServiceUnavailableException (503).
//   - It waits for other requests until ctx is done. Then these fail with the same error, as do later requests.
//
// Shutdown returns when the service handles no more requests, or one second after ctx is done. In the latter case, or if it
// has ended requests because ctx was done, it returns the cause of ctx.
func (s *Service) Shutdown(ctx context.Context) error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.replica.CloseConnections()
	}()
	err := s.active.stop(ctx)
	<-closed // at most a second
	return err
}

// activeRequests tracks the requests in flight. The zero value is ready to use.
type activeRequests struct {
	mu       sync.Mutex
	requests map[*activeRequest]struct{}
	idle     chan struct{} // closed when there are no requests; nil unless stop waits

	// bodyDeadline is when bodies must be complete. It is zero before stop.
	bodyDeadline time.Time

	// ended reports whether stop has ended all requests.
	ended bool
}

// activeRequest is a request in flight, and the body of the request.
type activeRequest struct {
	io.ReadCloser // the original body
	all           *activeRequests
	cancel        context.CancelFunc
	ended         atomic.Bool // whether Shutdown has ended the request
	control       *http.ResponseController
	incomplete    bool // whether the body may have more data; guarded by all.mu
}

// begin adds a request. The caller handles the returned request instead, and then calls end. If an outer handler has
// already added the request, begin is a no-op.
func (a *activeRequests) begin(w http.ResponseWriter, r *http.Request) (tracked *http.Request, end func()) {
	if outer, ok := r.Context().Value(activeRequestKey{}).(*activeRequest); ok && outer.all == a {
		return r, func() {}
	}
	ctx, cancel := context.WithCancel(r.Context())
	request := &activeRequest{ReadCloser: r.Body, all: a, cancel: cancel, control: http.NewResponseController(w)}
	tracked = r.WithContext(context.WithValue(ctx, activeRequestKey{}, request))
	if r.Body != nil && r.Body != http.NoBody {
		request.incomplete = true
		tracked.Body = request
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.requests == nil {
		a.requests = map[*activeRequest]struct{}{}
	}
	a.requests[request] = struct{}{}
	if a.ended {
		request.abort()
	}
	return tracked, request.end
}

type activeRequestKey struct{}

// isEndedByShutdown reports whether Shutdown has ended the request with the context. The cause of the context does not
// suffice, since net/http cancels the context when it cannot read the body.
func isEndedByShutdown(ctx context.Context) bool {
	r, ok := ctx.Value(activeRequestKey{}).(*activeRequest)
	return ok && r.ended.Load()
}

func (r *activeRequest) abort() {
	r.ended.Store(true)
	r.cancel()
}

func (r *activeRequest) end() {
	r.cancel()
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	if r.incomplete { // net/http reads the rest before it sends a short response or reuses the connection
		r.setReadDeadline(time.Now().Add(bodyGrace))
		r.limitBody()
	}
	delete(r.all.requests, r)
	if len(r.all.requests) == 0 && r.all.idle != nil {
		close(r.all.idle)
		r.all.idle = nil
	}
}

// Read reads the body. If the service is stopping and the body is late, it cancels the context of the request.
func (r *activeRequest) Read(p []byte) (int, error) {
	r.all.mu.Lock()
	r.limitBody() // the handler may have set a later deadline
	r.all.mu.Unlock()
	n, err := r.ReadCloser.Read(p)
	if err == nil {
		return n, nil
	}
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	if deadline := r.all.bodyDeadline; err != io.EOF && !deadline.IsZero() && !time.Now().Before(deadline) {
		r.abort()
	}
	r.incomplete = false // net/http resets the deadline after the end of a body
	return n, err
}

// limitBody sets the deadline for the body if the service is stopping. The caller must hold all.mu.
func (r *activeRequest) limitBody() {
	if r.incomplete && !r.all.bodyDeadline.IsZero() {
		r.setReadDeadline(r.all.bodyDeadline)
	}
}

// setReadDeadline sets the deadline for the body. The caller must hold all.mu, since the response writer must not be used
// after the request.
func (r *activeRequest) setReadDeadline(deadline time.Time) {
	_ = r.control.SetReadDeadline(deadline) // not supported by writers without a connection
}

// setBodyDeadline limits the time for reading the bodies of current and later requests.
func (a *activeRequests) setBodyDeadline(deadline time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bodyDeadline = deadline
	for r := range a.requests {
		r.limitBody()
	}
}

// endAll cancels the contexts of all current and later requests. It returns a channel that is closed when there are none.
func (a *activeRequests) endAll() <-chan struct{} {
	a.setBodyDeadline(time.Now())
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	for r := range a.requests {
		r.abort()
	}
	return a.waitLocked()
}

func (a *activeRequests) wait() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waitLocked()
}

func (a *activeRequests) waitLocked() <-chan struct{} {
	idle := make(chan struct{})
	if len(a.requests) == 0 {
		close(idle)
		return idle
	}
	if a.idle == nil {
		a.idle = idle
	}
	return a.idle
}

// stop implements the part of Shutdown that concerns requests.
func (a *activeRequests) stop(ctx context.Context) error {
	a.setBodyDeadline(time.Now().Add(bodyGrace))
	select {
	case <-a.wait():
		return nil
	case <-ctx.Done():
	}
	idle := a.endAll()
	timeout := time.NewTimer(endGrace)
	defer timeout.Stop()
	select {
	case <-idle:
	case <-timeout.C:
	}
	return context.Cause(ctx)
}
