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

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// transaction runs a batch of updates in a database transaction.
type transaction struct {
	*Store
	scope string
	batch []*update

	// lost is set if the connection was lost, or the server is shutting down, and nothing was committed.
	lost bool
}

// isServerError reports whether err is an error response of the server that does not end the session. After any other
// error, the outcome of a commit is unknown.
func isServerError(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Severity == "ERROR"
}

// run runs the updates and commits their writes. If it returns an error that does not wrap storage.ErrUnknownOutcome,
// nothing was written.
func (t *transaction) run() (wrote bool, err error) {
	ctx := context.Background() // the transaction serves several callers
	acquire, cancel := context.WithTimeout(ctx, t.options.StatementTimeout+grace)
	conn, err := t.pool.Acquire(acquire)
	cancel()
	if err != nil {
		t.lost = !isServerError(err)
		return false, err
	}
	defer conn.Release()
	c := &connection{Store: t.Store, ctx: ctx, conn: conn, prefetch: t.keys().list}
	defer c.rollBack()
	if err := c.open(t.sql.begin, t.locks(t.scope)...); err != nil {
		t.lost = !isServerError(err) && !errors.Is(err, errPooled) && !errors.Is(err, storage.ErrVersion)
		return false, err
	}
	w := newWriter(c)
	for _, u := range t.batch {
		u.err = w.Attempt(func() error { return u.run(w) })
		if c.err != nil {
			t.lost = !isServerError(c.err)
			return false, c.err
		}
	}
	if w.Len() == 0 {
		return false, nil
	}
	return true, t.write(c, w)
}

// keys returns the keys that the updates probably read.
func (t *transaction) keys() (keys keySet) {
	for _, u := range t.batch {
		keys.add(u.keys)
	}
	return keys
}

// lockStatements returns the statements that lock a scope. An update of the whole store excludes those of all scopes.
func (s *Store) lockStatements(scope string) []func(*pgx.Batch) {
	if scope == "" {
		return []func(*pgx.Batch){func(b *pgx.Batch) { b.Queue(s.sql.lock, s.storeLock()) }}
	}
	return []func(*pgx.Batch){
		func(b *pgx.Batch) { b.Queue(s.sql.lockShared, s.storeLock()) },
		func(b *pgx.Batch) { b.Queue(s.sql.lock, s.lockID("scope", scope)) },
	}
}

// maxPipelined is the largest size of a statement that is sent together with the locks or the commit. PostgreSQL limits the wait
// for the next statement only after it has responded. If a program were suspended after it had sent a part of several statements,
// its locks would have no time limit. Statements of this size fit in the buffer of a socket.
const maxPipelined = 16 << 10

// size returns the number of bytes in a list.
func size(list [][]byte) (n int) {
	for _, item := range list {
		n += len(item)
	}
	return n
}

// write writes the pending entries and commits.
func (t *transaction) write(c *connection, w writer) error {
	token := make([]byte, 16)
	_, _ = rand.Read(token) // never fails
	var b pgx.Batch
	removed, keys, values := w.writes()
	for _, s := range []struct {
		sql  string
		args []any
		size int
	}{
		{t.sql.remove, []any{removed}, size(removed)},
		{t.sql.put, []any{keys, values}, size(keys) + size(values)},
	} {
		switch {
		case s.size == 0:
		case s.size <= maxPipelined:
			b.Queue(s.sql, s.args...)
		default:
			if err := c.exec(s.sql, s.args...); err != nil {
				t.lost = !isServerError(err)
				return err
			}
		}
	}
	b.Queue(t.sql.token, token)
	if t.pruned.due() {
		b.Queue(t.sql.prune, int64(t.tokenAge().Seconds()))
	}
	b.Queue("commit")
	ctx, cancel := c.step()
	defer cancel()
	server := c.conn.Conn().PgConn()
	delete(server.CustomData(), warningKey)
	results := c.conn.SendBatch(ctx, &b)
	var (
		tag pgconn.CommandTag
		err error
	)
	for range b.Len() {
		if tag, err = results.Exec(); err != nil {
			break
		}
	}
	err = errors.Join(err, results.Close())
	switch {
	case err == nil && tag.String() == "COMMIT":
		if warning := server.CustomData()[warningKey]; warning != nil {
			// For example: the transaction may not have been replicated to the standby.
			return fmt.Errorf("%w (postgres: warning at commit: %v)", storage.ErrUnknownOutcome, warning)
		}
		return nil
	case err == nil:
		return fmt.Errorf("postgres: commit ended with %s", tag)
	case isServerError(err):
		return err
	}
	return t.resolve(token, err)
}

// resolve determines whether the transaction with the token was committed. It returns nil if it was.
func (t *transaction) resolve(token []byte, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), t.options.ResolveTimeout)
	defer cancel()
	for delay := retryDelay; ; delay = min(2*delay, 2*time.Second) {
		committed, err := t.find(t, ctx, token)
		switch {
		case err == nil && committed:
			return nil
		case err == nil:
			t.lost = true
			return cause
		case errors.Is(err, storage.ErrVersion), errors.Is(err, errPooled), ctx.Err() != nil:
			return fmt.Errorf("%w (postgres: %w)", storage.ErrUnknownOutcome, cause)
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
	}
}

// findToken looks for a token under the locks of the transaction, which the server holds until that transaction has ended.
func (t *transaction) findToken(ctx context.Context, token []byte) (found bool, err error) {
	// An idle connection may be dead as well.
	conn, err := t.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	c := &connection{Store: t.Store, ctx: ctx, conn: conn}
	defer c.rollBack()
	if err := c.open(t.sql.begin, t.locks(t.scope)...); err != nil {
		return false, err
	}
	err = conn.QueryRow(ctx, t.sql.findToken, token).Scan(&found)
	return found, err
}

// tokenAge is the age at which tokens are deleted. Looking for a token takes less time.
func (s *Store) tokenAge() time.Duration { return max(time.Hour, 10*s.options.ResolveTimeout) }

// pruning decides when tokens are deleted.
type pruning struct {
	mu   sync.Mutex
	last time.Time
}

const pruneInterval = 10 * time.Minute

func (p *pruning) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.last) < pruneInterval {
		return false
	}
	p.last = time.Now()
	return true
}

// warningKey is the key of the first warning of the server in the data of a connection.
const warningKey = "gamesparks.warning"

func onNotice(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Severity == "WARNING" && c.CustomData()[warningKey] == nil {
		c.CustomData()[warningKey] = n.Message
	}
}
