package main

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/internal/presencetest"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// presenceBounds are the bounds of the tests of one rule. A short lease makes the tests faster.
var presenceBounds = presencetest.Bounds{Notice: 2 * time.Second, Lease: time.Second, Slack: time.Second}

// openReplica opens the store of a replica.
func openReplica(t *testing.T, url, schema string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, func(o *postgres.Options) {
		o.Schema, o.MaxConns, o.Lease = schema, 8, presenceBounds.Lease
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// serve starts a server on a store in this process.
func serve(t *testing.T, name string, store storage.Store) target {
	t.Helper()
	service, err := server.New(server.WithStore(store), server.WithDeploymentTime(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(service)
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
		srv.Close()
	})
	return target{name, srv.URL, newClient(srv.URL)}
}

// singleTransaction is a store that removes the connections to a deleted stage in the transaction that marks the stage:
// it removes only those that the transaction can see. A player who connects at the same time sees neither the mark nor the
// removal. The store does not offer its stages to the background work, which would find the connection later.
type singleTransaction struct {
	storage.PresenceStore // hides UpdateScope, so that all updates call Update
	all                   *visibleConnections
	recorder              *presencetest.Recorder
}

// visibleConnections are the connections that have been committed, of all replicas.
type visibleConnections struct {
	mu  sync.Mutex
	ids map[string]string // from ids to stages

	visible map[string]string // those that the last transaction has seen
}

// Update implements [storage.Store].
func (s singleTransaction) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.PresenceStore.Update(ctx, func(w storage.Writer) error {
		err := fn(w)
		s.all.mu.Lock()
		s.all.visible = maps.Clone(s.all.ids)
		s.all.mu.Unlock()
		s.awaitPlayers(ctx)
		return err
	})
}

// awaitPlayers waits until two players have connected, but not for long: the transaction takes longer, so that fewer rounds
// suffice.
func (s singleTransaction) awaitPlayers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	first := -1
	_ = s.recorder.Await(ctx, func(h *presencetest.History) bool {
		opened := 0
		for _, c := range h.Connections {
			if c.ID != "" {
				opened++
			}
		}
		if first < 0 {
			first = opened
		}
		return opened >= first+2
	})
}

// Presence implements [storage.PresenceStore].
func (s singleTransaction) Presence() storage.Presence {
	return singleTransactionPresence{s.PresenceStore.Presence(), s.all}
}

type singleTransactionPresence struct {
	storage.Presence
	all *visibleConnections
}

// Connect implements [storage.Presence].
func (p singleTransactionPresence) Connect(ctx context.Context, c storage.Connection) (time.Time, error) {
	created, err := p.Presence.Connect(ctx, c)
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	p.all.ids[c.ID] = c.Stage
	return created, err
}

// DisconnectStages implements [storage.Presence].
func (p singleTransactionPresence) DisconnectStages(ctx context.Context, prefix, reason string) error {
	var ids []string
	p.all.mu.Lock()
	for id, stage := range p.all.visible {
		if strings.HasPrefix(stage, prefix) {
			ids = append(ids, id)
		}
	}
	p.all.mu.Unlock()
	return p.Disconnect(ctx, ids, reason)
}

// Stages implements [storage.Presence].
func (p singleTransactionPresence) Stages(context.Context, string, int) ([]string, error) {
	return nil, nil
}

// breaks reports whether a history breaks a rule, or any rule if the rule is empty.
func breaks(h presencetest.History, rule presencetest.Rule) bool {
	return slices.ContainsFunc(presencetest.Check(h, presenceBounds), func(v presencetest.Violation) bool { return rule == "" || v.Rule == rule })
}

// checkRule fails the test unless the history breaks the rule, or no rule if it is empty.
func checkRule(t *testing.T, h presencetest.History, want presencetest.Rule) {
	t.Helper()
	violations := presencetest.Check(h, presenceBounds)
	for _, v := range violations {
		t.Logf("violation: %v", v)
	}
	switch {
	case want == "" && len(violations) > 0:
		t.Errorf("got %d violations, want none", len(violations))
	case want != "" && !breaks(h, want):
		t.Errorf("the check has not found a player %s", want)
	}
}

