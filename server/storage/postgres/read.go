package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// errPooled means that a transaction does not run in the session that its connection opened.
var errPooled = errors.New("postgres: the session changes between transactions: connect to the database directly, or through a pooler in session mode")

// grace is the time that the client waits for a response after the server should have ended a statement.
const grace = 5 * time.Second

// connection is a connection in a transaction. It is not safe for concurrent use.
type connection struct {
	*Store
	ctx  context.Context
	conn *pgxpool.Conn
	now  time.Time // the time of the database after the locks were taken
	err  error     // the first error of the connection

	// prefetch has the keys whose entries open reads into prefetched.
	prefetch   [][]byte
	prefetched []storage.Entry

	// prefetchOnly makes open end the transaction after reading prefetched.
	prefetchOnly bool
}

// fail records an error of the connection.
func (c *connection) fail(err error) error {
	if err != nil && c.err == nil {
		c.err = err
	}
	return err
}

// step returns a context for a statement. The server ends the statement first.
func (c *connection) step() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.ctx, c.options.StatementTimeout+grace)
}

// open begins a transaction and checks the session and the version of the schema. It takes one round trip, or two if it takes
// locks and prefetches many keys.
func (c *connection) open(begin string, locks ...func(*pgx.Batch)) error {
	ctx, cancel := c.step()
	defer cancel()
	var b pgx.Batch
	b.Queue(begin)
	for _, lock := range locks {
		lock(&b)
	}
	b.Queue(c.sql.check)
	pipelined := len(c.prefetch) > 0 && (len(locks) == 0 || size(c.prefetch) <= maxPipelined)
	if pipelined {
		b.Queue(c.sql.list, c.prefetch)
	}
	if c.prefetchOnly {
		b.Queue(rollBack)
	}
	results := c.conn.SendBatch(ctx, &b)
	for range 1 + len(locks) {
		if _, err := results.Exec(); err != nil {
			return c.fail(errors.Join(err, results.Close()))
		}
	}
	var (
		version int
		session *string
	)
	err := results.QueryRow().Scan(&version, &c.now, &session)
	if err == nil && pipelined {
		var rows pgx.Rows
		if rows, err = results.Query(); err == nil {
			c.prefetched, err = collectEntries(rows)
		}
	}
	if err == nil && c.prefetchOnly {
		_, err = results.Exec()
	}
	if err := errors.Join(err, results.Close()); err != nil {
		return c.fail(err)
	}
	if own := c.conn.Conn().PgConn().CustomData()[sessionKey]; session == nil || *session != own {
		return c.fail(errPooled)
	}
	if err := c.fail(c.checkVersion(version)); err != nil || pipelined || len(c.prefetch) == 0 {
		return err
	}
	c.prefetched, err = c.list(c.prefetch)
	return err
}

// exec runs a statement.
func (c *connection) exec(sql string, args ...any) error {
	ctx, cancel := c.step()
	defer cancel()
	_, err := c.conn.Exec(ctx, sql, args...)
	return c.fail(err)
}

// Now implements [storage.Timed].
func (c *connection) Now() time.Time { return c.now }

const rollBack = "rollback"

// rollBack ends the transaction without writing. If that fails, releasing the connection closes it.
func (c *connection) rollBack() {
	if c.conn.Conn().IsClosed() || c.conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := c.step()
	defer cancel()
	_, _ = c.conn.Exec(ctx, rollBack)
}

// Get implements [storage.Reader].
func (c *connection) Get(key string) (value []byte, err error) {
	ctx, cancel := c.step()
	defer cancel()
	err = c.conn.QueryRow(ctx, c.sql.get, []byte(key)).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return value, c.classify(c.fail(err))
}

// Chunks of a scan grow, so that short scans read little and long ones need few statements.
const (
	firstChunk = 16
	maxChunk   = 512
)

// Scan implements [storage.Reader].
func (c *connection) Scan(r storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		if r.Limit < 0 {
			return
		}
		for n, chunk := 0, firstChunk; ; chunk = min(2*chunk, maxChunk) {
			if r.Limit > 0 {
				chunk = min(chunk, r.Limit-n)
			}
			entries, err := c.chunk(r, chunk)
			if err != nil {
				yield(storage.Entry{}, err)
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if n += len(entries); len(entries) < chunk || n == r.Limit {
				return
			}
			if last := entries[len(entries)-1].Key; r.Reverse {
				r.End = last
			} else {
				r.Start = last + "\x00"
			}
		}
	}
}

