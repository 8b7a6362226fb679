package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

const pooled = "connect to the database directly, or through a pooler in session mode"

// TestSessionPooler uses the store through a pooler in session mode.
func TestSessionPooler(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.StartPooler(t, pgtest.Shared(t), "session"), inSchema(newSchema()), func(o *postgres.Options) { o.MaxConns = 4 })
	defer s.Close()
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			key := fmt.Sprint(i)
			if err := put(context.Background(), s, key, key); err != nil {
				t.Error(err)
			}
			if err := s.View(context.Background(), func(r storage.Reader) error {
				got, err := r.Get(key)
				if string(got) != key {
					t.Errorf("key %s: got %q", key, got)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestTransactionPooler checks that a store does not open through a pooler in transaction mode.
func TestTransactionPooler(t *testing.T) {
	t.Parallel()
	url := pgtest.StartPooler(t, pgtest.Shared(t), "transaction")
	s, err := postgres.Open(t.Context(), url, inSchema(newSchema()))
	if err == nil {
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), pooled) {
		t.Errorf("got error %v, want one that says to %s", err, pooled)
	}
}

// TestSessionChanges checks that a transaction fails if it does not run in the session that its connection opened.
func TestSessionChanges(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).URL("postgres"), inSchema(newSchema()), func(o *postgres.Options) { o.MaxConns = 1 })
	defer s.Close()
	if err := put(t.Context(), s, "a", "1"); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeSession(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"update":       put(t.Context(), s, "a", "2"),
		"view":         s.View(t.Context(), func(storage.Reader) error { return errors.New("the view ran") }),
		"view of keys": storage.ViewKeys(t.Context(), s, []string{"a"}, func(storage.Reader) error { return errors.New("the view ran") }),
	} {
		if err == nil || !strings.Contains(err.Error(), pooled) {
			t.Errorf("%s: got error %v, want one that says to %s", name, err, pooled)
		}
	}
}
