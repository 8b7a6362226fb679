package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// TestSuspendedReplica suspends a replica that holds a lock: before it sends its writes, and while it sends them. It must not
// delay the writes of another replica much longer than IdleTimeout.
func TestSuspendedReplica(t *testing.T) {
	t.Parallel()
	const idleTimeout, margin = time.Second, 5 * time.Second
	value := make([]byte, 1<<20)
	tests := map[string]func(p *pgtest.Proxy){
		"before its writes": func(p *pgtest.Proxy) { p.Set(pgtest.Once(pgtest.Suspend)) },
		"in its writes":     func(p *pgtest.Proxy) { p.SuspendAfter(int64(len(value)) / 2) },
	}
	for name, suspend := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, schema := pgtest.Start(t), newSchema()
			p := pgtest.NewProxy(t, server)
			limit := func(o *postgres.Options) { o.IdleTimeout = idleTimeout }
			first, second := open(t, p.URL(), inSchema(schema), limit), open(t, server.URL("postgres"), inSchema(schema), limit)
			defer first.Close()
			defer second.Close()
			for _, key := range []string{"removed", "a"} {
				if err := put(t.Context(), first, key, "1"); err != nil {
					t.Fatal(err)
				}
			}
			suspend(p)
			locked, done := make(chan struct{}), make(chan error, 1)
			go func() {
				hold := sync.OnceFunc(func() { close(locked) })
				done <- first.Update(context.Background(), func(w storage.Writer) error {
					hold()
					return errors.Join(w.Delete("removed"), w.Put("large", value))
				})
			}()
			<-locked
			start := time.Now()
			if err := put(t.Context(), second, "a", "2"); err != nil {
				t.Error(err)
			}
			if delay := time.Since(start); delay > idleTimeout+margin {
				t.Errorf("the write took %v, want at most %v", delay, idleTimeout+margin)
			}
			server.AwaitLog(t, "idle-in-transaction timeout") // the database has ended the transaction
			p.SuspendAfter(0)
			if err := <-done; err != nil {
				t.Errorf("update of the suspended replica: %v", err)
			}
			if got := get(t, first, "removed") + get(t, first, "a"); got != "2" {
				t.Errorf("got %q, want 2", got)
			}
		})
	}
}
