package gamesparks_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// TestWaiterCallsOfClient checks that a waiter's options apply to the calls that its client makes.
func TestWaiterCallsOfClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests []*http.Request
		service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests = append(requests, r)
			state := "PENDING"
			if len(requests) == 3 {
				state = "COMPLETED"
			}
			fmt.Fprintf(w, `{"StageDeployment":{"DeploymentId":"d-1","DeploymentState":%q}}`, state)
		})
		var log bytes.Buffer
		client := newClient(inMemory{service}, func(o *gamesparks.Options) { o.Logger = logging.NewStandardLogger(&log) })
		w := gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			o.ClientOptions = append(o.ClientOptions, func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("http://elsewhere") })
			o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Wait", "for all"))
		})
		params := &gamesparks.GetStageDeploymentInput{GameName: aws.String("chess"), StageName: aws.String("live")}
		if err := w.Wait(t.Context(), params, time.Hour, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			o.LogWaitAttempts = true
			o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Wait", "for one"))
		}); err != nil {
			t.Fatal(err)
		}

		var urls []string
		for _, r := range requests {
			urls = append(urls, r.URL.String())
			if diff := cmp.Diff([]string{"for all", "for one"}, r.Header.Values("X-Wait")); diff != "" {
				t.Errorf("headers set by APIOptions (-want +got):\n%s", diff)
			}
			if !slices.Contains(features(r), "B") {
				t.Errorf("User-Agent %q does not list the waiter feature", r.UserAgent())
			}
		}
		const url = "http://elsewhere/game/chess/stage/live/deployment"
		if diff := cmp.Diff([]string{url, url + "?DeploymentId=d-1", url + "?DeploymentId=d-1"}, urls); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		for i := 1; i <= 3; i++ {
			if line := fmt.Sprintf("attempting waiter request, attempt count: %d\n", i); strings.Count(log.String(), line) != 1 {
				t.Errorf("the log does not contain exactly one line for attempt %d:\n%s", i, log.String())
			}
		}

		log.Reset()
		requests = requests[:2]
		if err := w.Wait(t.Context(), params, time.Hour); err != nil || len(requests) != 3 || log.Len() != 0 {
			t.Errorf("got error %v and log %q, want no error, one request and an empty log", err, log.String())
		}
		if diff := cmp.Diff([]string{"for all"}, requests[2].Header.Values("X-Wait")); diff != "" {
			t.Errorf("headers set by APIOptions (-want +got):\n%s", diff)
		}
	})
}

// TestWaiterTimeoutOfClient checks the errors returned by a waiter if the service does not respond. The client wraps the
// context's error.
func TestWaiterTimeoutOfClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		w := gamesparks.NewGameDeletedWaiter(client)
		params := &gamesparks.GetGameInput{GameName: aws.String("chess")}

		start := time.Now()
		err := w.Wait(t.Context(), params, time.Minute)
		if got, ok := waiterCases[2].timeout(err); !ok || got != (timeout{Attempts: 1}) || time.Since(start) != time.Minute {
			t.Errorf("got error %v after %v, want a timeout after one minute", err, time.Since(start))
		}

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := w.Wait(ctx, params, time.Minute); err == nil || !strings.HasPrefix(err.Error(), "request cancelled while waiting, ") {
			t.Errorf("error %v", err)
		}
	})
}

// TestWaiterFailingAPIOption checks that the wait ends if an API option returns an error.
func TestWaiterFailingAPIOption(t *testing.T) {
	t.Parallel()
	client := newClient(inMemory{http.NotFoundHandler()})
	w := gamesparks.NewGameDeletedWaiter(client, func(o *gamesparks.GameDeletedWaiterOptions) {
		o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return io.ErrClosedPipe })
	})
	if err := w.Wait(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("chess")}, time.Minute); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}
