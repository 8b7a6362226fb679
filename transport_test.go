package gamesparks_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestHTTPClientAndItsTransport shows that a call does the same with an http.Client that adds something to its transport,
// through which it is sent, and with one that adds nothing, whose transport it is sent by.
func TestHTTPClientAndItsTransport(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	ok := func(r *http.Request) (*http.Response, error) {
		user, password, _ := r.BasicAuth()
		body := `{"Game":{"Name":"` + user + password + r.Header.Get("Cookie") + `"}}`
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	tests := map[string]struct {
		endpoint  string
		transport http.RoundTripper
		is        error  // among those in the chain, when not nil
		want      string // in the error, or else there is none
	}{
		"answer":             {testEndpoint, roundTripper(ok), nil, ""},
		"default transport":  {plain.URL, nil, nil, "StatusCode: 404"},
		"user in the URL":    {"https://user:password@games.example.com", roundTripper(ok), nil, ""},
		"neither of the two": {testEndpoint, roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil }), nil, "returned a nil *Response with a nil error"},
		"no body": {testEndpoint, roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 404, Header: http.Header{}, Request: r}, nil
		}), nil, "StatusCode: 404"},
		"failure": {testEndpoint, roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrClosedPipe }), io.ErrClosedPipe,
			`Get "` + testEndpoint + `/game/g"`},
		"answer and failure": {testEndpoint, roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, _ := ok(r)
			return resp, io.ErrClosedPipe
		}), io.ErrClosedPipe, ""},
		"HTTPS with a server of HTTP": {strings.Replace(plain.URL, "http:", "https:", 1),
			&http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, http.ErrSchemeMismatch, "server gave HTTP response to HTTPS client"},
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
