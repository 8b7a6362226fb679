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

// TestFaultsByTheClock shows how long calls take by the clock, with the defaults of the client. The clock is that of
// the bubble, which goes on when everybody waits.
func TestFaultsByTheClock(t *testing.T) {
	answer := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
		}
	}
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	silentInBody := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	slow := func(w http.ResponseWriter, _ *http.Request) {
		for _, part := range []string{"{", `"Games":`, "[]}"} {
			<-time.After(4 * time.Minute) // of the bubble
			_, _ = w.Write([]byte(part))
			_ = http.NewResponseController(w).Flush()
		}
	}
	noDelay := func(o *gamesparks.Options) { o.Retryer = noBackoff() }
	defaults := func(*gamesparks.Options) {}
	disconnected := func(o *gamesparks.Options) {
		noDelay(o)
		o.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				// What the dialer of the SDK does when nobody answers.
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
		error    kind
	}{
		"503":                         {answer(503), defaults, 0, second, 3, answered(503, "UnknownError")},
		"429":                         {answer(429, "X-Amzn-Errortype", "ThrottlingException"), defaults, 0, 5 * second, 3, answered(429, "ThrottlingException")},
		"429, no delay":               {answer(429), noDelay, 0, 0, 3, answered(429, "UnknownError")},
		"Retry-After in seconds":      {answer(429, "Retry-After", "2"), noDelay, 4 * second, 4 * second, 3, answered(429, "UnknownError")},
		"Retry-After of 503":          {answer(503, "Retry-After", "1"), noDelay, 2 * second, 2 * second, 3, answered(503, "UnknownError")},
		"Retry-After as a date":       {answer(429, "Date", "Sat, 01 Jan 2000 00:00:00 GMT", "Retry-After", "Sat, 01 Jan 2000 00:00:03 GMT"), noDelay, 6 * second, 6 * second, 3, answered(429, "UnknownError")},
		"Retry-After of an hour":      {answer(429, "Retry-After", "3600"), noDelay, 10 * second, 10 * second, 3, answered(429, "UnknownError")},
		"Retry-After of an age":       {answer(429, "Retry-After", "4294967295"), noDelay, 10 * second, 10 * second, 3, answered(429, "UnknownError")},
		"Retry-After of nobody knows": {answer(429, "Retry-After", "99999999999999999999"), noDelay, 0, 0, 3, answered(429, "UnknownError")},
		"Retry-After that is past":    {answer(429, "Retry-After", "Sat, 01 Jan 1999 00:00:00 GMT"), noDelay, 0, 0, 3, answered(429, "UnknownError")},
		"Retry-After that is none":    {answer(429, "Retry-After", "soon"), noDelay, 0, 0, 3, answered(429, "UnknownError")},
		"Retry-After, negative":       {answer(429, "Retry-After", "-5"), noDelay, 0, 0, 3, answered(429, "UnknownError")},
		"X-Amz-Retry-After":           {answer(429, "X-Amz-Retry-After", "1500", "Retry-After", "4"), noDelay, 3 * second, 3 * second, 3, answered(429, "UnknownError")},
		"Retry-After of a 400":        {answer(400, "Retry-After", "4"), noDelay, 0, 0, 1, answered(400, "UnknownError")},
		"silent":                      {silent, noDelay, 15 * minute, 15 * minute, 3, both(notSent(nil), timedOut)},
		"silent in the body":          {silentInBody, noDelay, 15 * minute, 15 * minute, 3, both(isOperationError, timedOut)},
		"slow":                        {slow, noDelay, 12 * minute, 12 * minute, 1, succeeded},
		"nobody takes the connection": {nil, disconnected, 90 * second, 90 * second, 3, notSent(context.DeadlineExceeded)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipes()
				var attempts atomic.Int64
				server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					attempts.Add(1)
					test.handler(w, r)
				})}
				served := make(chan struct{})
				go func() {
					_ = server.Serve(network)
					close(served)
				}()
				defer func() {
					server.Close()
					<-served
				}()
				client := gamesparks.New(gamesparks.Options{
					Region: "us-east-1", BaseEndpoint: aws.String("http://service.example"), Credentials: anyCredentials,
					HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
						t.DialContext, t.IdleConnTimeout = network.dial, time.Hour
					}),
				}, test.options)
				start := time.Now()
				_, err := client.ListGames(t.Context(), nil)
				if took := time.Since(start); took < test.min || took > test.max {
					t.Errorf("the call took %v, want from %v to %v", took, test.min, test.max)
				}
				if !test.error(err) {
					t.Errorf("got the error %v", err)
				}
				if n := int(attempts.Load()); test.handler != nil && n != test.attempts {
					t.Errorf("%d attempts, want %d", n, test.attempts)
				}
			})
		})
	}
}

var anyCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
})

// pipes is a listener whose connections are in memory, since the clock of a bubble stands still while somebody waits for
// the network.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipes() *pipes {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
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

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
