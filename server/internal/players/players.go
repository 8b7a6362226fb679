// Package players manages the WebSocket connections of players to stages: it accepts, lists and closes them.
package players

import (
	"cmp"
	"context"
	"io"
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

const (
	// maxMessage limits the size of a player's message in bytes. A larger message closes the connection.
	maxMessage = 64 << 10

	// pingInterval is the time between pings, and pingTimeout limits the time until the pong. After a network failure, a
	// player remains listed as connected for at most the sum of the two.
	pingInterval = 30 * time.Second
	pingTimeout  = 10 * time.Second

	// closeGrace limits the time that players have to respond to the close frame when the registry is closed. Without it,
	// the connection could be reset before the player has received the frame.
	closeGrace = time.Second
)

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
	stages  map[records.StageRef]map[*socket]struct{}
	closed  bool
	running sync.WaitGroup // connection goroutines; call Add only while holding mu and before closed is set
}

// socket is a connection in the registry. It is added before the handshake, so that every connected player is listed.
type socket struct {
	records.Connection
	opened chan struct{}   // closed after the handshake
	conn   *websocket.Conn // set before opened is closed; nil if the handshake failed
}

// accept performs the handshake. The writer may panic to drop the connection.
func (s *socket) accept(w http.ResponseWriter, request *http.Request) (err error) {
	defer close(s.opened)
	// Accept any origin: games run on any site. The game key authorizes the player, so no browser credentials are at risk.
	s.conn, err = websocket.Accept(w, request, &websocket.AcceptOptions{InsecureSkipVerify: true})
	return err
}

// disconnect closes the connection after the handshake. It ignores errors, which mean that the connection has already
// ended.
func (s *socket) disconnect(status websocket.StatusCode, reason string) {
	<-s.opened
	if s.conn != nil {
		_ = s.conn.Close(status, reason)
	}
}

// NewRegistry returns an empty registry. The registry calls now for the current time and newID for the id of each new
// connection. The caller must close the registry.
func NewRegistry(now func() time.Time, newID func() string) *Registry {
	ctx, cancel := context.WithCancel(context.Background())
	return &Registry{now: now, newID: newID, ctx: ctx, cancel: cancel, stages: make(map[records.StageRef]map[*socket]struct{})}
}

// Serve upgrades the request of an authorized player to a WebSocket, and returns when the connection has ended. It
// discards the player's messages. It responds with an error if the request is not a WebSocket handshake or if the
// registry is closed.
//
// Serve calls confirm after it has added the connection to the registry. If confirm returns an error, for example because
// the stage was deleted in the meantime, Serve closes the connection with the error as the reason.
func (r *Registry) Serve(w http.ResponseWriter, request *http.Request, stage records.StageRef, player string, confirm func() error) {
	s := &socket{Connection: records.Connection{ID: r.newID(), Player: player, Created: r.now()}, opened: make(chan struct{})}
	if !r.add(stage, s) {
		http.Error(w, "The service is closed.", http.StatusServiceUnavailable)
		return
	}
	defer r.running.Done()
	defer r.remove(stage, s)
	w.Header().Set(ConnectionIDHeader, s.ID)
	if err := s.accept(w, request); err != nil {
		return // accept has written the response
	}
	s.conn.SetReadLimit(maxMessage)
	if err := confirm(); err != nil {
		status, reason := websocket.StatusPolicyViolation, err.Error()
		if request.Context().Err() != nil { // net/http cancels the context of an upgraded request only when the server closes
			status, reason = websocket.StatusGoingAway, shuttingDown
		}
		r.end(func(_ records.StageRef, other *socket) bool { return s == other }, status, reason)
	}
	r.run(s)
}

// run reads from the connection until it ends. It ends the connection if a ping times out or the registry is closed.
func (r *Registry) run(s *socket) {
	// The context of the request is not canceled when a hijacked connection ends.
	ctx, cancel := context.WithCancel(r.ctx)
	var pinging sync.WaitGroup
	pinging.Go(func() {
		defer cancel() // canceling the read closes the connection
		for ping(ctx, s.conn) {
		}
	})
	defer pinging.Wait()
	defer cancel()
	for {
		_, message, err := s.conn.Reader(ctx)
		if err == nil {
			_, err = io.Copy(io.Discard, message)
		}
		if err != nil {
			_ = s.conn.CloseNow() // the connection has ended or is broken
			return
		}
	}
}

// ping waits until the next ping is due, sends it, and reports whether the player responds in time.
func ping(ctx context.Context, conn *websocket.Conn) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pingInterval):
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return conn.Ping(ctx) == nil
}

// add adds a connection. It returns false if the registry is closed.
func (r *Registry) add(stage records.StageRef, s *socket) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	if r.stages[stage] == nil {
		r.stages[stage] = make(map[*socket]struct{})
	}
	r.stages[stage][s] = struct{}{}
	r.running.Add(1)
	return true
}

// remove removes a connection from the registry. It is a no-op if the connection was already removed.
func (r *Registry) remove(stage records.StageRef, s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removeLocked(stage, s)
}

func (r *Registry) removeLocked(stage records.StageRef, s *socket) {
	delete(r.stages[stage], s)
	if len(r.stages[stage]) == 0 {
		delete(r.stages, stage)
	}
}

// Connections returns the connections of a player to a stage, oldest first.
func (r *Registry) Connections(stage records.StageRef, player string) []records.Connection {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []records.Connection
	for s := range r.stages[stage] {
		if s.Player == player {
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
func (r *Registry) Disconnect(stage records.StageRef, ids []string, reason string) {
	r.end(func(candidate records.StageRef, s *socket) bool {
		return candidate == stage && slices.Contains(ids, s.ID)
	}, websocket.StatusNormalClosure, reason)
}

// DisconnectStages closes all connections to the matching stages in the same way as Disconnect.
func (r *Registry) DisconnectStages(match func(records.StageRef) bool, reason string) {
	r.end(func(stage records.StageRef, _ *socket) bool { return match(stage) }, websocket.StatusNormalClosure, reason)
}

// end removes the matching connections from the registry and starts closing them.
func (r *Registry) end(match func(records.StageRef, *socket) bool, status websocket.StatusCode, reason string) {
	const maxReason = 123 // a close frame's limit for the reason, in bytes
	reason = strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.endLocked(match, status, reason)
}

func (r *Registry) endLocked(match func(records.StageRef, *socket) bool, status websocket.StatusCode, reason string) {
	for stage, sockets := range r.stages {
		for s := range sockets {
			if match(stage, s) {
				r.removeLocked(stage, s)
				r.running.Go(func() { s.disconnect(status, reason) })
			}
		}
	}
}

// Close closes all connections with the status code 1001 (going away), drops those whose players do not respond within a
// second, and returns when the goroutines of all connections have finished. The registry rejects later connections.
func (r *Registry) Close() {
	r.mu.Lock()
	if !r.closed {
		r.endLocked(func(records.StageRef, *socket) bool { return true }, websocket.StatusGoingAway, shuttingDown)
		r.closed = true
	}
	r.mu.Unlock()
	drop := time.AfterFunc(closeGrace, r.cancel)
	r.running.Wait()
	drop.Stop()
	r.cancel()
}
