package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/conditional"
	"github.com/gamesparks-go/gamesparks/server/internal/controlplane"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/internal/replica"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Service is the GameSparks service as an [http.Handler]. [New] returns it. It is safe for concurrent use.
type Service struct {
	*settings
	store        storage.Store
	records      *records.DB
	controlPlane *controlplane.Service
	replica      *replica.Replica
	clockControl movableClock // for the test API

	router    *router
	verifier  *sigv4.Verifier
	downloads *sigv4.Downloads
	faults    *faults
	active    activeRequests
	readiness readiness

	requests budget // API requests in flight
	bodies   budget // bytes
}

// New returns a service. By default it keeps its data in memory and starts empty: see [WithStore] and [WithStoreFunc].
// The caller must close the service. The error is an [*OptionError] if an option has an invalid value. Any other error
// comes from the store.
func New(opts ...Option) (*Service, error) {
	settings, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	store, err := settings.openStore()
	if err != nil {
		return nil, fmt.Errorf("server: open store: %w", err)
	}
	s, err := newService(settings, store)
	if err != nil {
		if settings.closeStore {
			err = errors.Join(err, store.Close())
		}
		return nil, fmt.Errorf("server: %w", err)
	}
	return s, nil
}

func newService(settings *settings, store storage.Store) (*Service, error) {
	secret, err := records.Secret(context.Background(), store)
	if err != nil {
		return nil, err
	}
	clock, err := newStoreClock(settings, store)
	if err != nil {
		return nil, err
	}
	settings.clock = clock.now
	db := records.NewDB(clock.store)
	if clock.storeTime {
		db.UseStoreTime()
	}
	downloads, err := newDownloads(secret, settings)
	if err != nil {
		return nil, err
	}
	member := replica.New(replica.Config{
		Presence: storage.PresenceOf(store), Configuration: settings.configuration, Now: clock.connectionTime(), Logger: settings.logger,
	})
	controlPlane, err := controlplane.New(controlplane.Config{
		Records: db, StoreTime: clock.storeTime, KeepTime: clock.keepTime, Secret: secret, Region: settings.region, Accounts: settings.accounts, Now: settings.clock,
		Presence: member, Extensions: settings.extensions, MaxGames: settings.maxGames,
		DeploymentPending: settings.deploymentPending, DeploymentInProgress: settings.deploymentInProgress,
		JobPending: settings.jobPending, JobInProgress: settings.jobInProgress, Deletion: settings.deletion,
		Outcome: func(d controlplane.Deployment) controlplane.Outcome {
			return controlplane.Outcome(settings.outcome(Deployment(d)))
		},
	})
	if err != nil {
		return nil, err
	}
	if settings.testAPI {
		settings.logger.Warn("THE TEST API IS ENABLED: every access key that is not read-only can delete all games of its account, inject faults " +
			"and move the clock: never enable it in production")
	}
	db.StartCollector(member.HoldsBackground, func(err error) { settings.logger.Error("cannot remove deleted data; retrying", "error", err) })
	if err := member.Start(context.Background(), replica.Background{IsActive: controlPlane.IsActive, Wake: db.WakeCollector}); err != nil {
		db.Close()
		member.Close()
		return nil, err
	}
	return &Service{
		settings: settings, store: store, records: db, controlPlane: controlPlane, replica: member,
		clockControl: clock.movable, router: newRouter(settings.testAPI), verifier: newVerifier(settings), downloads: downloads, faults: &faults{},
		requests: budget{limit: int64(settings.maxRequests)}, bodies: budget{limit: settings.bodyBudget},
	}, nil
}

// Close closes the connections of players, stops background work, and closes the store. Later requests fail.
// Closing the service again is a no-op. To end requests in flight with a response, call [Service.Shutdown] first.
func (s *Service) Close() error {
	s.replica.Close()
	s.records.Close()
	return s.store.Close()
}

// ServeHTTP handles a request. To drop the connection, as some faults do, it panics with [http.ErrAbortHandler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, end := s.active.begin(w, r)
	defer end()
	x := s.newExchange(w, r)
	if x.handle() {
		x.discardBody()
	}
}

func (s *Service) newExchange(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{
		Service: s, request: r, underlying: w, status: &statusWriter{ResponseWriter: w}, start: time.Now(),
		record: RequestRecord{ID: records.NewID(), Method: r.Method, Path: r.URL.Path},
		unread: hasBody(r),
	}
	x.writer = x.status
	x.writer.Header().Set("X-Amzn-RequestId", x.record.ID)
	return x
}

// handle handles the request and records it. It reports whether the request failed.
func (x *exchange) handle() (failed bool) {
	defer x.observe()
	if err := x.serve(); err != nil {
		failed = true
		x.respondEarly()
		x.writeError(err)
	}
	if w, ok := x.writer.(*faultWriter); ok {
		w.finish()
	}
	return failed
}

