package gamesparks_test

//lint:file-ignore SA1019 The deprecated endpoint resolvers are part of the official surface.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// The tests in this file check the side effects of calls: delays, connections, bodies and warnings.

// TestRetryAfter verifies how response headers change the delay between two attempts. The SDK adds at most five seconds to
// the retryer's delay, which is zero in this test.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	// A synctest bubble's clock starts at the beginning of 2000.
	at := func(seconds int) string {
		return time.Date(2000, 1, 1, 0, 0, seconds, 0, time.UTC).Format(http.TimeFormat)
	}
	tests := map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"none":                         {http.Header{}, 0},
		"seconds":                      {http.Header{"Retry-After": {"3"}}, 3 * time.Second},
		"zero":                         {http.Header{"Retry-After": {"0"}}, 0},
		"long":                         {http.Header{"Retry-After": {"3600"}}, 5 * time.Second},
		"negative":                     {http.Header{"Retry-After": {"-3"}}, 0},
		"not a delay":                  {http.Header{"Retry-After": {"soon"}}, 0},
		"date":                         {http.Header{"Retry-After": {at(4)}}, 4 * time.Second},
		"date in the past":             {http.Header{"Retry-After": {at(1)}, "Date": {at(4)}}, 0},
		"date of a skewed clock":       {http.Header{"Retry-After": {at(3602)}, "Date": {at(3600)}}, 2 * time.Second},
		"milliseconds":                 {http.Header{"X-Amz-Retry-After": {"1500"}}, 1500 * time.Millisecond},
		"milliseconds take precedence": {http.Header{"X-Amz-Retry-After": {"1500"}, "Retry-After": {"3"}}, 1500 * time.Millisecond},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			synctest.Test(t, func(t *testing.T) {
				var attempts []time.Time
				given := test.header.Clone()
				client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
					attempts = append(attempts, time.Now())
					if len(attempts) == 1 {
						return &http.Response{StatusCode: 503, Header: given, Body: http.NoBody, Request: r}, nil
					}
					return success.response(r)
				}), via)
				if _, err := client.ListGames(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				if got := attempts[1].Sub(attempts[0]); got != test.want {
					t.Errorf("delay %v, want %v", got, test.want)
				}
				if diff := cmp.Diff(test.header, given); diff != "" {
					t.Errorf("the call changed the header of the HTTP client's response (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// connectionCounter starts a server with the handler and returns its URL and the number of connections made to it.
func connectionCounter(t *testing.T, handler http.HandlerFunc) (url string, connections *atomic.Int64) {
	t.Helper()
	connections = new(atomic.Int64)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, connections
}

// TestConnectionAfterLargeError verifies that the rest of an error body is drained, so that the connection is reused.
func TestConnectionAfterLargeError(t *testing.T) {
	t.Parallel()
	body := strings.Repeat(" ", 1<<20+100<<10) // an error is read up to 1 MiB
	for _, mode := range []aws.ClientLogMode{0, aws.LogResponseWithBody} {
		url, connections := connectionCounter(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			io.WriteString(w, body)
		})
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		client := newClient(&http.Client{Transport: transport}, once, func(o *gamesparks.Options) {
			o.BaseEndpoint, o.ClientLogMode = &url, mode
		})
		const calls = 4
		for range calls {
			if _, err := client.ListGames(t.Context(), nil); err == nil {
				t.Fatal("no error")
			}
		}
		// On a busy machine, net/http drops some connections.
		if n := connections.Load(); n >= calls {
			t.Errorf("log mode %b: %d connections for %d calls, want fewer connections than calls", mode, n, calls)
		}
	}
}

// TestConnectionOfCallsWithOptions verifies that calls with options reuse the client's connections.
func TestConnectionOfCallsWithOptions(t *testing.T) {
	t.Parallel()
	url, connections := connectionCounter(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) })
	buildable := awshttp.NewBuildableClient()
	client := newClient(buildable, func(o *gamesparks.Options) { o.BaseEndpoint = &url })
	const calls = 8
	for i := range calls {
		if _, err := client.ListGames(t.Context(), nil, func(o *gamesparks.Options) { o.AppID = fmt.Sprint(i) }); err != nil {
			t.Fatal(err)
		}
	}
	// On a busy machine, net/http drops some connections.
	if n := connections.Load(); n >= calls {
		t.Errorf("%d connections for %d calls, want fewer connections than calls", n, calls)
	}
}

