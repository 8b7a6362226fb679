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

// TestTransportBypassesHTTPClient checks that a call behaves the same whether the client uses an http.Client or, if that has
// no Jar, only its Transport.
func TestTransportBypassesHTTPClient(t *testing.T) {
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
		change    func(*http.Request) // applied by middleware
		is        error               // wrapped by the error, unless nil
		want      string              // part of the error; if is and want are empty, the call succeeds
	}{
		"response":              {testEndpoint, roundTripper(ok), nil, nil, ""},
		"default transport":     {plain.URL, nil, nil, nil, "StatusCode: 404"},
		"user in the URL":       {testEndpoint, roundTripper(ok), func(r *http.Request) { r.URL.User = url.UserPassword("user", "password") }, nil, ""},
		"no response, no error": {testEndpoint, roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil }), nil, nil, "returned a nil *Response with a nil error"},
		"no body": {testEndpoint, roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 404, Header: http.Header{}, Request: r}, nil
		}), nil, nil, "StatusCode: 404"},
		"failure":   {testEndpoint, failing, nil, io.ErrClosedPipe, `Get "` + testEndpoint + `/game/g"`},
		"no method": {testEndpoint, failing, func(r *http.Request) { r.Method = "" }, io.ErrClosedPipe, `Get "`},
		"response and error": {testEndpoint, roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, _ := ok(r)
			return resp, io.ErrClosedPipe
		}), nil, io.ErrClosedPipe, ""},
		"HTTPS to an HTTP server": {strings.Replace(plain.URL, "http:", "https:", 1),
			&http.Transport{TLSClientConfig: insecure}, nil, http.ErrSchemeMismatch, "server gave HTTP response to HTTPS client"},
		"HTTPS through an HTTP proxy": {"https://games.example.com", &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: insecure},
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
			client, transport := call(jar), call(nil)
			if diff := cmp.Diff(client, transport); diff != "" {
				t.Errorf("result (-client +transport):\n%s", diff)
			}
			failed := test.is != nil || test.want != ""
			if failed != (transport.Error != "") || !strings.Contains(transport.Error, test.want) || failed && !transport.Expects {
				t.Errorf("got error %q, want one that contains %q and wraps %v", transport.Error, test.want, test.is)
			}
		})
	}
}

// beforeSending returns an API option that calls change with each request before sending it.
func beforeSending(change func(*http.Request)) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Own", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			change(in.Request.(*smithyhttp.Request).Request)
			return next.HandleDeserialize(ctx, in)
		}), middleware.After)
	}
}

// TestOutputsDoNotRetainRequests checks that an output does not keep its request reachable, unless the HTTP client's
// response refers to it.
func TestOutputsDoNotRetainRequests(t *testing.T) {
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
		for range 10 { // one collection may not suffice
			if runtime.GC(); request.Value() == nil {
				break
			}
		}
		if request.Value() != nil {
			t.Error("the request is still reachable from the output")
		}
		runtime.KeepAlive(out)
	})
}
