// Package servertest starts a GameSparks server for a test in one line:
//
//	func TestLighthouse(t *testing.T) {
//		client := servertest.Start(t).Client()
//		_, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("lighthouse")})
//		// ...
//	}
package servertest

import (
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
)

// Start starts a server that runs until the test and all its subtests have finished. It fails the test if the server
// cannot start or cannot be closed. Servers share nothing, so parallel tests can each start their own.
func Start(t testing.TB, opts ...server.Option) *server.Server {
	t.Helper()
	srv, err := server.Start(opts...)
	if err != nil {
		t.Fatalf("start the server: %v", err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("close the server: %v", err)
		}
	})
	return srv
}
