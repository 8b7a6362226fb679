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

// callLimit is how long a test waits for a call or a condition before it fails.
const callLimit = 10 * time.Second

// shortTimeout is a timeout that tests expect to expire.
const shortTimeout = 40 * time.Millisecond

// fixture is a server with a game, a proxy in front of it, and a client that sends its requests to the proxy.
type fixture struct {
	*server.Server
	proxy    *faultproxy.Proxy
	recorder *recorder
	client   *gamesparks.Client
}

// newFixture starts a server and a proxy. When the test ends, it checks that the client has closed all bodies and
// connections and has leaked no goroutines.
func newFixture(t *testing.T, optFns ...func(*gamesparks.Options)) *fixture {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) }) // Registered first, so it runs after the cleanups below.
	srv := servertest.Start(t, server.WithDeploymentTime(0, 0))
	proxy, err := faultproxy.Start(strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })

	transport := &http.Transport{}
	f := &fixture{Server: srv, proxy: proxy, recorder: &recorder{next: transport}}
	f.client = srv.Client(append([]func(*gamesparks.Options){func(o *gamesparks.Options) {
		o.BaseEndpoint = &proxy.URL
		o.HTTPClient = &http.Client{Transport: f.recorder}
		o.Retryer = noBackoff()
	}}, optFns...)...)
	t.Cleanup(func() {
		if n := f.recorder.openBodyCount(); n != 0 {
			t.Errorf("%d response bodies are not closed", n)
		}
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), callLimit)
		defer cancel()
		if err := proxy.WaitIdle(ctx); err != nil {
			t.Error(err)
		}
	})

	direct := srv.Client(func(o *gamesparks.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	})
	if _, err := direct.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("lighthouse")}); err != nil {
		t.Fatal(err)
	}
	return f
}

// transport returns the transport of the client.
func (f *fixture) transport() *http.Transport { return f.recorder.next.(*http.Transport) }

// getGame calls GetGame. It fails the test if the call takes longer than limit or returns the wrong game.
func (f *fixture) getGame(ctx context.Context, t *testing.T, limit time.Duration, optFns ...func(*gamesparks.Options)) error {
	t.Helper()
	start := time.Now()
	out, err := f.client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("lighthouse")}, optFns...)
	if elapsed := time.Since(start); elapsed > limit {
		t.Errorf("GetGame took %v, want at most %v", elapsed, limit)
	}
	if err == nil && (out.Game == nil || aws.ToString(out.Game.Name) != "lighthouse") {
		t.Errorf("GetGame returned %+v", out.Game)
	}
	return err
}

// lastConnection returns the connection number of the last request, or 0 before the first request.
func (f *fixture) lastConnection() int {
	requests := f.proxy.Requests()
	if len(requests) == 0 {
		return 0
	}
	return requests[len(requests)-1].Connection
}

// noBackoff returns a retryer without backoff or rate limiting.
func noBackoff() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// executors has the client option that selects each call executor. Both executors must behave the same.
var executors = map[string]func(*gamesparks.Options){
	"direct": func(*gamesparks.Options) {},
	"stack":  gamesparks.WithAPIOptions(func(*middleware.Stack) error { return nil }),
}

// withBothExecutors runs the test with each call executor. Tests do not run in parallel, since goleak would report the
// goroutines of other tests.
func withBothExecutors(t *testing.T, name string, test func(t *testing.T, executor func(*gamesparks.Options))) {
	t.Helper()
	for executorName, executor := range executors {
		t.Run(name+" "+executorName, func(t *testing.T) { test(t, executor) })
	}
}

// recorder is a transport that counts attempts and open response bodies.
type recorder struct {
	next        http.RoundTripper
	onFirstRead func() // called before the first read of the first body

	mu                   sync.Mutex
	attempts, openBodies int
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.attempts++
	r.mu.Unlock()
	resp, err := r.next.RoundTrip(request)
	if err == nil {
		r.addOpenBodies(1)
		resp.Body = &recordedBody{resp.Body, r.onFirstRead, sync.OnceFunc(func() { r.addOpenBodies(-1) })}
		r.onFirstRead = nil
	}
	return resp, err
}

func (r *recorder) addOpenBodies(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.openBodies += n
}

func (r *recorder) openBodyCount() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.openBodies
}

func (r *recorder) attemptCount() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.attempts
}

type recordedBody struct {
	io.ReadCloser
	onFirstRead, onClose func()
}

func (b *recordedBody) Read(p []byte) (int, error) {
	if b.onFirstRead != nil {
		b.onFirstRead()
		b.onFirstRead = nil
	}
	return b.ReadCloser.Read(p)
}

func (b *recordedBody) Close() error {
	b.onClose()
	return b.ReadCloser.Close()
}

// matcher reports whether an error is of the expected kind.
type matcher func(error) bool

func isNil(err error) bool { return err == nil }

// isSendError matches errors of requests that received no response. A nil cause matches any cause.
func isSendError(cause error) matcher {
	return func(err error) bool {
		var send *smithyhttp.RequestSendError
		return isOperationError(err) && errors.As(err, &send) && (cause == nil || errors.Is(err, cause)) && gamesparks.RequestID(err) == ""
	}
}

// isDeserializationError matches errors caused by unreadable responses. A nil cause matches any cause.
func isDeserializationError(cause error) matcher {
	return func(err error) bool {
		return isOperationError(err) && is[*smithy.DeserializationError](err) && (cause == nil || errors.Is(err, cause)) && gamesparks.RequestID(err) != ""
	}
}

// isResponseError matches error responses from the server or a gateway.
func isResponseError(status int, code string) matcher {
	return func(err error) bool {
		var api smithy.APIError
		var resp *smithyhttp.ResponseError
		return isOperationError(err) && errors.As(err, &api) && api.ErrorCode() == code &&
			errors.As(err, &resp) && resp.HTTPStatusCode() == status
	}
}

// isCausedBy matches operation errors that wrap cause.
func isCausedBy(cause error) matcher {
	return func(err error) bool { return isOperationError(err) && errors.Is(err, cause) }
}

func isTimeout(err error) bool {
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

// allOf matches errors that match all of the matchers.
func allOf(matchers ...matcher) matcher {
	return func(err error) bool {
		for _, m := range matchers {
			if !m(err) {
				return false
			}
		}
		return true
	}
}
