package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

// withLease returns an option that sets the duration of leases.
func withLease(d time.Duration) func(*postgres.Options) {
	return func(o *postgres.Options) { o.Lease, o.MaxConns = d, 4 }
}

// openPresence opens a store whose leases do not end during a test.
func openPresence(t testing.TB, url, schema string, optFns ...func(*postgres.Options)) storage.Presence {
	t.Helper()
	s := open(t, url, append([]func(*postgres.Options){inSchema(schema), withLease(time.Hour)}, optFns...)...)
	t.Cleanup(func() { s.Close() })
	return s.Presence()
}

func TestPresence(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	storagetest.RunPresence(t, func(t testing.TB) storage.Presence {
		return openPresence(t, server.URL("postgres"), newSchema())
	})
}

// TestReplicaPresence runs the suite on two stores that share a schema and take turns.
func TestReplicaPresence(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	storagetest.RunPresence(t, func(t testing.TB) storage.Presence {
		schema := newSchema()
		watched := openPresence(t, server.URL("postgres"), schema)
		return otherWrites{openPresence(t, server.URL("postgres"), schema), watched}
	})
}

// otherWrites is a presence whose connections are watched and listed by another replica.
type otherWrites struct {
	storage.Presence
	other storage.Presence
}

func (p otherWrites) Connections(ctx context.Context, stage, player string) ([]storage.Connection, error) {
	return p.other.Connections(ctx, stage, player)
}

