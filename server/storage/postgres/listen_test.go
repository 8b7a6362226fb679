package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// listeners is a condition for the sessions that listen on a server that has no other ones.
const listeners = "select count(*) from pg_stat_activity where query like 'listen %'"

// TestListenReconnects checks that a store listens again after the session has ended, and that a watcher is notified of
// orders of the time in between.
func TestListenReconnects(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Start(t), newSchema()
	proxy := pgtest.NewProxy(t, server)
	watching, writing := openPresence(t, proxy.URL(), schema), openPresence(t, server.URL("postgres"), schema)
	join(t, watching, "a")
	changed, stop := watching.WatchOrders("a")
	defer stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	await := func(what string) {
		t.Helper()
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("the watcher was not notified %s", what)
		}
	}
	disconnect := func(id string) {
		t.Helper()
		connect(t, writing, id, "a", "dev")
		ok(t, writing.Disconnect(ctx, []string{id}, ""))
	}
	await("when the store began to listen")
	disconnect("1")
	await("of an order")

	proxy.Partition(true) // the store cannot reconnect yet
	server.Exec(t, "postgres", "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %'")
	server.Await(ctx, t, "postgres", listeners, "0")
	disconnect("2")
	proxy.Partition(false)
	await("of an order while the store did not listen")
	server.Await(ctx, t, "postgres", listeners, "1")
	disconnect("3")
	await("of an order after the store listens again")
}

// TestNoListen checks that a store with NoListen does not listen, and that one with a watcher does until it is closed.
func TestNoListen(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Start(t), newSchema()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	watch := func(noListen bool) (*postgres.Store, storage.Presence) {
		s := open(t, server.URL("postgres"), inSchema(schema), func(o *postgres.Options) { o.NoListen = noListen })
		_, stop := s.Presence().WatchOrders("a")
		t.Cleanup(stop)
		return s, s.Presence()
	}
	listening, _ := watch(false)
	server.Await(ctx, t, "postgres", listeners, "1")
	ok(t, listening.Close())
	server.Await(ctx, t, "postgres", listeners, "0")

	polling, p := watch(true)
	defer polling.Close()
	join(t, p, "a")
	connect(t, p, "1", "a", "dev")
	ok(t, p.Disconnect(ctx, []string{"1"}, ""))
	if orders, err := p.Orders(ctx, "a"); err != nil || len(orders) != 1 {
		t.Errorf("got orders %v, error %v; want one", orders, err)
	}
	if got := server.Exec(t, "postgres", listeners); got != "0" {
		t.Errorf("%s sessions listen, want none", got)
	}
}
