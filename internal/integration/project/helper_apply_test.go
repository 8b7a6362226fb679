package project_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

const role = "arn:aws:iam::123456789012:role/lighthouse"

// startServer starts a server whose deployments and deletions take a millisecond.
func startServer(t testing.TB, options ...server.Option) *server.Server {
	t.Helper()
	return servertest.Start(t, append([]server.Option{
		server.WithDeploymentTime(time.Millisecond, time.Millisecond), server.WithDeletionTime(time.Millisecond),
	}, options...)...)
}

// wire is an HTTP client that records the requests of a client and can intercept them.
type wire struct {
	// before is called before each request with its number, starting at 1, and its method and path, separated by a space. If it
	// returns an error, the request is not sent. Optional.
	before func(n int, request string) error

	// after is called when a response has arrived. If it returns an error, the client does not receive the response.
	// Optional.
	after func(request string) error

	mu       sync.Mutex
	requests []string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	request := r.Method + " " + r.URL.Path
	w.mu.Lock()
	w.requests = append(w.requests, request)
	n := len(w.requests)
	w.mu.Unlock()
	if w.before != nil {
		if err := w.before(n, request); err != nil {
			return nil, err
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err == nil && w.after != nil {
		if err := w.after(request); err != nil {
			_ = response.Body.Close()
			return nil, err
		}
	}
	return response, err
}

// count returns the number of requests that match.
func (w *wire) count(matches func(request string) bool) int {
	n := 0
	for _, request := range w.requests {
		if matches(request) {
			n++
		}
	}
	return n
}

func isConfigurationWrite(request string) bool {
	method, path, _ := strings.Cut(request, " ")
	return method != http.MethodGet && strings.HasSuffix(path, "/configuration")
}

// newClient returns a client without retries that sends its requests through w.
func newClient(srv *server.Server, w *wire) *gamesparks.Client {
	return gamesparks.NewFromConfig(srv.Config(), func(o *gamesparks.Options) {
		o.HTTPClient, o.RetryMaxAttempts = w, 1
	})
}

// newGame returns the state of a game with sections as pairs of name and content.
func newGame(t testing.TB, name string, sections ...string) *project.Game {
	t.Helper()
	g := &project.Game{Name: name, Sections: map[string]json.RawMessage{}}
	for i := 0; i < len(sections); i += 2 {
		content, err := project.Canonical([]byte(sections[i+1]))
		if err != nil {
			t.Fatal(err)
		}
		g.Sections[sections[i]] = content
	}
	return g
}

// mustPlan plans a game, with pruning.
func mustPlan(t testing.TB, client project.Reader, g *project.Game) *project.Plan {
	t.Helper()
	p, err := project.NewPlan(t.Context(), client, g, project.PlanOptions{Prune: true, PruneStages: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustApply makes a server's game equal to g.
func mustApply(t testing.TB, client project.Client, g *project.Game, stages ...string) *project.ApplyResult {
	t.Helper()
	result, err := project.Apply(t.Context(), client, mustPlan(t, client, g), applyOptions(stages...))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func applyOptions(stages ...string) project.ApplyOptions {
	return project.ApplyOptions{Stages: stages, Deploy: []func(*deploy.Options){func(o *deploy.Options) {
		o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			o.MinDelay, o.MaxDelay = time.Millisecond, 5*time.Millisecond
		})
	}}}
}

// checkGame checks that a server's game equals g.
func checkGame(t testing.TB, client project.Reader, g *project.Game) {
	t.Helper()
	got, err := project.FetchGame(t.Context(), client, g.Name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(texts(g), texts(&got.Game)); diff != "" {
		t.Errorf("the game on the server differs (-want +got):\n%s", diff)
	}
}

// texts returns a game with the contents of its sections as texts.
func texts(g *project.Game) any {
	sections := map[string]string{}
	for name, content := range g.Sections {
		sections[name] = string(content)
	}
	stages := map[string]project.Stage{}
	for name, stage := range g.Stages {
		stages[name] = stage
	}
	return []any{g.Name, g.Description, g.Tags, stages, sections}
}

// snapshotIDs returns the IDs of a game's snapshots, newest first.
func snapshotIDs(t testing.TB, client *gamesparks.Client, game string) []string {
	t.Helper()
	var ids []string
	for s, err := range gamesparks.NewListSnapshotsPaginator(client, &gamesparks.ListSnapshotsInput{GameName: &game}).Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, aws.ToString(s.Id))
	}
	return ids
}

// wantStale fails the test unless err is a StaleError, which it returns.
func wantStale(t testing.TB, err error) *project.StaleError {
	t.Helper()
	stale, ok := errors.AsType[*project.StaleError](err)
	if !ok {
		t.Fatalf("error %v, want a StaleError", err)
	}
	return stale
}

// checkStage checks which snapshot a stage runs.
func checkStage(t testing.TB, client *gamesparks.Client, game, stage, snapshotID string) {
	t.Helper()
	d, err := project.FetchDeployments(t.Context(), client, game, stage)
	if err != nil {
		t.Fatal(err)
	}
	if d.Current == nil || aws.ToString(d.Current.SnapshotId) != snapshotID {
		t.Errorf("the stage %s runs %+v, want %s", stage, d.Current, snapshotID)
	}
}
