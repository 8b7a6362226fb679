// Package servertest starts a GameSparks server for a test, in one line:
//
//	func TestCreateGame(t *testing.T) {
//		client := servertest.Start(t).Client()
//		created, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")})
//		if err != nil {
//			t.Fatal(err)
//		}
//		if got := *created.Game.Name; got != "chess" {
//			t.Errorf("got game %q, want chess", got)
//		}
//	}
//
// Options of package server change the behavior of the service, and [server.Service.Inject] makes requests fail.
package servertest

import (
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
)

// Start starts a server that runs until the test and all its subtests have finished. The test fails if the server cannot
// be started or closed. Servers share no state, so each parallel test can start one.
func Start(t testing.TB, opts ...server.Option) *server.Server {
	t.Helper()
	srv, err := server.Start(opts...)
	if err != nil {
		t.Fatalf("start server: %v", err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("close server: %v", err)
		}
	})
	return srv
}
