package storagetest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// RunPresence tests an implementation of [storage.Presence]. It runs the tests in parallel subtests. The function open
// returns a new, empty presence, whose leases must not end during a test.
func RunPresence(t *testing.T, open func(testing.TB) storage.Presence) {
	t.Helper()
	for _, test := range presenceTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(&presenceSuite{T: t, Presence: open(t)})
		})
	}
}

var presenceTests = []struct {
	name string
	run  func(*presenceSuite)
}{
	{"Replicas", (*presenceSuite).testReplicas},
	{"NamedLeases", (*presenceSuite).testNamedLeases},
	{"Connections", (*presenceSuite).testConnections},
	{"CreatedByStore", (*presenceSuite).testCreatedByStore},
	{"Stages", (*presenceSuite).testStages},
	{"Disconnect", (*presenceSuite).testDisconnect},
	{"DisconnectStages", (*presenceSuite).testDisconnectStages},
	{"Leave", (*presenceSuite).testLeave},
	{"ReplicaWithoutLease", (*presenceSuite).testReplicaWithoutLease},
	{"WatchOrders", (*presenceSuite).testWatchOrders},
	{"ConcurrentDisconnects", (*presenceSuite).testConcurrentDisconnects},
	{"CanceledContext", (*presenceSuite).testCanceledPresence},
}

// presenceSuite is the state of one test of a presence.
type presenceSuite struct {
	*testing.T
	storage.Presence
}

// ok fails the test if there is an error.
func (s *presenceSuite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// join adds replicas.
func (s *presenceSuite) join(ids ...string) {
	s.Helper()
	for _, id := range ids {
		s.ok(s.Join(s.Context(), storage.Replica{ID: id, Configuration: "of " + id}))
	}
}

var presenceTime = time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)

// connect adds a connection that was created some seconds after presenceTime.
func (s *presenceSuite) connect(id, replica, stage, player string, seconds int) storage.Connection {
	s.Helper()
	connection := storage.Connection{
		ID: id, Replica: replica, Stage: stage, Player: player, Created: presenceTime.Add(time.Duration(seconds) * time.Second),
	}
	created, err := s.Connect(s.Context(), connection)
	s.ok(err)
	if !created.Equal(connection.Created) {
		s.Errorf("connection %s: got creation time %v, want %v", id, created, connection.Created)
	}
	return connection
}

// wantConnections fails the test unless a player has exactly these connections to a stage, in this order.
func (s *presenceSuite) wantConnections(stage, player string, want ...storage.Connection) {
	s.Helper()
	got, err := s.Connections(s.Context(), stage, player)
	s.ok(err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)); diff != "" {
		s.Errorf("connections of player %s to stage %s (-want +got):\n%s", player, stage, diff)
	}
}

// wantOrders fails the test unless a replica has exactly these orders.
func (s *presenceSuite) wantOrders(replica string, want ...storage.DisconnectOrder) {
	s.Helper()
	got, err := s.Orders(s.Context(), replica)
	s.ok(err)
	byID := cmpopts.SortSlices(func(a, b storage.DisconnectOrder) bool { return a.Connection < b.Connection })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), byID); diff != "" {
		s.Errorf("orders of replica %s (-want +got):\n%s", replica, diff)
	}
}

func (s *presenceSuite) testReplicas() {
	want := func(want ...storage.Replica) {
		s.Helper()
		got, err := s.Replicas(s.Context())
		s.ok(err)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			s.Errorf("replicas (-want +got):\n%s", diff)
		}
	}
	want()
	s.join("b", "a")
	a, b := storage.Replica{ID: "a", Configuration: "of a"}, storage.Replica{ID: "b", Configuration: "of b"}
	want(a, b)
	if err := s.Join(s.Context(), storage.Replica{ID: "a"}); err == nil {
		s.Error("joining with an id in use succeeded")
	}
	s.ok(s.Renew(s.Context(), "a"))
	a.Configuration = "changed"
	s.ok(s.SetConfiguration(s.Context(), "a", "changed"))
	want(a, b)
	s.ok(s.Leave(s.Context(), "a"))
	s.ok(s.Leave(s.Context(), "a"))
	want(b)
	if err := s.Renew(s.Context(), "a"); !errors.Is(err, storage.ErrLeaseEnded) {
		s.Errorf("renewing the lease of a replica that has left: got error %v, want %v", err, storage.ErrLeaseEnded)
	}
	if err := s.SetConfiguration(s.Context(), "a", "again"); !errors.Is(err, storage.ErrLeaseEnded) {
		s.Errorf("changing the configuration of a replica that has left: got error %v, want %v", err, storage.ErrLeaseEnded)
	}
	s.ok(s.RemoveEnded(s.Context()))
	want(b)
}

