package faultproxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
)

// TestEarlyResponse checks that the client reuses the connection after a response that arrives before the request body
// has been sent.
func TestEarlyResponse(t *testing.T) {
	withBothExecutors(t, "", func(t *testing.T, executor func(*gamesparks.Options)) {
		f := newFixture(t, executor)
		f.proxy.Always(faultproxy.Respond(400, `{"message":"no"}`, "X-Amzn-Errortype", "ValidationException"))
		for range 50 {
			_, err := f.client.CreateGame(t.Context(), &gamesparks.CreateGameInput{
				GameName: new("harbour"), Description: new(strings.Repeat("d", 1000)),
			})
			if !isResponseError(400, "ValidationException")(err) {
				t.Fatalf("error %v, want status 400 and code ValidationException", err)
			}
		}
		if n := f.lastConnection(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
	})
}

// TestSharedConnections checks that clients and calls that share an HTTP client share its connections, although each
// client and call wraps the HTTP client.
func TestSharedConnections(t *testing.T) {
	withBothExecutors(t, "", func(t *testing.T, executor func(*gamesparks.Options)) {
		f := newFixture(t, executor)
		shared := newBuildableClient(2 * time.Second)
		share := func(o *gamesparks.Options) { o.HTTPClient = shared }
		for range 3 {
			client := gamesparks.New(f.client.Options(), share)
			if _, err := client.ListGames(t.Context(), nil); err != nil {
				t.Error(err)
			}
			if err := f.getGame(t.Context(), t, callLimit, share); err != nil {
				t.Error(err)
			}
		}
		if n := f.lastConnection(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
	})
}
