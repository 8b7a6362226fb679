package project_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/server"
)

// TestFaultAtEveryRequest injects a fault at each request of an apply, in turn. The steps that apply reports as done have
// taken effect. The next run of the same plan completes it, without an additional snapshot.
func TestFaultAtEveryRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault server.Fault
	}{
		{"error", server.Fault{Code: "InternalServerException"}},
		{"denied", server.Fault{Code: "AccessDeniedException"}},
		{"dropped connection", server.Fault{DropConnection: true}},
		{"dropped response", server.Fault{DropResponse: true}},
		{"truncated response", server.Fault{Truncate: true}},
		{"malformed response", server.Fault{Malformed: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t)
			client := srv.Client()
			failures, successes := 0, 0
			for n := 1; ; n++ {
				before, after := changedGame(t, fmt.Sprintf("game%d", n))
				mustApply(t, client, before)
				plan := mustPlan(t, client, after)

				injected := false
				faulty := newClient(srv, &wire{before: func(i int, _ string) error {
					if i != n {
						return nil
					}
					injected = true
					fault := test.fault
					fault.Count = 1
					_, err := srv.Inject(fault)
					return err
				}})
				result, err := project.Apply(t.Context(), faulty, plan, applyOptions("beta", "live"))
				srv.ClearFaults() // the request may have been refused before the fault
				if err != nil {
					failures++
					checkReport(t, client, before, after, result, err)
				} else {
					successes++
				}
				waitForDeployments(t, client, after.Name, "beta", "live")
				if _, err := project.Apply(t.Context(), client, plan, applyOptions("beta", "live")); err != nil {
					t.Fatalf("the run after a fault at request %d: %v", n, err)
				}
				checkGame(t, client, after)
				ids := snapshotIDs(t, client, after.Name)
				if len(ids) != 2 {
					t.Errorf("%d snapshots after a fault at request %d, want 2", len(ids), n)
				}
				checkStage(t, client, after.Name, "beta", ids[0])
				checkStage(t, client, after.Name, "live", ids[0])
				if !injected { // the apply has fewer requests
					if failures < 5 { // net/http retries a GET whose connection is dropped
						t.Errorf("%d of %d runs failed, want at least 5", failures, n)
					}
					break
				}
			}
			if lost := test.fault.DropResponse || test.fault.Truncate || test.fault.Malformed; lost && successes < 2 {
				t.Error("no unknown outcome was resolved")
			}
		})
	}
}

// waitForDeployments waits until no deployment to the stages is in progress, since apply refuses to start another one.
func waitForDeployments(t *testing.T, client *gamesparks.Client, game string, stages ...string) {
	t.Helper()
	wait := gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
	})
	for _, stage := range stages {
		err := wait.Wait(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: &game, StageName: &stage}, time.Minute)
		if err != nil && !gamesparks.IsNotFound(err) {
			t.Fatal(err)
		}
	}
}

// changedGame returns two states of a game that differ in all of their parts.
func changedGame(t *testing.T, name string) (before, after *project.Game) {
	t.Helper()
	before = newGame(t, name, "A", `{"v":1,"w":1}`, "B", `{"v":1}`)
	before.Description, before.Tags = "before", map[string]string{"team": "coast", "old": ""}
	before.Stages = map[string]project.Stage{
		"live": {Role: role, Description: "before", Tags: map[string]string{"old": "x"}}, "gone": {Role: role},
	}
	after = newGame(t, name, "A", `{"v":2,"w":2}`, "B", `{"v":1}`, "C", `{"v":1}`)
	after.Description, after.Tags = "after", map[string]string{"team": "harbor", "new": "1"}
	after.Stages = map[string]project.Stage{
		"live": {Role: role + "2", Tags: map[string]string{"new": "x"}}, "beta": {Role: role, Description: "new", Tags: map[string]string{"a": "b"}},
	}
	return before, after
}

