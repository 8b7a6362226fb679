package faultproxy_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/gamesparks-go/gamesparks"
)

// TestFaultsTiming checks the duration of calls, measured with the fake clock of a synctest bubble.
func TestFaultsTiming(t *testing.T) {
	respond := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
		}
	}
	stall := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	stallInBody := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	slow := func(w http.ResponseWriter, _ *http.Request) {
		for _, part := range []string{"{", `"Games":`, "[]}"} {
			<-time.After(4 * time.Minute)
			_, _ = w.Write([]byte(part))
			_ = http.NewResponseController(w).Flush()
		}
	}
	withoutBackoff := func(o *gamesparks.Options) { o.Retryer = noBackoff() }
	defaults := func(*gamesparks.Options) {}
	unreachable := func(o *gamesparks.Options) {
		withoutBackoff(o)
		o.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				// The dialer of the SDK behaves like this if no host responds.
				ctx, cancel := context.WithTimeout(ctx, awshttp.DefaultDialConnectTimeout)
				defer cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
	}
	const second, minute = time.Second, time.Minute
	tests := map[string]struct {
		handler  http.HandlerFunc
		options  func(*gamesparks.Options)
		min, max time.Duration
		attempts int
		wantErr  matcher
	}{
		"503":                      {respond(503), defaults, 0, second, 3, isResponseError(503, "UnknownError")},
		"429":                      {respond(429, "X-Amzn-Errortype", "ThrottlingException"), defaults, 0, 5 * second, 3, isResponseError(429, "ThrottlingException")},
		"429 without backoff":      {respond(429), withoutBackoff, 0, 0, 3, isResponseError(429, "UnknownError")},
		"Retry-After in seconds":   {respond(429, "Retry-After", "2"), withoutBackoff, 4 * second, 4 * second, 3, isResponseError(429, "UnknownError")},
		"Retry-After of 503":       {respond(503, "Retry-After", "1"), withoutBackoff, 2 * second, 2 * second, 3, isResponseError(503, "UnknownError")},
		"Retry-After as a date":    {respond(429, "Date", "Sat, 01 Jan 2000 00:00:00 GMT", "Retry-After", "Sat, 01 Jan 2000 00:00:03 GMT"), withoutBackoff, 6 * second, 6 * second, 3, isResponseError(429, "UnknownError")},
		"Retry-After of an hour":   {respond(429, "Retry-After", "3600"), withoutBackoff, 10 * second, 10 * second, 3, isResponseError(429, "UnknownError")},
		"Retry-After of 136 years": {respond(429, "Retry-After", "4294967295"), withoutBackoff, 10 * second, 10 * second, 3, isResponseError(429, "UnknownError")},
		"Retry-After overflows":    {respond(429, "Retry-After", "99999999999999999999"), withoutBackoff, 0, 0, 3, isResponseError(429, "UnknownError")},
		"Retry-After in the past":  {respond(429, "Retry-After", "Sat, 01 Jan 1999 00:00:00 GMT"), withoutBackoff, 0, 0, 3, isResponseError(429, "UnknownError")},
		"Retry-After is invalid":   {respond(429, "Retry-After", "soon"), withoutBackoff, 0, 0, 3, isResponseError(429, "UnknownError")},
		"Retry-After is negative":  {respond(429, "Retry-After", "-5"), withoutBackoff, 0, 0, 3, isResponseError(429, "UnknownError")},
		"X-Amz-Retry-After":        {respond(429, "X-Amz-Retry-After", "1500", "Retry-After", "4"), withoutBackoff, 3 * second, 3 * second, 3, isResponseError(429, "UnknownError")},
		"Retry-After of a 400":     {respond(400, "Retry-After", "4"), withoutBackoff, 0, 0, 1, isResponseError(400, "UnknownError")},
		"no response":              {stall, withoutBackoff, 15 * minute, 15 * minute, 3, allOf(isSendError(nil), isTimeout)},
		"stalled in the body":      {stallInBody, withoutBackoff, 15 * minute, 15 * minute, 3, allOf(isOperationError, isTimeout)},
		"slow body":                {slow, withoutBackoff, 12 * minute, 12 * minute, 1, isNil},
		"connect timeout":          {nil, unreachable, 90 * second, 90 * second, 3, isSendError(context.DeadlineExceeded)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := newPipeListener()
				var attempts atomic.Int64
				server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					attempts.Add(1)
					test.handler(w, r)
				})}
				served := make(chan struct{})
				go func() {
					_ = server.Serve(listener)
					close(served)
				}()
				defer func() {
					server.Close()
					<-served
				}()
				client := gamesparks.New(gamesparks.Options{
					Region: "us-east-1", BaseEndpoint: new("http://service.example"), Credentials: credentials,
					HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
						t.DialContext, t.IdleConnTimeout = listener.dial, time.Hour
					}),
				}, test.options)
				start := time.Now()
				_, err := client.ListGames(t.Context(), nil)
				if elapsed := time.Since(start); elapsed < test.min || elapsed > test.max {
					t.Errorf("the call took %v, want %v to %v", elapsed, test.min, test.max)
				}
				if !test.wantErr(err) {
					t.Errorf("unexpected error %v", err)
				}
				if n := int(attempts.Load()); test.handler != nil && n != test.attempts {
					t.Errorf("%d attempts, want %d", n, test.attempts)
				}
			})
		})
	}
}

var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
})

// pipeListener is a listener for in-memory connections. The fake clock of a synctest bubble does not advance while a
// goroutine waits for a network connection.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipeListener() *pipeListener {
	p := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error {
	p.close()
	return nil
}

func (p *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