func (p otherWrites) WatchOrders(replica string) (<-chan struct{}, func()) {
	return p.other.WatchOrders(replica)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func join(t testing.TB, p storage.Presence, id string) {
	t.Helper()
	ok(t, p.Join(t.Context(), storage.Replica{ID: id}))
}

func connect(t testing.TB, p storage.Presence, id, replica, stage string) {
	t.Helper()
	_, err := p.Connect(t.Context(), storage.Connection{ID: id, Replica: replica, Stage: stage, Player: "ann"})
	ok(t, err)
}

// ids returns the ids of the connections of a player.
func ids(t testing.TB, p storage.Presence, stage string) (found []string) {
	t.Helper()
	connections, err := p.Connections(t.Context(), stage, "ann")
	ok(t, err)
	for _, c := range connections {
		found = append(found, c.ID)
	}
	return found
}

// TestLeaseEnds lets the lease of a replica end. Its players and its named lease must not count any more, and its rows are
// removed in several statements.
func TestLeaseEnds(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	live := openPresence(t, server.URL("postgres"), schema)
	ended := openPresence(t, server.URL("postgres"), schema, withLease(time.Second))
	join(t, live, "live")
	join(t, ended, "ended")
	connect(t, live, "1", "live", "dev")
	connect(t, ended, "2", "ended", "dev")
	connect(t, ended, "3", "ended", "prod")
	ok(t, ended.Disconnect(t.Context(), []string{"3"}, "Go away."))
	if held, err := ended.AcquireLease(t.Context(), "background", "ended"); err != nil || !held {
		t.Fatalf("the lease for background work: got %v, error %v", held, err)
	}
	// Connections of a replica that was removed at the same time, and more of them than a statement removes.
	server.Exec(t, "postgres", "insert into "+schema+".connections select 'orphan-' || n, 'unknown', 'dev', 'bob', now() from generate_series(1, 2500) n")
	if got, err := live.Connections(t.Context(), "dev", "bob"); err != nil || len(got) > 0 {
		t.Errorf("connections of an unknown replica: got %d, error %v; want none", len(got), err)
	}

	for len(ids(t, live, "dev")) > 1 { // until the lease ends
	}
	if diff := cmp.Diff([]string{"1"}, ids(t, live, "dev")); diff != "" {
		t.Errorf("connections after the lease has ended (-want +got):\n%s", diff)
	}
	if err := ended.Renew(t.Context(), "ended"); !errors.Is(err, storage.ErrLeaseEnded) {
		t.Errorf("renew: got error %v, want %v", err, storage.ErrLeaseEnded)
	}
	if _, err := ended.AcquireLease(t.Context(), "another", "ended"); !errors.Is(err, storage.ErrLeaseEnded) {
		t.Errorf("acquire: got error %v, want %v", err, storage.ErrLeaseEnded)
	}
	if _, err := ended.Connect(t.Context(), storage.Connection{ID: "4", Replica: "ended", Stage: "dev", Player: "ann"}); !errors.Is(err, storage.ErrLeaseEnded) {
		t.Errorf("connect: got error %v, want %v", err, storage.ErrLeaseEnded)
	}
	if held, err := live.AcquireLease(t.Context(), "background", "live"); err != nil || !held {
		t.Errorf("the lease of the other replica: got %v, error %v; want it", held, err)
	}

	if got, want := presenceRows(t, server, schema), "2|1|2502|1"; got != want {
		t.Errorf("rows before the removal: got %s, want %s", got, want)
	}
	ok(t, live.RemoveEnded(t.Context()))
	if got, want := presenceRows(t, server, schema), "1|1|1|0"; got != want {
		t.Errorf("rows after the removal: got %s, want %s", got, want)
	}
}

// TestLeave checks that a replica that leaves has no rows.
func TestLeave(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	p := openPresence(t, server.URL("postgres"), schema)
	join(t, p, "a")
	connect(t, p, "1", "a", "dev")
	connect(t, p, "2", "a", "dev")
	ok(t, p.Disconnect(t.Context(), []string{"1"}, ""))
	if held, err := p.AcquireLease(t.Context(), "background", "a"); err != nil || !held {
		t.Fatal(held, err)
	}
	if got, want := presenceRows(t, server, schema), "1|1|1|1"; got != want {
		t.Errorf("rows before: got %s, want %s", got, want)
	}
	ok(t, p.Leave(t.Context(), "a"))
	if got, want := presenceRows(t, server, schema), "0|0|0|0"; got != want {
		t.Errorf("rows after: got %s, want %s", got, want)
	}
}

// presenceRows returns the numbers of replicas, named leases, connections and orders.
func presenceRows(t *testing.T, server *pgtest.Server, schema string) string {
	t.Helper()
	var counts []string
	for _, table := range []string{"replicas", "leases", "connections", "disconnects"} {
		counts = append(counts, fmt.Sprintf("(select count(*) from %s.%s)", schema, table))
	}
	return server.Exec(t, "postgres", "select "+strings.Join(counts, ", "))
}

// TestDeadlock makes a statement wait for a transaction that waits for it. PostgreSQL ends the statement, which must be
// repeated.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Start(t), newSchema()
	// Only the session of the statement looks for deadlocks, after it has waited for this time.
	p := openPresence(t, server.URL("postgres")+"&deadlock_timeout=3s", schema)
	join(t, p, "a")
	for _, id := range []string{"1", "2"} {
		connect(t, p, id, "a", "dev")
	}
	raw, err := pgx.Connect(t.Context(), server.URL("postgres")+"&deadlock_timeout=1h")
	ok(t, err)
	defer raw.Close(context.WithoutCancel(t.Context()))
	tx, err := raw.Begin(t.Context())
	ok(t, err)
	lock := func(id string) {
		_, err := tx.Exec(t.Context(), "select from "+schema+".connections where id = $1 for update", id)
		ok(t, err)
	}
	lock("2")
	removed := make(chan error, 1)
	go func() { removed <- p.Remove(context.WithoutCancel(t.Context()), []string{"1", "2"}) }() // locks 1 and waits for 2
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server.Await(ctx, t, "postgres", "select count(*) from pg_stat_activity where wait_event_type = 'Lock'", "1")
	lock("1")
	ok(t, tx.Commit(t.Context()))
	ok(t, <-removed)
	server.AwaitLog(t, "deadlock detected")
	if diff := cmp.Diff([]string(nil), ids(t, p, "dev")); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
}

