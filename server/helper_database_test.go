package server_test

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// storeVariable is the environment variable that selects PostgreSQL for all tests that do not choose a store.
const storeVariable = "GAMESPARKS_TEST_STORE"

// defaultStore returns an option with the store of a test that does not choose one.
func defaultStore(t testing.TB) server.Option {
	t.Helper()
	switch name := os.Getenv(storeVariable); name {
	case "":
		return server.WithStore(nil)
	case "postgres":
		return server.WithStore(openDatabase(t))
	default:
		t.Fatalf("%s=%s: want postgres or an empty value", storeVariable, name)
		return nil
	}
}

// openDatabase returns a store in a new schema of the shared PostgreSQL server.
func openDatabase(t testing.TB) storage.Store {
	t.Helper()
	return openSchema(t, newSchema())
}

func newSchema() string { return "test_" + strings.ToLower(rand.Text()) }

// openSchema returns a store in a schema of the shared PostgreSQL server.
func openSchema(t testing.TB, schema string, optFns ...func(*postgres.Options)) storage.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), pgtest.Shared(t).URL("postgres"), func(o *postgres.Options) {
		o.Schema = schema
		o.MaxConns = 8
		for _, fn := range optFns {
			fn(o)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}
