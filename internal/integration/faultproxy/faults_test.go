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

// connection is what has become of the connection of the last attempt when the next call comes.
type connection string

const (
	reused  connection = "reused"
	dropped connection = "dropped"
	unsure  connection = "" // it is dropped, but maybe only when the next call meets it
)

// stage is when a deadline passes.
type stage string

const (
	never     stage = ""
	onRequest stage = "when the request has come"
	onBody    stage = "when the body is read"
)

// TestFaults shows for each fault, once and again and again, which error the user gets, after how many attempts and in
// how much time, and what becomes of the connection.
func TestFaults(t *testing.T) {
	type fault = faultproxy.Fault
	type transport = http.Transport
	const code = "InternalServerException"
	throttling := func(header ...string) fault {
		return faultproxy.Respond(429, `{"message":"slow"}`, append([]string{"X-Amzn-Errortype", "ThrottlingException"}, header...)...)
	}
	patient := func(*transport) {}
	slowHead := func(t *transport) { t.ResponseHeaderTimeout = 12 * short }

	tests := map[string]struct {
		fault    fault
		always   bool
		setUp    func(*transport)
		deadline stage // when that of the context passes
		error    kind
		attempts int
		conn     connection
	}{
		"reset before": {faultproxy.ResetBefore, false, patient, never, succeeded, 2, reused},
		// The system may report the end of the connection in the one way or the other.
		"reset before, always":        {faultproxy.ResetBefore, true, patient, never, notSent(nil), 3, dropped},
		"reset after the service":     {faultproxy.LoseResponse, false, patient, never, succeeded, 2, reused},
		"always after the service":    {faultproxy.LoseResponse, true, patient, never, notSent(nil), 3, dropped},
		"reset in the head":           {faultproxy.ResetInHead, false, patient, never, succeeded, 2, reused},
		"reset in the head, always":   {faultproxy.ResetInHead, true, patient, never, notSent(nil), 3, dropped},
		"reset in the body":           {faultproxy.ResetInBody, false, patient, never, succeeded, 2, reused},
		"reset in the body, always":   {faultproxy.ResetInBody, true, patient, never, notRead(syscall.ECONNRESET), 3, dropped},
		"half-closed":                 {faultproxy.HalfClose, false, patient, never, succeeded, 2, reused},
		"half-closed, always":         {faultproxy.HalfClose, true, patient, never, notSent(io.EOF), 3, dropped},
		"half-closed in the body":     {faultproxy.HalfCloseInBody, false, patient, never, succeeded, 2, reused},
		"always in the body":          {faultproxy.HalfCloseInBody, true, patient, never, notRead(io.ErrUnexpectedEOF), 3, dropped},
		"truncated":                   {faultproxy.Truncate, false, patient, never, succeeded, 2, reused},
		"truncated, always":           {faultproxy.Truncate, true, patient, never, notRead(io.ErrUnexpectedEOF), 3, dropped},
		"length too large":            {faultproxy.WrongLength(5), false, patient, never, succeeded, 2, reused},
		"length too large, always":    {faultproxy.WrongLength(5), true, patient, never, notRead(io.ErrUnexpectedEOF), 3, dropped},
		"length too small":            {faultproxy.WrongLength(-5), false, patient, never, notRead(nil), 1, unsure},
		"stalled, head never":         {faultproxy.Stall, true, slowHead, never, both(notSent(nil), timedOut), 3, dropped},
		"stalled, deadline":           {faultproxy.Stall, false, patient, onRequest, stopped(context.DeadlineExceeded), 1, dropped},
		"stalled in body, deadline":   {faultproxy.StallInBody, false, patient, onBody, stopped(context.DeadlineExceeded), 1, dropped},
		"trickled":                    {faultproxy.Trickle, false, patient, never, succeeded, 1, reused},
		"trickled without end":        {faultproxy.TrickleForever, false, patient, onBody, stopped(context.DeadlineExceeded), 1, dropped},
		"gzip not asked for":          {faultproxy.Gzip, false, func(t *transport) { t.DisableCompression = true }, never, notRead(nil), 1, reused},
		"gzip asked for":              {faultproxy.Gzip, false, patient, never, succeeded, 1, reused},
		"429":                         {faultproxy.Respond(429, ""), false, patient, never, succeeded, 2, reused},
		"429, always":                 {faultproxy.Respond(429, ""), true, patient, never, both(answered(429, "UnknownError"), gamesparks.IsThrottled), 3, reused},
		"429, Retry-After":            {throttling("Retry-After", "0"), false, patient, never, succeeded, 2, reused},
		"429, Retry-After, always":    {throttling("Retry-After", "0"), true, patient, never, both(answered(429, "ThrottlingException"), gamesparks.IsThrottled), 3, reused},
		"500":                         {faultproxy.Respond(500, `{"message":"m"}`, "X-Amzn-Errortype", code), false, patient, never, succeeded, 2, reused},
		"500, always":                 {faultproxy.Respond(500, `{"message":"m"}`, "X-Amzn-Errortype", code), true, patient, never, answered(500, code), 3, reused},
		"501":                         {faultproxy.Respond(501, ""), false, patient, never, answered(501, "UnknownError"), 1, reused},
		"502":                         {faultproxy.Respond(502, "<html></html>"), false, patient, never, succeeded, 2, reused},
		"502, always":                 {faultproxy.Respond(502, "<html></html>"), true, patient, never, answered(502, "UnknownError"), 3, reused},
		"503":                         {faultproxy.Respond(503, ""), false, patient, never, succeeded, 2, reused},
		"503, always":                 {faultproxy.Respond(503, ""), true, patient, never, answered(503, "UnknownError"), 3, reused},
		"504":                         {faultproxy.Respond(504, ""), false, patient, never, succeeded, 2, reused},
		"504, always":                 {faultproxy.Respond(504, ""), true, patient, never, answered(504, "UnknownError"), 3, reused},
		"error that breaks off":       {breaksOff(500, code), false, patient, never, succeeded, 2, reused},
		"final error that breaks off": {breaksOff(404, "ResourceNotFoundException"), true, patient, never, answered(404, "ResourceNotFoundException"), 1, dropped},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			w := newWorld(t, via)
			test.setUp(w.transport())
			ctx := newDeadline(t.Context())
			fault := test.fault
			switch test.deadline {
			case onRequest:
				fault = func(x *faultproxy.Exchange) {
					ctx.pass()
					test.fault(x)
				}
			case onBody:
				w.spy.onBody = ctx.pass
			}
			if test.always {
				w.proxy.Always(fault)
			} else {
				w.proxy.Next(fault)
			}
			err := w.getGame(ctx, t, patience)
			if !test.error(err) {
				t.Errorf("got the error %v", err)
			}
			if n := w.spy.tried(); n != test.attempts {
				t.Errorf("%d attempts, want %d", n, test.attempts)
			}
			if exhausted := is[*retry.MaxAttemptsError](err); exhausted != (err != nil && test.attempts == 3) {
				t.Errorf("%v: attempts exhausted: %t", err, exhausted)
			}
			if n := w.spy.unclosed(); n != 0 {
				t.Errorf("%d bodies are not closed", n)
			}

			// Whatever it was, it is over with the call.
			w.proxy.Always(nil)
			before := w.lastConnection()
			if err := w.getGame(t.Context(), t, patience); err != nil {
				t.Errorf("the next call fails: %v", err)
			}
			after := dropped
			if w.lastConnection() == before {
				after = reused
			}
			if test.conn != unsure && test.conn != after {
				t.Errorf("the connection is %s, want it %s", after, test.conn)
			}
		})
	}
}

