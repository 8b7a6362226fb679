// Package players manages the WebSocket connections of players to this server: it accepts and closes them.
package players

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
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
	removed func(id string)
	serving func() bool

	mu      sync.Mutex
	sockets map[string]*socket   // by id
	closing map[*socket]struct{} // removed from sockets, and not yet closed
	closed  bool
	running sync.WaitGroup // connection goroutines; call Add only while holding mu, and before closed is set or while running is not zero
}

// NewRegistry returns an empty registry. The caller must close the registry.
//
// The registry calls removed with the id of each connection that it has removed. The function must return soon, and must not
// call the registry. The registry does not respond to a player while serving returns false; the caller should then close
// the connections.
func NewRegistry(removed func(id string), serving func() bool) *Registry {
	return &Registry{removed: removed, serving: serving, sockets: make(map[string]*socket), closing: make(map[*socket]struct{})}
}

// ErrClosed is the error of Serve if the registry is closed.
var ErrClosed = errors.New("the registry is closed")

// Connection describes a connection for [Registry.Serve].
type Connection struct {
	// ID is the id of the connection, which is sent to the player.
	ID string

	// Admit decides whether the player is served. The registry calls it when it holds the connection, before the handshake.
	Admit func() error

	// Ended is called when an accepted connection has ended.
	Ended func()
}

// Serve upgrades the request of an authorized player to a WebSocket, and reports whether it has accepted the connection.
// Then the registry reads and discards the player's messages in the background. Serve returns ErrClosed or the error of
// Admit without a response. It responds with an error if the request is not a WebSocket handshake.
func (r *Registry) Serve(w http.ResponseWriter, request *http.Request, c Connection) (accepted bool, err error) {
	s := &socket{id: c.ID}
	s.handshake.Add(1)
	if !r.add(s) {
		return false, ErrClosed
	}
	defer func() {
		if !accepted {
			defer r.running.Done()
			r.remove(s)
			s.drop()
		}
	}()
	if err := s.admit(c.Admit); err != nil {
		return false, err
	}
	w.Header().Set(ConnectionIDHeader, s.id)
	if err := r.accept(s, w, request); err != nil {
		return false, nil // accept has written the response
	}
	r.schedulePings(s)
	ended := c.Ended
	// The goroutine of the request has a deep stack and refers to the request. It ends when Serve returns.
	go func() {
		defer r.running.Done()
		defer ended()
		defer r.remove(s)
		s.read()
	}()
	return true, nil
}

// add adds a connection. It returns false if the registry is closed.
func (r *Registry) add(s *socket) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.sockets[s.id] = s
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
	if !r.isListed(s) {
		return
	}
	if s.pings != nil {
		s.pings.Stop()
	}
	delete(r.sockets, s.id)
	r.removed(s.id)
}

// isListed reports whether the registry lists the connection. The caller must hold mu.
func (r *Registry) isListed(s *socket) bool { return r.sockets[s.id] == s }

// Open returns the number of open connections.
func (r *Registry) Open() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.sockets)
}

// Disconnect closes the connections that have the given ids, and ignores unknown ids. It removes the connections from the
// registry before it returns. The closing handshake, which sends the reason, runs in the background and times out after a
// few seconds, so Disconnect cannot fail.
func (r *Registry) Disconnect(ids []string, reason string) {
	r.end(websocket.StatusNormalClosure, reason, func() (sockets []*socket) {
		for _, id := range ids {
			if s := r.sockets[id]; s != nil {
				sockets = append(sockets, s)
			}
		}
		return sockets
	})
}

// DisconnectAll closes all connections in the same way as Disconnect, with the given status code.
func (r *Registry) DisconnectAll(status websocket.StatusCode, reason string) {
	r.end(status, reason, r.allLocked)
}

// allLocked returns all connections.
func (r *Registry) allLocked() (sockets []*socket) {
	for _, s := range r.sockets {
		sockets = append(sockets, s)
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
		if r.isListed(s) { // closing it twice would wait for the first close
			r.removeLocked(s)
			r.closing[s] = struct{}{}
			r.running.Go(func() {
				s.disconnect(status, reason)
				r.mu.Lock()
				defer r.mu.Unlock()
				delete(r.closing, s)
			})
		}
	}
}

// Close closes all connections with the status code 1001 (going away), drops those whose players do not respond within a
// second, and returns when the goroutines of all connections have finished. The registry rejects later connections.
func (r *Registry) Close() {
	r.mu.Lock()
	if !r.closed {
		r.endLocked(websocket.StatusGoingAway, shuttingDown, r.allLocked())
		r.closed = true
	}
	r.mu.Unlock()
	drop := time.AfterFunc(closeGrace, r.dropClosing)
	defer drop.Stop()
	r.running.Wait()
}

// dropClosing closes the network connections that are being closed, so that no goroutine waits for their players.
func (r *Registry) dropClosing() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.closing { // running counts a goroutine for each
		r.running.Go(s.cut)
	}
}
