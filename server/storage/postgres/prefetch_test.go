package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// TestPrefetch checks that an update reads prefetched keys without the database: it ends the connection of the update.
func TestPrefetch(t *testing.T) {
	t.Parallel()
	s, endTransaction := openWith(t, "scope/stored")
	attempts := 0
	err := storage.UpdateScope(t.Context(), s, "scope/", nil, func(w storage.Writer) error {
		if attempts++; attempts > 1 {
			return nil
		}
		if err := w.Put("scope/written", []byte("new value")); err != nil {
			t.Error(err)
		}
		if err := storage.Prefetch(w, []string{"outside"}); err == nil {
			t.Error("a key outside of the scope was prefetched")
		}
		keys := []string{"scope/stored", "scope/missing", "scope/written"}
		if err := storage.Prefetch(w, keys); err != nil {
			t.Error(err)
		}
		endTransaction()
		got := map[string]string{}
		for _, key := range keys {
			value, err := w.Get(key)
			if err != nil {
				t.Errorf("%s: %v", key, err)
			}
			if value != nil {
				got[key] = string(value)
			}
		}
		if diff := cmp.Diff(map[string]string{"scope/stored": "value", "scope/written": "new value"}, got); diff != "" {
			t.Errorf("prefetched values (-want +got):\n%s", diff)
		}
		_, err := w.Get("scope/other")
		if err == nil {
			t.Error("a key that was not prefetched was read without the database")
		}
		return err
	})
	if err != nil || attempts != 2 {
		t.Errorf("the update ended with error %v after %d attempts, want 2 attempts, since its connection was lost", err, attempts)
	}
	if err := s.View(t.Context(), func(r storage.Reader) error {
		value, err := r.Get("scope/written")
		if value != nil {
			err = errors.Join(err, errors.New("the first attempt was committed"))
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// TestPrefetchedUpdate checks that an update reads the keys that it has announced without the database. Many keys take a round
// trip of their own.
func TestPrefetchedUpdate(t *testing.T) {
	t.Parallel()
	s, endTransaction := openWith(t, "stored")
	for _, n := range []int{2, 1000} {
		keys := []string{"stored"}
		for i := range n - 1 {
			keys = append(keys, fmt.Sprintf("missing key of twenty bytes or more %d", i))
		}
		attempts := 0
		err := storage.UpdateScope(t.Context(), s, "", keys, func(w storage.Writer) error {
			if attempts++; attempts > 1 {
				return nil
			}
			endTransaction()
			for _, key := range keys {
				value, err := w.Get(key)
				if err != nil || string(value) != map[string]string{"stored": "value"}[key] {
					t.Errorf("%d keys: %s: got %q, error %v", n, key, value, err)
					return err
				}
			}
			_, err := w.Get("other")
			if err == nil {
				t.Error("a key that was not announced was read without the database")
			}
			return err
		})
		if err != nil || attempts != 2 {
			t.Errorf("%d keys: the update ended with error %v after %d attempts, want 2 attempts, since its connection was lost", n, err, attempts)
		}
	}
	err := storage.UpdateScope(t.Context(), s, "scope/", []string{"outside"}, func(storage.Writer) error { return nil })
	if err == nil {
		t.Error("a key outside of the scope was announced")
	}
}

// TestPrefetchedView checks that a view reads prefetched keys without the database.
func TestPrefetchedView(t *testing.T) {
	t.Parallel()
	s, endTransaction := openWith(t, "stored")
	err := storage.ViewWith(t.Context(), s, []string{"stored", "missing"}, func(r storage.Reader) error {
		endTransaction()
		for key, want := range map[string]string{"stored": "value", "missing": ""} {
			value, err := r.Get(key)
			if err != nil || string(value) != want || (value == nil) != (want == "") {
				t.Errorf("%s: got %q, error %v, want %q", key, value, err, want)
			}
		}
		_, err := r.Get("other")
		return err
	})
	if err == nil {
		t.Error("a key that was not prefetched was read without the database")
	}
}

// openWith returns a store that has a key with the value "value". endTransaction ends the connection of the transaction of the
// store, which must be idle.
func openWith(t *testing.T, key string) (s *postgres.Store, endTransaction func()) {
	t.Helper()
	server, schema := pgtest.Shared(t), newSchema()
	s = open(t, server.URL("postgres"), inSchema(schema))
	t.Cleanup(func() { _ = s.Close() })
	if err := put(t.Context(), s, key, "value"); err != nil {
		t.Fatal(err)
	}
	admin, err := pgx.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.WithoutCancel(t.Context())) })
	return s, func() {
		t.Helper()
		const end = `select pg_terminate_backend(pid, 10000) from pg_stat_activity where state = 'idle in transaction' and query like $1`
		if tag, err := admin.Exec(t.Context(), end, "%"+schema+"%"); err != nil || tag.RowsAffected() != 1 {
			t.Errorf("ended %d connections, error %v", tag.RowsAffected(), err)
		}
	}
}