// TestHTTPClientOfCall verifies that an HTTP client set for a call replaces the client's HTTP client.
func TestHTTPClientOfCall(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		ofClient, ofCall := &recorder{}, &recorder{}
		client := newClient(ofClient, via)
		for _, option := range []func(*gamesparks.Options){func(o *gamesparks.Options) { o.HTTPClient = ofCall }, func(*gamesparks.Options) {}} {
			if _, err := client.ListGames(t.Context(), nil, option); err != nil {
				t.Fatal(err)
			}
		}
		if len(ofClient.all()) != 1 || len(ofCall.all()) != 1 {
			t.Errorf("the client's HTTP client sent %d requests and the call's sent %d, want 1 each",
				len(ofClient.all()), len(ofCall.all()))
		}
	})
}

// TestDefaultClientFollowsNoRedirect verifies that the SDK's HTTP client does not follow redirects, which could send
// credentials to another host.
func TestDefaultClientFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	var redirected atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { redirected.Add(1) }))
	t.Cleanup(target.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		onBothPaths(t, fmt.Sprint(status), func(t *testing.T, via func(*gamesparks.Options)) {
			server := httptest.NewServer(http.RedirectHandler(target.URL, status))
			t.Cleanup(server.Close)
			client := newClient(awshttp.NewBuildableClient(), via, once, func(o *gamesparks.Options) { o.BaseEndpoint = &server.URL })
			_, err := client.ListGames(t.Context(), nil)
			var response *awshttp.ResponseError
			if !errors.As(err, &response) || response.HTTPStatusCode() != status || redirected.Load() != 0 {
				t.Errorf("got error %v and %d redirected requests, want the redirect response as an error and no redirected requests",
					err, redirected.Load())
			}
		})
	}
}

// deadlineConn is a connection that reports its read deadlines.
type deadlineConn struct {
	net.Conn
	record func(time.Time)
}

func (c deadlineConn) SetReadDeadline(at time.Time) error {
	c.record(at)
	return c.Conn.SetReadDeadline(at)
}

// TestDefaultReadTimeout verifies that a BuildableClient gets a read timeout of five minutes if it has none.
func TestDefaultReadTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) }))
	t.Cleanup(server.Close)
	for _, test := range []struct {
		own, want time.Duration
	}{{0, 5 * time.Minute}, {time.Hour, time.Hour}} {
		var mu sync.Mutex
		var longest time.Duration
		buildable := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
			tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				return deadlineConn{conn, func(at time.Time) {
					mu.Lock()
					defer mu.Unlock()
					longest = max(longest, time.Until(at))
				}}, err
			}
		})
		if test.own != 0 {
			buildable = buildable.WithReadTimeout(test.own)
		}
		if _, err := newClient(buildable, func(o *gamesparks.Options) { o.BaseEndpoint = &server.URL }).ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		if (longest - test.want).Abs() > time.Minute {
			t.Errorf("configured read timeout %v: the read deadline expires in %v, want %v", test.own, longest, test.want)
		}
		mu.Unlock()
	}
}

// TestCookies verifies that the Jar of an *http.Client is used.
func TestCookies(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(&url.URL{Scheme: "https", Host: "gamesparks.us-west-2.amazonaws.com"}, []*http.Cookie{{Name: "a", Value: "b"}})
	var sent string
	client := newClient(&http.Client{Jar: jar, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = r.Header.Get("Cookie")
		return success.response(r)
	})})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if sent != "a=b" {
		t.Errorf("cookie %q, want a=b", sent)
	}
}

// TestRequestBodyIsInMemory verifies that net/http recognizes that a request body is in memory. Otherwise, net/http sends
// header and body separately, and the connection breaks if the service responds before reading the body.
func TestRequestBodyIsInMemory(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		var body reflect.Type
		client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
			body = reflect.TypeOf(r.Body)
			return success.response(r)
		}), via)
		if _, err := client.UpdateGame(t.Context(), &gamesparks.UpdateGameInput{GameName: aws.String("g"), Description: aws.String("d")}); err != nil {
			t.Fatal(err)
		}
		if want := reflect.TypeOf(io.NopCloser(bytes.NewReader(nil))); body != want {
			t.Errorf("the body is a %v, want %v", body, want)
		}
	})
}

// TestRequestWithoutBody verifies that net/http recognizes that a request has no body. Otherwise, net/http sends a
// Content-Length.
func TestRequestWithoutBody(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
			if r.Body != nil && r.Body != http.NoBody || r.ContentLength != 0 || r.Header.Get("Content-Type") != "" {
				t.Errorf("sent body %T with length %d and type %q, want no body", r.Body, r.ContentLength, r.Header.Get("Content-Type"))
			}
			return success.response(r)
		}), via)
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	})
}