// chunk returns the first entries of a range.
func (c *connection) chunk(r storage.Range, limit int) ([]storage.Entry, error) {
	ctx, cancel := c.step()
	defer cancel()
	args := []any{[]byte(r.Start), limit}
	if r.End != "" {
		args = append(args, []byte(r.End))
	}
	return c.entries(ctx, c.sql.scan[scanKind{r.Reverse, r.KeysOnly, r.End != ""}], args...)
}

// list returns the entries with the keys.
func (c *connection) list(keys [][]byte) ([]storage.Entry, error) {
	ctx, cancel := c.step()
	defer cancel()
	return c.entries(ctx, c.sql.list, keys)
}

// entries runs a query of keys and values.
func (c *connection) entries(ctx context.Context, sql string, args ...any) ([]storage.Entry, error) {
	rows, err := c.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, c.classify(c.fail(err))
	}
	entries, err := collectEntries(rows)
	return entries, c.classify(c.fail(err))
}

func collectEntries(rows pgx.Rows) ([]storage.Entry, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (storage.Entry, error) {
		var key, value []byte
		err := row.Scan(&key, &value)
		return storage.Entry{Key: string(key), Value: value}, err
	})
}

// View implements [storage.Store].
func (s *Store) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.ViewWith(ctx, nil, fn)
}

// ViewWith implements [storage.PrefetchingStore].
func (s *Store) ViewWith(ctx context.Context, keys []string, fn func(storage.Reader) error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.active.Done()
	var prefetch keySet
	prefetch.add(keys)
	c, err := s.openView(ctx, connection{prefetch: prefetch.list})
	if err != nil {
		return err
	}
	defer c.conn.Release()
	defer c.rollBack()
	err = fn(newViewReader(c))
	if c.err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// viewReader is the reader of a view. It has the values that the view has prefetched, and does not cache others, since a view
// can read all data.
type viewReader struct {
	*connection
	prefetched map[string][]byte
}

func newViewReader(c *connection) viewReader {
	r := viewReader{c, map[string][]byte{}}
	add(r.prefetched, c.prefetch, c.prefetched)
	return r
}

// keySet is a set of keys to prefetch.
type keySet struct {
	list [][]byte
	seen map[string]bool
}

func (s *keySet) add(keys []string) {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	for _, key := range keys {
		if !s.seen[key] {
			s.seen[key] = true
			s.list = append(s.list, []byte(key))
		}
	}
}

// add adds the result of reading keys to values. The value of a missing key is nil.
func add(values map[string][]byte, keys [][]byte, found []storage.Entry) {
	for _, key := range keys {
		values[string(key)] = nil
	}
	for _, e := range found {
		values[e.Key] = e.Value
	}
}

// Get implements [storage.Reader].
func (r viewReader) Get(key string) ([]byte, error) {
	if value, ok := r.prefetched[key]; ok {
		return value, nil
	}
	return r.connection.Get(key)
}

// openView opens a read-only transaction with the settings of template. It retries if the pooled connection is dead.
func (s *Store) openView(ctx context.Context, template connection) (c *connection, err error) {
	for attempt := range attempts {
		if attempt == attempts-1 { // the other connections are probably dead as well
			s.pool.Reset()
		}
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return nil, s.unavailable(ctx, err)
		}
		c = new(template)
		c.Store, c.ctx, c.conn = s, ctx, conn
		if err = c.open(s.sql.beginView); err == nil {
			return c, nil
		}
		c.rollBack()
		conn.Release()
		if ctx.Err() != nil || isServerError(err) || errors.Is(err, errPooled) || errors.Is(err, storage.ErrVersion) {
			break
		}
	}
	return nil, s.unavailable(ctx, c.err)
}

// unavailable classifies an error of the database. If the caller's context has ended, it returns that error.
func (s *Store) unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("postgres: %w", ctx.Err())
	}
	return s.classify(err)
}
