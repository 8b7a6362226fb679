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
	// soakTime is the environment variable that says how long TestSoak goes on, 10m for example.
	soakTime = "GAMESPARKS_SOAK"

	// soakSeed is the one with the seed to repeat.
	soakSeed = "GAMESPARKS_SOAK_SEED"

	soakers = 4
)

// TestSoak mixes faults and operations at random. Whatever comes, each call ends in its time with a right output or an
// error that says what went wrong, each write is done once at most, and nothing is left behind. What happens follows
// from the seed, which a failure shows; only how the attempts of different workers mix does not.
func TestSoak(t *testing.T) {
	length := 3 * time.Second
	if v := os.Getenv(soakTime); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatalf("%s: %v", soakTime, err)
		}
	}
	seed := rand.Uint64()
	if v := os.Getenv(soakSeed); v != "" {
		var err error
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatalf("%s: %v", soakSeed, err)
		}
	}
	t.Logf("repeat this with %s=%d", soakSeed, seed)

	t.Cleanup(func() { goleak.VerifyNone(t) })
	srv := servertest.Start(t, server.WithDeploymentTime(0, 0))
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var workers sync.WaitGroup
	var calls, failures [soakers]int
	for n := range soakers {
		workers.Go(func() {
			w := newSoaker(t, srv, n, seed)
			defer w.close()
			for ctx.Err() == nil && !t.Failed() {
				w.step()
			}
			w.check()
			calls[n], failures[n] = w.calls, w.failures
		})
	}
	workers.Wait()
	for n := range soakers {
		t.Logf("worker %d: %d calls, of which %d failed", n, calls[n], failures[n])
		if calls[n] == 0 || failures[n] == calls[n] {
			t.Errorf("worker %d got nothing done", n)
		}
	}
}

// soaker is a worker of the soak test: a client with a proxy and a game of its own.
type soaker struct {
	*testing.T
	random          *rand.Rand
	proxy           *faultproxy.Proxy
	spy             *spy
	client          *gamesparks.Client
	onlooker        *gamesparks.Client // goes to the service itself, and has the time
	game, stage     *string
	snapshot        *string
	calls, failures int

	// What writes have made: names, or the ids of deployments. Maybe are those whose call has failed.
	games, maybeGames map[string]bool
	deployments       []string
	maybeDeployments  int
}

func newSoaker(t *testing.T, srv *server.Server, n int, seed uint64) *soaker {
	w := &soaker{
		T: t, random: rand.New(rand.NewPCG(seed, uint64(n))),
		game: aws.String(fmt.Sprintf("worker-%d", n)), stage: aws.String("beta"),
		games: map[string]bool{}, maybeGames: map[string]bool{},
	}
	var err error
	if w.proxy, err = faultproxy.Start(strings.TrimPrefix(srv.URL, "http://")); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{ResponseHeaderTimeout: short}
	w.spy = &spy{next: transport}
	w.client = srv.Client(func(o *gamesparks.Options) {
		o.BaseEndpoint = &w.proxy.URL
		o.HTTPClient = &http.Client{Transport: w.spy, Timeout: 4 * short}
		o.Retryer = noBackoff()
	})
	w.onlooker = srv.Client(func(o *gamesparks.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	})
	if _, err := w.onlooker.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: w.game}); err != nil {
		t.Error(err)
		return w
	}
	snapshot, err := w.onlooker.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: w.game})
	if err != nil {
		t.Error(err)
		return w
	}
	w.snapshot = snapshot.Snapshot.Id
	if _, err := w.onlooker.CreateStage(t.Context(), &gamesparks.CreateStageInput{GameName: w.game, StageName: w.stage, Role: aws.String(role)}); err != nil {
		t.Error(err)
	}
	return w
}

