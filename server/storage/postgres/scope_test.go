package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// TestScopes checks that an update excludes updates of its scope and of the whole store in another replica, but not those
// of another scope.
func TestScopes(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	first := open(t, server.URL("postgres"), inSchema(schema))
	defer first.Close()
	second := open(t, server.URL("postgres")+"&application_name="+schema, inSchema(schema))
	defer second.Close()

	held, release := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- first.UpdateScope(context.Background(), "a/", nil, func(w storage.Writer) error {
			close(held)
			<-release
			return w.Put("a/1", []byte("first"))
		})
	}()
	<-held
	if err := second.UpdateScope(t.Context(), "b/", nil, func(w storage.Writer) error { return w.Put("b/1", nil) }); err != nil {
		t.Errorf("update of another scope: %v", err)
	}
	var (
		mu    sync.Mutex
		order []string

		released time.Time
		group    sync.WaitGroup
	)
	for name, update := range map[string]func(func(storage.Writer) error) error{
		"scope": func(fn func(storage.Writer) error) error {
			return second.UpdateScope(context.Background(), "a/", nil, fn)
		},
		"store": func(fn func(storage.Writer) error) error { return second.Update(context.Background(), fn) },
	} {
		group.Go(func() {
			err := update(func(w storage.Writer) error {
				got, err := w.Get("a/1")
				mu.Lock()
				defer mu.Unlock()
				order = append(order, fmt.Sprintf("%s read %q", name, got))
				// The time is read after the lock: now() would be as old as the wait.
				if now := w.(storage.Timed).Now(); now.Before(released) {
					t.Errorf("update of the %s: the time is %v before the end of the update it waited for", name, released.Sub(now))
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server.Await(ctx, t, "postgres", "select count(*) from pg_stat_activity where wait_event = 'advisory' and application_name = '"+schema+"'", "2")
	mu.Lock()
	released = time.Now()
	mu.Unlock()
	close(release)
	group.Wait()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(order) != 2 || order[0][6:] != `read "first"` || order[1][6:] != `read "first"` {
		t.Errorf("got %v, want two reads of the committed value", order)
	}
}

// TestIdleTransaction checks that a transaction that hangs in an update delays others only until the idle timeout, and is
// not committed.
func TestIdleTransaction(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	short := func(o *postgres.Options) { o.IdleTimeout = 200 * time.Millisecond }
	first, second := open(t, server.URL("postgres"), inSchema(schema), short), open(t, server.URL("postgres"), inSchema(schema))
	defer first.Close()
	defer second.Close()
	held, release := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	runs := 0
	go func() {
		done <- first.Update(context.Background(), func(w storage.Writer) error {
			if runs++; runs == 1 {
				close(held)
				<-release
			}
			got, err := w.Get("a")
			return errors.Join(err, w.Put("a", fmt.Append(got, "first")))
		})
	}()
	<-held
	start := time.Now()
	if err := put(t.Context(), second, "a", "second,"); err != nil {
		t.Error(err)
	}
	if waited := time.Since(start); waited > 10*time.Second {
		t.Errorf("waited %v for a transaction that the server ends after 200 ms", waited)
	}
	close(release)
	// The update runs again, because its first transaction was certainly not committed.
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := get(t, first, "a"); got != "second,first" {
		t.Errorf("got %q, want second,first", got)
	}
}
