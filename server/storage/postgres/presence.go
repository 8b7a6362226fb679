package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// presence is the [storage.Presence] of a store.
type presence struct {
	*Store
	queries presenceStatements

	// control has the connections for leases, for orders and for LISTEN.
	control *pgxpool.Pool

	listener *listener
}

const controlConns = 3

// Presence implements [storage.PresenceStore].
func (s *Store) Presence() storage.Presence { return s.presence }

// newPresence returns the presence of a store with the given configuration of its connections.
func newPresence(s *Store, config *pgxpool.Config) (*presence, error) {
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = controlConns, 0, 0
	control, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	p := &presence{Store: s, queries: newPresenceStatements(s.sql.schema), control: control}
	p.listener = newListener(control, p.channel())
	return p, nil
}

func (p *presence) close() {
	p.listener.close()
	p.control.Close()
}

// channel returns the name of the channel of notifications. The names of schemas may be longer than those of channels.
func (p *presence) channel() string {
	sum := sha256.Sum256([]byte(p.options.Schema))
	return "gamesparks_" + hex.EncodeToString(sum[:16])
}

// query runs a statement, whose first column is the version of the schema, and returns the other columns of its rows. The
// function targets returns where to store them. All statements are idempotent, so query repeats a statement if the
// connection is lost.
func query[Row any](ctx context.Context, p *presence, pool *pgxpool.Pool, targets func(*Row) []any, sql string, args ...any) (rows []Row, err error) {
	if err := p.begin(ctx); err != nil {
		return nil, err
	}
	defer p.active.Done()
	sent := false // whether a statement may have taken effect
	for attempt := range attempts {
		if attempt == attempts-1 { // the other connections are probably dead as well
			pool.Reset()
		}
		if attempt > 0 {
			select {
			case <-time.After(retryDelay << (attempt - 1)):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			err = ctx.Err()
			break
		}
		rows, err = queryOnce(ctx, p, pool, targets, sql, args...)
		if err == nil {
			return rows, nil
		}
		if !isServerError(err) && !pgconn.SafeToRetry(err) {
			sent = true
		}
		if !isTransient(err) {
			break
		}
	}
	err = p.unavailable(ctx, err)
	if sent && !errors.Is(err, storage.ErrVersion) {
		err = fmt.Errorf("%w (%w)", storage.ErrUnknownOutcome, err)
	}
	return nil, err
}

// isTransient reports whether a repeated statement may succeed at once.
func isTransient(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Severity == "ERROR" {
		return server.Code == "40001" || server.Code == "40P01" // serialization_failure, deadlock_detected
	}
	return !errors.Is(err, storage.ErrVersion) && !errors.Is(err, storage.ErrFormat)
}

func queryOnce[Row any](ctx context.Context, p *presence, pool *pgxpool.Pool, targets func(*Row) []any, sql string, args ...any) ([]Row, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, &acquireError{err}
	}
	defer conn.Release()
	ctx, cancel := context.WithTimeout(ctx, p.options.StatementTimeout+grace)
	defer cancel()
	result, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	var version *int
	rows, err := pgx.CollectRows(result, func(r pgx.CollectableRow) (row Row, err error) {
		err = r.Scan(append([]any{&version}, targets(&row)...)...)
		return row, err
	})
	switch {
	case err != nil:
		return nil, err
	case version == nil:
		return nil, fmt.Errorf("%w: table %s.meta is empty", storage.ErrFormat, p.sql.schema)
	}
	return rows, p.checkVersion(*version)
}

// acquireError is the error of a connection attempt. No statement was sent.
type acquireError struct{ error }

// Unwrap returns the error of the attempt.
func (e *acquireError) Unwrap() error { return e.error }

// SafeToRetry implements the interface of pgconn.SafeToRetry.
func (e *acquireError) SafeToRetry() bool { return true }

func scanCount(n *int) []any { return []any{n} }

// exec runs a statement that returns a number of rows.
func (p *presence) exec(ctx context.Context, pool *pgxpool.Pool, sql string, args ...any) (n int, err error) {
	rows, err := query(ctx, p, pool, scanCount, sql, args...)
	if err != nil {
		return 0, err
	}
	return rows[0], nil
}

// LeaseDuration implements [storage.Presence].
func (p *presence) LeaseDuration() time.Duration { return p.options.Lease }

// Join implements [storage.Presence].
func (p *presence) Join(ctx context.Context, replica storage.Replica) error {
	n, err := p.exec(ctx, p.control, p.queries.join, replica.ID, p.options.Lease.Microseconds(), replica.Configuration)
	if err == nil && n == 0 {
		err = fmt.Errorf("postgres: replica id %q is in use: join under a new id", replica.ID)
	}
	return err
}

// Renew implements [storage.Presence].
func (p *presence) Renew(ctx context.Context, replica string) error {
	n, err := p.exec(ctx, p.control, p.queries.renew, replica, p.options.Lease.Microseconds())
	if err == nil && n == 0 {
		err = storage.ErrLeaseEnded
	}
	return err
}

// SetConfiguration implements [storage.Presence].
func (p *presence) SetConfiguration(ctx context.Context, replica, configuration string) error {
	n, err := p.exec(ctx, p.control, p.queries.configure, replica, configuration)
	if err == nil && n == 0 {
		err = storage.ErrLeaseEnded
	}
	return err
}

// Leave implements [storage.Presence].
func (p *presence) Leave(ctx context.Context, replica string) error {
	_, err := p.exec(ctx, p.control, p.queries.leave, replica)
	return err
}

