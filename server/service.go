package server

import (
	"crypto/cipher"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	smithy "github.com/aws/smithy-go"
	smithyrand "github.com/aws/smithy-go/rand"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/players"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Service is the GameSparks service as an [http.Handler]. It is made by [New] and safe for concurrent use.
type Service struct {
	settings
	router *router

	accounts  map[string]bool
	verifier  *sigv4.Verifier
	downloads *sigv4.Downloads
	pages     cipher.AEAD

	catalogue storage.Store
	players   *players.Registry
	faults    *faults
}

// New returns a service with the options. Without [WithStore] it keeps its data in memory, and has none at first. The
// caller has to close it.
func New(opts ...Option) (*Service, error) {
	s := &Service{
		settings: defaults(),
		router:   newRouter(),
		faults:   &faults{},
	}
	for _, opt := range opts {
		if err := opt(&s.settings); err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
	s.accounts, s.verifier = s.newVerifier()
	s.players = players.NewRegistry(s.now, newID)
	var err error
	if s.catalogue, err = newCatalogue(s.extensions); err != nil {
		return nil, fmt.Errorf("server: extensions: %w", err)
	}
	if s.store == nil {
		s.store = storage.NewMemory()
	}
	if err := s.loadSecret(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	return s, nil
}

// Close ends the connections of players and closes the store. Requests that come later fail. Closing it again does
// nothing.
func (s *Service) Close() error {
	s.players.Close()
	return s.store.Close()
}

// now returns the time of the service's clock, as exact as timestamps of the API are.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// ServeHTTP answers a request. A fault that cuts the connection makes it panic with [http.ErrAbortHandler], as any
// handler does that wants the server to do this.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{
		Service: s, request: r, w: &statusWriter{ResponseWriter: w}, start: time.Now(),
		record: Request{ID: newID(), Method: r.Method, Path: r.URL.Path},
	}
	x.w.Header().Set("X-Amzn-RequestId", x.record.ID)
	defer x.observe()
	if err := x.serve(); err != nil {
		x.writeError(err)
	}
}

// exchange is a request with its response.
type exchange struct {
	*Service
	request *http.Request
	w       *statusWriter
	start   time.Time
	record  Request
	fault   Fault // what the request suffers
}

// serve answers the request unless it returns an error.
func (x *exchange) serve() (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	route, labels, allowed := x.router.find(x.request.Method, x.request.URL.EscapedPath())
	switch {
	case route != nil && route.op != nil:
		x.record.Operation = route.name
		return x.operate(route, labels)
	case route != nil:
		x.record.Operation = route.name
		return route.serve(x, labels)
	case len(allowed) > 0:
		x.w.Header().Set("Allow", strings.Join(allowed, ", "))
		return &wireError{
			http.StatusMethodNotAllowed, "UnknownOperationException",
			fmt.Sprintf("The path does not have the method %s.", x.request.Method),
		}
	}
	return &wireError{http.StatusNotFound, "UnknownOperationException", "The API does not have this path."}
}

// operate runs an operation and writes its output.
func (x *exchange) operate(route *route, labels []string) error {
	x.fault = x.faults.next(route.name)
	if err := x.fault.before(x.request.Context()); err != nil {
		return err
	}
	body, err := readBody(x.w.ResponseWriter, x.request, x.maxBody)
	if err != nil {
		return err
	}
	c, err := x.authorize(route.op, body)
	if err != nil {
		return err
	}
	output, err := x.run(c, route, labels, body)
	if err != nil {
		return err
	}
	x.fault.respond(x.w, http.StatusOK, output)
	return nil
}

// authorize returns the call that whoever signed the request may make.
func (x *exchange) authorize(op *schemas.APIOperation, body []byte) (*call, error) {
	identity, err := x.verifier.Verify(x.request, sha256.Sum256(body))
	if err != nil {
		return nil, err
	}
	x.record.AccessKeyID, x.record.Account = identity.AccessKeyID, x.accountOf(identity)
	if identity.Rights < rightsFor(op) {
		return nil, accessDenied("The access key %s is not authorized to perform gamesparks:%s.", identity.AccessKeyID, op.Name)
	}
	return &call{
		Service: x.Service, ctx: x.request.Context(), op: op, account: x.record.Account, now: x.now(), base: baseURL(x.request),
	}, nil
}

func (x *exchange) run(c *call, route *route, labels []string, body []byte) ([]byte, error) {
	query, err := parseQuery(x.request.URL.RawQuery)
	if err != nil {
		return nil, malformed(err)
	}
	return route.handle(c, &wireInput{labels, query, body})
}

// writeError answers with an error, in the header and body that the SDKs look at. The caller gets to see it only when it
// is an error of the API.
func (x *exchange) writeError(err error) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		x.logger.ErrorContext(x.request.Context(), "request failed", "request_id", x.record.ID, "error", err)
		api = internalError
	}
	x.record.ErrorCode = api.ErrorCode()
	x.w.Header().Set("X-Amzn-ErrorType", api.ErrorCode())
	body, _ := json.Marshal(struct{ Message string }{api.ErrorMessage()}) // a string always encodes
	x.fault.respond(x.w, statusOf(api), body)
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