// TestBodiesAreClosedWhenLogged verifies that a response body is closed even if the message logger reads it first.
func TestBodiesAreClosedWhenLogged(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]answer{
		"success": success, "error": failure(404, "ResourceNotFoundException"), "malformed": {body: "<html>"},
		"incomplete":  {reader: breaksOff(`{"Games":`)},
		"large error": {status: 404, reader: func() io.Reader { return io.LimitReader(endlessly("x"), 2<<20) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed := 0
			client := newClient(doFunc(func(req *http.Request) (*http.Response, error) {
				resp, err := a.response(req)
				resp.Body = countingBody{resp.Body, &closed}
				return resp, err
			}), once, func(o *gamesparks.Options) { o.ClientLogMode = aws.LogResponseWithBody })
			client.ListGames(t.Context(), nil)
			if closed == 0 {
				t.Error("the body is not closed")
			}
		})
	}
}

// TestUnloggedBodyOfRetry verifies that the unlogged part of a response body is not added to the body of the next attempt's
// response.
func TestUnloggedBodyOfRetry(t *testing.T) {
	t.Parallel()
	r := &recorder{answers: []answer{{reader: breaksOff(`{"Games":`)}, {status: 503, reader: breaksOff(`x`)}, {body: `{"Games":[{"Name":"g"}]}`}}}
	out, err := newClient(r, func(o *gamesparks.Options) { o.ClientLogMode = aws.LogResponseWithBody }).ListGames(t.Context(), nil)
	if err != nil || len(out.Games) != 1 || len(r.all()) != 3 {
		t.Errorf("got %+v and error %v after %d attempts, want one game after 3", out, err, len(r.all()))
	}
}

// failingClose is a body whose Close method fails.
type failingClose struct{ io.Reader }

var errClose = errors.New("cannot close")

func (failingClose) Close() error { return errClose }

// TestWarningOfUnreadBody verifies that a body that cannot be drained or closed causes a warning in the log but does not
// change the result of the call.
func TestWarningOfUnreadBody(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]func() io.ReadCloser{
		"close": func() io.ReadCloser { return failingClose{strings.NewReader(`{}`)} },
		"drain": func() io.ReadCloser {
			return io.NopCloser(io.MultiReader(strings.NewReader(`{}`+strings.Repeat(" ", 1<<20)), breaksOff("")()))
		},
		"incomplete": func() io.ReadCloser { return io.NopCloser(breaksOff(`{}`)()) },
	} {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			logger := newLogRecorder()
			client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 404, Header: http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}}, Body: body(), Request: r}, nil
			}), via, func(o *gamesparks.Options) { o.Logger = logger })
			if _, err := client.ListGames(t.Context(), nil); !gamesparks.IsNotFound(err) {
				t.Errorf("got %v", err)
			}
			if got := logger.text(); !strings.HasPrefix(got, "WARN failed to drain and close the response body") {
				t.Errorf("logged %q, want a warning", got)
			}
		})
	}
}

// TestNegativeMaxResponseBytes verifies that a negative limit selects the default.
func TestNegativeMaxResponseBytes(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		client := newClient(&recorder{}, via, func(o *gamesparks.Options) { o.MaxResponseBytes = -5 })
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

// TestRequestIDHeaders verifies which headers supply the request ID of errors and outputs.
func TestRequestIDHeaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		want   string
	}{
		"first":  {http.Header{"X-Amzn-Requestid": {"one"}}, "one"},
		"second": {http.Header{"X-Amz-Requestid": {"two"}}, "two"},
		"both":   {http.Header{"X-Amzn-Requestid": {"one"}, "X-Amz-Requestid": {"two"}}, "one"},
		"none":   {http.Header{}, ""},
	} {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			_, err := newClient(&recorder{answers: []answer{{status: 404, header: test.header}}}, via).ListGames(t.Context(), nil)
			if got := gamesparks.RequestID(err); got != test.want {
				t.Errorf("request ID %q, want %q", got, test.want)
			}
		})
	}
}

// TestAppIDOfCall verifies that an AppID set for a call applies only to that call.
func TestAppIDOfCall(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{}
		client := newClient(r, via, func(o *gamesparks.Options) { o.AppID = "client" })
		for _, want := range []string{"client", "call", "client"} {
			var optFns []func(*gamesparks.Options)
			if want == "call" {
				optFns = append(optFns, func(o *gamesparks.Options) { o.AppID = "call" })
			}
			if _, err := client.ListGames(t.Context(), nil, optFns...); err != nil {
				t.Fatal(err)
			}
			if agent := r.last(t).Header.Get("User-Agent"); !strings.Contains(agent, " app/"+want) {
				t.Errorf("User-Agent %q does not contain app/%s", agent, want)
			}
		}
	})
}

