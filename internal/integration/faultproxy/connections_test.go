package faultproxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
)

// TestEarlyAnswer shows that a service that answers by the head of a request alone, and so while the body is still under
// way, does not cost the connection.
func TestEarlyAnswer(t *testing.T) {
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		w := newWorld(t, via)
		w.proxy.Always(faultproxy.Respond(400, `{"message":"no"}`, "X-Amzn-Errortype", "ValidationException"))
		for range 50 {
			_, err := w.client.CreateGame(t.Context(), &gamesparks.CreateGameInput{
				GameName: aws.String("harbour"), Description: aws.String(strings.Repeat("d", 1000)),
			})
			if !answered(400, "ValidationException")(err) {
				t.Fatalf("got the error %v", err)
			}
		}
		if n := w.lastConnection(); n != 1 {
			t.Errorf("it took %d connections", n)
		}
	})
}

// TestSharedConnections shows that clients and calls that are given the same HTTP client share its connections, though
// what sends their requests is made from it.
func TestSharedConnections(t *testing.T) {
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		w := newWorld(t, via)
		shared := ofSDK(2 * time.Second)
		share := func(o *gamesparks.Options) { o.HTTPClient = shared }
		for range 3 {
			one := gamesparks.New(w.client.Options(), share)
			if _, err := one.ListGames(t.Context(), nil); err != nil {
				t.Error(err)
			}
			if err := w.getGame(t.Context(), t, patience, share); err != nil {
				t.Error(err)
			}
		}
		if n := w.lastConnection(); n != 1 {
			t.Errorf("it took %d connections", n)
		}
	})
}