// TestRenew checks that a lease that is renewed in time does not end.
func TestRenew(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	p := openPresence(t, server.URL("postgres"), schema, withLease(10*time.Second))
	join(t, p, "a")
	shorten := func(seconds int) {
		server.Exec(t, "postgres", fmt.Sprintf("update %s.replicas set lease_until = clock_timestamp() + interval '%d seconds'", schema, seconds))
	}
	shorten(5)
	ok(t, p.Renew(t.Context(), "a"))
	if got := server.Exec(t, "postgres", "select lease_until > clock_timestamp() + interval '5 seconds' from "+schema+".replicas"); got != "t" {
		t.Error("the lease was not extended")
	}
	shorten(-1)
	if err := p.Renew(t.Context(), "a"); !errors.Is(err, storage.ErrLeaseEnded) {
		t.Errorf("got error %v, want %v", err, storage.ErrLeaseEnded)
	}
}

// TestPresenceAfterMigration migrates the schema to a newer version. All methods must fail without effect.
func TestPresenceAfterMigration(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	p := openPresence(t, server.URL("postgres"), schema)
	join(t, p, "a")
	for _, id := range []string{"1", "2"} {
		connect(t, p, id, "a", "dev")
	}
	ok(t, p.Disconnect(t.Context(), []string{"2"}, "Go away."))
	if held, err := p.AcquireLease(t.Context(), "background", "a"); err != nil || !held {
		t.Fatal(held, err)
	}
	server.Exec(t, "postgres", "insert into "+schema+".replicas values ('ended', now() - interval '1 hour', '')")
	contents := func() string {
		return server.Exec(t, "postgres", strings.ReplaceAll("select (select array_agg(r) from SCHEMA.replicas r), (select array_agg(l) from SCHEMA.leases l), "+
			"(select array_agg(c) from SCHEMA.connections c), (select array_agg(d) from SCHEMA.disconnects d)", "SCHEMA", schema))
	}
	before := contents()
	server.Exec(t, "postgres", "update "+schema+".meta set version = 99")
	for name, call := range calls(t.Context(), p) {
		if err := call(); !errors.Is(err, storage.ErrVersion) {
			t.Errorf("%s: got error %v, want %v", name, err, storage.ErrVersion)
		}
		if diff := cmp.Diff(before, contents()); diff != "" {
			t.Fatalf("%s had an effect (-before +after):\n%s", name, diff)
		}
	}
}

// calls returns a call of each method that runs a statement, for a presence with replica a and its connections 1 and 2, of
// which 2 has an order.
func calls(ctx context.Context, p storage.Presence) map[string]func() error {
	return map[string]func() error{
		"Join":             func() error { return p.Join(ctx, storage.Replica{ID: "b"}) },
		"Renew":            func() error { return p.Renew(ctx, "a") },
		"Replicas":         func() error { _, err := p.Replicas(ctx); return err },
		"AcquireLease":     func() error { _, err := p.AcquireLease(ctx, "another", "a"); return err },
		"Connections":      func() error { _, err := p.Connections(ctx, "dev", "ann"); return err },
		"Stages":           func() error { _, err := p.Stages(ctx, "", 1); return err },
		"Orders":           func() error { _, err := p.Orders(ctx, "a"); return err },
		"Remove":           func() error { return p.Remove(ctx, []string{"1"}) },
		"Disconnect":       func() error { return p.Disconnect(ctx, []string{"1"}, "") },
		"DisconnectStages": func() error { return p.DisconnectStages(ctx, "dev", "") },
		"RemoveOrders":     func() error { return p.RemoveOrders(ctx, []string{"2"}) },
		"RemoveEnded":      func() error { return p.RemoveEnded(ctx) },
		"Leave":            func() error { return p.Leave(ctx, "a") },
		"Connect": func() error {
			_, err := p.Connect(ctx, storage.Connection{ID: "3", Replica: "a", Stage: "dev", Player: "ann"})
			return err
		},
	}
}