// checkReport checks that the steps that a failed apply reports as done have taken effect, and that the others have not.
func checkReport(t *testing.T, client *gamesparks.Client, before, after *project.Game, result *project.ApplyResult, err error) {
	t.Helper()
	failed, ok := errors.AsType[*project.ApplyError](err)
	if !ok { // before the first write
		if len(result.Done) > 0 {
			t.Errorf("done: %q, error %v", result.Done, err)
		}
		checkGame(t, client, before)
		return
	}
	if !strings.Contains(err.Error(), failed.Step) || !strings.Contains(err.Error(), "Not done: ") {
		t.Errorf("the message %q does not name the failed step", err)
	}
	got, err := project.FetchGame(t.Context(), client, before.Name)
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]bool{
		"create stage beta":   got.Stages["beta"].Role != "",
		"write configuration": string(got.Sections["A"]) == string(after.Sections["A"]),
		"delete stage gone":   got.Stages["gone"].Role == "",
	}
	for step, isDone := range facts {
		if reported := slices.Contains(result.Done, step); reported != isDone && !failed.Unknown {
			t.Errorf("%q reported as done: %v, in fact: %v; error %v", step, reported, isDone, failed)
		}
		if slices.Contains(result.Done, step) == slices.Contains(result.NotDone, step) {
			t.Errorf("%q is in %q and in %q", step, result.Done, result.NotDone)
		}
	}
	for name, content := range got.Sections {
		if s := string(content); s != string(before.Sections[name]) && s != string(after.Sections[name]) {
			t.Errorf("the section %s is %s", name, s)
		}
	}
}

// TestInterrupt cancels an apply before or after the server handles its write of the configuration. Apply still
// reads the outcome, and reports the completed steps.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, written := range []bool{false, true} {
		srv := startServer(t)
		client := srv.Client()
		before, after := changedGame(t, "lighthouse")
		mustApply(t, client, before)
		ctx, cancel := context.WithCancel(t.Context())
		interrupt := func(request string) error {
			if isConfigurationWrite(request) {
				cancel()
				return ctx.Err()
			}
			return nil
		}
		w := &wire{before: func(_ int, request string) error { return interrupt(request) }}
		if written {
			w = &wire{after: interrupt}
		}
		result, err := project.Apply(ctx, newClient(srv, w), mustPlan(t, client, after), applyOptions())
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want context.Canceled", err)
		}
		checkReport(t, client, before, after, result, err)
		if failed, ok := errors.AsType[*project.ApplyError](err); !ok || failed.Unknown {
			t.Errorf("the outcome is unknown: %v", err)
		}
		if got := slices.Contains(result.Done, "write configuration"); got != written {
			t.Errorf("the configuration is reported as written: %v, want %v", got, written)
		}
		mustApply(t, client, after)
		checkGame(t, client, after)
	}
}

// TestOutcomeCannotBeRead checks that a write whose response is lost has an unknown outcome if the game is not found afterwards,
// and that the result then has the previous configuration.
func TestOutcomeCannotBeRead(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	client := srv.Client()
	before, after := changedGame(t, "lighthouse")
	mustApply(t, client, before)
	w := &wire{after: func(request string) error {
		if !isConfigurationWrite(request) {
			return nil
		}
		_, err := srv.Inject(server.Fault{Operation: "GetGameConfiguration", Code: "ResourceNotFoundException"})
		return errors.Join(err, errors.New("the response is lost"))
	}}
	result, err := project.Apply(t.Context(), newClient(srv, w), mustPlan(t, client, after), applyOptions())
	if failed, ok := errors.AsType[*project.ApplyError](err); !ok || !failed.Unknown {
		t.Errorf("error %v, want an unknown outcome", err)
	}
	if ids := snapshotIDs(t, client, "lighthouse"); len(ids) != 1 || result.PreviousSnapshotID != ids[0] {
		t.Errorf("the previous configuration is the snapshot %q, want one of %q", result.PreviousSnapshotID, ids)
	}
}

