// Package players holds the connections of players to the stages of games: WebSockets on which the service can see who
// is there, and which it can close.
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
)

// ConnectionIDHeader is the header that tells a player, when the connection is accepted, its id.
const ConnectionIDHeader = "X-GameSparks-Connection-Id"

const (
	// maxMessage is the largest message that a player can send, in bytes. A larger one ends the connection.
	maxMessage = 64 << 10

	// pingInterval is the time between two pings, and pingTimeout how long a player has to answer one. A player that
	// has gone without a word, whose network is down for example, counts as connected for no longer than their sum.
	pingInterval = 30 * time.Second
	pingTimeout  = 10 * time.Second
)

// Stage names a stage among those of all accounts.
type Stage struct {
	// Account is the account, Game the game in it and Stage the name of the stage in that.
	Account, Game, Stage string
}

// Connection describes a connection.
type Connection struct {
	// ID is the identifier of the connection, of 1 to 36 characters.
	ID string

	// Player is the identifier of the player, who may have several connections.
	Player string

	// Created is when the connection was accepted.
	Created time.Time
}

// Registry holds the connections that are open. It is made by [NewRegistry] and safe for concurrent use.
type Registry struct {
	now   func() time.Time
	newID func() string

	// ctx ends with the registry, and with it the connections.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	stages  map[Stage]map[*socket]struct{}
	closed  bool
	running sync.WaitGroup // what goes on for connections; added to under mu and only until closed
}

// socket is a connection in the registry. It is there from before its handshake, so that a player who is in is seen.
type socket struct {
	Connection
	opened chan struct{}   // closed when the handshake is over
	conn   *websocket.Conn // from then on; nil if the handshake failed
}

// close ends the connection when there is one. It does not matter if that fails: then it has ended already.
func (s *socket) close(status websocket.StatusCode, reason string) {
	<-s.opened
	if s.conn != nil {
		_ = s.conn.Close(status, reason)
	}
}

// NewRegistry returns a registry without connections, which takes the time and the ids of connections from the
// functions. The caller has to close it.
func NewRegistry(now func() time.Time, newID func() string) *Registry {
	ctx, cancel := context.WithCancel(context.Background())
	return &Registry{now: now, newID: newID, ctx: ctx, cancel: cancel, stages: make(map[Stage]map[*socket]struct{})}
}

// Serve makes a WebSocket of the request, whose sender has been authorized as that player, and returns when the
// connection has ended. What the player sends is read and dropped. A request that is no WebSocket handshake gets an
// answer that says so, and so does any when the registry is closed. Confirm is called when the registry has the
// connection; if it returns an error, because the stage has been deleted meanwhile for example, the connection is
// closed for that reason.
func (r *Registry) Serve(w http.ResponseWriter, request *http.Request, stage Stage, player string, confirm func() error) {
	s := &socket{Connection: Connection{ID: r.newID(), Player: player, Created: r.now()}, opened: make(chan struct{})}
	if !r.add(stage, s) {
		http.Error(w, "the service is closed", http.StatusServiceUnavailable)
		return
	}
	defer r.running.Done()
	defer r.remove(stage, s)
	w.Header().Set(ConnectionIDHeader, s.ID)
	var err error
	// Games in a browser come from any site. The game key lets them in, and the browser has no credentials to abuse.
	s.conn, err = websocket.Accept(w, request, &websocket.AcceptOptions{InsecureSkipVerify: true})
	close(s.opened)
	if err != nil {
		return // Accept has answered
	}
	s.conn.SetReadLimit(maxMessage)
	if err := confirm(); err != nil {
		r.end(func(_ Stage, other *socket) bool { return s == other }, websocket.StatusPolicyViolation, err.Error())
	}
	r.run(s)
}

// run reads from the connection until it ends, and ends it when the player does not answer or the registry is closed.
func (r *Registry) run(s *socket) {
	// The context of the request does not end with a connection that has been taken over.
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
			_ = s.conn.CloseNow() // it has ended already, or it is broken
			return
		}
	}
}

// ping waits for the time of the next ping and reports whether the player has answered it.
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

// add returns false when the registry is closed.
func (r *Registry) add(stage Stage, s *socket) bool {
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

// remove takes a connection out of the registry, unless it has gone already.
func (r *Registry) remove(stage Stage, s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removeLocked(stage, s)
}

func (r *Registry) removeLocked(stage Stage, s *socket) {
	delete(r.stages[stage], s)
	if len(r.stages[stage]) == 0 {
		delete(r.stages, stage)
	}
}

// Connections returns the connections of a player to a stage, oldest first.
func (r *Registry) Connections(stage Stage, player string) []Connection {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Connection
	for s := range r.stages[stage] {
		if s.Player == player {
			found = append(found, s.Connection)
		}
	}
	return oldestFirst(found)
}

func oldestFirst(connections []Connection) []Connection {
	slices.SortFunc(connections, func(a, b Connection) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return connections
}

// Disconnect closes the connections of a player to a stage for a reason, which the player is told, and returns them,
// oldest first. They are gone from the registry when it returns. The player has some seconds to answer before the
// network connection is cut, so that no connection can fail to be closed.
func (r *Registry) Disconnect(stage Stage, player, reason string) []Connection {
	match := func(candidate Stage, s *socket) bool { return candidate == stage && s.Player == player }
	return r.end(match, websocket.StatusNormalClosure, reason)
}

// DisconnectStages closes the connections of all players to the stages that match, as Disconnect does.
func (r *Registry) DisconnectStages(match func(Stage) bool, reason string) {
	r.end(func(stage Stage, _ *socket) bool { return match(stage) }, websocket.StatusNormalClosure, reason)
}

// end takes the connections that match out of the registry and starts to close them.
func (r *Registry) end(match func(Stage, *socket) bool, status websocket.StatusCode, reason string) []Connection {
	const maxReason = 123 // of a close frame, in bytes
	reason = strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	var ended []Connection
	for stage, sockets := range r.stages {
		for s := range sockets {
			if match(stage, s) {
				r.removeLocked(stage, s)
				r.running.Go(func() { s.close(status, reason) })
				ended = append(ended, s.Connection)
			}
		}
	}
	return oldestFirst(ended)
}

// Close ends all connections at once, without a word to the players, and returns when nothing goes on for them any
// more. Connections that come later are refused.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.running.Wait()
}
