package faultproxy_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.uber.org/goleak"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

const (
	// soakDuration is the environment variable that sets the duration of TestSoak, such as 10m.
	soakDuration = "GAMESPARKS_SOAK"

	// soakSeed is the environment variable that sets the seed, to repeat an earlier run.
	soakSeed = "GAMESPARKS_SOAK_SEED"

	soakWorkers = 4
)

// TestSoak applies random faults to random operations. Each call must return in time, with correct output or an
// expected error. Each write must take effect at most once, and no connection, body or goroutine may leak. The logged
// seed determines the faults and operations of each worker, but not how the workers interleave.
func TestSoak(t *testing.T) {
	duration := 3 * time.Second
	if v := os.Getenv(soakDuration); v != "" {
		var err error
		if duration, err = time.ParseDuration(v); err != nil {
			t.Fatalf("%s: %v", soakDuration, err)
		}
	}
	seed := rand.Uint64()
	if v := os.Getenv(soakSeed); v != "" {
		var err error
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatalf("%s: %v", soakSeed, err)
		}
	}
	t.Logf("to repeat this run, set %s=%d", soakSeed, seed)

	t.Cleanup(func() { goleak.VerifyNone(t) })
	srv := servertest.Start(t, server.WithDeploymentTime(0, 0))
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	var workers sync.WaitGroup
	var calls, failures [soakWorkers]int
	for n := range soakWorkers {
		workers.Go(func() {
			w := newSoakWorker(t, srv, n, seed)
			defer w.close()
			for ctx.Err() == nil && !t.Failed() {
				w.step()
			}
			w.check()
			calls[n], failures[n] = w.calls, w.failures
		})
	}
	workers.Wait()
	for n := range soakWorkers {
		t.Logf("worker %d: %d calls, %d failed", n, calls[n], failures[n])
		if calls[n] == 0 || failures[n] == calls[n] {
			t.Errorf("worker %d: no call succeeded", n)
		}
	}
}

// soakWorker is a goroutine of the soak test. Each worker has its own client, proxy and game.
type soakWorker struct {
	*testing.T
	random          *rand.Rand
	proxy           *faultproxy.Proxy
	recorder        *recorder
	client          *gamesparks.Client
	direct          *gamesparks.Client // bypasses the proxy and has no timeouts
	game, stage     *string
	snapshot        *string
	calls, failures int

	// Resources created by successful calls, and resources that a failed call may have created.
	games, possibleGames map[string]bool
	deployments          []string // identifiers
	possibleDeployments  int
}

func newSoakWorker(t *testing.T, srv *server.Server, n int, seed uint64) *soakWorker {
	w := &soakWorker{
		T: t, random: rand.New(rand.NewPCG(seed, uint64(n))),
		game: new(fmt.Sprintf("worker-%d", n)), stage: new("beta"),
		games: map[string]bool{}, possibleGames: map[string]bool{},
	}
	var err error
	if w.proxy, err = faultproxy.Start(strings.TrimPrefix(srv.URL, "http://")); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{ResponseHeaderTimeout: shortTimeout}
	w.recorder = &recorder{next: transport}
	w.client = srv.Client(func(o *gamesparks.Options) {
		o.BaseEndpoint = &w.proxy.URL
		o.HTTPClient = &http.Client{Transport: w.recorder, Timeout: 4 * shortTimeout}
		o.Retryer = noBackoff()
	})
	w.direct = srv.Client(func(o *gamesparks.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	})
	if _, err := w.direct.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: w.game}); err != nil {
		t.Error(err)
		return w
	}
	snapshot, err := w.direct.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: w.game})
	if err != nil {
		t.Error(err)
		return w
	}
	w.snapshot = snapshot.Snapshot.Id
	if _, err := w.direct.CreateStage(t.Context(), &gamesparks.CreateStageInput{GameName: w.game, StageName: w.stage, Role: new(role)}); err != nil {
		t.Error(err)
	}
	return w
}

// fault returns a random fault, or nil to forward the request.
func (w *soakWorker) fault() faultproxy.Fault {
	statuses := []int{301, 307, 429, 500, 502, 503, 504}
	faults := []faultproxy.Fault{
		nil, nil, nil, nil,
		faultproxy.ResetBefore, faultproxy.LoseResponse, faultproxy.ResetInHeader, faultproxy.ResetInBody,
		faultproxy.HalfClose, faultproxy.HalfCloseInBody, faultproxy.Truncate, faultproxy.Gzip,
		faultproxy.WrongLength(1 + w.random.IntN(50)), faultproxy.WrongLength(-1 - w.random.IntN(20)),
		faultproxy.Respond(statuses[w.random.IntN(len(statuses))], "", "Retry-After", "0", "Location", "/game"),
		skewedGateway(time.Duration(w.random.IntN(100)-50)*time.Hour, "RequestTimeTooSkewed"),
	}
	if w.random.IntN(60) == 0 { // Rarely, since these take until a timeout.
		faults = []faultproxy.Fault{faultproxy.Stall, faultproxy.StallInBody, faultproxy.TrickleForever, faultproxy.Trickle}
	}
	return faults[w.random.IntN(len(faults))]
}

