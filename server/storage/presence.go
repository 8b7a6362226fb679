package storage

import (
	"context"
	"errors"
	"time"
)

// PresenceStore is a [Store] with a [Presence]. Both stores of this package and that of package postgres implement it.
type PresenceStore interface {
	Store

	// Presence returns the presence of the servers that use the store. It is valid until the store is closed.
	Presence() Presence
}

// PresenceOf returns the presence of a [PresenceStore]. For any other store, such as one that wraps another, it returns a
// new presence in memory, which only one server uses.
func PresenceOf(store Store) Presence {
	if s, ok := store.(PresenceStore); ok {
		return s.Presence()
	}
	return NewPresence()
}

// Presence records which replicas of a server run on a store, and which players are connected to them. It is separate from
// the transactions of the store: a method takes effect before it returns. It is safe for concurrent use.
//
// A replica joins under a random id and holds a lease, which it must renew. When the lease ends, the replica, its
// connections and its named leases no longer exist for other replicas. A replica must stop serving players before that: it
// measures the lease on a monotonic clock from before it called Join or Renew.
//
// A replica that disconnects players of other replicas leaves orders. The other replica reads its orders, closes the
// connections and then removes the orders, so that a lost response never loses an order.
//
// Except for Join, all methods are idempotent. If the response of the database is lost, the error wraps ErrUnknownOutcome.
type Presence interface {
	// LeaseDuration returns the duration of the leases of replicas. 0 means that leases do not end, because replicas cannot
	// lose the connection to the store.
	LeaseDuration() time.Duration

	// Join adds a replica with a lease. The id must not have been used before.
	Join(ctx context.Context, replica Replica) error

	// Renew extends the lease of a replica by the duration of leases, from now on. It returns ErrLeaseEnded if the lease has
	// ended or the replica has left.
	Renew(ctx context.Context, replica string) error

	// SetConfiguration replaces the configuration of a replica. It returns ErrLeaseEnded if the lease has ended or the
	// replica has left.
	SetConfiguration(ctx context.Context, replica, configuration string) error

	// Leave removes a replica with its connections, orders and named leases.
	Leave(ctx context.Context, replica string) error

	// Replicas returns the replicas whose leases have not ended, ordered by id.
	Replicas(ctx context.Context) ([]Replica, error)

	// RemoveEnded removes replicas whose leases have ended, with their connections and orders. One replica should call it
	// from time to time.
	RemoveEnded(ctx context.Context) error

	// AcquireLease gives a named lease to a replica, unless another replica holds it. It reports whether the replica holds
	// the named lease. A replica holds a named lease until its own lease ends or it leaves.
	AcquireLease(ctx context.Context, name, replica string) (held bool, err error)

	// Connect adds a connection and returns its creation time. If Created is zero, that is the time of the store. It returns
	// ErrLeaseEnded if the lease of the replica has ended.
	Connect(ctx context.Context, connection Connection) (created time.Time, err error)

	// Remove removes the connections with the ids and ignores unknown ids.
	Remove(ctx context.Context, ids []string) error

	// Connections returns the connections of a player to a stage, oldest first.
	Connections(ctx context.Context, stage, player string) ([]Connection, error)

	// Stages returns at most limit different stages of connections in byte order, beginning after the given one. The
	// leases of the replicas do not matter.
	Stages(ctx context.Context, after string, limit int) ([]string, error)

	// Disconnect removes the connections with the ids, ignoring unknown ids, and leaves an order for each. The reason is the
	// text that the player receives.
	Disconnect(ctx context.Context, ids []string, reason string) error

	// DisconnectStages does the same for the connections to the stages that begin with prefix. If it returns an error, it may
	// have disconnected some of them.
	DisconnectStages(ctx context.Context, prefix, reason string) error

	// Orders returns the orders for a replica.
	Orders(ctx context.Context, replica string) ([]DisconnectOrder, error)

	// RemoveOrders removes the orders for the connections with the ids.
	RemoveOrders(ctx context.Context, ids []string) error

	// WatchOrders returns a channel that receives an element when the replica may have new orders. The channel is a hint
	// that makes delivery faster: elements may be missing, so the replica must also read its orders once per second. The
	// caller must call stop.
	WatchOrders(replica string) (changed <-chan struct{}, stop func())
}

// Replica is a server process that uses a store.
type Replica struct {
	// ID identifies the replica. A process uses a new random id whenever it joins.
	ID string

	// Configuration describes the configuration of the replica, so that replicas can compare theirs. The store does not
	// interpret it. It must not contain secrets. Optional.
	Configuration string
}

// Connection is an open connection of a player to a stage.
type Connection struct {
	// ID identifies the connection.
	ID string

	// Replica is the id of the replica that holds the connection.
	Replica string

	// Stage identifies the stage. The store compares stages and their prefixes as bytes, and does not interpret them.
	Stage string

	// Player is the player id. A player may have several connections.
	Player string

	// Created is when the connection was accepted.
	Created time.Time
}

// DisconnectOrder is an order to close a connection that no longer exists in the store.
type DisconnectOrder struct {
	// Connection is the id of the connection.
	Connection string

	// Reason is the text that the player receives.
	Reason string
}

// ErrLeaseEnded means that the lease of a replica has ended. The replica must close its connections and join under a new
// id.
var ErrLeaseEnded = errors.New("storage: the lease of the replica has ended: join under a new id")