// TestIdentityResolvers verifies which identity resolver each auth scheme uses.
func TestIdentityResolvers(t *testing.T) {
	t.Parallel()
	options := gamesparks.Options{Credentials: testCredentials}
	identity, err := options.GetIdentityResolver(smithyauth.SchemeIDAnonymous).GetIdentity(t.Context(), smithy.Properties{})
	if _, ok := identity.(*smithyauth.AnonymousIdentity); !ok || err != nil {
		t.Errorf("anonymous: got %v and error %v", identity, err)
	}
	if got := options.GetIdentityResolver(smithyauth.SchemeIDSigV4); got == nil {
		t.Error("no resolver for SigV4")
	}
	if got := options.GetIdentityResolver("unknown"); got != nil {
		t.Errorf("got %v for an unknown scheme, want nil", got)
	}
	options.Credentials = nil
	if got := options.GetIdentityResolver(smithyauth.SchemeIDSigV4); got != nil {
		t.Errorf("got %v for SigV4 without credentials, want nil", got)
	}
}

// TestCancelWhileReading verifies that a call returns a CanceledError if its context ends while the client reads the body.
func TestCancelWhileReading(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 404} {
		onBothPaths(t, fmt.Sprint(status), func(t *testing.T, via func(*gamesparks.Options)) {
			ctx, cancel := context.WithCancel(t.Context())
			attempts := 0
			client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
				attempts++
				return answer{status: status, reader: func() io.Reader {
					return readFunc(func([]byte) (int, error) {
						cancel()
						return 0, errors.New("read on closed body")
					})
				}}.response(r)
			}), via)
			_, err := client.ListGames(ctx, nil)
			var canceled *smithy.CanceledError
			if !errors.Is(err, context.Canceled) || !errors.As(err, &canceled) || attempts != 1 {
				t.Errorf("got %v after %d attempts, want a CanceledError after 1", err, attempts)
			}
		})
	}
}

// TestCancelWhileSending verifies that a call returns a CanceledError if its context ends, whatever error the HTTP client
// returns.
func TestCancelWhileSending(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := newClient(doFunc(func(*http.Request) (*http.Response, error) {
			cancel()
			return nil, errors.New("use of closed connection")
		}), via).ListGames(ctx, nil)
		var canceled *smithy.CanceledError
		if !errors.As(err, &canceled) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want a CanceledError", err)
		}
	})
}

// TestUnreservedCharacters verifies which characters in a path label are not escaped.
func TestUnreservedCharacters(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{}
		in := &gamesparks.GetGameInput{GameName: aws.String("azAZ09-._~ /%!*'()")}
		if _, err := newClient(r, via).GetGame(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if got, want := r.last(t).URL.EscapedPath(), "/game/azAZ09-._~%20%2F%25%21%2A%27%28%29"; got != want {
			t.Errorf("path %s, want %s", got, want)
		}
	})
}

// TestEmptyMemberNames verifies that response members with empty names are skipped.
func TestEmptyMemberNames(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{answers: []answer{{body: `{"":{"":1},"Game":{"":null,"Name":"g"}}`}}}
		out, err := newClient(r, via).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
		if err != nil || aws.ToString(out.Game.Name) != "g" {
			t.Errorf("got %+v and error %v", out, err)
		}
	})
}

// TestInvalidRegionOfResolver verifies that an endpoint resolver is not called if the region is not a valid host label.
func TestInvalidRegionOfResolver(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		resolver := gamesparks.WithEndpointResolverV2(resolverFunc(func(p gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
			t.Errorf("resolver called with invalid region %q", aws.ToString(p.Region))
			return smithyendpoints.Endpoint{}, errors.New("no endpoint")
		}))
		_, err := newClient(&recorder{}, via, resolver, func(o *gamesparks.Options) { o.Region = "us-east-1/x" }).ListGames(t.Context(), nil)
		if err == nil {
			t.Error("no error")
		}
	})
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// TestRetryOfInterruptedSuccess verifies that an operation whose successful response is incomplete is retried only if
// repeating the request has no further effect.
func TestRetryOfInterruptedSuccess(t *testing.T) {
	t.Parallel()
	table := exchanges()
	for _, info := range gamesparks.Operations() {
		if len(methods()[info.Name].Output.Members()) == 0 {
			continue // the client ignores the body
		}
		onBothPaths(t, info.Name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{{reader: breaksOff(`{`)}}}
			_, err := methods()[info.Name].call(t.Context(), newClient(r, via), table[info.Name].input)
			want := 1
			if info.Method == http.MethodGet || info.Idempotent && info.Name != "UpdateGameConfiguration" {
				want = 3
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) || len(r.all()) != want {
				t.Errorf("got %v after %d attempts, want %d", err, len(r.all()), want)
			}
		})
	}
}