// exchange is a request and its response.
type exchange struct {
	*Service
	request *http.Request
	writer  http.ResponseWriter // applies the fault and records the status
	status  *statusWriter
	start   time.Time
	record  RequestRecord

	// faulted reports whether a fault affects the request.
	faulted bool

	// underlying is the writer that net/http passed to ServeHTTP.
	underlying http.ResponseWriter

	// unread reports whether the request has a body that the service has not begun to read.
	unread bool

	// isRecordedLater reports whether the request is a player connection, which is recorded when it has ended.
	isRecordedLater bool
}

// serve handles the request. If it returns an error, no response has been written.
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
	if err := x.checkHost(x.request); err != nil {
		return err
	}
	if x.allowCORS() {
		return nil
	}
	route, labels, allowed := x.router.find(x.request.Method, x.request.URL.EscapedPath())
	if route != nil {
		x.record.Operation = route.name
	}
	if route == nil || route.signed { // a URL with a signature or a game key may be used by any site
		if err := x.checkOrigin(x.request); err != nil {
			return err
		}
	}
	if route == nil {
		if len(allowed) == 0 {
			return &wireError{
				http.StatusNotFound, "UnknownOperationException",
				"The API has no operation with this path. Check the path, and that the endpoint of the client is a URL without a path.",
			}
		}
		x.writer.Header().Set("Allow", strings.Join(allowed, ", "))
		return &wireError{
			http.StatusMethodNotAllowed, "UnknownOperationException",
			fmt.Sprintf("The path does not support the method %s. Use %s.", x.request.Method, strings.Join(allowed, " or ")),
		}
	}
	if !route.test {
		if err := x.applyFault(""); err != nil {
			return err
		}
	}
	return route.serve(x, labels)
}

// operate runs an operation and writes its output.
func (x *exchange) operate(op *controlplane.Operation, labels []string) error {
	a := action{name: op.Schema.Name, writes: op.Writes, hasOutput: len(op.Schema.Output.Members()) > 0}
	return x.serveSigned(a, func(body []byte) ([]byte, error) {
		if err := x.applyFault(x.record.Account); err != nil {
			return nil, err
		}
		return x.run(op, labels, body)
	})
}

// action is what a signed request does.
type action struct {
	name      string
	writes    bool // whether read-only access keys must not do it
	hasOutput bool
}

// serveSigned checks a signed request, calls run with its body, and writes the response body that run returns.
func (x *exchange) serveSigned(a action, run func(body []byte) ([]byte, error)) error {
	signature, err := x.verifier.Check(x.request)
	if err != nil {
		return err
	}
	if x.request.ContentLength > x.maxBody {
		return x.errTooLarge()
	}
	if err := checkMediaTypes(a, x.request); err != nil {
		return err
	}
	release, err := x.admit()
	if err != nil {
		return err
	}
	defer release()
	output, err := x.runSigned(a, signature, run)
	if err != nil {
		return err
	}
	x.respond(http.StatusOK, output)
	return nil
}

// runSigned reads the body of the request, authorizes the caller, and returns the response body.
func (x *exchange) runSigned(a action, signature *sigv4.Signature, run func(body []byte) ([]byte, error)) ([]byte, error) {
	var memory reservation
	if !signature.Verified {
		memory.budget = &x.bodies
	}
	defer memory.release()
	body, err := x.readBody(&memory)
	if err != nil {
		return nil, err
	}
	if err := x.authorize(a, signature, body); err != nil {
		return nil, err
	}
	return run(body)
}

// run runs an operation of an authorized caller and returns the response body.
func (x *exchange) run(op *controlplane.Operation, labels []string, body []byte) ([]byte, error) {
	input, err := decodeInput(op, labels, x.request.URL.RawQuery, body)
	if err != nil {
		return nil, err
	}
	caller := controlplane.Caller{
		Account: x.record.Account, DownloadURL: x.downloadURL, IfMatch: x.request.Header[conditional.IfMatch],
	}
	response, err := x.controlPlane.Run(x.request.Context(), op, caller, input)
	if err != nil {
		return nil, err
	}
	encoded, err := encodeOutput(op, response)
	if err != nil {
		return nil, err
	}
	if response.ETag != "" {
		x.writer.Header().Set(conditional.ETag, response.ETag)
	}
	return encoded, nil
}

// respond writes a response with a JSON body.
func (x *exchange) respond(status int, body []byte) {
	x.writer.Header().Set("Content-Type", "application/json")
	x.writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.writer.WriteHeader(status)
	_, _ = x.writer.Write(body) // fails only if the client has disconnected
}
