package server_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
	"github.com/gamesparks-go/gamesparks/types"
)

// pair is two replicas on one database, with one clock. Stage dev of game chess is deployed.
type pair struct {
	a, b  *env
	store storage.Store // of b
	stage *types.StageDetails
}

// newPair starts two replicas on a new schema. Each option applies to both stores. The first replica uses the given connection
// string, and wrap may wrap its store; both are optional.
func newPair(t *testing.T, url string, wrap func(*postgres.Store) storage.Store, optFns ...func(*postgres.Options)) *pair {
	t.Helper()
	direct := pgtest.Shared(t).URL("postgres")
	if url == "" {
		url = direct
	}
	schema := newSchema()
	open := func(url string) *postgres.Store {
		store, err := postgres.Open(t.Context(), url, append([]func(*postgres.Options){func(o *postgres.Options) {
			o.Schema, o.MaxConns = schema, 8
		}}, optFns...)...)
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	p := &pair{store: open(direct)}
	p.b = newEnv(t, server.WithStore(p.store)) // the first to hold the lease for background work
	var first storage.Store = open(url)
	if wrap != nil {
		first = wrap(first.(*postgres.Store))
	}
	p.a = newEnv(t, server.WithStore(first), server.WithClock(p.b.clock.Now))
	p.a.clock = p.b.clock
	p.a.createGame("chess")
	p.stage = p.b.deployed("dev")
	return p
}

func withLease(d time.Duration) func(*postgres.Options) {
	return func(o *postgres.Options) { o.Lease = d }
}

func (e *env) disconnectPlayer(stage, player string) []string {
	e.Helper()
	return ok[*gamesparks.DisconnectPlayerOutput](e)(e.DisconnectPlayer(e.ctx, &gamesparks.DisconnectPlayerInput{
		GameName: aws.String("chess"), StageName: &stage, PlayerId: &player,
	})).DisconnectSuccesses
}

// hasStatus reports whether an error is a response with an HTTP status.
func hasStatus(err error, status int) bool {
	response, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	return ok && response.HTTPStatusCode() == status
}

// awaitConnections waits until a player has the given number of connections.
func (e *env) awaitConnections(stage, player string, want int) {
	e.Helper()
	deadline := time.Now().Add(time.Minute)
	for got := -1; got != want; got = len(e.connections(stage, player)) {
		if time.Now().After(deadline) {
			e.Fatalf("player %s has %d connections, want %d", player, got, want)
		}
	}
}

// TestPlayersOfReplicas lists and disconnects players through the replica that does not hold their connections. The bounds are
// those of the documentation: one of a few attempts must meet them on a busy machine.
func TestPlayersOfReplicas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		noListen bool
		bound    time.Duration
	}{
		"notified": {false, 250 * time.Millisecond},
		"polling":  {true, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, "", nil, func(o *postgres.Options) { o.NoListen = test.noListen })
			fastest := time.Hour
			for attempt := 0; attempt < 10 && fastest > test.bound; attempt++ {
				id, ended := p.a.join(p.stage, "ann")
				if got := p.b.connections("dev", "ann"); len(got) != 1 || *got[0].Id != id {
					t.Fatalf("the other replica lists %v, want the connection %s", got, id)
				}
				start := time.Now()
				if got := p.b.disconnectPlayer("dev", "ann"); len(got) != 1 || got[0] != id {
					t.Errorf("disconnected %v, want %s", got, id)
				}
				for _, e := range []*env{p.a, p.b} {
					if got := e.connections("dev", "ann"); len(got) != 0 {
						t.Errorf("got connections %v after disconnecting, want none", got)
					}
				}
				if err := <-ended; closedWith(err) != websocket.StatusNormalClosure {
					t.Errorf("unexpected end of the connection: %v", err)
				}
				fastest = min(fastest, time.Since(start))
			}
			if fastest > test.bound {
				t.Errorf("disconnecting takes at least %v, want at most %v", fastest, test.bound)
			}
			t.Logf("disconnected after %v", fastest)
		})
	}
}