// fault returns a fault, or none.
func (w *soaker) fault() faultproxy.Fault {
	statuses := []int{301, 307, 429, 500, 502, 503, 504}
	faults := []faultproxy.Fault{
		nil, nil, nil, nil,
		faultproxy.ResetBefore, faultproxy.LoseResponse, faultproxy.ResetInHead, faultproxy.ResetInBody,
		faultproxy.HalfClose, faultproxy.HalfCloseInBody, faultproxy.Truncate, faultproxy.Gzip,
		faultproxy.WrongLength(1 + w.random.IntN(50)), faultproxy.WrongLength(-1 - w.random.IntN(20)),
		faultproxy.Respond(statuses[w.random.IntN(len(statuses))], "", "Retry-After", "0", "Location", "/game"),
		clockOff(time.Duration(w.random.IntN(100)-50)*time.Hour, "RequestTimeTooSkewed"),
	}
	if w.random.IntN(60) == 0 { // they take their time
		faults = []faultproxy.Fault{faultproxy.Stall, faultproxy.StallInBody, faultproxy.TrickleForever, faultproxy.Trickle}
	}
	return faults[w.random.IntN(len(faults))]
}

// step makes a call, whose attempts suffer as many faults as there may be attempts.
func (w *soaker) step() {
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
			w.maybeDeployments++
		}
	case 2:
		var out *gamesparks.GetGameOutput
		out, err = w.client.GetGame(w.Context(), &gamesparks.GetGameInput{GameName: w.game})
		if err == nil && aws.ToString(out.Game.Name) != *w.game {
			w.Errorf("got the game %+v", out.Game)
		}
	case 3:
		ctx, cancel := context.WithTimeout(w.Context(), time.Duration(w.random.IntN(int(short))))
		_, err = w.client.ListStages(ctx, &gamesparks.ListStagesInput{GameName: w.game})
		cancel()
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			err = nil // as it was to be
		}
	}
	if took := time.Since(start); took > patience {
		w.Errorf("a call took %v", took)
	}
	if err != nil {
		w.failures++
	}
	if !w.understandable(err) {
		w.Errorf("call %d: got the error %v", w.calls, err)
	}
}

// understandable reports whether the error is one that the faults can bring about.
func (w *soaker) understandable(err error) bool {
	if err == nil || notSent(nil)(err) || notRead(nil)(err) {
		return true
	}
	for _, status := range []int{301, 307, 429, 500, 502, 503, 504} {
		if answered(status, "UnknownError")(err) {
			return true
		}
	}
	// The clock of a service may go wrong between two attempts, again and again.
	return answered(403, "RequestTimeTooSkewed")(err) || answered(403, "InvalidSignatureException")(err) || answered(403, "SignatureDoesNotMatch")(err)
}

func (w *soaker) create(name string) error {
	out, err := w.client.CreateGame(w.Context(), &gamesparks.CreateGameInput{GameName: &name})
	switch {
	case gamesparks.IsConflict(err):
		w.Errorf("a retry met the game that an earlier attempt had made: %v", err)
	case err != nil:
		w.maybeGames[name] = true
	case aws.ToString(out.Game.Name) != name:
		w.Errorf("created %q, got %+v", name, out.Game)
	default:
		w.games[name] = true
	}
	return err
}

// check compares what the service has with what the calls have said.
func (w *soaker) check() {
	for game, err := range gamesparks.NewListGamesPaginator(w.onlooker, nil).Items(w.Context()) {
		if err != nil {
			w.Error(err)
			return
		}
		if name := *game.Name; strings.HasPrefix(name, *w.game+"-") {
			if !w.games[name] && !w.maybeGames[name] {
				w.Errorf("nobody created %q", name)
			}
			delete(w.games, name)
		}
	}
	if len(w.games) > 0 {
		w.Errorf("lost the games %v", w.games)
	}
	var there []string
	for d, err := range gamesparks.NewListStageDeploymentsPaginator(w.onlooker, &gamesparks.ListStageDeploymentsInput{GameName: w.game, StageName: w.stage}).Items(w.Context()) {
		if err != nil {
			w.Error(err)
			return
		}
		there = append(there, *d.DeploymentId)
	}
	for _, id := range w.deployments {
		if !slices.Contains(there, id) {
			w.Errorf("lost the deployment %s", id)
		}
	}
	if extra := len(there) - len(w.deployments); extra > w.maybeDeployments {
		w.Errorf("%d deployments are there that no call has told of, from %d calls that failed", extra, w.maybeDeployments)
	}
}

// close ends the worker. The client has to end its connections by itself.
func (w *soaker) close() {
	if n := w.spy.unclosed(); n != 0 {
		w.Errorf("%d bodies are not closed", n)
	}
	w.spy.next.(*http.Transport).CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.proxy.WaitIdle(ctx); err != nil {
		w.Error(err)
	}
	w.proxy.Close()
}