func (s *presenceSuite) testNamedLeases() {
	acquire := func(name, replica string, want bool) {
		s.Helper()
		held, err := s.AcquireLease(s.Context(), name, replica)
		s.ok(err)
		if held != want {
			s.Errorf("lease %s, replica %s: got %v, want %v", name, replica, held, want)
		}
	}
	s.join("a", "b")
	acquire("background", "a", true)
	acquire("background", "b", false)
	acquire("background", "a", true)
	acquire("another", "b", true)
	s.ok(s.Leave(s.Context(), "a"))
	if _, err := s.AcquireLease(s.Context(), "background", "a"); !errors.Is(err, storage.ErrLeaseEnded) {
		s.Errorf("a replica that has left: got error %v, want %v", err, storage.ErrLeaseEnded)
	}
	acquire("background", "b", true)
}

func (s *presenceSuite) testConnections() {
	s.join("a", "b")
	late := s.connect("late", "a", "dev", "ann", 2)
	early := s.connect("early", "b", "dev", "ann", 1)
	same := s.connect("early2", "a", "dev", "ann", 1)
	bob, prod := s.connect("bob", "a", "dev", "bob", 0), s.connect("prod", "a", "prod", "ann", 0)
	s.wantConnections("dev", "ann", early, same, late)
	s.wantConnections("dev", "bob", bob)
	s.wantConnections("prod", "ann", prod)
	s.wantConnections("dev", "none")
	s.wantConnections("de", "ann")

	if created, err := s.Connect(s.Context(), late); err != nil || !created.Equal(late.Created) {
		s.Errorf("connecting again: got creation time %v, error %v", created, err)
	}
	s.ok(s.Remove(s.Context(), []string{"early", "bob", "unknown"}))
	s.ok(s.Remove(s.Context(), nil))
	s.wantConnections("dev", "ann", same, late)
	s.wantConnections("dev", "bob")
	s.wantOrders("a")
	s.wantOrders("b")
}

// testCreatedByStore checks that the time of the store does not go back, and has the precision of the API.
func (s *presenceSuite) testCreatedByStore() {
	s.join("a")
	var last time.Time
	for _, id := range []string{"1", "2", "3"} {
		created, err := s.Connect(s.Context(), storage.Connection{ID: id, Replica: "a", Stage: "dev", Player: "ann"})
		s.ok(err)
		if created.IsZero() || created.Before(last) || !created.Equal(created.Truncate(time.Millisecond)) {
			s.Errorf("got creation time %v after %v, want a later time in milliseconds", created, last)
		}
		last = created
	}
}

func (s *presenceSuite) testStages() {
	want := func(after string, limit int, want ...string) {
		s.Helper()
		got, err := s.Stages(s.Context(), after, limit)
		s.ok(err)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			s.Errorf("%d stages after %q (-want +got):\n%s", limit, after, diff)
		}
	}
	want("", 10)
	s.join("a")
	for i, stage := range []string{"b/1", "a/2", "b/1", "B", "a/1", "é"} {
		s.connect(stage+string(rune('0'+i)), "a", stage, "ann", 0)
	}
	want("", 10, "B", "a/1", "a/2", "b/1", "é")
	want("", 2, "B", "a/1")
	want("a/1", 2, "a/2", "b/1")
	want("a/", 1, "a/1")
	want("é", 2)
}

func (s *presenceSuite) testDisconnect() {
	s.join("a", "b")
	s.connect("1", "a", "dev", "ann", 1)
	s.connect("2", "b", "dev", "ann", 2)
	left := s.connect("3", "b", "dev", "ann", 3)
	for range 2 { // the second call has no effect
		s.ok(s.Disconnect(s.Context(), []string{"1", "2", "unknown"}, "Go away."))
	}
	s.wantConnections("dev", "ann", left)
	first := storage.DisconnectOrder{Connection: "1", Reason: "Go away."}
	s.wantOrders("a", first)
	s.wantOrders("b", storage.DisconnectOrder{Connection: "2", Reason: "Go away."})
	s.ok(s.RemoveOrders(s.Context(), []string{"2", "unknown"}))
	s.wantOrders("a", first)
	s.wantOrders("b")
}

func (s *presenceSuite) testDisconnectStages() {
	s.join("a", "b")
	s.connect("1", "a", "chess/dev", "ann", 0)
	s.connect("2", "b", "chess/dev", "bob", 0)
	s.connect("3", "b", "chess/prod", "ann", 0)
	prod, other := s.connect("4", "a", "chess2/prod", "ann", 0), s.connect("5", "a", "chess%/prod", "ann", 0)
	s.ok(s.DisconnectStages(s.Context(), "chess/dev", "deleted"))
	s.wantConnections("chess/dev", "ann")
	s.wantConnections("chess/dev", "bob")
	s.wantOrders("a", storage.DisconnectOrder{Connection: "1", Reason: "deleted"})
	s.wantOrders("b", storage.DisconnectOrder{Connection: "2", Reason: "deleted"})
	s.ok(s.DisconnectStages(s.Context(), "chess/", "deleted"))
	s.wantConnections("chess/prod", "ann")
	s.wantConnections("chess2/prod", "ann", prod)
	s.wantConnections("chess%/prod", "ann", other)
	s.ok(s.DisconnectStages(s.Context(), "chess_", "deleted")) // no pattern
	s.wantConnections("chess2/prod", "ann", prod)
}

