// Package players manages the WebSocket connections of players to stages: it accepts, lists and closes them.
package players

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

// ConnectionIDHeader is the response header that carries the id of an accepted connection.
const ConnectionIDHeader = "X-GameSparks-Connection-Id"

// closeGrace limits the time that players have to respond to the close frame when the registry is closed. Without it,
// the connection could be reset before the player has received the frame.
const closeGrace = time.Second

// shuttingDown is the reason for which a closing registry closes connections.
const shuttingDown = "The server is shutting down."

// Registry holds the open connections. [NewRegistry] creates it. It is safe for concurrent use.
type Registry struct {
	now   func() time.Time
	newID func() string

	// ctx is canceled after the grace of Close, which ends all connections.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	stages  map[records.StageRef]*stage
	open    int // connections in all stages
	closed  bool
	running sync.WaitGroup // connection goroutines; call Add only while holding mu and before closed is set
}

// stage holds the open connections to a stage. Each connection is in both maps.
type stage struct {
	ref      records.StageRef
	byID     map[string]*socket
	byPlayer map[string][]*socket
}

// NewRegistry returns an empty registry. The registry calls now for the current time and newID for the id of each new
// connection. The caller must close the registry.
func NewRegistry(now func() time.Time, newID func() string) *Registry {
	ctx, cancel := context.WithCancel(context.Background())
	return &Registry{now: now, newID: newID, ctx: ctx, cancel: cancel, stages: make(map[records.StageRef]*stage)}
}

// Serve upgrades the request of an authorized player to a WebSocket, and reports whether it has accepted the connection.
// Then the registry reads and discards the player's messages in the background, and calls ended when the connection has
// ended. Serve responds with an error if the request is not a WebSocket handshake or if the registry is closed.
//
// Serve calls confirm after it has added the connection to the registry. If confirm returns an error, for example because
// the stage was deleted in the meantime, the registry closes the accepted connection with the error as the reason.
func (r *Registry) Serve(w http.ResponseWriter, request *http.Request, ref records.StageRef, player string, confirm func() error, ended func()) (accepted bool) {
	// The player's name may be part of a string with the whole request.
	s := &socket{Connection: records.Connection{ID: r.newID(), Player: strings.Clone(player), Created: r.now()}}
	s.handshake.Add(1)
	if !r.add(ref, s) {
		http.Error(w, "The service is closed.", http.StatusServiceUnavailable)
		return false
	}
	defer func() {
		if !accepted {
			defer r.running.Done()
			r.remove(s)
			s.drop()
		}
	}()
	w.Header().Set(ConnectionIDHeader, s.ID)
	if err := s.accept(w, request); err != nil {
		return false // accept has written the response
	}
	if err := confirm(); err != nil {
		status, reason := websocket.StatusPolicyViolation, err.Error()
		if request.Context().Err() != nil { // net/http cancels the context of an upgraded request only when the server closes
			status, reason = websocket.StatusGoingAway, shuttingDown
		}
		r.end(status, reason, func() []*socket { return []*socket{s} })
	}
	r.schedulePings(s)
	// The goroutine of the request has a deep stack and refers to the request. It ends when Serve returns.
	go func() {
		defer r.running.Done()
		defer ended()
		defer r.remove(s)
		s.read(r.ctx)
	}()
	return true
}

// add adds a connection. It returns false if the registry is closed.
func (r *Registry) add(ref records.StageRef, s *socket) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	s.stage = r.stages[ref]
	if s.stage == nil {
		s.stage = &stage{ref, make(map[string]*socket), make(map[string][]*socket)}
		r.stages[ref] = s.stage
	}
	s.stage.byID[s.ID] = s
	s.stage.byPlayer[s.Player] = append(s.stage.byPlayer[s.Player], s)
	r.open++
	r.running.Add(1)
	return true
}

// remove removes a connection from the registry. It is a no-op if the connection was already removed.
func (r *Registry) remove(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removeLocked(s)
}

func (r *Registry) removeLocked(s *socket) {
	if !s.isListed() {
		return
	}
	if s.pings != nil {
		s.pings.Stop()
	}
	r.open--
	delete(s.stage.byID, s.ID)
	rest := slices.DeleteFunc(s.stage.byPlayer[s.Player], func(other *socket) bool { return other == s })
	s.stage.byPlayer[s.Player] = rest
	if len(rest) == 0 {
		delete(s.stage.byPlayer, s.Player)
	}
	if len(s.stage.byID) == 0 {
		delete(r.stages, s.stage.ref)
	}
}

// Open returns the number of open connections.
func (r *Registry) Open() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open
}

// Connections returns the connections of a player to a stage, oldest first.
func (r *Registry) Connections(ref records.StageRef, player string) []records.Connection {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []records.Connection
	if stage := r.stages[ref]; stage != nil {
		for _, s := range stage.byPlayer[player] {
			found = append(found, s.Connection)
		}
	}
	slices.SortFunc(found, func(a, b records.Connection) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return found
}

// Disconnect closes the connections to a stage that have the given ids, and ignores unknown ids. It removes the
// connections from the registry before it returns. The closing handshake, which sends the reason, runs in the background
// and times out after a few seconds, so Disconnect cannot fail.
func (r *Registry) Disconnect(ref records.StageRef, ids []string, reason string) {
	r.end(websocket.StatusNormalClosure, reason, func() (sockets []*socket) {
		stage := r.stages[ref]
		if stage == nil {
			return nil
		}
		for _, id := range ids {
			if s := stage.byID[id]; s != nil {
				sockets = append(sockets, s)
			}
		}
		return sockets
	})
}

// DisconnectStages closes all connections to the matching stages in the same way as Disconnect.
func (r *Registry) DisconnectStages(match func(records.StageRef) bool, reason string) {
	r.end(websocket.StatusNormalClosure, reason, func() []*socket { return r.socketsLocked(match) })
}

// socketsLocked returns the connections to the matching stages.
func (r *Registry) socketsLocked(match func(records.StageRef) bool) (sockets []*socket) {
	for ref, stage := range r.stages {
		if match(ref) {
			for _, s := range stage.byID {
				sockets = append(sockets, s)
			}
		}
	}
	return sockets
}

// end removes the selected connections from the registry and starts closing them. It calls selected while it holds mu.
func (r *Registry) end(status websocket.StatusCode, reason string, selected func() []*socket) {
	const maxReason = 123 // a close frame's limit for the reason, in bytes
	reason = strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.endLocked(status, reason, selected())
	}
}

func (r *Registry) endLocked(status websocket.StatusCode, reason string, sockets []*socket) {
	for _, s := range sockets {
		if s.isListed() { // closing it twice would wait for the first close
			r.removeLocked(s)
			r.running.Go(func() { s.disconnect(status, reason) })
		}
	}
}

// Close closes all connections with the status code 1001 (going away), drops those whose players do not respond within a
// second, and returns when the goroutines of all connections have finished. The registry rejects later connections.
func (r *Registry) Close() {
	r.mu.Lock()
	if !r.closed {
		r.endLocked(websocket.StatusGoingAway, shuttingDown, r.socketsLocked(func(records.StageRef) bool { return true }))
		r.closed = true
	}
	r.mu.Unlock()
	drop := time.AfterFunc(closeGrace, r.cancel)
	r.running.Wait()
	drop.Stop()
	r.cancel()
}
