// Package replica makes a server one of several replicas on a store: it holds the lease of the replica, records the
// connections of its players, closes those that another replica disconnects, and runs background work on one replica at a
// time.
package replica

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks/server/internal/players"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// ErrNoLease means that the replica has no lease, so that it must not serve players.
var ErrNoLease = errors.New("replica: the server has no lease in its database")

// Players whose replica has lost its lease receive this status code and reason.
const (
	lostLeaseStatus = websocket.StatusTryAgainLater
	lostLeaseReason = "The server has lost the connection to its database. Connect again."
)

// Config configures a [Replica]. All fields are required unless marked as optional.
type Config struct {
	// Presence is the presence of the store.
	Presence storage.Presence

	// Configuration returns the present configuration of this replica. It must be safe for concurrent use.
	Configuration func() Configuration

	// Now returns the creation time of new connections. Optional. The default is the time of the store.
	Now func() time.Time

	// Logger receives warnings and errors.
	Logger *slog.Logger
}

// Background is the work that only one replica does at a time. All fields are required.
type Background struct {
	// IsActive reports whether players may connect to a stage, which the argument identifies as [Connection] does in
	// package storage. A stage that is not active never becomes active again.
	IsActive func(ctx context.Context, stage string) (bool, error)

	// Wake is called from time to time while this replica should work.
	Wake func()
}

// Replica is a member of the replicas on a store while it holds a lease. [New] returns it. It is safe for concurrent use.
type Replica struct {
	Config
	sockets *players.Registry
	removal *removal

	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	// local receives an element when this replica may have left orders for itself.
	local chan struct{}

	background Background
	stage      string // the last stage that the background work has checked; "" begins with the first

	mu          sync.Mutex
	current     *membership // nil while the replica has no lease
	differences []string    // names of settings that differ between the replicas
}

// New returns a replica. The caller must close it, even if Start is not called or fails.
func New(config Config) *Replica {
	r := &Replica{Config: config, local: make(chan struct{}, 1)}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.removal = newRemoval(r)
	r.sockets = players.NewRegistry(r.removal.add, func() bool { return r.member() != nil })
	return r
}

// Start joins the replicas on the store and starts the goroutines of the replica.
func (r *Replica) Start(ctx context.Context, background Background) error {
	r.background = background
	m, err := r.join(ctx)
	if err != nil {
		return err
	}
	r.running.Go(r.removal.run)
	r.running.Go(func() { r.run(m) })
	return nil
}

// CloseConnections closes the connections of all players with the status code 1001, and rejects later ones. It returns when
// they are closed, after at most a second.
func (r *Replica) CloseConnections() { r.sockets.Close() }

// leaveTimeout limits the time for removing the replica from the store. If that fails, its lease ends.
const leaveTimeout = 2 * time.Second

// Close closes the connections of all players, and removes the replica from the store. The caller must close the replica
// before the store. Closing it again is a no-op.
func (r *Replica) Close() {
	r.sockets.Close()
	r.cancel()
	r.running.Wait()
	r.mu.Lock()
	m := r.current
	r.current = nil
	r.mu.Unlock()
	if m == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	if err := r.Presence.Leave(ctx, m.id); err != nil {
		r.Logger.Warn("cannot remove this server from the database: it stays listed until its lease ends", "error", err)
	}
}

// Open returns the number of open connections of this replica.
func (r *Replica) Open() int { return r.sockets.Open() }

// HoldsBackground reports whether this replica may do background work.
func (r *Replica) HoldsBackground() bool {
	m := r.member()
	return m != nil && m.background.Load()
}

// Player is a player who connects to a stage.
type Player struct {
	// Stage is the stage.
	Stage records.StageRef

	// ID is the player id.
	ID string

	// Confirm checks that the player may connect to the stage. It is called after the connection has been recorded.
	Confirm func() error

	// Ended is called when an accepted connection has ended.
	Ended func()
}

// Serve upgrades the request of a player to a WebSocket, as [players.Registry.Serve] does, and records the connection. It
// returns ErrNoLease, an error of Confirm or an error of the store without a response.
//
// The connection is recorded before Confirm checks the stage. Deleting a stage marks it before it removes its
// connections. So either Confirm finds that the stage is deleted, or the connection is removed.
func (r *Replica) Serve(w http.ResponseWriter, request *http.Request, p Player) (accepted bool, err error) {
	m := r.member()
	if m == nil {
		return false, ErrNoLease
	}
	// The name of the player may be part of a string with the whole request.
	connection := storage.Connection{ID: records.NewID(), Replica: m.id, Stage: p.Stage.Key(), Player: strings.Clone(p.ID)}
	registered := false
	defer func() {
		if registered && !accepted { // before the player receives the response or, after a panic, its end
			r.removal.removeNow(connection.ID)
		}
	}()
	return r.sockets.Serve(w, request, players.Connection{
		ID: connection.ID,
		Admit: func() error {
			if err := r.register(request.Context(), m, connection); err != nil {
				return err
			}
			registered = true
			if err := p.Confirm(); err != nil {
				return err
			}
			return r.checkMember(m)
		},
		Ended: p.Ended,
	})
}

// register records a connection of a membership.
func (r *Replica) register(ctx context.Context, m *membership, connection storage.Connection) error {
	if r.Now != nil {
		connection.Created = r.Now()
	}
	_, err := r.Presence.Connect(ctx, connection)
	switch {
	case errors.Is(err, storage.ErrLeaseEnded):
		r.lose(m, err)
		return ErrNoLease
	case err != nil:
		r.removal.addUncertain(connection.ID)
	}
	return err
}

// checkMember returns ErrNoLease unless the membership is the current one.
func (r *Replica) checkMember(m *membership) error {
	if r.member() != m {
		return ErrNoLease
	}
	return nil
}

// Connections returns the connections of a player to a stage on all replicas, oldest first.
func (r *Replica) Connections(ctx context.Context, stage records.StageRef, player string) ([]storage.Connection, error) {
	return r.Presence.Connections(ctx, stage.Key(), player)
}

// Disconnect closes the connections that have the given ids on all replicas, and ignores unknown ids. When it has returned
// nil, Connections no longer returns them.
func (r *Replica) Disconnect(ctx context.Context, ids []string, reason string) error {
	if len(ids) == 0 {
		return nil
	}
	if err := r.Presence.Disconnect(ctx, ids, reason); err != nil {
		return err
	}
	r.sockets.Disconnect(ids, reason)
	return nil
}

// DisconnectStages closes the connections to the stages whose keys begin with prefix in the same way as Disconnect.
func (r *Replica) DisconnectStages(ctx context.Context, prefix, reason string) error {
	if err := r.Presence.DisconnectStages(ctx, prefix, reason); err != nil {
		return err
	}
	select {
	case r.local <- struct{}{}:
	default: // it has an element
	}
	return nil
}
