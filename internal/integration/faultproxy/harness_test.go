package faultproxy_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.uber.org/goleak"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// patience is when a test gives up on what should come.
const patience = 10 * time.Second

// short is a timeout that has to run out.
const short = 40 * time.Millisecond

// world is a local service with a game, a proxy before it, and a client of the proxy whose connections are watched.
type world struct {
	*server.Server
	proxy  *faultproxy.Proxy
	spy    *spy
	client *gamesparks.Client
}

// newWorld makes a world. When the test is over, all bodies have to be closed, and the client has to end its connections
// by itself and leave no goroutine behind.
func newWorld(t *testing.T, optFns ...func(*gamesparks.Options)) *world {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) }) // when all that comes below is closed
	srv := servertest.Start(t, server.WithDeploymentTime(0, 0))
	proxy, err := faultproxy.Start(strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })

	transport := &http.Transport{}
	w := &world{srv, proxy, &spy{next: transport}, nil}
	w.client = srv.Client(append([]func(*gamesparks.Options){func(o *gamesparks.Options) {
		o.BaseEndpoint = &proxy.URL
		o.HTTPClient = &http.Client{Transport: w.spy}
		o.Retryer = noBackoff()
	}}, optFns...)...)
	t.Cleanup(func() {
		if n := w.spy.unclosed(); n != 0 {
			t.Errorf("%d bodies are not closed", n)
		}
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := proxy.WaitIdle(ctx); err != nil {
			t.Error(err)
		}
	})

	direct := srv.Client(func(o *gamesparks.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	})
	if _, err := direct.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String("lighthouse")}); err != nil {
		t.Fatal(err)
	}
	return w
}

// transport is that of the client.
func (w *world) transport() *http.Transport { return w.spy.next.(*http.Transport) }

// getGame calls the client, and fails if that takes longer than it may.
func (w *world) getGame(ctx context.Context, t *testing.T, bound time.Duration, optFns ...func(*gamesparks.Options)) error {
	t.Helper()
	start := time.Now()
	out, err := w.client.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("lighthouse")}, optFns...)
	if took := time.Since(start); took > bound {
		t.Errorf("the call took %v, more than %v", took, bound)
	}
	if err == nil && (out.Game == nil || aws.ToString(out.Game.Name) != "lighthouse") {
		t.Errorf("got the game %+v", out.Game)
	}
	return err
}

// lastConnection returns the number of the connection on which the last request came, 0 before the first.
func (w *world) lastConnection() int {
	all := w.proxy.Requests()
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Connection
}

// noBackoff retries at once, and does not tire.
func noBackoff() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// paths are the two ways that a call takes, which have to do the same.
var paths = map[string]func(*gamesparks.Options){
	"direct": func(*gamesparks.Options) {},
	"stack":  gamesparks.WithAPIOptions(func(*middleware.Stack) error { return nil }),
}

// onBothPaths runs the test for each path, one after the other, since goroutines of tests beside it would look like
// leaks.
func onBothPaths(t *testing.T, name string, test func(t *testing.T, via func(*gamesparks.Options))) {
	t.Helper()
	for path, via := range paths {
		t.Run(name+" "+path, func(t *testing.T) { test(t, via) })
	}
}

// spy counts the attempts of a client and the bodies that it has not closed.
type spy struct {
	next   http.RoundTripper
	onBody func() // is called before the first body is read

	mu             sync.Mutex
	attempts, open int
}

func (s *spy) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.attempts++
	s.mu.Unlock()
	resp, err := s.next.RoundTrip(r)
	if err == nil {
		s.count(1)
		resp.Body = &spiedBody{resp.Body, s.onBody, sync.OnceFunc(func() { s.count(-1) })}
		s.onBody = nil
	}
	return resp, err
}

func (s *spy) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += n
}

func (s *spy) unclosed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

func (s *spy) tried() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts
}

type spiedBody struct {
	io.ReadCloser
	onRead, onClose func()
}

func (b *spiedBody) Read(p []byte) (int, error) {
	if b.onRead != nil {
		b.onRead()
		b.onRead = nil
	}
	return b.ReadCloser.Read(p)
}

func (b *spiedBody) Close() error {
	b.onClose()
	return b.ReadCloser.Close()
}

// kind is a kind of error that a user gets, with what such an error has to have.
type kind func(error) bool

func succeeded(err error) bool { return err == nil }

// notSent is an error about a request that got no response.
func notSent(cause error) kind {
	return func(err error) bool {
		var send *smithyhttp.RequestSendError
		return isOperationError(err) && errors.As(err, &send) && (cause == nil || errors.Is(err, cause)) && gamesparks.RequestID(err) == ""
	}
}

// notRead is an error about a response that cannot be read to its end.
func notRead(cause error) kind {
	return func(err error) bool {
		return isOperationError(err) && is[*smithy.DeserializationError](err) && (cause == nil || errors.Is(err, cause)) && gamesparks.RequestID(err) != ""
	}
}

// answered is an error that the service or a gateway has answered with.
func answered(status int, code string) kind {
	return func(err error) bool {
		var api smithy.APIError
		var resp *smithyhttp.ResponseError
		return isOperationError(err) && errors.As(err, &api) && api.ErrorCode() == code &&
			errors.As(err, &resp) && resp.HTTPStatusCode() == status
	}
}

// stopped is an error about a context that has ended.
func stopped(cause error) kind {
	return func(err error) bool { return isOperationError(err) && errors.Is(err, cause) }
}

func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return isOperationError(err) && errors.As(err, &timeout) && timeout.Timeout()
}

func isOperationError(err error) bool {
	var op *smithy.OperationError
	return errors.As(err, &op) && op.Service() == gamesparks.ServiceID
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}
