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

// TestRedirects shows that no redirect is followed, whatever the client and wherever it leads, since the credentials
// would go with it.
func TestRedirects(t *testing.T) {
	follow := func(*http.Request, []*http.Request) error { return nil }
	clients := map[string]func(*world) gamesparks.HTTPClient{
		"client of net/http":              func(w *world) gamesparks.HTTPClient { return &http.Client{Transport: w.spy} },
		"client that likes to follow":     func(w *world) gamesparks.HTTPClient { return &http.Client{Transport: w.spy, CheckRedirect: follow} },
		"client of the SDK":               func(*world) gamesparks.HTTPClient { return ofSDK(short) },
		"client of the SDK, frozen":       func(*world) gamesparks.HTTPClient { return ofSDK(short).Freeze() },
		"client of the SDK with timeouts": func(*world) gamesparks.HTTPClient { return ofSDK(short).WithTimeout(patience) },
	}
	for name, client := range clients {
		for _, forCall := range []bool{false, true} {
			onBothPaths(t, fmt.Sprintf("%s, for the call %t", name, forCall), func(t *testing.T, via func(*gamesparks.Options)) {
				w := newWorld(t, via)
				var led atomic.Int64
				elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { led.Add(1) }))
				defer elsewhere.Close()
				set := func(o *gamesparks.Options) {
					o.HTTPClient = client(w)
					o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local", SessionToken: "session"}, nil
					})
				}
				var forThisCall []func(*gamesparks.Options)
				if forCall {
					forThisCall = append(forThisCall, set)
				} else {
					w.client = gamesparks.New(w.client.Options(), set)
				}
				for _, status := range []int{301, 302, 303, 307, 308} {
					_, port, _ := strings.Cut(strings.TrimPrefix(elsewhere.URL, "http://"), ":")
					for _, location := range []string{elsewhere.URL, "http://localhost:" + port, w.proxy.URL + "/game", "/game", ""} {
						before := len(w.proxy.Requests())
						w.proxy.Next(faultproxy.Respond(status, "", "Location", location))
						err := w.getGame(t.Context(), t, patience, forThisCall...)
						if !answered(status, "UnknownError")(err) {
							t.Errorf("%d to %q: got the error %v", status, location, err)
						}
						if n := len(w.proxy.Requests()) - before; n != 1 {
							t.Errorf("%d to %q: %d requests to the service", status, location, n)
						}
					}
				}
				if n := led.Load(); n != 0 {
					t.Errorf("%d requests were led elsewhere", n)
				}
				if n := w.lastConnection(); n != 1 && w.spy.tried() > 0 {
					t.Errorf("it took %d connections", n)
				}
			})
		}
	}
}

// ofSDK returns a client of the SDK that keeps idle connections for so long. Nobody can tell it to close them.
func ofSDK(idle time.Duration) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.IdleConnTimeout = idle })
}
