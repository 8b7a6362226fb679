package gamesparks_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestHTTPClientAndItsTransport shows that a call does the same with an http.Client that adds something to its transport,
// through which it is sent, and with one that adds nothing, whose transport it is sent by.
func TestHTTPClientAndItsTransport(t *testing.T) {
	t.Parallel()
	plain := httptest.NewUnstartedServer(http.NotFoundHandler())
	plain.Config.ErrorLog = log.New(io.Discard, "", 0)
	plain.Start()
	t.Cleanup(plain.Close)
	ok := func(r *http.Request) (*http.Response, error) {
		user, password, _ := r.BasicAuth()
		body := `{"Game":{"Name":"` + user + password + r.Header.Get("Cookie") + `"}}`
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	proxy, err := url.Parse(strings.Replace(plain.URL, "http:", "https:", 1))
	if err != nil {
		t.Fatal(err)
	}
	insecure := &tls.Config{InsecureSkipVerify: true}
	failing := roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrClosedPipe })
	tests := map[string]struct {
		endpoint  string
		transport http.RoundTripper
		change    func(*http.Request) // by middleware
		is        error               // among those in the chain, when not nil
		want      string              // in the error, or else there is none
	}{
		"answer":             {testEndpoint, roundTripper(ok), nil, nil, ""},
		"default transport":  {plain.URL, nil, nil, nil, "StatusCode: 404"},
		"user in the URL":    {testEndpoint, roundTripper(ok), func(r *http.Request) { r.URL.User = url.UserPassword("user", "password") }, nil, ""},
		"neither of the two": {testEndpoint, roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil }), nil, nil, "returned a nil *Response with a nil error"},
		"no body": {testEndpoint, roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 404, Header: http.Header{}, Request: r}, nil
		}), nil, nil, "StatusCode: 404"},
		"failure":   {testEndpoint, failing, nil, io.ErrClosedPipe, `Get "` + testEndpoint + `/game/g"`},
		"no method": {testEndpoint, failing, func(r *http.Request) { r.Method = "" }, io.ErrClosedPipe, `Get "`},
		"answer and failure": {testEndpoint, roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, _ := ok(r)
			return resp, io.ErrClosedPipe
		}), nil, io.ErrClosedPipe, ""},
		"HTTPS with a server of HTTP": {strings.Replace(plain.URL, "http:", "https:", 1),
			&http.Transport{TLSClientConfig: insecure}, nil, http.ErrSchemeMismatch, "server gave HTTP response to HTTPS client"},
		"HTTPS with a proxy of HTTP": {"https://games.example.com", &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: insecure},
			nil, nil, "proxyconnect tcp"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type result struct {
				Name, Error       string
				URLError, Expects bool
			}
			call := func(jar http.CookieJar) (r result) {
				client := gamesparks.New(gamesparks.Options{
					Region: "us-east-1", BaseEndpoint: &test.endpoint, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
					HTTPClient: &http.Client{Transport: test.transport, Jar: jar},
				}, func(o *gamesparks.Options) {
					if test.change != nil {
						o.APIOptions = append(o.APIOptions, beforeSending(test.change))
					}
				})
				out, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
				if err == nil {
					r.Name = *out.Game.Name
					return r
				}
				var urlError *url.Error
				r.Error, r.URLError, r.Expects = err.Error(), errors.As(err, &urlError), test.is == nil || errors.Is(err, test.is)
				return r
			}
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			through, by := call(jar), call(nil)
			if diff := cmp.Diff(through, by); diff != "" {
				t.Errorf("through the client and by its transport (-through +by):\n%s", diff)
			}
			failed := test.is != nil || test.want != ""
			if failed != (by.Error != "") || !strings.Contains(by.Error, test.want) || failed && !by.Expects {
				t.Errorf("error %q, want %q, %v", by.Error, test.want, test.is)
			}
		})
	}
}

// beforeSending returns what adds a step to a stack that changes requests when they are done.
func beforeSending(change func(*http.Request)) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Own", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			change(in.Request.(*smithyhttp.Request).Request)
			return next.HandleDeserialize(ctx, in)
		}), middleware.After)
	}
}

// TestOutputsKeepNoRequest shows that what a call returns does not hold on to its request, where the HTTP client does not
// have it hold on.
func TestOutputsKeepNoRequest(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		var request weak.Pointer[http.Request]
		client := newClient(nil, via, func(o *gamesparks.Options) {
			o.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				request = weak.Make(r)
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
			})}
		})
		out, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
		if err != nil {
			t.Fatal(err)
		}
		for range 10 { // what ends it may not have been reached by the first
			if runtime.GC(); request.Value() == nil {
				break
			}
		}
		if request.Value() != nil {
			t.Error("the request is still there")
		}
		runtime.KeepAlive(out)
	})
}