// step makes a random call, which has up to three attempts, with a random fault for each attempt.
func (w *soakWorker) step() {
	w.proxy.Reset()
	w.proxy.Next(w.fault(), w.fault(), w.fault())
	w.calls++
	start := time.Now()
	var err error
	switch w.random.IntN(4) {
	case 0:
		err = w.create(fmt.Sprintf("%s-%d", *w.game, w.calls))
	case 1:
		var out *gamesparks.StartStageDeploymentOutput
		out, err = w.client.StartStageDeployment(w.Context(), &gamesparks.StartStageDeploymentInput{
			GameName: w.game, StageName: w.stage, SnapshotId: w.snapshot,
		})
		if err == nil {
			w.deployments = append(w.deployments, *out.StageDeployment.DeploymentId)
		} else {
			w.possibleDeployments++
		}
	case 2:
		var out *gamesparks.GetGameOutput
		out, err = w.client.GetGame(w.Context(), &gamesparks.GetGameInput{GameName: w.game})
		if err == nil && aws.ToString(out.Game.Name) != *w.game {
			w.Errorf("GetGame returned %+v", out.Game)
		}
	case 3:
		ctx, cancel := context.WithTimeout(w.Context(), time.Duration(w.random.IntN(int(shortTimeout))))
		_, err = w.client.ListStages(ctx, &gamesparks.ListStagesInput{GameName: w.game})
		cancel()
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			err = nil // The deadline is expected.
		}
	}
	if elapsed := time.Since(start); elapsed > callLimit {
		w.Errorf("call %d took %v, want at most %v", w.calls, elapsed, callLimit)
	}
	if err != nil {
		w.failures++
	}
	if !w.isExpected(err) {
		w.Errorf("call %d: unexpected error %v", w.calls, err)
	}
}

// isExpected reports whether an injected fault can cause err.
func (w *soakWorker) isExpected(err error) bool {
	if err == nil || isSendError(nil)(err) || isDeserializationError(nil)(err) {
		return true
	}
	for _, status := range []int{301, 307, 429, 500, 502, 503, 504} {
		if isResponseError(status, "UnknownError")(err) {
			return true
		}
	}
	// The clock of the gateway can change before each attempt.
	return isResponseError(403, "RequestTimeTooSkewed")(err) || isResponseError(403, "InvalidSignatureException")(err) || isResponseError(403, "SignatureDoesNotMatch")(err)
}

func (w *soakWorker) create(name string) error {
	out, err := w.client.CreateGame(w.Context(), &gamesparks.CreateGameInput{GameName: &name})
	switch {
	case gamesparks.IsConflict(err):
		w.Errorf("a retry conflicted with the game that an earlier attempt created: %v", err)
	case err != nil:
		w.possibleGames[name] = true
	case aws.ToString(out.Game.Name) != name:
		w.Errorf("CreateGame(%q) returned %+v", name, out.Game)
	default:
		w.games[name] = true
	}
	return err
}

// check compares the resources on the server with the results of the calls.
func (w *soakWorker) check() {
	for game, err := range gamesparks.NewListGamesPaginator(w.direct, nil).Items(w.Context()) {
		if err != nil {
			w.Error(err)
			return
		}
		if name := *game.Name; strings.HasPrefix(name, *w.game+"-") {
			if !w.games[name] && !w.possibleGames[name] {
				w.Errorf("no call created the game %q", name)
			}
			delete(w.games, name)
		}
	}
	if len(w.games) > 0 {
		w.Errorf("the server has lost the games %v", w.games)
	}
	var ids []string
	for d, err := range gamesparks.NewListStageDeploymentsPaginator(w.direct, &gamesparks.ListStageDeploymentsInput{GameName: w.game, StageName: w.stage}).Items(w.Context()) {
		if err != nil {
			w.Error(err)
			return
		}
		ids = append(ids, *d.DeploymentId)
	}
	for _, id := range w.deployments {
		if !slices.Contains(ids, id) {
			w.Errorf("the server has lost the deployment %s", id)
		}
	}
	if extra := len(ids) - len(w.deployments); extra > w.possibleDeployments {
		w.Errorf("the server has %d deployments that no call returned, but only %d calls failed", extra, w.possibleDeployments)
	}
}

// close checks that the client has closed all bodies and connections, and closes the proxy.
func (w *soakWorker) close() {
	if n := w.recorder.openBodyCount(); n != 0 {
		w.Errorf("%d response bodies are not closed", n)
	}
	w.recorder.next.(*http.Transport).CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	if err := w.proxy.WaitIdle(ctx); err != nil {
		w.Error(err)
	}
	w.proxy.Close()
}
