package servertest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// failureRecorder is a test that records the message of Fatalf.
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
	if !strings.HasPrefix(recorder.message, "start the server: ") || !strings.Contains(recorder.message, `"nowhere"`) {
		t.Errorf("message %q", recorder.message)
	}
}
