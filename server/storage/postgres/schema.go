package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// migrations are the steps that create the schema. Step i leads to version i+1. A change of the schema adds a step.
var migrations = []string{
	// Values are JSON texts and their lists, which the store reads and writes as a whole: compressing them costs more time
	// than it saves. The fill factor leaves room for new versions of a row in the same page.
	`create table %[1]s.entries (key bytea primary key, value bytea not null) with (fillfactor = 80);
	 alter table %[1]s.entries alter column value set storage external;
	 create table %[1]s.commits (token bytea primary key, at timestamptz not null default clock_timestamp());
	 create index on %[1]s.commits (at);`,

	// The presence of replicas and players. Stages are compared as bytes. There are no foreign keys, since each new connection
	// would lock the row of its replica, which the replica updates.
	`create table %[1]s.replicas (id text primary key, lease_until timestamptz not null, configuration text not null) with (fillfactor = 50);
	 create table %[1]s.leases (name text primary key, replica text not null);
	 create table %[1]s.connections (id text primary key, replica text not null, stage text collate "C" not null, player text not null, created timestamptz not null);
	 create index on %[1]s.connections (stage, player);
	 create index on %[1]s.connections (replica);
	 create table %[1]s.disconnects (connection text primary key, replica text not null, reason text not null);
	 create index on %[1]s.disconnects (replica);`,
}

// statements are the SQL statements of a store.
type statements struct {
	schema string // quoted

	begin, beginView, lockShared, lock, check             string
	get, list, put, remove, token, findToken, prune, size string
	scan                                                  map[scanKind]string
}

// scanKind selects the statement of a scan.
type scanKind struct{ reverse, keysOnly, end bool }

func newStatements(schema string) statements {
	quoted := pgx.Identifier{schema}.Sanitize()
	s := statements{
		schema:     quoted,
		begin:      "begin isolation level read committed read write",
		beginView:  "begin isolation level repeatable read read only",
		lockShared: "select pg_advisory_xact_lock_shared($1)",
		lock:       "select pg_advisory_xact_lock($1)",
		check:      "select version, clock_timestamp(), current_setting('gamesparks.session', true) from %s.meta",
		get:        "select value from %s.entries where key = $1",
		list:       "select key, value from %s.entries where key = any($1::bytea[])",
		put:        "insert into %s.entries (key, value) select * from unnest($1::bytea[], $2::bytea[]) on conflict (key) do update set value = excluded.value",
		remove:     "delete from %s.entries where key = any($1::bytea[])",
		token:      "insert into %s.commits (token) values ($1)",
		findToken:  "select exists (select from %s.commits where token = $1)",
		prune:      "delete from %s.commits where at < clock_timestamp() - $1::bigint * interval '1 second'",
		size:       "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c where c.relkind = 'r' and c.relnamespace = to_regnamespace($1)",
		scan:       map[scanKind]string{},
	}
	for _, text := range []*string{&s.check, &s.get, &s.list, &s.put, &s.remove, &s.token, &s.findToken, &s.prune} {
		*text = fmt.Sprintf(*text, quoted)
	}
	for _, kind := range []scanKind{{}, {reverse: true}, {keysOnly: true}, {keysOnly: true, reverse: true}} {
		columns, order := "key, value", ""
		if kind.keysOnly {
			columns = "key, null::bytea"
		}
		if kind.reverse {
			order = " desc"
		}
		s.scan[kind] = fmt.Sprintf("select %s from %s.entries where key >= $1 order by key%s limit $2", columns, quoted, order)
		kind.end = true
		s.scan[kind] = fmt.Sprintf("select %s from %s.entries where key >= $1 and key < $3 order by key%s limit $2", columns, quoted, order)
	}
	return s
}

