package players

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// maxMessage limits the size of a player's message in bytes. A larger message closes the connection.
	maxMessage = 64 << 10

	// pingInterval is the time between pings, and pingTimeout limits the time until the pong. After a network failure, a
	// player remains listed as connected for at most the sum of the two.
	pingInterval = 30 * time.Second
	pingTimeout  = 10 * time.Second

	// readBuffer and writeBuffer are the sizes of a connection's buffers in bytes. Those of net/http have 4 KB each, which
	// idle players do not need: the longest control frame has 131 bytes. Longer reads and writes bypass the buffers.
	readBuffer  = 256
	writeBuffer = 256
)

// socket is a connection in the registry. It is added before the handshake, so that every connected player is listed.
type socket struct {
	id        string
	handshake sync.WaitGroup  // done after the handshake
	conn      *websocket.Conn // set by the handshake; nil if it failed
	network   net.Conn        // the network connection of conn
	pings     *time.Timer     // calls ping; nil before schedulePings; guarded by the registry's mu
}

// admit calls a function. If it fails or panics, there is no handshake.
func (s *socket) admit(fn func() error) (err error) {
	admitted := false
	defer func() {
		if !admitted {
			s.handshake.Done()
		}
	}()
	err = fn()
	admitted = err == nil
	return err
}

// accept performs the handshake. The writer may panic to drop the connection.
func (r *Registry) accept(s *socket, w http.ResponseWriter, request *http.Request) (err error) {
	defer s.handshake.Done()
	// Accept any origin: games run on any site. The game key authorizes the player, so no browser credentials are at risk.
	s.conn, err = websocket.Accept(&hijacker{w, &s.network}, request, &websocket.AcceptOptions{
		InsecureSkipVerify: true,
		OnPingReceived:     r.respondsToPing,
	})
	if err == nil {
		s.conn.SetReadLimit(maxMessage)
	}
	return err
}

// respondsToPing reports whether to respond to a ping of a player.
func (r *Registry) respondsToPing(context.Context, []byte) bool { return r.serving() }

// hijacker replaces the buffers of the hijacked connection by small ones, and stores the connection in network.
type hijacker struct {
	http.ResponseWriter
	network *net.Conn
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (w *hijacker) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack implements http.Hijacker.
func (w *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	*w.network = conn
	received := buffers.Reader.Buffered() // the player may send messages before it has read the response
	reader := bufio.NewReaderSize(io.MultiReader(io.LimitReader(buffers.Reader, int64(received)), conn), max(readBuffer, received))
	if _, err := reader.Peek(received); err != nil {
		return nil, nil, err
	}
	return conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(conn, writeBuffer)), nil
}

// disconnect closes the connection after the handshake. It ignores errors, which mean that the connection has already
// ended.
func (s *socket) disconnect(status websocket.StatusCode, reason string) {
	s.handshake.Wait()
	if s.conn != nil {
		_ = s.conn.Close(status, reason)
	}
}

// drop closes the connection, if there is one, without a close frame.
func (s *socket) drop() {
	if s.conn != nil {
		_ = s.conn.CloseNow() // fails only if the connection has already ended
	}
}

// cut closes the network connection after the handshake, although the connection is being closed: drop would wait for that.
func (s *socket) cut() {
	s.handshake.Wait()
	if s.network != nil {
		_ = s.network.Close() // fails only if the connection has already ended
	}
}

// read reads and discards messages until the connection ends. A context that can be canceled would take memory for each
// connection, and for each frame.
func (s *socket) read() {
	defer s.drop()
	for {
		_, message, err := s.conn.Reader(context.Background())
		if err == nil {
			_, err = io.Copy(io.Discard, message)
		}
		if err != nil {
			return
		}
	}
}

// schedulePings starts the timer for the pings of a connection. A timer uses less memory than a goroutine that waits.
func (r *Registry) schedulePings(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isListed(s) {
		s.pings = time.AfterFunc(pingInterval, func() { r.ping(s) })
	}
}

// ping sends a ping. It drops the connection if the player does not respond in time, and schedules the next ping otherwise.
func (r *Registry) ping(s *socket) {
	if !r.begin(s) {
		return
	}
	defer r.running.Done()
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	if err := s.conn.Ping(ctx); err != nil {
		s.drop()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isListed(s) {
		s.pings.Reset(pingInterval)
	}
}

// begin adds a goroutine to running, unless the connection is being closed.
func (r *Registry) begin(s *socket) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isListed(s) {
		return false
	}
	r.running.Add(1)
	return true
}
