package local

import (
	"context"
	"crypto/cipher"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	smithy "github.com/aws/smithy-go"
	smithyrand "github.com/aws/smithy-go/rand"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/local/storage"
)

// Service is the GameSparks service as an [http.Handler]. It is made by [New] and safe for concurrent use.
type Service struct {
	settings
	router    *router
	responses map[*schemas.APIOperation]*smithy.OperationSchema
	pages     cipher.AEAD
}

// New returns a service with the options. Without [WithStore] it keeps its data in memory, and has none at first. The
// caller has to close it.
func New(opts ...Option) (*Service, error) {
	s := &Service{settings: defaults(), router: newRouter(handlers), responses: map[*schemas.APIOperation]*smithy.OperationSchema{}}
	for _, opt := range opts {
		if err := opt(&s.settings); err != nil {
			return nil, fmt.Errorf("local: %w", err)
		}
	}
	if s.store == nil {
		s.store = storage.NewMemory()
	}
	for _, op := range schemas.Operations() {
		s.responses[op] = responseSchema(op)
	}
	secret, err := loadSecret(s.store)
	if err == nil {
		s.pages, err = newPageCipher(secret)
	}
	if err != nil {
		return nil, fmt.Errorf("local: %w", err)
	}
	return s, nil
}

// Close releases what the service holds: the store above all. Requests that come later fail. Closing it again does
// nothing.
func (s *Service) Close() error { return s.store.Close() }

// ServeHTTP answers a request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := newID()
	w.Header().Set("X-Amzn-RequestId", requestID)
	w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))

	name, body, err := s.answer(w, r)
	api := s.apiError(r.Context(), requestID, err)
	if api != nil {
		writeError(w, api)
	} else {
		writeJSON(w, http.StatusOK, body)
	}
	s.log(r.Context(), r, requestID, name, api)
}

// answer returns the name of the operation that the request is for, when there is one, and its output or its error.
func (s *Service) answer(w http.ResponseWriter, r *http.Request) (operation string, body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	route, labels, allowed := s.router.find(r.Method, r.URL.EscapedPath())
	switch {
	case route == nil && len(allowed) > 0:
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return "", nil, &wireError{
			http.StatusMethodNotAllowed, "UnknownOperationException",
			fmt.Sprintf("The path does not have the method %s.", r.Method),
		}
	case route == nil:
		return "", nil, &wireError{http.StatusNotFound, "UnknownOperationException", "The API does not have this path."}
	}
	body, err = s.call(w, r, route, labels)
	return route.op.Name, body, err
}

// call runs an operation.
func (s *Service) call(w http.ResponseWriter, r *http.Request, route *route, labels []string) ([]byte, error) {
	text, err := readBody(w, r, s.maxBody)
	if err != nil {
		return nil, err
	}
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, malformed(err)
	}
	input, err := newInputReader(route.op, route.labels, labels, query, text)
	if err != nil {
		return nil, malformed(err)
	}
	c := &call{Service: s, op: route.op, account: s.account, now: s.clock().UTC().Truncate(time.Millisecond)}
	output, err := route.handle(r.Context(), c, input)
	if err != nil {
		return nil, err
	}
	return encodeOutput(r.Context(), route.op, s.responses[route.op], output)
}

// apiError returns the error as the caller gets to see it, nil when there is none.
func (s *Service) apiError(ctx context.Context, requestID string, err error) smithy.APIError {
	if err == nil {
		return nil
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return api
	}
	s.logger.ErrorContext(ctx, "request failed", "request_id", requestID, "error", err)
	return internalError
}

func (s *Service) log(ctx context.Context, r *http.Request, requestID, operation string, err smithy.APIError) {
	status, code := http.StatusOK, ""
	if err != nil {
		status, code = statusOf(err), err.ErrorCode()
	}
	s.logger.InfoContext(ctx, "request", "request_id", requestID, "method", r.Method, "path", r.URL.Path,
		"operation", operation, "status", status, "error_code", code)
}

// uuids makes ids that nobody can guess.
var uuids = smithyrand.NewUUID(cryptorand.Reader)

func newID() string {
	id, err := uuids.GetUUID()
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return id
}
