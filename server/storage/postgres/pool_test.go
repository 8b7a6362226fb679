package postgres_test

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// TestLostPool ends all connections of a pool at once, more than the attempts of a transaction, as a restart of the database does.
// The next transaction must succeed.
func TestLostPool(t *testing.T) {
	t.Parallel()
	const connections = 8
	server := pgtest.Start(t)
	admin, err := pgx.Connect(t.Context(), server.URL("postgres")) // faster than psql: a pool checks connections that were idle for a second
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	for name, run := range map[string]func(storage.Store) error{
		"update": func(s storage.Store) error {
			return s.Update(t.Context(), func(w storage.Writer) error { return w.Put("key", nil) })
		},
		"view": func(s storage.Store) error { return s.View(t.Context(), func(storage.Reader) error { return nil }) },
		"view of keys": func(s storage.Store) error {
			return storage.ViewKeys(t.Context(), s, []string{"key"}, func(storage.Reader) error { return nil })
		},
	} {
		store := open(t, server.URL("postgres"), inSchema(newSchema()), func(o *postgres.Options) { o.MaxConns = connections })
		var open, ended sync.WaitGroup
		open.Add(connections)
		for range connections {
			ended.Go(func() {
				err := store.View(t.Context(), func(storage.Reader) error {
					open.Done()
					open.Wait() // until all connections are in use
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		ended.Wait()
		const others = " from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"
		if _, err := admin.Exec(t.Context(), "select pg_terminate_backend(pid)"+others); err != nil {
			t.Fatal(err)
		}
		for left := 1; left > 0; {
			if err := admin.QueryRow(t.Context(), "select count(*)"+others).Scan(&left); err != nil {
				t.Fatal(err)
			}
		}
		if err := run(store); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
