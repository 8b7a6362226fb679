package postgres_test

import (
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

// longLease is a lease that does not end during a test.
func longLease(o *postgres.Options) { o.Lease, o.MaxConns = time.Hour, 4 }

func TestPresence(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	storagetest.RunPresence(t, func(t testing.TB) storage.Presence {
		s := open(t, server.URL("postgres"), inSchema(newSchema()), longLease)
		t.Cleanup(func() { s.Close() })
		return s.Presence()
	})
}
