package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// TestPartition separates a replica from the database when its commit is on its way. Another replica must write after
// IdleTimeout, and the commit must not take effect when the partition ends.
func TestPartition(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Start(t), newSchema()
	p := pgtest.NewProxy(t, server)
	limit := func(o *postgres.Options) {
		o.IdleTimeout, o.StatementTimeout, o.ResolveTimeout = time.Second, time.Second, time.Second
	}
	first, second := open(t, p.URL(), inSchema(schema), limit), open(t, server.URL("postgres"), inSchema(schema), limit)
	defer first.Close()
	defer second.Close()
	next := pgtest.Once(pgtest.Suspend)
	p.Set(func() pgtest.Cut {
		if next() == pgtest.Suspend {
			p.Partition(true)
			return pgtest.Suspend
		}
		return pgtest.Never
	})
	done := make(chan error, 1)
	go func() { done <- put(t.Context(), first, "a", "1") }()
	server.AwaitLog(t, "idle-in-transaction timeout")
	if err := put(t.Context(), second, "a", "2"); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got error %v, want %v", err, storage.ErrUnknownOutcome)
	}
	p.Partition(false)
	if got := get(t, first, "a"); got != "2" {
		t.Errorf("got %q after the partition, want 2", got)
	}
}
