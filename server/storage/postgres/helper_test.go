package postgres_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// newSchema returns an unused name of a schema.
func newSchema() string { return "test_" + strings.ToLower(rand.Text()) }

// inSchema returns an option that selects a schema.
func inSchema(schema string) func(*postgres.Options) {
	return func(o *postgres.Options) { o.Schema = schema }
}

// withPassword returns an option that sets the password.
func withPassword(password string) func(*postgres.Options) {
	return func(o *postgres.Options) { o.Password = func(context.Context) (string, error) { return password, nil } }
}

func open(t testing.TB, url string, optFns ...func(*postgres.Options)) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// schemas opens stores, each in a new schema, and remembers the schemas.
type schemas struct {
	server *pgtest.Server
	names  sync.Map
}

func (s *schemas) open(t testing.TB, schema string) storage.Store {
	t.Helper()
	store := open(t, s.server.URL("postgres"), inSchema(schema), func(o *postgres.Options) { o.MaxConns = 4 })
	s.names.Store(store, schema)
	return store
}

func (s *schemas) of(store storage.Store) string {
	name, _ := s.names.Load(store)
	return name.(string)
}
