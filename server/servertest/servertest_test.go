package servertest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// failureRecorder is a testing.TB that records the message of Fatalf.
type failureRecorder struct {
	testing.TB
	message string
}

func (r *failureRecorder) Fatalf(format string, args ...any) {
	r.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	recorder := &failureRecorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		servertest.Start(recorder, server.WithRegion("nowhere"))
	}()
	<-done
	if !strings.HasPrefix(recorder.message, "start server: ") || !strings.Contains(recorder.message, `"nowhere"`) {
		t.Errorf("got message %q, want one that names the region", recorder.message)
	}
}

// TestCreateGame is the example from the package documentation.
func TestCreateGame(t *testing.T) {
	client := servertest.Start(t).Client()
	created, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")})
	if err != nil {
		t.Fatal(err)
	}
	if got := *created.Game.Name; got != "chess" {
		t.Errorf("got game %q, want \"chess\"", got)
	}
}
