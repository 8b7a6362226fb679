package postgres_test

import (
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
