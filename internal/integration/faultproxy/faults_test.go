package faultproxy_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
)

// connectionState says whether the next call reuses the connection of the last attempt.
type connectionState string

const (
	reused      connectionState = "reused"
	dropped     connectionState = "dropped"
	unspecified connectionState = "" // The next call may be the first to notice that the connection is unusable.
)

// deadlineTime is the point in a call at which its deadline expires.
type deadlineTime string

const (
	never     deadlineTime = ""
	onRequest deadlineTime = "when the proxy receives the request"
	onBody    deadlineTime = "when the client reads the body"
)

// TestFaults checks the error, the number of attempts, the duration and the reuse of the connection for each fault,
// injected once or on every attempt.
func TestFaults(t *testing.T) {
	type transport = http.Transport
	const code = "InternalServerException"
	throttling := func(header ...string) faultproxy.Fault {
		return faultproxy.Respond(429, `{"message":"slow"}`, append([]string{"X-Amzn-Errortype", "ThrottlingException"}, header...)...)
	}
	noChange := func(*transport) {}
	headerTimeout := func(t *transport) { t.ResponseHeaderTimeout = 12 * shortTimeout }

	tests := map[string]struct {
		fault    faultproxy.Fault
		always   bool // apply the fault to every attempt, not only to the first
		setUp    func(*transport)
		deadline deadlineTime
		wantErr  matcher
		attempts int
		conn     connectionState
	}{
		"reset before": {faultproxy.ResetBefore, false, noChange, never, isNil, 2, reused},
		// The cause depends on the operating system.
		"reset before, always":            {faultproxy.ResetBefore, true, noChange, never, isSendError(nil), 3, dropped},
		"response lost":                   {faultproxy.LoseResponse, false, noChange, never, isNil, 2, reused},
		"response lost, always":           {faultproxy.LoseResponse, true, noChange, never, isSendError(nil), 3, dropped},
		"reset in the header":             {faultproxy.ResetInHeader, false, noChange, never, isNil, 2, reused},
		"reset in the header, always":     {faultproxy.ResetInHeader, true, noChange, never, isSendError(nil), 3, dropped},
		"reset in the body":               {faultproxy.ResetInBody, false, noChange, never, isNil, 2, reused},
		"reset in the body, always":       {faultproxy.ResetInBody, true, noChange, never, isDeserializationError(syscall.ECONNRESET), 3, dropped},
		"half-closed":                     {faultproxy.HalfClose, false, noChange, never, isNil, 2, reused},
		"half-closed, always":             {faultproxy.HalfClose, true, noChange, never, isSendError(io.EOF), 3, dropped},
		"half-closed in the body":         {faultproxy.HalfCloseInBody, false, noChange, never, isNil, 2, reused},
		"half-closed in the body, always": {faultproxy.HalfCloseInBody, true, noChange, never, isDeserializationError(io.ErrUnexpectedEOF), 3, dropped},
		"truncated":                       {faultproxy.Truncate, false, noChange, never, isNil, 2, reused},
		"truncated, always":               {faultproxy.Truncate, true, noChange, never, isDeserializationError(io.ErrUnexpectedEOF), 3, dropped},
		"length too large":                {faultproxy.WrongLength(5), false, noChange, never, isNil, 2, reused},
		"length too large, always":        {faultproxy.WrongLength(5), true, noChange, never, isDeserializationError(io.ErrUnexpectedEOF), 3, dropped},
		"length too small":                {faultproxy.WrongLength(-5), false, noChange, never, isDeserializationError(nil), 1, unspecified},
		"stalled, header timeout":         {faultproxy.Stall, true, headerTimeout, never, allOf(isSendError(nil), isTimeout), 3, dropped},
		"stalled, deadline":               {faultproxy.Stall, false, noChange, onRequest, isCausedBy(context.DeadlineExceeded), 1, dropped},
		"stalled in the body, deadline":   {faultproxy.StallInBody, false, noChange, onBody, isCausedBy(context.DeadlineExceeded), 1, dropped},
		"trickled":                        {faultproxy.Trickle, false, noChange, never, isNil, 1, reused},
		"trickled forever, deadline":      {faultproxy.TrickleForever, false, noChange, onBody, isCausedBy(context.DeadlineExceeded), 1, dropped},
		"gzip not requested":              {faultproxy.Gzip, false, func(t *transport) { t.DisableCompression = true }, never, isDeserializationError(nil), 1, reused},
		"gzip requested":                  {faultproxy.Gzip, false, noChange, never, isNil, 1, reused},
		"429":                             {faultproxy.Respond(429, ""), false, noChange, never, isNil, 2, reused},
		"429, always":                     {faultproxy.Respond(429, ""), true, noChange, never, allOf(isResponseError(429, "UnknownError"), gamesparks.IsThrottled), 3, reused},
		"429, Retry-After":                {throttling("Retry-After", "0"), false, noChange, never, isNil, 2, reused},
		"429, Retry-After, always":        {throttling("Retry-After", "0"), true, noChange, never, allOf(isResponseError(429, "ThrottlingException"), gamesparks.IsThrottled), 3, reused},
		"500":                             {faultproxy.Respond(500, `{"message":"m"}`, "X-Amzn-Errortype", code), false, noChange, never, isNil, 2, reused},
		"500, always":                     {faultproxy.Respond(500, `{"message":"m"}`, "X-Amzn-Errortype", code), true, noChange, never, isResponseError(500, code), 3, reused},
		"501":                             {faultproxy.Respond(501, ""), false, noChange, never, isResponseError(501, "UnknownError"), 1, reused},
		"502":                             {faultproxy.Respond(502, "<html></html>"), false, noChange, never, isNil, 2, reused},
		"502, always":                     {faultproxy.Respond(502, "<html></html>"), true, noChange, never, isResponseError(502, "UnknownError"), 3, reused},
		"503":                             {faultproxy.Respond(503, ""), false, noChange, never, isNil, 2, reused},
		"503, always":                     {faultproxy.Respond(503, ""), true, noChange, never, isResponseError(503, "UnknownError"), 3, reused},
		"504":                             {faultproxy.Respond(504, ""), false, noChange, never, isNil, 2, reused},
		"504, always":                     {faultproxy.Respond(504, ""), true, noChange, never, isResponseError(504, "UnknownError"), 3, reused},
		"truncated error, retryable":      {truncatedError(500, code), false, noChange, never, isNil, 2, reused},
		"truncated error, permanent":      {truncatedError(404, "ResourceNotFoundException"), true, noChange, never, isResponseError(404, "ResourceNotFoundException"), 1, dropped},
	}
	for name, test := range tests {
		withBothExecutors(t, name, func(t *testing.T, executor func(*gamesparks.Options)) {
			f := newFixture(t, executor)
			test.setUp(f.transport())
			ctx := newDeadline(t.Context())
			fault := test.fault
			switch test.deadline {
			case onRequest:
				fault = func(x *faultproxy.Exchange) {
					ctx.expire()
					test.fault(x)
				}
			case onBody:
				f.recorder.onFirstRead = ctx.expire
			}
			if test.always {
				f.proxy.Always(fault)
			} else {
				f.proxy.Next(fault)
			}
			err := f.getGame(ctx, t, callLimit)
			if !test.wantErr(err) {
				t.Errorf("unexpected error %v", err)
			}
			if n := f.recorder.attemptCount(); n != test.attempts {
				t.Errorf("%d attempts, want %d", n, test.attempts)
			}
			if exhausted := is[*retry.MaxAttemptsError](err); exhausted != (err != nil && test.attempts == 3) {
				t.Errorf("error %v: MaxAttemptsError = %t, want it only after three failed attempts", err, exhausted)
			}
			if n := f.recorder.openBodyCount(); n != 0 {
				t.Errorf("%d response bodies are not closed", n)
			}

			// The fault does not affect the next call.
			f.proxy.Always(nil)
			before := f.lastConnection()
			if err := f.getGame(t.Context(), t, callLimit); err != nil {
				t.Errorf("next call: %v", err)
			}
			after := dropped
			if f.lastConnection() == before {
				after = reused
			}
			if test.conn != unspecified && test.conn != after {
				t.Errorf("the connection is %s, want %s", after, test.conn)
			}
		})
	}
}

