// Package postgres stores the data of the GameSparks service in a PostgreSQL database, which several replicas of a server
// can share:
//
//	store, err := postgres.Open(ctx, "postgres://gamesparks@db.example/gamesparks?sslmode=verify-full")
//	if err != nil {
//		log.Fatal(err)
//	}
//	service, err := server.New(server.WithStore(store))
//
// # Transactions
//
// Updates of one scope (see [storage.ScopedStore]) hold an advisory lock, so that they are serialized across replicas.
// Updates of a scope that wait in one process are committed together, and the keys that they announce are read together.
// Views are read-only transactions with the isolation level REPEATABLE READ. Views of known keys that run at the same time
// share a transaction.
//
// If the connection is lost while a transaction commits, the store reconnects and takes the same lock, which waits until
// the transaction has ended. The store then looks for a token that the transaction inserted. If that does not succeed
// within Options.ResolveTimeout, the update fails with [storage.ErrUnknownOutcome].
//
// # Presence
//
// The replicas of a server and the connections of their players have tables of their own. Each statement on them is a
// transaction without locks of a scope. All leases run on the clock of the database. A replica learns through NOTIFY, or by
// polling, which players it must disconnect.
//
// # Connections
//
// The store connects to the primary, directly or through a pooler in session mode. It refuses a pooler in transaction
// mode. Durability is that of the database: with asynchronous standbys, a failover can lose acknowledged updates, and a
// former primary that still runs must be fenced.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Options are the options of [Open].
type Options struct {
	// Schema is the schema of the database in which the store keeps its tables. Open creates it. The default is
	// "gamesparks".
	Schema string

	// MustExist makes Open fail if the schema does not exist, instead of creating it. Optional.
	MustExist bool

	// BeforeCreate is called before Open creates the schema, with the names of the other schemas that begin with its name.
	// If it returns an error, Open creates nothing and returns an error that wraps it. Optional.
	BeforeCreate func(schemas []string) error

	// MaxConns is the maximum number of connections for transactions. The default is 16. Transactions wait while all
	// connections are in use. A server uses up to three more for its lease and the players that others disconnect, so that
	// many transactions never delay the renewal of the lease.
	MaxConns int

	// StatementTimeout limits each statement, including the wait for the lock of a scope. The default is 30 seconds.
	StatementTimeout time.Duration

	// IdleTimeout limits how long a transaction may be open without running a statement. It bounds how long a suspended
	// server delays others. The default is 10 seconds.
	IdleTimeout time.Duration

	// ConnectTimeout limits an attempt to connect. The default is 5 seconds.
	ConnectTimeout time.Duration

	// ResolveTimeout limits how long the store tries to determine whether a transaction was committed after the connection
	// was lost. It should be longer than a failover. The default is 30 seconds.
	ResolveTimeout time.Duration

	// Password returns the password for a new connection, for example from a file that is rotated. Optional. By default,
	// the password comes from the connection string, PGPASSWORD, or the file of PGPASSFILE.
	Password func(context.Context) (string, error)

	// Lease is the duration of the lease of a replica. See [storage.Presence]. The server renews it three times as often. If
	// the database cannot be reached for that long, the server disconnects its players. If a server is killed, its players
	// stay listed as connected for at most that long. The default is 10 seconds.
	Lease time.Duration

	// NoListen makes the store not use LISTEN. A player that another server disconnects then stays connected for up to
	// two seconds. Optional.
	NoListen bool

	// OnCommit is called after each commit, for example to record metrics. It delays the next commit of the scope.
	// Optional.
	OnCommit func(storage.CommitRecord)
}

func (o *Options) setDefaults() {
	setDefault(&o.Schema, "gamesparks")
	if o.BeforeCreate == nil {
		o.BeforeCreate = func([]string) error { return nil }
	}
	setDefault(&o.MaxConns, 16)
	setDefault(&o.StatementTimeout, 30*time.Second)
	setDefault(&o.IdleTimeout, 10*time.Second)
	setDefault(&o.ConnectTimeout, 5*time.Second)
	setDefault(&o.ResolveTimeout, 30*time.Second)
	setDefault(&o.Lease, 10*time.Second)
}

func setDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

// Store is a [storage.ScopedStore] and a [storage.PresenceStore] in a PostgreSQL database. [Open] returns it.
type Store struct {
	options Options
	pool    *pgxpool.Pool
	sql     statements

	presence *presence

	mu     sync.Mutex
	closed bool
	queues map[string]*queue // by scope. A queue exists while its updates run.
	active sync.WaitGroup    // transactions and queues

	shared sharedViews
	pruned pruning

	// locks and find are lockStatements and transaction.findToken. Tests replace them to reproduce the failures that they
	// prevent.
	locks func(scope string) []func(*pgx.Batch)
	find  func(t *transaction, ctx context.Context, token []byte) (bool, error)
}

var _ interface {
	storage.ScopedStore
	storage.PrefetchingStore
	storage.PresenceStore
	storage.Sizer
} = (*Store)(nil)

