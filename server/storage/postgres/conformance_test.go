package postgres_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	s := &schemas{server: pgtest.Shared(t)}
	storagetest.Run(t, storagetest.Implementation{
		Open:   func(t testing.TB) storage.Store { return s.open(t, newSchema()) },
		Reopen: func(t testing.TB, closed storage.Store) storage.Store { return s.open(t, s.of(closed)) },
	})
}

// replicas is two stores on one database, which take turns.
type replicas struct {
	stores [2]storage.Store
	turn   atomic.Int64
}

func (r *replicas) next() storage.Store { return r.stores[r.turn.Add(1)%2] }

func (r *replicas) View(ctx context.Context, fn func(storage.Reader) error) error {
	return r.next().View(ctx, fn)
}

func (r *replicas) ViewWith(ctx context.Context, keys []string, fn func(storage.Reader) error) error {
	return storage.ViewWith(ctx, r.next(), keys, fn)
}

func (r *replicas) ViewKeys(ctx context.Context, keys []string, fn func(storage.Reader) error) error {
	return storage.ViewKeys(ctx, r.next(), keys, fn)
}

func (r *replicas) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return r.next().Update(ctx, fn)
}

func (r *replicas) Close() error { return errors.Join(r.stores[0].Close(), r.stores[1].Close()) }

func TestReplicaConformance(t *testing.T) {
	t.Parallel()
	s := &schemas{server: pgtest.Shared(t)}
	openReplicas := func(t testing.TB, schema string) storage.Store {
		return &replicas{stores: [2]storage.Store{s.open(t, schema), s.open(t, schema)}}
	}
	storagetest.Run(t, storagetest.Implementation{
		Open: func(t testing.TB) storage.Store { return openReplicas(t, newSchema()) },
		Reopen: func(t testing.TB, closed storage.Store) storage.Store {
			return openReplicas(t, s.of(closed.(*replicas).stores[0]))
		},
	})
}