// truncatedError returns a fault that responds with an error and closes the connection in the middle of the body.
func truncatedError(status int, code string) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		faultproxy.Respond(status, `{"mess`, "X-Amzn-Errortype", code, "Content-Length", "100")(x)
		x.Close()
	}
}

// TestFaultsAfterBody checks that the reset of an idle connection does not affect the next call.
func TestFaultsAfterBody(t *testing.T) {
	withBothExecutors(t, "", func(t *testing.T, executor func(*gamesparks.Options)) {
		f := newFixture(t, executor)
		done := make(chan struct{})
		f.proxy.Next(faultproxy.ResetAfterBody(done))
		if err := f.getGame(t.Context(), t, callLimit); err != nil || f.recorder.attemptCount() != 1 {
			t.Errorf("%d attempts, error %v; want 1 attempt and no error", f.recorder.attemptCount(), err)
		}
		close(done)
		if err := f.getGame(t.Context(), t, callLimit); err != nil {
			t.Error(err)
		}
		if n := f.lastConnection(); n != 2 {
			t.Errorf("the next call used connection %d, want 2", n)
		}
	})
}

// TestFaultsBeforeConnection checks the errors of calls that cannot connect.
func TestFaultsBeforeConnection(t *testing.T) {
	// No program listens on port 1. Another test might reuse a port that was just closed.
	const closed = "http://127.0.0.1:1"
	notFound := func(err error) bool {
		var dns *net.DNSError
		return errors.As(err, &dns) && dns.IsNotFound
	}
	tests := map[string]struct {
		endpoint string
		rcode    byte // response code of the name server
		wantErr  matcher
		attempts int
	}{
		"connection refused":  {closed, 0, isSendError(syscall.ECONNREFUSED), 3},
		"unknown host name":   {"http://games.example.:80", nxDomain, allOf(isSendError(nil), notFound), 1},
		"name server fails":   {"http://games.example.:80", servFail, allOf(isSendError(nil), is[*net.DNSError]), 3},
		"name server refuses": {"http://games.example.:80", refused, allOf(isSendError(nil), is[*net.DNSError]), 3},
	}
	for name, test := range tests {
		withBothExecutors(t, name, func(t *testing.T, executor func(*gamesparks.Options)) {
			f := newFixture(t, executor, func(o *gamesparks.Options) { o.BaseEndpoint = &test.endpoint })
			f.transport().DialContext = (&net.Dialer{Resolver: newNameServer(t, test.rcode)}).DialContext
			err := f.getGame(t.Context(), t, callLimit)
			if !test.wantErr(err) {
				t.Errorf("unexpected error %v", err)
			}
			if n := f.recorder.attemptCount(); n != test.attempts {
				t.Errorf("%d attempts, want %d", n, test.attempts)
			}
		})
	}
}

// DNS response codes.
const (
	servFail = 2
	nxDomain = 3
	refused  = 5
)

// newNameServer returns a resolver whose DNS server answers every query with rcode.
func newNameServer(t *testing.T, rcode byte) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	isCausedBy := make(chan struct{})
	t.Cleanup(func() {
		server.Close()
		<-isCausedBy
	})
	go func() {
		defer close(isCausedBy)
		message := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(message)
			if err != nil {
				return
			}
			// Turn the query into its response: set the QR bit and the response code.
			message[2] |= 1 << 7
			message[3] = message[3]&0xf0 | rcode
			server.WriteTo(message[:n], from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}
