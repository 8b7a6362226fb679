package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// Defaults of the limits. The budget is at least twice the limit of a single body.
const (
	defaultMaxBody     = 4 << 20
	defaultBodyBudget  = 64 << 20
	defaultMaxRequests = 1000
	defaultReadTimeout = 30 * time.Second
)

// lingerTimeout limits how long the service reads and discards the body of a request that it has refused. Otherwise, a
// client that sends the whole body before it reads the response would lose the response with the connection.
const lingerTimeout = 2 * time.Second

// WithMaxBodyBytes limits the size of request bodies in bytes. The default is 4 MiB. A request that imports the largest
// file that ImportGameConfiguration accepts is 1.4 MB long.
func WithMaxBodyBytes(n int64) Option {
	return func(s *settings) error {
		if n <= 0 {
			return badOption("WithMaxBodyBytes", "body limit %d: must be positive", n)
		}
		s.maxBody = n
		return nil
	}
}

// WithBodyBudget limits the memory in bytes for all request bodies that the service must read before it can verify their
// signature. These are the bodies of requests without a signed X-Amz-Content-Sha256 header; boto3, curl and the AWS SDK
// for Go v2 send none. A request that exceeds the budget fails with a ServiceUnavailableException (503). The budget must be
// at least twice the limit of a single body. The default is 64 MiB, or twice that limit if it is larger.
func WithBodyBudget(n int64) Option {
	return func(s *settings) error {
		if n <= 0 {
			return badOption("WithBodyBudget", "body budget %d: must be positive", n)
		}
		s.bodyBudget = n
		return nil
	}
}

// WithMaxRequests limits the number of API requests that the service handles at the same time. Downloads and player
// connections do not count. A request over the limit fails with a ServiceUnavailableException (503). The default is 1000.
func WithMaxRequests(n int) Option {
	return func(s *settings) error {
		if n <= 0 {
			return badOption("WithMaxRequests", "request limit %d: must be positive", n)
		}
		s.maxRequests = n
		return nil
	}
}

// WithReadTimeout limits the time for reading a request body. A request whose body takes longer fails with a
// RequestTimeoutException (408). The default is 30 seconds.
func WithReadTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return badOption("WithReadTimeout", "read timeout %v: must be positive", d)
		}
		s.readTimeout = d
		return nil
	}
}

// Load is the usage of the limits set with [WithMaxRequests] and [WithBodyBudget], and the number of players.
type Load struct {
	// Requests is the number of API requests in flight, without downloads and player connections.
	Requests int

	// BodyBytes is the part of the body budget in use.
	BodyBytes int64

	// RefusedRequests and RefusedBodies are the numbers of requests that the service has refused because of the request
	// limit and because of the body budget.
	RefusedRequests, RefusedBodies int64

	// PlayerConnections is the number of open player connections.
	PlayerConnections int
}

// Load returns the current load of the service.
func (s *Service) Load() Load {
	return Load{
		Requests: int(s.requests.used()), RefusedRequests: s.requests.refusals(),
		BodyBytes: s.bodies.used(), RefusedBodies: s.bodies.refusals(),
		PlayerConnections: s.replica.Open(),
	}
}

// budget is an amount of a resource that requests share.
type budget struct {
	limit int64

	mu       sync.Mutex
	reserved int64
	refused  int64
}

// reserve reserves n units, or returns false if fewer are left.
func (b *budget) reserve(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.limit-b.reserved {
		b.refused++
		return false
	}
	b.reserved += n
	return true
}

func (b *budget) release(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reserved -= n
}

func (b *budget) used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reserved
}

func (b *budget) refusals() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refused
}

// errBusy returns the error for a request over a limit. The client should retry after a second.
func (x *exchange) errBusy(reason string) error {
	x.writer.Header().Set("Retry-After", "1")
	return &wireError{http.StatusServiceUnavailable, "ServiceUnavailableException", reason + " Retry after a second."}
}

// admit counts the request as in flight until release is called.
func (x *exchange) admit() (release func(), err error) {
	if !x.requests.reserve(1) {
		return nil, x.errBusy(fmt.Sprintf("The service is handling its maximum of %d requests.", x.maxRequests))
	}
	return func() { x.requests.release(1) }, nil
}

// reservation is the part of the body budget that a request has reserved. A reservation without a budget is unlimited.
type reservation struct {
	budget *budget
	bytes  int64
}