// Replicas implements [storage.Presence].
func (p *presence) Replicas(ctx context.Context) (found []storage.Replica, err error) {
	type row struct{ id, configuration *string }
	rows, err := query(ctx, p, p.pool, func(r *row) []any { return []any{&r.id, &r.configuration} }, p.queries.replicas)
	for _, r := range rows {
		if r.id != nil {
			found = append(found, storage.Replica{ID: *r.id, Configuration: *r.configuration})
		}
	}
	return found, err
}

// RemoveEnded implements [storage.Presence].
func (p *presence) RemoveEnded(ctx context.Context) error {
	if _, err := p.exec(ctx, p.pool, p.queries.removeReplicas); err != nil {
		return err
	}
	for {
		n, err := p.exec(ctx, p.pool, p.queries.removeConnections)
		if err != nil {
			return err
		}
		if n < maxRemovedPerStatement {
			break
		}
	}
	_, err := p.exec(ctx, p.pool, p.queries.removeDangling)
	return err
}

// AcquireLease implements [storage.Presence].
func (p *presence) AcquireLease(ctx context.Context, name, replica string) (held bool, err error) {
	type row struct{ live, acquired bool }
	rows, err := query(ctx, p, p.control, func(r *row) []any { return []any{&r.live, &r.acquired} }, p.queries.acquire, name, replica)
	switch {
	case err != nil:
		return false, err
	case !rows[0].live:
		return false, storage.ErrLeaseEnded
	}
	return rows[0].acquired, nil
}

// Connect implements [storage.Presence].
func (p *presence) Connect(ctx context.Context, c storage.Connection) (created time.Time, err error) {
	var given *time.Time
	if !c.Created.IsZero() {
		given = &c.Created
	}
	type row struct{ created *time.Time }
	rows, err := query(ctx, p, p.pool, func(r *row) []any { return []any{&r.created} }, p.queries.connect, c.ID, c.Replica, c.Stage, c.Player, given)
	switch {
	case err != nil:
		return time.Time{}, err
	case rows[0].created == nil:
		return time.Time{}, storage.ErrLeaseEnded
	}
	return rows[0].created.UTC(), nil
}

// Remove implements [storage.Presence].
func (p *presence) Remove(ctx context.Context, ids []string) error {
	_, err := p.exec(ctx, p.pool, p.queries.remove, ids)
	return err
}

// Connections implements [storage.Presence].
func (p *presence) Connections(ctx context.Context, stage, player string) (found []storage.Connection, err error) {
	type row struct {
		id, replica *string
		created     *time.Time
	}
	rows, err := query(ctx, p, p.pool, func(r *row) []any { return []any{&r.id, &r.replica, &r.created} }, p.queries.connections, stage, player)
	for _, r := range rows {
		if r.id != nil {
			found = append(found, storage.Connection{ID: *r.id, Replica: *r.replica, Stage: stage, Player: player, Created: r.created.UTC()})
		}
	}
	return found, err
}

// Stages implements [storage.Presence].
func (p *presence) Stages(ctx context.Context, after string, limit int) (found []string, err error) {
	type row struct{ stage *string }
	rows, err := query(ctx, p, p.pool, func(r *row) []any { return []any{&r.stage} }, p.queries.stages, after, limit)
	for _, r := range rows {
		if r.stage != nil {
			found = append(found, *r.stage)
		}
	}
	return found, err
}

// Disconnect implements [storage.Presence].
func (p *presence) Disconnect(ctx context.Context, ids []string, reason string) error {
	_, err := p.order(ctx, p.queries.disconnect, ids, reason, p.channel())
	return err
}

// order runs a statement that leaves orders. It returns how many connections the statement has selected.
func (p *presence) order(ctx context.Context, sql string, args ...any) (selected int, err error) {
	type row struct{ selected, replicas int }
	rows, err := query(ctx, p, p.pool, func(r *row) []any { return []any{&r.selected, &r.replicas} }, sql, args...)
	if err != nil {
		return 0, err
	}
	return rows[0].selected, nil
}

// DisconnectStages implements [storage.Presence].
func (p *presence) DisconnectStages(ctx context.Context, prefix, reason string) error {
	var end *string
	if r := storage.Prefix(prefix); r.End != "" {
		end = &r.End
	}
	for {
		n, err := p.order(ctx, p.queries.disconnectStages, prefix, reason, p.channel(), end)
		if err != nil || n < maxRemovedPerStatement {
			return err
		}
	}
}

// Orders implements [storage.Presence].
func (p *presence) Orders(ctx context.Context, replica string) (orders []storage.DisconnectOrder, err error) {
	type row struct{ connection, reason *string }
	rows, err := query(ctx, p, p.control, func(r *row) []any { return []any{&r.connection, &r.reason} }, p.queries.orders, replica)
	for _, r := range rows {
		if r.connection != nil {
			orders = append(orders, storage.DisconnectOrder{Connection: *r.connection, Reason: *r.reason})
		}
	}
	return orders, err
}

// RemoveOrders implements [storage.Presence].
func (p *presence) RemoveOrders(ctx context.Context, ids []string) error {
	_, err := p.exec(ctx, p.control, p.queries.removeOrder, ids)
	return err
}

// WatchOrders implements [storage.Presence].
func (p *presence) WatchOrders(replica string) (changed <-chan struct{}, stop func()) {
	return p.listener.watch(replica, !p.options.NoListen)
}