// TestServerWithoutConditions applies plans through a proxy that removes conditional writes, while another program changes
// the configuration between the read and the write. It documents which changes Apply detects.
func TestServerWithoutConditions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		after string // the planned content of section A
		path  string // of section A that the other program sets to 9
		want  string // the conflict, or "" if the change of the other program is lost
		final string
	}{
		{"another value is detected", `{"v":2,"w":1}`, "/w", "section A /w: expected 1, found 9", `{"v":2,"w":9}`},
		{"a new value is detected", `{"v":2,"w":1}`, "/x", "section A /x: expected nothing, found 9", `{"v":2,"w":1,"x":9}`},
		{"the same value is lost", `{"v":2,"w":1}`, "/v", "", `{"v":2,"w":1}`},
		{"an import loses every change", `[1]`, "/w", "", `[1]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t, server.WithAnonymousAccess())
			client := srv.Client()
			proxy := newUnconditionalProxy(t, srv)
			mustApply(t, client, newGame(t, "lighthouse", "A", `{"v":1,"w":1}`))

			unprotected := gamesparks.NewFromConfig(srv.Config(), func(o *gamesparks.Options) {
				o.BaseEndpoint = &proxy
				o.HTTPClient = &wire{before: func(_ int, request string) error {
					if isConfigurationWrite(request) {
						modify(t, client, "lighthouse", "A", test.path, 9)
					}
					return nil
				}}
			})
			result, err := project.Apply(t.Context(), unprotected, mustPlan(t, client, newGame(t, "lighthouse", "A", test.after)), project.ApplyOptions{})
			if !result.Unconditional {
				t.Error("the result reports a conditional write")
			}
			if test.want == "" {
				if err != nil {
					t.Errorf("error %v", err)
				}
			} else if stale := wantStale(t, err); !stale.Written || stale.Conflicts[0].String() != test.want {
				t.Errorf("error %v, want the conflict %q", stale, test.want)
			}
			if got := string(section(t, client, "lighthouse", "A")); got != test.final {
				t.Errorf("the section is %s, want %s", got, test.final)
			}
		})
	}
}

// newUnconditionalProxy returns the URL of a proxy that removes conditional writes. The server must accept anonymous
// requests.
func newUnconditionalProxy(t *testing.T, srv *server.Server) string {
	t.Helper()
	target, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			for _, header := range []string{"If-Match", "Authorization"} { // the signature covers If-Match
				r.Out.Header.Del(header)
			}
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("ETag")
			return nil
		},
		ErrorLog: log.New(io.Discard, "", 0),
	})
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// TestUnconditionalWriteIsNotRepeated drops the response to a write without a condition. A retry would insert the item
// twice.
func TestUnconditionalWriteIsNotRepeated(t *testing.T) {
	t.Parallel()
	srv := startServer(t, server.WithAnonymousAccess())
	proxy := newUnconditionalProxy(t, srv)
	client := gamesparks.NewFromConfig(srv.Config(), func(o *gamesparks.Options) { o.BaseEndpoint = &proxy })
	mustApply(t, client, newGame(t, "lighthouse", "A", `{"a":[1]}`))
	if _, err := srv.Inject(server.Fault{Operation: "UpdateGameConfiguration", Count: 1, DropResponse: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := project.Apply(t.Context(), client, mustPlan(t, client, newGame(t, "lighthouse", "A", `{"a":[0,1]}`)), applyOptions()); err != nil {
		t.Error(err)
	}
	checkGame(t, client, newGame(t, "lighthouse", "A", `{"a":[0,1]}`))
}

// TestDeploymentFails applies a change to two stages, one of which fails.
func TestDeploymentFails(t *testing.T) {
	t.Parallel()
	client := startServer(t, server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
		if d.Stage == "beta" {
			return server.Outcome{Code: "INVALID_ROLE_FAILURE", Message: "no such role"}
		}
		return server.Outcome{}
	})).Client()
	g := newGame(t, "lighthouse", "A", `{"v":1}`)
	g.Stages = map[string]project.Stage{"beta": {Role: role}, "live": {Role: role}}
	result, err := project.Apply(t.Context(), client, mustPlan(t, client, g), applyOptions("beta", "live"))
	if _, ok := errors.AsType[*gamesparks.DeploymentFailedError](err); !ok || !strings.Contains(err.Error(), "no such role") {
		t.Fatalf("error %v, want a DeploymentFailedError", err)
	}
	checkGame(t, client, g)
	checkStage(t, client, "lighthouse", "live", result.SnapshotID)
	want := []string{"deploy to beta"}
	if diff := cmp.Diff(want, result.NotDone); diff != "" || !slices.Contains(result.Done, "deploy to live") {
		t.Errorf("done: %q; not done (-want +got):\n%s", result.Done, diff)
	}
	if text := err.Error(); !strings.HasPrefix(text, "lighthouse: deploy to beta, live: stage beta: deployment ") || !strings.HasSuffix(text, "\nRun apply again to continue.") {
		t.Errorf("the message is\n%s", text)
	}
	result, err = project.Apply(t.Context(), client, mustPlan(t, client, g), applyOptions("live", "beta"))
	if diff := cmp.Diff(want, result.NotDone); diff != "" || err == nil || !slices.Contains(result.Done, "deploy to live") {
		t.Errorf("error %v, done: %q; not done (-want +got):\n%s", err, result.Done, diff)
	}
}

// TestConnectionLostDuringDeployment loses the connection after a deployment has been started, or with the response to the call
// that starts it. The error does not claim that the deployment failed.
func TestConnectionLostDuringDeployment(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection lost")
	for _, test := range []struct {
		name string
		// isLost reports whether the connection is lost before or after a request, when a deployment was requested before it.
		isLost func(request string, after, requested bool) bool
		want   string
	}{
		{"after the start", func(_ string, after, requested bool) bool { return requested && !after },
			"\nNot done: deploy to live.\nThe deployment to live continues on the server; run gamesparks status to see how it ends."},
		{"with the response", func(request string, after, _ bool) bool { return after && isDeploymentStart(request) },
			"\nNot done: deploy to live.\nThe deployment to live may have started; run gamesparks status to see whether it has."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t, server.WithDeploymentTime(time.Hour, time.Hour))
			g := newGame(t, "lighthouse", "A", `{"v":1}`)
			g.Stages = map[string]project.Stage{"live": {Role: role}}
			var requested atomic.Bool
			fault := func(request string, after bool) error {
				isLost := test.isLost(request, after, requested.Load())
				requested.Store(requested.Load() || isDeploymentStart(request))
				if isLost {
					return lost
				}
				return nil
			}
			client := newClient(srv, &wire{
				before: func(_ int, request string) error { return fault(request, false) },
				after:  func(request string) error { return fault(request, true) },
			})
			result, err := project.Apply(t.Context(), client, mustPlan(t, client, g), applyOptions("live"))
			if !errors.Is(err, lost) || !strings.HasSuffix(err.Error(), test.want) || strings.Contains(err.Error(), "failed;") {
				t.Errorf("the error is\n%v\nwant it to end with\n%s", err, test.want)
			}
			if diff := cmp.Diff([]string{"deploy to live"}, result.NotDone); diff != "" {
				t.Errorf("not done (-want +got):\n%s", diff)
			}
		})
	}
}

func isDeploymentStart(request string) bool {
	method, path, _ := strings.Cut(request, " ")
	return method == http.MethodPost && strings.HasSuffix(path, "/deployment")
}

// TestSnapshotIsCreatedOnce checks that the retries of a client do not create additional snapshots, and that a throttled
// call is retried.
func TestSnapshotIsCreatedOnce(t *testing.T) {
	t.Parallel()
	for _, fault := range []server.Fault{
		{Operation: "CreateSnapshot", Count: 1, DropResponse: true},
		{Operation: "CreateSnapshot", Count: 1, Truncate: true},
		{Operation: "CreateSnapshot", Count: 1, Code: "ThrottlingException"},
	} {
		srv := startServer(t)
		client := gamesparks.NewFromConfig(srv.Config(), func(o *gamesparks.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.Backoff = retry.BackoffDelayerFunc(noDelay) })
		})
		mustApply(t, client, newGame(t, "lighthouse", "A", `{"v":1}`))
		if _, err := srv.Inject(fault); err != nil {
			t.Fatal(err)
		}
		result := mustApply(t, client, newGame(t, "lighthouse", "A", `{"v":2}`))
		if ids := snapshotIDs(t, client, "lighthouse"); len(ids) != 1 || ids[0] != result.PreviousSnapshotID || !result.PreviousSnapshotCreated {
			t.Errorf("fault %+v: snapshots %q, result %+v", fault, ids, result)
		}
	}
}

func noDelay(int, error) (time.Duration, error) { return 0, nil }

// TestDeploymentInProgress checks that nothing is written while a deployment to a stage is in progress.
func TestDeploymentInProgress(t *testing.T) {
	t.Parallel()
	client := startServer(t, server.WithDeploymentTime(time.Hour, time.Hour)).Client()
	before, after := changedGame(t, "lighthouse")
	mustApply(t, client, before)
	snapshot, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: &before.Name})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartStageDeployment(t.Context(), &gamesparks.StartStageDeploymentInput{
		GameName: &before.Name, StageName: new("live"), SnapshotId: snapshot.Snapshot.Id,
	}); err != nil {
		t.Fatal(err)
	}
	_, err = project.Apply(t.Context(), client, mustPlan(t, client, after), applyOptions("live"))
	if _, ok := errors.AsType[*deploy.DeploymentInProgressError](err); !ok {
		t.Errorf("error %v, want a DeploymentInProgressError", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "nothing was written: stage live: deployment ") || !strings.HasSuffix(text, " is PENDING: wait until it has ended") {
		t.Errorf("the message is %q", text)
	}
	checkGame(t, client, before)
}