func (r *reservation) grow(n int64) bool {
	if r.budget == nil {
		return true
	}
	if !r.budget.reserve(n) {
		return false
	}
	r.bytes += n
	return true
}

func (r *reservation) shrink(n int64) {
	if r.budget != nil {
		r.budget.release(n)
		r.bytes -= n
	}
}

func (r *reservation) release() { r.shrink(r.bytes) }

// hasBody reports whether a request has a body, possibly an empty one.
func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

func (x *exchange) errTooLarge() error {
	return &wireError{
		http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
		fmt.Sprintf("The request body is larger than the limit of %d bytes. Raise the limit with --max-body (WithMaxBodyBytes in package server).", x.maxBody),
	}
}

// readBody returns the body of the request. Before it allocates memory, it reserves the memory.
func (x *exchange) readBody(memory *reservation) ([]byte, error) {
	if !hasBody(x.request) {
		return nil, nil
	}
	control := http.NewResponseController(x.underlying)
	_ = control.SetReadDeadline(time.Now().Add(x.readTimeout)) // not supported by writers of tests
	// MaxBytesReader requires the writer that net/http passed to the handler, to close the connection.
	body, err := x.readAll(http.MaxBytesReader(x.underlying, x.request.Body, x.maxBody), memory)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		x.unread = false
		_ = control.SetReadDeadline(time.Time{}) // the server would cancel the context of the request at the deadline
		return body, nil
	case errors.Is(err, errBudget):
		return nil, x.errBusy(fmt.Sprintf("The request bodies in flight exceed the budget of %d bytes.", x.bodyBudget))
	case errors.As(err, &tooLarge):
		return nil, x.errTooLarge()
	}
	x.unread = false // the rest cannot be read
	if errors.Is(err, os.ErrDeadlineExceeded) {
		x.writer.Header().Set("Connection", "close")
		return nil, &wireError{
			http.StatusRequestTimeout, "RequestTimeoutException",
			fmt.Sprintf("The request body did not arrive within %v. Retry the request.", x.readTimeout),
		}
	}
	return nil, malformed(fmt.Errorf("read request body: %w", err))
}

var errBudget = errors.New("body budget exceeded")

// readAll reads from the source up to its end.
func (x *exchange) readAll(source io.Reader, memory *reservation) ([]byte, error) {
	const firstSize = 4 << 10
	size := x.request.ContentLength
	if size <= 0 { // unknown
		size = min(firstSize, x.maxBody)
	}
	if !memory.grow(size) {
		return nil, errBudget
	}
	body := make([]byte, 0, size)
	for {
		n, err := source.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case err == io.EOF || err == nil && int64(len(body)) == x.request.ContentLength:
			return body, nil
		case err != nil:
			return nil, err
		case len(body) < cap(body):
			continue
		}
		if size == x.maxBody {
			return body, expectEOF(source)
		}
		grown := min(2*size, x.maxBody)
		if !memory.grow(grown) {
			return nil, errBudget
		}
		body = append(make([]byte, 0, grown), body...)
		memory.shrink(size)
		size = grown
	}
}

// expectEOF returns nil if the source has no more data.
func expectEOF(source io.Reader) error {
	var more [1]byte
	if _, err := io.ReadFull(source, more[:]); err != io.EOF {
		return err
	}
	return nil
}

// respondEarly prepares an error response to a request whose body has not been read. Otherwise, net/http would read part
// of the body before it sends the response.
func (x *exchange) respondEarly() {
	if x.unread && x.request.ProtoMajor < 2 {
		_ = http.NewResponseController(x.underlying).EnableFullDuplex() // not supported by writers of tests
		x.writer.Header().Set("Connection", "close")                    // net/http panics if it reuses a connection with a partly read body
	}
}

// discardBody reads and discards the rest of a body after an early response.
func (x *exchange) discardBody() {
	control := http.NewResponseController(x.underlying)
	switch {
	case !x.unread || x.request.ProtoMajor >= 2: // HTTP/2 resets the stream without losing the response
	case x.request.Header.Get("Expect") != "": // the client is waiting for permission to send the body
	case control.Flush() != nil:
	case control.SetReadDeadline(time.Now().Add(lingerTimeout)) == nil:
		_, _ = io.CopyN(io.Discard, x.request.Body, x.maxBody)
	}
}