// TestEmptyBodyIsSent verifies that an operation with a body sends an empty object if no member of the body is set.
func TestEmptyBodyIsSent(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{}
		if _, err := newClient(r, via).CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: aws.String("g")}); err != nil {
			t.Fatal(err)
		}
		if got := r.last(t); got.body != "{}" || got.ContentLength != 2 || got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("sent body %q with length %d and type %q", got.body, got.ContentLength, got.Header.Get("Content-Type"))
		}
		verifySignature(t, r.last(t), signedAs{})
	})
}

// TestShortCircuitWithoutResponse verifies that the call fails if middleware returns neither a response nor an error.
func TestShortCircuitWithoutResponse(t *testing.T) {
	t.Parallel()
	_, err := newClient(&recorder{}, gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Answer", func(context.Context, middleware.DeserializeInput, middleware.DeserializeHandler) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
			return out, metadata, nil
		}), middleware.After)
	})).ListGames(t.Context(), nil)
	var decoding *smithy.DeserializationError
	if !errors.As(err, &decoding) {
		t.Errorf("got %v, want a DeserializationError", err)
	}
}

// TestSpanOfStep verifies that each step of an attempt runs in the context of its own span, so that a credentials provider
// can set properties of that span.
func TestSpanOfStep(t *testing.T) {
	t.Parallel()
	spans := &spanRecorder{}
	client := newClient(&recorder{}, func(o *gamesparks.Options) {
		o.TracerProvider = spans
		o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			span, _ := tracing.GetSpan(ctx)
			span.SetProperty("own", "yes")
			return testCredentials(ctx)
		})
	})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, span := range spans.spans {
		if span.properties["own"] == "yes" {
			names = append(names, span.name)
		}
	}
	if diff := cmp.Diff([]string{"GetIdentity"}, names); diff != "" {
		t.Errorf("spans with the property set by the provider (-want +got):\n%s", diff)
	}
}

// TestLoggerOfConfiguration verifies that the client uses the logger set in the configuration.
func TestLoggerOfConfiguration(t *testing.T) {
	t.Parallel()
	logger := newLogRecorder()
	client := gamesparks.NewFromConfig(aws.Config{Region: testRegion, HTTPClient: &recorder{}, Logger: logger, ClientLogMode: aws.LogRequest})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := logger.text(); !strings.Contains(got, "GET /game") {
		t.Errorf("logged %q, want the request", got)
	}
}

// TestSigningRegionOfURLResolver verifies that a signing region set by the caller takes precedence over the client's region.
func TestSigningRegionOfURLResolver(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	resolver := gamesparks.EndpointResolverFromURL("https://games.example.com", func(e *aws.Endpoint) { e.SigningRegion = "own-1" })
	if _, err := newClient(r, gamesparks.WithEndpointResolver(resolver)).ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	verifySignature(t, r.last(t), signedAs{region: "own-1"})
}

// TestOrderOfMapKeys verifies that map keys are sorted, so that equal inputs produce equal bodies.
func TestOrderOfMapKeys(t *testing.T) {
	t.Parallel()
	tags := map[string]string{}
	var want []string
	for c := 'a'; c <= 'z'; c++ {
		tags[string(c)] = "v"
		want = append(want, fmt.Sprintf(`"%c":"v"`, c))
	}
	r := &recorder{}
	if _, err := newClient(r).TagResource(t.Context(), &gamesparks.TagResourceInput{ResourceArn: aws.String(gameARN), Tags: tags}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"tags":{`+strings.Join(want, ",")+`}}`, r.last(t).body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// TestLongList verifies that the memory budget for decoded values grows with the size of the response.
func TestLongList(t *testing.T) {
	t.Parallel()
	const n = 40_000
	body := `{"Games":[` + strings.Repeat(`{"Name":"a-game-of-many","Description":"one of many games"},`, n-1) + `{"Name":"last"}]}`
	out, err := newClient(&recorder{answers: []answer{{body: body}}}).ListGames(t.Context(), nil)
	if err != nil || len(out.Games) != n || aws.ToString(out.Games[n-1].Name) != "last" {
		t.Fatalf("got %v", err)
	}
}
