package server_test

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// storeVariable is the environment variable that selects the store of all tests that do not choose one: "postgres", or
// "replicas" for three servers on one PostgreSQL database.
const storeVariable = "GAMESPARKS_TEST_STORE"

// defaultStore opens the stores of a test that does not choose one.
type defaultStore struct {
	t        testing.TB
	schema   string // "" means that the store is in memory
	replicas int    // number of servers
	opened   int    // 1 if a server has opened the store
}

func newDefaultStore(t testing.TB) *defaultStore {
	t.Helper()
	s := &defaultStore{t: t, replicas: 1}
	switch name := os.Getenv(storeVariable); name {
	case "":
	case "replicas":
		s.replicas = 3
		fallthrough
	case "postgres":
		s.schema = newSchema()
	default:
		t.Fatalf("%s=%s: want postgres, replicas or an empty value", storeVariable, name)
	}
	return s
}

func (s *defaultStore) open() (storage.Store, error) {
	s.opened = 1
	if s.schema == "" {
		return storage.NewMemory(), nil
	}
	return openSchema(s.t, s.schema), nil
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
