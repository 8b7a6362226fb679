package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

func put(ctx context.Context, s storage.Store, key, value string) error {
	return s.Update(ctx, func(w storage.Writer) error { return w.Put(key, []byte(value)) })
}

func get(t testing.TB, s storage.Store, key string) (value string) {
	t.Helper()
	err := s.View(t.Context(), func(r storage.Reader) error {
		got, err := r.Get(key)
		value = string(got)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestConcurrentOpen lets replicas create the same schema at the same time, and increment a counter.
func TestConcurrentOpen(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	const replicas, each = 6, 20
	var group sync.WaitGroup
	for range replicas {
		group.Go(func() {
			s, err := postgres.Open(context.Background(), server.URL("postgres"), inSchema(schema))
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for range each {
				err := s.Update(context.Background(), func(w storage.Writer) error {
					text, err := w.Get("n")
					n, _ := strconv.Atoi(string(text))
					return errors.Join(err, w.Put("n", []byte(strconv.Itoa(n+1))))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	s := open(t, server.URL("postgres"), inSchema(schema))
	defer s.Close()
	if got := get(t, s, "n"); got != strconv.Itoa(replicas*each) {
		t.Errorf("counter = %s, want %d", got, replicas*each)
	}
}

// TestNewerVersion migrates the schema to a newer version while a store is open. The store must refuse to read and write,
// and a new one must not open.
func TestNewerVersion(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	s := open(t, server.URL("postgres"), inSchema(schema))
	defer s.Close()
	if err := put(t.Context(), s, "a", "1"); err != nil {
		t.Fatal(err)
	}
	setVersion := func(version string) {
		t.Helper()
		server.Exec(t, "postgres", "update "+schema+".meta set version = "+version)
	}
	setVersion("99")
	if err := put(t.Context(), s, "a", "2"); !errors.Is(err, storage.ErrVersion) {
		t.Errorf("update: got error %v, want %v", err, storage.ErrVersion)
	}
	if err := s.View(t.Context(), func(storage.Reader) error { return nil }); !errors.Is(err, storage.ErrVersion) {
		t.Errorf("view: got error %v, want %v", err, storage.ErrVersion)
	}
	if err := storage.ViewKeys(t.Context(), s, nil, func(storage.Reader) error { return nil }); !errors.Is(err, storage.ErrVersion) {
		t.Errorf("view of keys: got error %v, want %v", err, storage.ErrVersion)
	}
	if _, err := postgres.Open(t.Context(), server.URL("postgres"), inSchema(schema)); !errors.Is(err, storage.ErrVersion) {
		t.Errorf("open: got error %v, want %v", err, storage.ErrVersion)
	}
	setVersion("1")
	if got := get(t, s, "a"); got != "1" {
		t.Errorf("got %q, want 1, which was written before the migration", got)
	}
}

// TestOpenErrors checks that the errors of Open name the package once, the reason, and the next step.
func TestOpenErrors(t *testing.T) {
	t.Parallel()
	server, newer, empty := pgtest.Shared(t), newSchema(), newSchema()
	for _, schema := range []string{newer, empty} {
		if err := open(t, server.URL("postgres"), inSchema(schema)).Close(); err != nil {
			t.Fatal(err)
		}
	}
	server.Exec(t, "postgres", "update "+newer+".meta set version = 99")
	server.Exec(t, "postgres", "delete from "+empty+".meta")
	server.Exec(t, "postgres", "create role "+empty+" login")
	user := strings.Replace(server.URL("postgres"), "postgres@", empty+"@", 1)
	refused := errors.New("refused by the caller")
	for name, test := range map[string]struct {
		url    string
		option func(*postgres.Options)
		is     error
		want   string
	}{
		"connection string": {"postgres://%", inSchema(newer), nil, "failed to parse as URL"},
		"unreachable":       {"postgres://127.0.0.1:1/postgres?sslmode=disable", inSchema(newer), storage.ErrUnavailable, "connection refused"},
		"unknown database":  {server.URL("none"), inSchema(newer), nil, `database "none" does not exist`},
		"newer version":     {server.URL("postgres"), inSchema(newer), storage.ErrVersion, "upgrade the program"},
		"empty table":       {server.URL("postgres"), inSchema(empty), storage.ErrFormat, "meta is empty"},
		"no privilege":      {user, inSchema(newSchema()), nil, "permission denied"},
		"no data":           {server.URL("postgres"), func(o *postgres.Options) { o.Schema, o.MustExist = newSchema(), true }, nil, "copy data to it"},
		"refused": {server.URL("postgres"), func(o *postgres.Options) {
			o.Schema, o.BeforeCreate = newSchema(), func([]string) error { return refused }
		}, refused, "refused by the caller"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := postgres.Open(t.Context(), test.url, test.option)
			if err == nil {
				t.Fatal(s.Close())
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("got error %v, want one that wraps %v", err, test.is)
			}
			if text := err.Error(); !strings.HasPrefix(text, "postgres: ") || strings.Count(text, "postgres: ") != 1 || !strings.Contains(text, test.want) {
				t.Errorf("got message %q, want %q once and %q", text, "postgres: ", test.want)
			}
		})
	}
}

// TestBeforeCreate checks when BeforeCreate is called, and that its error leaves no schema.
func TestBeforeCreate(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	for _, name := range []string{schema + "_x", schema[:len(schema)-1]} {
		if err := open(t, server.URL("postgres"), inSchema(name)).Close(); err != nil {
			t.Fatal(err)
		}
	}
	var calls [][]string
	refuse := errors.New("no")
	try := func() error {
		s, err := postgres.Open(t.Context(), server.URL("postgres"), func(o *postgres.Options) {
			o.Schema, o.BeforeCreate = schema, func(schemas []string) error {
				calls = append(calls, schemas)
				return refuse
			}
		})
		if err == nil {
			err = s.Close()
		}
		return err
	}
	if err := try(); !errors.Is(err, refuse) {
		t.Errorf("got error %v, want %v", err, refuse)
	}
	refuse = nil
	for range 2 { // the second store finds the schema
		if err := try(); err != nil {
			t.Error(err)
		}
	}
	want := []string{schema + "_x"}
	if diff := cmp.Diff([][]string{want, want}, calls); diff != "" {
		t.Errorf("calls of BeforeCreate (-want +got):\n%s", diff)
	}
}

// TestOpenWithoutPrivileges checks that a user who must not create tables can use an existing schema.
func TestOpenWithoutPrivileges(t *testing.T) {
	t.Parallel()
	server, schema := pgtest.Shared(t), newSchema()
	if err := open(t, server.URL("postgres"), inSchema(schema)).Close(); err != nil {
		t.Fatal(err)
	}
	user := "user_" + schema
	server.Exec(t, "postgres", "create role "+user+" login; grant usage on schema "+schema+" to "+user+
		"; grant select, insert, update, delete on all tables in schema "+schema+" to "+user)
	config, err := pgx.ParseConfig(server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	url := "postgres://" + user + "@/postgres?host=" + config.Host
	s := open(t, url, inSchema(schema))
	defer s.Close()
	if err := put(t.Context(), s, "a", "1"); err != nil {
		t.Error(err)
	}
	if _, err := postgres.Open(t.Context(), url, inSchema(newSchema())); err == nil {
		t.Error("a user without the privilege created a schema")
	}
}

// TestSize checks that the size of the data grows with the data.
func TestSize(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).URL("postgres"), inSchema(`quoted "schema" 'name'`+newSchema()))
	defer s.Close()
	before, err := s.Size(t.Context())
	if err != nil || before <= 0 {
		t.Fatalf("got size %d, error %v", before, err)
	}
	if err := put(t.Context(), s, "a", string(make([]byte, 1<<20))); err != nil {
		t.Fatal(err)
	}
	if after, err := s.Size(t.Context()); err != nil || after < before+1<<20 {
		t.Errorf("got size %d after %d, error %v; want at least 1 MiB more", after, before, err)
	}
}

// TestRenameSchema checks that a store stays open if another schema has the new name, so that its schema can be deleted.
func TestRenameSchema(t *testing.T) {
	t.Parallel()
	server, prefix := pgtest.Shared(t), newSchema()
	taken := open(t, server.URL("postgres"), inSchema(prefix+"_taken"))
	defer taken.Close()
	s := open(t, server.URL("postgres"), inSchema(prefix+"_new"))
	defer s.Close()
	if err := s.RenameSchema(t.Context(), prefix+"_taken"); err == nil {
		t.Fatal("renaming the schema to an existing name succeeded")
	}
	for _, want := range [][]string{{prefix + "_new", prefix + "_taken"}, {prefix + "_taken"}} {
		got, err := taken.Schemas(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("schemas (-want +got):\n%s", diff)
		}
		if len(want) == 2 {
			if err := s.DropSchema(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}