// TestDeletionsOnReplicas deletes a stage and a game. The players on all replicas must be disconnected, even if a stage with the
// name of the deleted one exists.
func TestDeletionsOnReplicas(t *testing.T) {
	t.Parallel()
	p := newPair(t, "", nil)
	other := p.a.deployed("other")
	var ended []chan error
	join := func(e *env, stage *types.StageDetails) {
		_, end := e.join(stage, "ann")
		ended = append(ended, end)
	}
	expectEnds := func() {
		t.Helper()
		for _, end := range ended {
			if err := <-end; closedWith(err) != websocket.StatusNormalClosure {
				t.Errorf("unexpected end of the connection: %v", err)
			}
		}
		ended = nil
	}
	join(p.a, p.stage)
	join(p.b, p.stage)
	_, otherEnded := p.a.join(other, "ann")
	ok[*gamesparks.DeleteStageOutput](p.b)(p.b.DeleteStage(p.b.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")}))
	if got := p.a.connections("dev", "ann"); len(got) != 0 {
		t.Errorf("got connections %v to a deleted stage", got)
	}
	expectEnds()
	p.b.clock.Advance(deletion)
	again := p.b.deployed("dev")
	if got := p.a.connections("dev", "ann"); len(got) != 0 {
		t.Errorf("got connections %v to a new stage with the name of a deleted one", got)
	}
	if got := p.b.connections("other", "ann"); len(got) != 1 {
		t.Errorf("got connections %v to another stage, want one", got)
	}
	join(p.a, again)
	join(p.b, other)
	ended = append(ended, otherEnded)
	ok[*gamesparks.DeleteGameOutput](p.a)(p.a.DeleteGame(p.a.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	expectEnds()
}

// TestStoppedReplica stops a replica. Its players must not be listed any more, without a wait for the end of its lease.
func TestStoppedReplica(t *testing.T) {
	t.Parallel()
	p := newPair(t, "", nil, withLease(time.Hour))
	_, ended := p.a.join(p.stage, "ann")
	_, stays := p.b.join(p.stage, "bob")
	if err := p.a.srv.Close(); err != nil {
		t.Error(err)
	}
	if got := p.b.connections("dev", "ann"); len(got) != 0 {
		t.Errorf("got connections %v to a stopped replica", got)
	}
	if status := closedWith(<-ended); status != websocket.StatusGoingAway {
		t.Errorf("the connection ended with status %v, want 1001", status)
	}
	if got := p.b.connections("dev", "bob"); len(got) != 1 {
		t.Errorf("got connections %v to the other replica, want one", got)
	}
	select {
	case err := <-stays:
		t.Errorf("the connection to the other replica ended: %v", err)
	default:
	}
}

// TestPartitionedReplica separates a replica from the database. It must close its connections and refuse players, the other
// replica must stop listing them, and both must serve players after the end of the partition.
func TestPartitionedReplica(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, pgtest.Shared(t))
	p := newPair(t, proxy.URL(), nil, withLease(2*time.Second))
	_, ended := p.a.join(p.stage, "ann")
	proxy.Partition(true)
	if status := closedWith(<-ended); status != websocket.StatusTryAgainLater {
		t.Errorf("the connection ended with status %v, want 1013", status)
	}
	p.b.awaitConnections("dev", "ann", 0)

	proxy.Partition(false)
	deadline := time.Now().Add(time.Minute)
	for {
		conn, response, err := p.a.dial("chess", "dev", "bob", *p.stage.GameKey)
		if err == nil {
			defer conn.CloseNow()
			break
		}
		if response == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("X-Amzn-ErrorType") != "ServiceUnavailableException" {
			t.Fatalf("connecting to a replica without a lease: got response %v, error %v; want 503", response, err)
		}
		if time.Now().After(deadline) {
			t.Fatal("the replica does not accept players after the partition")
		}
	}
	if got := p.b.connections("dev", "bob"); len(got) != 1 {
		t.Errorf("got connections %v after the partition, want one", got)
	}
}

// interrupted is a store whose server stops between the deletion of a stage and the removal of its connections.
type interrupted struct {
	*postgres.Store
	stopped atomic.Bool
}

func (s *interrupted) Presence() storage.Presence { return &interruptedPresence{s.Store.Presence(), s} }

type interruptedPresence struct {
	storage.Presence
	store *interrupted
}

func (p *interruptedPresence) DisconnectStages(ctx context.Context, prefix, reason string) error {
	if p.store.stopped.Load() {
		return storage.ErrUnavailable
	}
	return p.Presence.DisconnectStages(ctx, prefix, reason)
}

// TestInterruptedDeletion stops a deletion after its first transaction. The other replica must disconnect the players, and the
// response must not report success.
func TestInterruptedDeletion(t *testing.T) {
	t.Parallel()
	var store *interrupted
	p := newPair(t, "", func(s *postgres.Store) storage.Store {
		store = &interrupted{Store: s}
		return store
	}, withLease(3*time.Second))
	_, first := p.a.join(p.stage, "ann")
	_, second := p.b.join(p.stage, "ann")
	store.stopped.Store(true)
	_, err := p.a.srv.Client(func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} }).DeleteStage(p.a.ctx,
		&gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")})
	if !hasStatus(err, http.StatusServiceUnavailable) {
		t.Errorf("got error %v, want status 503", err)
	}
	if got := p.b.connections("dev", "ann"); len(got) != 0 {
		t.Errorf("got connections %v to a deleted stage", got)
	}
	for _, ended := range []chan error{first, second} {
		if status := closedWith(<-ended); status != websocket.StatusNormalClosure {
			t.Errorf("the connection ended with status %v, want 1000", status)
		}
	}
}

// TestRepeatedDeletion repeats a deletion whose second transaction has failed. The repeated one must disconnect the players.
func TestRepeatedDeletion(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(*env) error{
		"DeleteStage": func(e *env) error {
			_, err := e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")})
			return err
		},
		"DeleteGame": func(e *env) error {
			_, err := e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var store *interrupted
			p := newPair(t, "", func(s *postgres.Store) storage.Store {
				store = &interrupted{Store: s}
				return store
			}, withLease(time.Hour))
			_, ended := p.b.join(p.stage, "ann")
			store.stopped.Store(true)
			p.a.Client = p.a.srv.Client(func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} }) // the error is not in the model
			if err := remove(p.a); !hasStatus(err, http.StatusServiceUnavailable) {
				t.Errorf("got error %v, want status 503", err)
			}
			store.stopped.Store(false)
			if err := remove(p.a); err != nil {
				t.Error(err)
			}
			if status := closedWith(<-ended); status != websocket.StatusNormalClosure {
				t.Errorf("the connection ended with status %v, want 1000", status)
			}
		})
	}
}

// TestCollectorOnReplicas deletes a game on the replica that does not hold the lease for background work. The other one must
// remove its content.
func TestCollectorOnReplicas(t *testing.T) {
	t.Parallel()
	p := newPair(t, "", nil, withLease(3*time.Second))
	before := contentKeys(p.b, p.store)
	ok[*gamesparks.DeleteGameOutput](p.a)(p.a.DeleteGame(p.a.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	deadline := time.Now().Add(time.Minute)
	for n := before; n > 0; n = contentKeys(p.b, p.store) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d keys are left", n, before)
		}
	}
}