// TestDeletedStages lets players connect to stages that are being deleted. If a transaction both marks the stage and removes
// its connections, the check must find a player who stays connected.
func TestDeletedStages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		wrap func(*postgres.Store, *visibleConnections, *presencetest.Recorder) storage.Store
		want presencetest.Rule
	}{
		"two transactions": {
			func(s *postgres.Store, _ *visibleConnections, _ *presencetest.Recorder) storage.Store { return s }, "",
		},
		"one transaction": {
			func(s *postgres.Store, all *visibleConnections, recorder *presencetest.Recorder) storage.Store {
				return singleTransaction{s, all, recorder}
			},
			presencetest.ServedAfterDeletion,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, schema := pgtest.Shared(t).URL("postgres"), newSchema()
			all, recorder := &visibleConnections{ids: map[string]string{}}, presencetest.NewRecorder()
			var targets []target
			for _, name := range []string{"a", "b"} {
				targets = append(targets, serve(t, name, test.wrap(openReplica(t, url, schema), all, recorder)))
			}
			a := &audience{
				recorder: recorder, target: func(random *rand.Rand) target { return anyOf(random, targets) }, awaitRecovery: func() {},
				nextFault: func() <-chan struct{} { return nil }, giveUp: 4 * time.Second,
			}
			a.start(t, targets[0], false)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			ticker := time.NewTicker(presencetest.StallCheck)
			defer ticker.Stop()
			var group sync.WaitGroup
			group.Go(func() { recorder.RecordStalls(ctx, ticker.C) })
			group.Go(func() { a.run(ctx, 1) })
			const deletions, statuses = 30, 100
			for ctx.Err() == nil {
				h := recorder.History()
				if len(h.Deletions) >= deletions && test.want == "" || breaks(h, test.want) {
					break
				}
				_ = recorder.Await(ctx, func(now *presencetest.History) bool { return len(now.Statuses) >= len(h.Statuses)+statuses })
			}
			cancel()
			group.Wait()
			checkRule(t, recorder.History(), test.want)
		})
	}
}

// ignoresLease is a store whose replica does not notice that its lease has ended.
type ignoresLease struct{ *postgres.Store }

// Presence implements [storage.PresenceStore].
func (s ignoresLease) Presence() storage.Presence { return ignoresLeasePresence{s.Store.Presence()} }

type ignoresLeasePresence struct{ storage.Presence }

// LeaseDuration implements [storage.Presence]. Leases do not end for the replica.
func (ignoresLeasePresence) LeaseDuration() time.Duration { return 0 }

// TestLostLease separates a replica from the database and disconnects its player through another one. If the replica
// ignores its lease, the check must find that it serves the player.
func TestLostLease(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		wrap func(*postgres.Store) storage.Store
		want presencetest.Rule
	}{
		"keeps its lease":   {func(s *postgres.Store) storage.Store { return s }, ""},
		"ignores its lease": {func(s *postgres.Store) storage.Store { return ignoresLease{s} }, presencetest.ServedAfterDisconnect},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema, recorder, random := newSchema(), presencetest.NewRecorder(), rand.New(rand.NewPCG(1, 1))
			database := pgtest.Shared(t)
			proxy := pgtest.NewProxy(t, database)
			healthy := serve(t, "a", openReplica(t, database.URL("postgres"), schema))
			separated := serve(t, "b", test.wrap(openReplica(t, proxy.URL(), schema)))
			a := &audience{recorder: recorder, target: func(*rand.Rand) target { return healthy }, awaitRecovery: func() {}}
			s := a.start(t, healthy, true)
			player := a.connect(separated, s, "ann")
			if player == nil {
				t.Fatal("the player could not connect")
			}
			end := recorder.Outage(presencetest.Unreachable, separated.name)
			proxy.Partition(true)
			a.disconnect(random, s, "ann")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for player.open() && ctx.Err() == nil && !breaks(recorder.History(), test.want) {
				if _, err := a.status(healthy, s, "ann"); err != nil {
					t.Error(err)
				}
			}
			checkRule(t, recorder.History(), test.want)
			proxy.Partition(false)
			end()
			player.leave(random)
		})
	}
}