// lockID returns the id of an advisory lock. A collision with another lock costs only time.
func (s *Store) lockID(kind, name string) int64 {
	sum := sha256.Sum256([]byte("gamesparks\x00" + s.options.Schema + "\x00" + kind + "\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// storeLock is the lock of the whole store: updates of a scope share it.
func (s *Store) storeLock() int64 { return s.lockID("store", "") }

// migrate creates the schema or brings it to the version of this program, under the lock of the whole store.
func (s *Store) migrate(ctx context.Context) error {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return s.classify(err)
	}
	defer c.Release()
	version, err := s.version(ctx, c.Conn())
	switch {
	case err != nil || version == len(migrations):
		return s.classify(err)
	case version == 0 && s.options.MustExist:
		return fmt.Errorf("postgres: schema %s has no data of a server: check its name, or copy data to it", s.sql.schema)
	}
	var refused error
	err = pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, s.sql.lock, s.storeLock()); err != nil {
			return err
		}
		version, err := s.version(ctx, tx)
		if err != nil || version == len(migrations) {
			return err
		}
		if version == 0 {
			others, err := s.otherSchemas(ctx, tx)
			if err != nil {
				return err
			}
			if refused = s.options.BeforeCreate(others); refused != nil {
				return refused
			}
			create := fmt.Sprintf("create schema if not exists %[1]s; create table %[1]s.meta (version int not null); insert into %[1]s.meta values (0)", s.sql.schema)
			if _, err := tx.Exec(ctx, create); err != nil {
				return err
			}
		}
		for _, step := range migrations[version:] {
			if _, err := tx.Exec(ctx, fmt.Sprintf(step, s.sql.schema)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, fmt.Sprintf("update %s.meta set version = $1", s.sql.schema), len(migrations))
		return err
	})
	if refused != nil {
		return fmt.Errorf("postgres: %w", refused)
	}
	return s.classify(err)
}

// otherSchemas returns the other schemas whose names begin with that of the store's schema.
func (s *Store) otherSchemas(ctx context.Context, q querier) ([]string, error) {
	names, err := schemas(ctx, q, s.options.Schema)
	return slices.DeleteFunc(names, func(name string) bool { return name == s.options.Schema }), err
}

// querier is a connection or a transaction.
type querier interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

// version returns the version of the schema, or 0 if it does not exist. It returns an error for a newer version.
func (s *Store) version(ctx context.Context, q querier) (version int, err error) {
	// to_regclass could answer from a cache that is older than the lock.
	const find = "select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'meta')"
	var exists bool
	if err := q.QueryRow(ctx, find, s.options.Schema).Scan(&exists); err != nil || !exists {
		return 0, err
	}
	if err := q.QueryRow(ctx, fmt.Sprintf("select version from %s.meta", s.sql.schema)).Scan(&version); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("postgres: %w: table %s.meta is empty", storage.ErrFormat, s.sql.schema)
		}
		return 0, err
	}
	return version, s.checkVersion(version)
}

func (s *Store) checkVersion(version int) error {
	if version > len(migrations) {
		return fmt.Errorf("postgres: %w: schema %s has version %d, but this program supports only versions up to %d: upgrade the program",
			storage.ErrVersion, s.sql.schema, version, len(migrations))
	}
	return nil
}

// Schemas returns the names of the schemas of the database that begin with a prefix.
func (s *Store) Schemas(ctx context.Context, prefix string) ([]string, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.active.Done()
	names, err := schemas(ctx, s.pool, prefix)
	return names, s.classify(err)
}

func schemas(ctx context.Context, q querier, prefix string) ([]string, error) {
	rows, err := q.Query(ctx, "select nspname::text from pg_namespace where starts_with(nspname::text, $1) order by nspname", prefix)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// RenameSchema renames the schema of the store to an unused name, and closes the store. After an error, the store stays
// open. No other store may have the schema open.
func (s *Store) RenameSchema(ctx context.Context, schema string) error {
	return s.last(ctx, fmt.Sprintf("alter schema %s rename to %s", s.sql.schema, pgx.Identifier{schema}.Sanitize()))
}

// DropSchema deletes the schema of the store with all data, and closes the store. After an error, the store stays open.
func (s *Store) DropSchema(ctx context.Context) error {
	return s.last(ctx, fmt.Sprintf("drop schema %s cascade", s.sql.schema))
}

// last runs a statement and closes the store if the statement succeeds.
func (s *Store) last(ctx context.Context, statement string) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, statement)
	s.active.Done()
	if err != nil {
		return s.classify(err)
	}
	return s.Close()
}