// TestPresenceLostConnections cuts the connection before and after each statement. All methods except Join must succeed.
// TestDisconnectLostResponse checks the effects.
func TestPresenceLostConnections(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]pgtest.Cut{"before": pgtest.Before, "after": pgtest.After} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := pgtest.NewProxy(t, pgtest.Shared(t))
			p := openPresence(t, proxy.URL(), newSchema())
			all := calls(t.Context(), p)
			delete(all, "Join")
			delete(all, "Leave")
			join(t, p, "a")
			for name, call := range all {
				connect(t, p, "1", "a", "dev")
				connect(t, p, "2", "a", "dev")
				ok(t, p.Disconnect(t.Context(), []string{"2"}, ""))
				ok(t, call()) // prepares the statement
				proxy.SetAll(pgtest.Once(cut))
				if err := call(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				proxy.Set(func() pgtest.Cut { return pgtest.Never })
			}
		})
	}
}

// TestDisconnectLostResponse checks that an order is not lost with the response of the database, and not repeated.
func TestDisconnectLostResponse(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, pgtest.Shared(t))
	p := openPresence(t, proxy.URL(), newSchema())
	join(t, p, "a")
	for _, id := range []string{"1", "2", "3"} {
		connect(t, p, id, "a", "dev")
	}
	disconnect := func(id string) error { return p.Disconnect(t.Context(), []string{id}, "Go away.") }
	ok(t, disconnect("1")) // prepares the statement
	proxy.SetAll(pgtest.Once(pgtest.After))
	ok(t, disconnect("2"))
	proxy.SetAll(func() pgtest.Cut { return pgtest.Refusal }) // no connection succeeds after the first
	if err := disconnect("3"); !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got error %v, want %v", err, storage.ErrUnknownOutcome)
	}
	if err := disconnect("3"); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("without a connection: got error %v, want %v", err, storage.ErrUnavailable)
	}
	proxy.Set(func() pgtest.Cut { return pgtest.Never })
	if diff := cmp.Diff([]string(nil), ids(t, p, "dev")); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
	var want []storage.DisconnectOrder
	for _, id := range []string{"1", "2", "3"} {
		want = append(want, storage.DisconnectOrder{Connection: id, Reason: "Go away."})
	}
	got, err := p.Orders(t.Context(), "a")
	ok(t, err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}

// TestLeaseDuringTransactions checks that a lease can be renewed while transactions use all connections of the store.
func TestLeaseDuringTransactions(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).URL("postgres"), inSchema(newSchema()), func(o *postgres.Options) { o.Lease, o.MaxConns = time.Hour, 2 })
	defer s.Close()
	p := s.Presence()
	join(t, p, "a")
	release := make(chan struct{})
	done := make(chan error, 2)
	for i := range 2 {
		started := make(chan struct{})
		go func() {
			done <- s.UpdateScope(context.Background(), fmt.Sprint(i), nil, func(w storage.Writer) error {
				close(started)
				<-release
				return w.Put(fmt.Sprint(i), nil)
			})
		}()
		<-started
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := p.Renew(ctx, "a"); err != nil {
		t.Errorf("renew: %v", err)
	}
	if _, err := p.Orders(ctx, "a"); err != nil {
		t.Errorf("orders: %v", err)
	}
	close(release)
	for range 2 {
		ok(t, <-done)
	}
}

// TestMigrationOfVersion1 opens a schema of version 1, which has no presence.
func TestMigrationOfVersion1(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	s := open(t, server.URL("postgres"), inSchema(schema))
	ok(t, put(t.Context(), s, "a", "1"))
	ok(t, s.Close())
	server.Exec(t, "postgres", strings.ReplaceAll("drop table SCHEMA.replicas, SCHEMA.leases, SCHEMA.connections, SCHEMA.disconnects; update SCHEMA.meta set version = 1", "SCHEMA", schema))
	s = open(t, server.URL("postgres"), inSchema(schema))
	defer s.Close()
	if got := get(t, s, "a"); got != "1" {
		t.Errorf("got %q, want 1", got)
	}
	join(t, s.Presence(), "a")
	connect(t, s.Presence(), "1", "a", "dev")
	if got := server.Exec(t, "postgres", "select version from "+schema+".meta"); got != "2" {
		t.Errorf("the schema has version %s, want 2", got)
	}
}