func both(a, b kind) kind { return func(err error) bool { return a(err) && b(err) } }

// breaksOff answers with an error whose body breaks off.
func breaksOff(status int, code string) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		faultproxy.Respond(status, `{"mess`, "X-Amzn-Errortype", code, "Content-Length", "100")(x)
		x.Close()
	}
}

// TestFaultsAfterBody shows that a connection that is reset while nothing is under way harms no call.
func TestFaultsAfterBody(t *testing.T) {
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		w := newWorld(t, via)
		done := make(chan struct{})
		w.proxy.Next(faultproxy.ResetAfterBody(done))
		if err := w.getGame(t.Context(), t, patience); err != nil || w.spy.tried() != 1 {
			t.Errorf("%d attempts and the error %v", w.spy.tried(), err)
		}
		close(done)
		if err := w.getGame(t.Context(), t, patience); err != nil {
			t.Error(err)
		}
		if n := w.lastConnection(); n != 2 {
			t.Errorf("the next call has connection %d, want 2", n)
		}
	})
}

// TestFaultsBeforeConnection shows the errors of requests that reach nobody.
func TestFaultsBeforeConnection(t *testing.T) {
	// Nothing listens on port 1. A port that was just closed may be another test's the moment after.
	const closed = "http://127.0.0.1:1"
	notFound := func(err error) bool {
		var dns *net.DNSError
		return errors.As(err, &dns) && dns.IsNotFound
	}
	tests := map[string]struct {
		endpoint string
		rcode    byte // of the name server
		error    kind
		attempts int
	}{
		"connection refused":           {closed, 0, notSent(syscall.ECONNREFUSED), 3},
		"name that does not exist":     {"http://games.example.:80", nxDomain, both(notSent(nil), notFound), 1},
		"name server that is in need":  {"http://games.example.:80", servFail, both(notSent(nil), is[*net.DNSError]), 3},
		"name server that is stubborn": {"http://games.example.:80", refused, both(notSent(nil), is[*net.DNSError]), 3},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			w := newWorld(t, via, func(o *gamesparks.Options) { o.BaseEndpoint = &test.endpoint })
			w.transport().DialContext = (&net.Dialer{Resolver: newNameServer(t, test.rcode)}).DialContext
			err := w.getGame(t.Context(), t, patience)
			if !test.error(err) {
				t.Errorf("got the error %v", err)
			}
			if n := w.spy.tried(); n != test.attempts {
				t.Errorf("%d attempts, want %d", n, test.attempts)
			}
		})
	}
}

// The answers of a name server that are errors.
const (
	servFail = 2
	nxDomain = 3
	refused  = 5
)

// newNameServer returns a resolver whose name server answers everything with the error.
func newNameServer(t *testing.T, rcode byte) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	t.Cleanup(func() {
		server.Close()
		<-stopped
	})
	go func() {
		defer close(stopped)
		message := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(message)
			if err != nil {
				return
			}
			// The question becomes the answer by a bit and a code in its head.
			message[2] |= 1 << 7
			message[3] = message[3]&0xf0 | rcode
			server.WriteTo(message[:n], from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}
