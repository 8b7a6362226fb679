package postgres

import (
	"context"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// SkipLocks makes the updates of a store take no locks.
func (s *Store) SkipLocks() { s.locks = func(string) []func(*pgx.Batch) { return nil } }

// RepeatUnknown makes a store repeat a transaction whose outcome is unknown.
func (s *Store) RepeatUnknown() {
	s.find = func(*transaction, context.Context, []byte) (bool, error) { return false, nil }
}

// OpenStandby opens a store that reads from a standby.
func OpenStandby(ctx context.Context, connection string, optFns ...func(*Options)) (*Store, error) {
	s := newStore(optFns)
	config, err := pgxpool.ParseConfig(connection)
	if err != nil {
		return nil, err
	}
	s.configure(config)
	config.ConnConfig.ValidateConnect = nil
	s.pool, err = pgxpool.NewWithConfig(ctx, config)
	return s, err
}

// ChangeSession changes the session of a connection, as a pooler in transaction mode does.
func (s *Store) ChangeSession(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, "select set_config('gamesparks.session', 'another', false)")
	return err
}

// Settings returns the settings of a session whose names are the keys of names.
func (s *Store) Settings(ctx context.Context, names map[string]string) (map[string]string, error) {
	settings := map[string]string{}
	for name := range names {
		var value string
		if err := s.pool.QueryRow(ctx, "select setting from pg_settings where name = $1", name).Scan(&value); err != nil {
			return nil, err
		}
		settings[name] = value
	}
	return settings, nil
}

// NetConn returns the network connection of a session.
func (s *Store) NetConn(ctx context.Context) (net.Conn, error) {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Release()
	return c.Conn().PgConn().Conn(), nil
}

// MaxShared is the number of views that share a transaction.
const MaxShared = maxShared

// WaitForSharedViews makes a view of keys wait for the running transaction, however long it takes. It must be called before
// the store is used.
func (s *Store) WaitForSharedViews() { s.shared.patience = time.Hour }

// Acquire takes a connection of the store until release is called.
func (s *Store) Acquire(ctx context.Context) (release func(), err error) {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return c.Release, nil
}

// AwaitTransactions waits until no transaction runs.
func (s *Store) AwaitTransactions() { s.active.Wait() }

// PendingViews returns the number of views that wait for a shared transaction, and whether one will begin.
func (s *Store) PendingViews() (waiting int, running bool) {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	return len(s.shared.pending), s.shared.running
}

// Schema returns the schema of a store.
func (s *Store) Schema() string { return s.options.Schema }
