package postgres

import (
	"context"

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

// ChangeSession changes the session of a connection, as a pooler does that gives a transaction another session.
func (s *Store) ChangeSession(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, "select set_config('gamesparks.session', 'another', false)")
	return err
}
