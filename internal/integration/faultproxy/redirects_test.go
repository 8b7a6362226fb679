package faultproxy_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
)

// TestRedirects checks that no HTTP client follows a redirect, regardless of the target, since the redirected request
// would carry the credentials.
func TestRedirects(t *testing.T) {
	follow := func(*http.Request, []*http.Request) error { return nil }
	clients := map[string]func(*fixture) gamesparks.HTTPClient{
		"net/http": func(f *fixture) gamesparks.HTTPClient { return &http.Client{Transport: f.recorder} },
		"net/http, CheckRedirect": func(f *fixture) gamesparks.HTTPClient {
			return &http.Client{Transport: f.recorder, CheckRedirect: follow}
		},
		"BuildableClient":          func(*fixture) gamesparks.HTTPClient { return newBuildableClient(shortTimeout) },
		"BuildableClient, frozen":  func(*fixture) gamesparks.HTTPClient { return newBuildableClient(shortTimeout).Freeze() },
		"BuildableClient, timeout": func(*fixture) gamesparks.HTTPClient { return newBuildableClient(shortTimeout).WithTimeout(callLimit) },
	}
	for name, client := range clients {
		for _, perCall := range []bool{false, true} {
			withBothExecutors(t, fmt.Sprintf("%s, option of the call %t", name, perCall), func(t *testing.T, executor func(*gamesparks.Options)) {
				f := newFixture(t, executor)
				var followed atomic.Int64
				other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
				defer other.Close()
				setOptions := func(o *gamesparks.Options) {
					o.HTTPClient = client(f)
					o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local", SessionToken: "session"}, nil
					})
				}
				var callOptions []func(*gamesparks.Options)
				if perCall {
					callOptions = append(callOptions, setOptions)
				} else {
					f.client = gamesparks.New(f.client.Options(), setOptions)
				}
				for _, status := range []int{301, 302, 303, 307, 308} {
					_, port, _ := strings.Cut(strings.TrimPrefix(other.URL, "http://"), ":")
					for _, location := range []string{other.URL, "http://localhost:" + port, f.proxy.URL + "/game", "/game", ""} {
						before := len(f.proxy.Requests())
						f.proxy.Next(faultproxy.Respond(status, "", "Location", location))
						err := f.getGame(t.Context(), t, callLimit, callOptions...)
						if !isResponseError(status, "UnknownError")(err) {
							t.Errorf("status %d, location %q: unexpected error %v", status, location, err)
						}
						if n := len(f.proxy.Requests()) - before; n != 1 {
							t.Errorf("status %d, location %q: %d requests, want 1", status, location, n)
						}
					}
				}
				if n := followed.Load(); n != 0 {
					t.Errorf("%d requests followed a redirect to another server, want 0", n)
				}
				if n := f.lastConnection(); n != 1 && f.recorder.attemptCount() > 0 {
					t.Errorf("%d connections, want 1", n)
				}
			})
		}
	}
}

// newBuildableClient returns an HTTP client whose idle connections time out after idle. BuildableClient has no method
// to close them.
func newBuildableClient(idle time.Duration) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.IdleConnTimeout = idle })
}