// Open connects to a database and creates or migrates the tables of the store. The connection string is a URL or a list of
// keywords and values, as libpq accepts them, with its environment variables and password file. The error of a newer schema
// wraps [storage.ErrVersion].
func Open(ctx context.Context, connection string, optFns ...func(*Options)) (*Store, error) {
	s := newStore(optFns)
	config, err := pgxpool.ParseConfig(connection)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s.configure(config)
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	err = s.checkSessions(ctx)
	if err == nil {
		err = s.migrate(ctx)
	}
	if err == nil {
		s.presence, err = newPresence(s, config)
	}
	if err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

func newStore(optFns []func(*Options)) *Store {
	s := &Store{queues: map[string]*queue{}, find: (*transaction).findToken, shared: sharedViews{patience: defaultPatience}}
	for _, fn := range optFns {
		fn(&s.options)
	}
	s.options.setDefaults()
	s.sql = newStatements(s.options.Schema)
	s.locks = s.lockStatements
	return s
}

func (s *Store) configure(config *pgxpool.Config) {
	config.MaxConns = int32(s.options.MaxConns)
	connect := config.ConnConfig
	connect.ConnectTimeout = s.options.ConnectTimeout
	connect.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	connect.OnNotice = onNotice
	connect.DialFunc = newDialer().DialContext
	if s.options.Password != nil {
		config.BeforeConnect = func(ctx context.Context, c *pgx.ConnConfig) (err error) {
			c.Password, err = s.options.Password(ctx)
			return err
		}
	}
	config.AfterConnect = s.prepareSession
}

// sessionKey is the name of a setting of the session, and the key of its expected value in the data of a connection.
const sessionKey = "gamesparks.session"

// prepareSession sets a random value in the session, which each transaction checks: a pooler in transaction mode runs
// transactions of a client in several sessions. It also sets the limits of statements and transactions.
func (s *Store) prepareSession(ctx context.Context, c *pgx.Conn) error {
	session := rand.Text()
	c.PgConn().CustomData()[sessionKey] = session
	settings := []struct{ name, value string }{
		{sessionKey, session},
		{"statement_timeout", milliseconds(s.options.StatementTimeout)},
		{"lock_timeout", "0"}, // statement_timeout limits the wait
		{"idle_in_transaction_session_timeout", milliseconds(s.options.IdleTimeout)},
		// The server ends a connection whose client acknowledges no data for this time. Its transaction holds locks until then.
		{"tcp_user_timeout", milliseconds(s.options.IdleTimeout)},
		{"tcp_keepalives_idle", fmt.Sprint(keepAliveIdle.Seconds())},
		{"tcp_keepalives_interval", fmt.Sprint(keepAliveInterval.Seconds())},
		{"tcp_keepalives_count", fmt.Sprint(keepAliveCount)},
	}
	for _, setting := range settings {
		if _, err := c.Exec(ctx, "select set_config($1, $2, false)", pgx.QueryExecModeExec, setting.name, setting.value); err != nil {
			return err
		}
	}
	_, err := c.Exec(ctx, "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'", pgx.QueryExecModeExec)
	return err
}

// checkSessions returns an error if two connections share a session. In transaction mode, a pooler runs the transaction of
// the second connection in the session of the first, which is idle.
func (s *Store) checkSessions(ctx context.Context) error {
	if s.options.MaxConns < 2 {
		return nil // each transaction checks its session
	}
	first, err := s.pool.Acquire(ctx)
	if err != nil {
		return s.classify(err)
	}
	defer first.Release()
	second, err := s.pool.Acquire(ctx)
	if err != nil {
		return s.classify(err)
	}
	defer second.Release()
	tx, err := second.Begin(ctx)
	if err != nil {
		return s.classify(err)
	}
	defer func() { _ = tx.Rollback(ctx) }() // it has written nothing
	var session *string
	if err := first.QueryRow(ctx, "select current_setting('gamesparks.session', true)", pgx.QueryExecModeExec).Scan(&session); err != nil {
		return s.classify(err)
	}
	if own := first.Conn().PgConn().CustomData()[sessionKey]; session == nil || *session != own {
		return errPooled
	}
	return nil
}

func milliseconds(d time.Duration) string { return fmt.Sprint(max(d.Milliseconds(), 1)) }

// Close waits for running transactions and closes the connections. Later transactions fail with [storage.ErrClosed].
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.active.Wait()
	if s.presence != nil {
		s.presence.close()
	}
	s.pool.Close()
	return nil
}

// begin registers a transaction, unless the context has ended or the store is closed. The caller must call s.active.Done.
func (s *Store) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return storage.ErrClosed
	}
	s.active.Add(1)
	return nil
}

// Size returns the size of the tables and their indexes.
func (s *Store) Size(ctx context.Context) (size int64, err error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	defer s.active.Done()
	err = s.pool.QueryRow(ctx, s.sql.size, s.sql.schema).Scan(&size)
	return size, s.classify(err)
}

// classify adds [storage.ErrUnavailable] to an error that means that the database cannot be reached, or
// temporarily cannot run transactions.
func (s *Store) classify(err error) error {
	var server *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, storage.ErrVersion), errors.Is(err, storage.ErrFormat), errors.Is(err, errPooled), errors.Is(err, storage.ErrUnavailable):
		return err
	case errors.As(err, &server):
		switch server.Code {
		case "53100": // disk_full
			return fmt.Errorf("postgres: %w (%w)", storage.ErrFull, err)
		case "57014", "55P03", "25P03", "25006", "40001", "40P01", "53300", "57P01", "57P02", "57P03":
			// query_canceled (a timeout), lock_not_available, idle_in_transaction_session_timeout,
			// read_only_sql_transaction, serialization_failure, deadlock_detected, too_many_connections, admin_shutdown,
			// crash_shutdown, cannot_connect_now
			return fmt.Errorf("postgres: %w (%w)", storage.ErrUnavailable, err)
		}
		return fmt.Errorf("postgres: %w", err)
	}
	return fmt.Errorf("postgres: %w (%w)", storage.ErrUnavailable, adviseOnCertificate(err))
}
