// Package players holds the connections of players to the stages of games. They are WebSockets, which the service can
// list and close.
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

// ConnectionIDHeader is the response header that has the id of an accepted connection.
const ConnectionIDHeader = "X-GameSparks-Connection-Id"

const (
	// maxMessage limits the size of a player's message in bytes. A larger message ends the connection.
	maxMessage = 64 << 10

	// pingInterval is the time between two pings, and pingTimeout limits the time until the pong. A player whose network is
	// down counts as connected for no longer than their sum.
	pingInterval = 30 * time.Second
	pingTimeout  = 10 * time.Second
)

// Registry holds the open connections. [NewRegistry] creates it. It is safe for concurrent use.
type Registry struct {
	now   func() time.Time
	newID func() string

	// ctx ends with the registry, and ends the connections.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	stages  map[records.StageRef]map[*socket]struct{}
	closed  bool
	running sync.WaitGroup // goroutines of connections; added to under mu and only until closed
}

// socket is a connection in the registry. It is added before its handshake, so that every connected player is listed.
type socket struct {
	records.Connection
	opened chan struct{}   // closed when the handshake is over
	conn   *websocket.Conn // from then on; nil if the handshake failed
}

// accept performs the handshake. The writer may panic, to drop the connection.
func (s *socket) accept(w http.ResponseWriter, request *http.Request) (err error) {
	defer close(s.opened)
	// Games in a browser come from any site. The game key authorizes them, and the browser has no credentials to abuse.
	s.conn, err = websocket.Accept(w, request, &websocket.AcceptOptions{InsecureSkipVerify: true})
	return err
}

// disconnect closes the connection once the handshake is over. An error means that the connection has ended already.
func (s *socket) disconnect(status websocket.StatusCode, reason string) {
	<-s.opened
	if s.conn != nil {
		_ = s.conn.Close(status, reason)
	}
}

// NewRegistry returns an empty registry. The functions return the time and the ids of connections. The caller must close
// the registry.
func NewRegistry(now func() time.Time, newID func() string) *Registry {
	ctx, cancel := context.WithCancel(context.Background())
	return &Registry{now: now, newID: newID, ctx: ctx, cancel: cancel, stages: make(map[records.StageRef]map[*socket]struct{})}
}

// Serve upgrades the request of an authorized player to a WebSocket, and returns when the connection has ended. Messages
// of the player are read and discarded. The response is an error if the request is not a WebSocket handshake, or if the
// registry is closed. Serve calls confirm once the connection is in the registry: if confirm returns an error, because
// the stage was deleted in the meantime for example, Serve closes the connection with that error as the reason.
func (r *Registry) Serve(w http.ResponseWriter, request *http.Request, stage records.StageRef, player string, confirm func() error) {
	s := &socket{Connection: records.Connection{ID: r.newID(), Player: player, Created: r.now()}, opened: make(chan struct{})}
	if !r.add(stage, s) {
		http.Error(w, "the service is closed", http.StatusServiceUnavailable)
		return
	}
	defer r.running.Done()
	defer r.remove(stage, s)
	w.Header().Set(ConnectionIDHeader, s.ID)
	if err := s.accept(w, request); err != nil {
		return // Accept has written the response
	}
	s.conn.SetReadLimit(maxMessage)
	if err := confirm(); err != nil {
		r.end(func(_ records.StageRef, other *socket) bool { return s == other }, websocket.StatusPolicyViolation, err.Error())
	}
	r.run(s)
}

// run reads from the connection until it ends. It ends the connection if a ping times out or the registry is closed.
func (r *Registry) run(s *socket) {
	// The context of the request does not end with a hijacked connection.
	ctx, cancel := context.WithCancel(r.ctx)
	var pinging sync.WaitGroup
	pinging.Go(func() {
		defer cancel() // a read whose context is done closes the connection
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

// ping waits until the next ping is due and reports whether the player has answered it.
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

// add returns false if the registry is closed.
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

// remove removes a connection from the registry, if it is still there.
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

// Disconnect closes the connections to a stage that have one of the ids, and ignores other ids. When it returns, they are
// not in the registry any more. The closing handshake, which has the reason, gets some seconds before the network
// connection is dropped, so closing a connection cannot fail.
func (r *Registry) Disconnect(stage records.StageRef, ids []string, reason string) {
	r.end(func(candidate records.StageRef, s *socket) bool {
		return candidate == stage && slices.Contains(ids, s.ID)
	}, websocket.StatusNormalClosure, reason)
}

// DisconnectStages closes the connections of all players to the stages that match, as Disconnect does.
func (r *Registry) DisconnectStages(match func(records.StageRef) bool, reason string) {
	r.end(func(stage records.StageRef, _ *socket) bool { return match(stage) }, websocket.StatusNormalClosure, reason)
}

// end removes the matching connections from the registry and starts to close them.
func (r *Registry) end(match func(records.StageRef, *socket) bool, status websocket.StatusCode, reason string) {
	const maxReason = 123 // of a close frame, in bytes
	reason = strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	for stage, sockets := range r.stages {
		for s := range sockets {
			if match(stage, s) {
				r.removeLocked(stage, s)
				r.running.Go(func() { s.disconnect(status, reason) })
			}
		}
	}
}

// Close drops all connections without a closing handshake, and returns when their goroutines have ended. Later
// connections are refused.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.running.Wait()
}
