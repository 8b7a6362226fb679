package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// TestLostConnection cuts the connection before, during and after a commit. The update must take effect exactly once.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	for name, c := range map[string]pgtest.Cut{"before": pgtest.Before, "during": pgtest.During, "after": pgtest.After} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pgtest.NewProxy(t, server)
			s := open(t, p.URL(), inSchema(newSchema()))
			defer s.Close()
			for i := range 10 {
				p.Set(pgtest.Once(c))
				key := fmt.Sprintf("key-%d", i)
				err := s.Update(t.Context(), func(w storage.Writer) error {
					got, err := w.Get(key)
					return errors.Join(err, w.Put(key, append(got, 'x')))
				})
				if err != nil {
					t.Errorf("update %d: %v", i, err)
				}
				if got := get(t, s, key); got != "x" {
					t.Errorf("update %d took effect %d times, want once", i, len(got))
				}
			}
			if p.Cuts(c) != 10 {
				t.Errorf("the proxy has cut %d connections, want 10", p.Cuts(c))
			}
		})
	}
}

// TestUnknownOutcome makes the database unreachable after a commit whose response is lost.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	p := pgtest.NewProxy(t, pgtest.Shared(t))
	var commits []storage.CommitRecord
	s := open(t, p.URL(), inSchema(newSchema()), func(o *postgres.Options) {
		o.ResolveTimeout = 300 * time.Millisecond
		o.OnCommit = func(r storage.CommitRecord) { commits = append(commits, r) }
	})
	defer s.Close()
	p.Set(pgtest.Once(pgtest.Refusal))
	if err := put(t.Context(), s, "a", "1"); !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got error %v, want %v", err, storage.ErrUnknownOutcome)
	}
	if err := put(t.Context(), s, "b", "1"); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("while the database is unreachable: update: got error %v, want only %v", err, storage.ErrUnavailable)
	}
	if err := s.View(t.Context(), func(storage.Reader) error { return nil }); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("while the database is unreachable: view: got error %v, want %v", err, storage.ErrUnavailable)
	}
	p.Set(pgtest.Once(pgtest.Never))
	if got := get(t, s, "a") + get(t, s, "b"); got != "1" {
		t.Errorf("got %q, want the committed value of a and none of b", got)
	}
	if err := put(t.Context(), s, "c", "1"); err != nil {
		t.Errorf("after the database is reachable again: %v", err)
	}
	if len(commits) != 3 || commits[0].Err == nil || commits[1].Err == nil || commits[2].Err != nil {
		t.Errorf("got commit records %+v, want two failures and a success", commits)
	}
}

// TestRestart restarts and kills the database server between transactions.
func TestRestart(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	defer s.Close()
	for i, stop := range []func() error{server.Stop, server.Kill, server.Stop, server.Kill} {
		key := fmt.Sprint(i)
		if err := put(t.Context(), s, key, "1"); err != nil {
			t.Fatal(err)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if err := put(t.Context(), s, "stopped", "1"); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("update without a server: got error %v, want %v", err, storage.ErrUnavailable)
		}
		server.Restart(t)
		if got := get(t, s, key); got != "1" {
			t.Errorf("got %q, want 1", got)
		}
	}
	if got := get(t, s, "stopped"); got != "" {
		t.Errorf("a failed update has written %q", got)
	}
}