func (s *presenceSuite) testLeave() {
	s.join("a", "b")
	s.connect("1", "a", "dev", "ann", 0)
	s.connect("2", "a", "dev", "ann", 0)
	left := s.connect("3", "b", "dev", "ann", 0)
	s.ok(s.Disconnect(s.Context(), []string{"2"}, "Go away."))
	s.ok(s.Leave(s.Context(), "a"))
	s.wantConnections("dev", "ann", left)
	s.wantOrders("a")
}

func (s *presenceSuite) testReplicaWithoutLease() {
	_, err := s.Connect(s.Context(), storage.Connection{ID: "1", Replica: "a", Stage: "dev", Player: "ann"})
	if !errors.Is(err, storage.ErrLeaseEnded) {
		s.Errorf("a connection of a replica that has not joined: got error %v, want %v", err, storage.ErrLeaseEnded)
	}
	s.wantConnections("dev", "ann")
}

// testWatchOrders checks that a watcher receives an element after an order, and that elements accumulate at most once.
func (s *presenceSuite) testWatchOrders() {
	s.join("a", "b")
	changed, stop := s.WatchOrders("a")
	defer stop()
	_, stopOther := s.WatchOrders("b")
	defer stopOther()
	deadline := time.After(time.Minute)
	for round := range 3 {
		id := string(rune('0' + round))
		s.connect(id, "a", "dev", "ann", 0)
		s.ok(s.Disconnect(s.Context(), []string{id}, ""))
		for orders := 0; orders == 0; { // an earlier element may remain
			select {
			case <-changed:
			case <-deadline:
				s.Fatal("the watcher has received no element")
			}
			found, err := s.Orders(s.Context(), "a")
			s.ok(err)
			orders = len(found)
		}
		s.ok(s.RemoveOrders(s.Context(), []string{id}))
	}
}

// testConcurrentDisconnects disconnects the same connections by id, by stage and by their end, in different orders.
func (s *presenceSuite) testConcurrentDisconnects() {
	s.join("a")
	ids := make([]string, 200)
	for i := range ids {
		ids[i] = rand.Text()
		s.connect(ids[i], "a", "dev", "ann", i)
	}
	var group sync.WaitGroup
	run := func(fn func(context.Context) error) {
		group.Go(func() {
			if err := fn(s.Context()); err != nil {
				s.Error(err)
			}
		})
	}
	reversed := slices.Clone(ids)
	slices.Reverse(reversed)
	for range 4 {
		run(func(ctx context.Context) error { return s.Disconnect(ctx, ids, "Go away.") })
		run(func(ctx context.Context) error { return s.Disconnect(ctx, reversed, "Go away.") })
		run(func(ctx context.Context) error { return s.Remove(ctx, reversed) })
		run(func(ctx context.Context) error { return s.DisconnectStages(ctx, "dev", "deleted") })
		run(func(ctx context.Context) error { return s.RemoveOrders(ctx, reversed) })
	}
	group.Wait()
	s.wantConnections("dev", "ann")
}

func (s *presenceSuite) testCanceledPresence() {
	s.join("a")
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	for name, call := range map[string]func() error{
		"Join":             func() error { return s.Join(ctx, storage.Replica{ID: "b"}) },
		"Renew":            func() error { return s.Renew(ctx, "a") },
		"Leave":            func() error { return s.Leave(ctx, "a") },
		"RemoveEnded":      func() error { return s.RemoveEnded(ctx) },
		"Remove":           func() error { return s.Remove(ctx, []string{"1"}) },
		"Disconnect":       func() error { return s.Disconnect(ctx, []string{"1"}, "") },
		"DisconnectStages": func() error { return s.DisconnectStages(ctx, "dev", "") },
		"RemoveOrders":     func() error { return s.RemoveOrders(ctx, []string{"1"}) },
		"Replicas":         func() error { _, err := s.Replicas(ctx); return err },
		"AcquireLease":     func() error { _, err := s.AcquireLease(ctx, "background", "a"); return err },
		"Connections":      func() error { _, err := s.Connections(ctx, "dev", "ann"); return err },
		"Stages":           func() error { _, err := s.Stages(ctx, "", 1); return err },
		"Orders":           func() error { _, err := s.Orders(ctx, "a"); return err },
		"Connect": func() error {
			_, err := s.Connect(ctx, storage.Connection{ID: "1", Replica: "a", Stage: "dev", Player: "ann"})
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			s.Errorf("%s: got error %v, want %v", name, err, context.Canceled)
		}
	}
}
