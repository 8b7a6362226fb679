package players_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/gamesparks-go/gamesparks/server/internal/pipetest"
	"github.com/gamesparks-go/gamesparks/server/internal/players"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// network serves a registry over in-memory connections, so that tests can use the fake clock of package synctest.
type network struct {
	t        *testing.T
	registry *players.Registry
	serving  atomic.Bool
	admit    func() error
	ids      atomic.Int64

	mu     sync.Mutex
	listed map[string]bool // connections that the registry has registered and not removed

	ended    atomic.Int64 // calls of the function that Serve calls when a connection has ended
	listener *pipetest.Listener
	server   *http.Server
}

// inBubble runs a test in a synctest bubble, whose fake clock advances when all goroutines are blocked. It fails the
// test if any goroutine is still running at the end.
func inBubble(t *testing.T, test func(*testing.T, *network)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t)
		n.server = &http.Server{Handler: n}
		served := make(chan error)
		go func() { served <- n.server.Serve(n.listener) }()
		test(t, n)
		n.registry.Close()
		if err := n.server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func newNetwork(t *testing.T) *network {
	n := &network{
		t: t, listener: pipetest.NewListener(), listed: map[string]bool{},
		admit: func() error { return nil },
	}
	n.serving.Store(true)
	n.registry = players.NewRegistry(func(id string) { n.list(id, false) }, n.serving.Load)
	return n
}

// list records whether a connection is listed.
func (n *network) list(id string, listed bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if listed == n.listed[id] {
		n.t.Errorf("connection %s was registered or removed twice", id)
	}
	if listed {
		n.listed[id] = true
	} else {
		delete(n.listed, id)
	}
}

// ServeHTTP accepts a player.
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := fmt.Sprintf("id-%d", n.ids.Add(1))
	_, err := n.registry.Serve(w, r, players.Connection{
		ID: id,
		Admit: func() error {
			n.list(id, true)
			return n.admit()
		},
		Ended: func() { n.ended.Add(1) },
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

// player is a connected player that responds to pings and close frames.
type player struct {
	id    string
	conn  *websocket.Conn
	ended chan error
}

// connect connects a player.
func (n *network) connect() *player {
	n.t.Helper()
	transport := &http.Transport{DialContext: n.listener.Dial}
	conn, response, err := websocket.Dial(n.t.Context(), "ws://memory/", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		n.t.Fatal(err)
	}
	p := &player{response.Header.Get(players.ConnectionIDHeader), conn, make(chan error, 1)}
	go func() {
		_, _, err := conn.Read(context.WithoutCancel(n.t.Context()))
		_ = conn.CloseNow()
		p.ended <- err
	}()
	synctest.Wait()
	return p
}

// connectUnresponsive connects a player that never responds and returns the player's end of the network connection.
func (n *network) connectUnresponsive() net.Conn {
	n.t.Helper()
	return n.connectWith("")
}

// connectWith connects a player that sends data together with the handshake and never responds to frames. It returns the
// player's end of the network connection.
func (n *network) connectWith(data string) net.Conn {
	n.t.Helper()
	conn := n.dialRaw(data)
	synctest.Wait()
	return conn
}

func (n *network) dialRaw(data string) net.Conn {
	n.t.Helper()
	conn, err := n.listener.Dial(n.t.Context(), "", "")
	if err != nil {
		n.t.Fatal(err)
	}
	request := "GET / HTTP/1.1\r\nHost: memory\r\nConnection: Upgrade\r\n" +
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" + data
	if _, err := io.WriteString(conn, request); err != nil {
		n.t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		n.t.Fatalf("handshake: got response %+v, error %v", response, err)
	}
	return conn
}

// expect checks that exactly the given connections are listed.
func (n *network) expect(want ...string) {
	n.t.Helper()
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(n.listed)), cmpopts.EquateEmpty()); diff != "" {
		n.t.Errorf("connections (-want +got):\n%s", diff)
	}
	if open := n.registry.Open(); open != len(want) {
		n.t.Errorf("got %d open connections, want %d", open, len(want))
	}
}

// expectEnded checks how many accepted connections have ended.
func (n *network) expectEnded(want int64) {
	n.t.Helper()
	synctest.Wait()
	if got := n.ended.Load(); got != want {
		n.t.Errorf("%d connections have ended, want %d", got, want)
	}
}

// expectEnd checks that a player's connection ends with the given status and reason.
func (n *network) expectEnd(p *player, status websocket.StatusCode, reason string) {
	n.t.Helper()
	var closeError websocket.CloseError
	if err := <-p.ended; !errors.As(err, &closeError) || closeError.Code != status || closeError.Reason != reason {
		n.t.Errorf("the connection ended with error %v, want status %v, reason %q", err, status, reason)
	}
}

func TestConnections(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		first, second := n.connect(), n.connect()
		n.connect()
		n.expect(first.id, second.id, "id-3")
		n.expectEnded(0)
		if err := first.conn.Close(websocket.StatusGoingAway, ""); err != nil {
			t.Error(err)
		}
		n.expect(second.id, "id-3")
		n.expectEnded(1)
	})
}

func TestDisconnect(t *testing.T) {
	inBubble(t, func(_ *testing.T, n *network) {
		first, second := n.connect(), n.connect()
		n.connect()
		for range 2 { // the second time without effect
			n.registry.Disconnect([]string{first.id, second.id, "unknown"}, "Go away.")
			if open := n.registry.Open(); open != 1 {
				n.t.Errorf("got %d open connections after Disconnect, want 1", open)
			}
		}
		n.expectEnd(first, websocket.StatusNormalClosure, "Go away.")
		n.expectEnd(second, websocket.StatusNormalClosure, "Go away.")
		n.expect("id-3")
		n.expectEnded(2)
	})
}

func TestDisconnectAll(t *testing.T) {
	inBubble(t, func(_ *testing.T, n *network) {
		ann, bob := n.connect(), n.connect()
		n.registry.DisconnectAll(websocket.StatusTryAgainLater, "Connect again.")
		n.expectEnd(ann, websocket.StatusTryAgainLater, "Connect again.")
		n.expectEnd(bob, websocket.StatusTryAgainLater, "Connect again.")
		n.expect()
		n.connect()
		n.expect("id-3")
	})
}

// TestNotServing checks that the registry does not respond to pings while it must not serve players.
func TestNotServing(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		ping := "\x89\x80\x00\x00\x00\x00" // masked with zeros
		conn := n.connectWith(ping)
		pong := make([]byte, 2)
		if _, err := io.ReadFull(conn, pong); err != nil || string(pong) != "\x8a\x00" {
			t.Fatalf("got %q, error %v; want a pong", pong, err)
		}
		n.serving.Store(false)
		if _, err := io.WriteString(conn, ping); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		n.registry.DisconnectAll(websocket.StatusTryAgainLater, "")
		rest, err := io.ReadAll(conn)
		if want := "\x88\x02\x03\xf5"; err != nil || string(rest) != want { // a close frame with the code 1013
			t.Errorf("got %q, error %v; want %q", rest, err, want)
		}
	})
}

// TestAdmit checks that a connection that is not admitted is refused.
func TestAdmit(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.admit = func() error {
			if open := n.registry.Open(); open != 1 {
				t.Errorf("got %d open connections before the admission, want 1", open)
			}
			return errors.New("not admitted")
		}
		n.expectRefusal(http.StatusServiceUnavailable)
		n.expect()
		n.expectEnded(0)
	})
}

// expectRefusal checks that the handshake of a player fails with a status, or with a closed connection if it is 0.
func (n *network) expectRefusal(status int) {
	n.t.Helper()
	transport := &http.Transport{DialContext: n.listener.Dial}
	defer transport.CloseIdleConnections()
	_, response, err := websocket.Dial(n.t.Context(), "ws://memory/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err == nil || (response != nil) != (status != 0) || response != nil && response.StatusCode != status {
		n.t.Errorf("got response %v, error %v; want status %d", response, err, status)
	}
}

// TestDisconnectDuringAdmission checks that a player who is disconnected during the admission is not served.
func TestDisconnectDuringAdmission(t *testing.T) {
	inBubble(t, func(_ *testing.T, n *network) {
		n.admit = func() error {
			n.registry.Disconnect([]string{"id-1"}, "Go away.")
			return nil
		}
		n.expectEnd(n.connect(), websocket.StatusNormalClosure, "Go away.")
		n.expect()
	})
}

// TestDisconnectUnresponsivePlayer checks that disconnecting a player that does not respond drops the connection.
func TestDisconnectUnresponsivePlayer(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		mute := n.connectUnresponsive()
		start := time.Now()
		n.registry.Disconnect([]string{"id-1"}, "Go away.")
		n.expect()
		if _, err := io.Copy(io.Discard, mute); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("the network connection stayed open for %v", took)
		}
	})
}

func TestPing(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		start := time.Now()
		mute := n.connectUnresponsive()
		n.connect()
		if _, err := io.Copy(io.Discard, mute); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took < 30*time.Second || took > 40*time.Second {
			t.Errorf("the unresponsive player was connected for %v, want between 30s and 40s", took)
		}
		<-time.After(24 * time.Hour)
		n.expect("id-2")
	})
}

func TestMessages(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		p := n.connect()
		message := make([]byte, 64<<10)
		for range 3 {
			if err := p.conn.Write(t.Context(), websocket.MessageBinary, message); err != nil {
				t.Fatal(err)
			}
		}
		n.expect(p.id)
		// The write may fail, because the server does not read the entire message.
		_ = p.conn.Write(t.Context(), websocket.MessageText, append(message, 0))
		n.expect()
		if status := websocket.CloseStatus(<-p.ended); status != websocket.StatusMessageTooBig {
			t.Errorf("the connection ended with status %v", status)
		}
	})
}

// TestMessagesWithHandshake checks that the registry reads frames that it has received together with the handshake: pings
// with the longest payload, which are more than the buffer of a connection holds.
func TestMessagesWithHandshake(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		const pings = 5
		payload := strings.Repeat("p", 125)
		conn := n.connectWith(strings.Repeat("\x89\xfd\x00\x00\x00\x00"+payload, pings)) // masked with zeros
		for i := range pings {
			pong := make([]byte, 2+len(payload))
			if _, err := io.ReadFull(conn, pong); err != nil || string(pong) != "\x8a\x7d"+payload {
				t.Fatalf("response %d: got %q, error %v; want a pong", i, pong, err)
			}
		}
		n.expect("id-1")
	})
}

// TestAdmitPanics checks that a connection does not outlive a panic of its admission, even if it is disconnected before.
func TestAdmitPanics(t *testing.T) {
	inBubble(t, func(_ *testing.T, n *network) {
		n.admit = func() error {
			n.registry.Disconnect([]string{"id-1"}, "Go away.")
			panic(http.ErrAbortHandler)
		}
		n.expectRefusal(0)
		n.expect()
		n.expectEnded(0)
	})
}

// TestManyConnections checks that disconnecting a player takes no longer if there are many other players.
func TestManyConnections(t *testing.T) {
	n := newNetwork(t)
	defer n.registry.Close()
	server := &http.Server{Handler: n}
	served := make(chan error)
	go func() { served <- server.Serve(n.listener) }()
	defer func() {
		_ = server.Close()
		<-served
	}()
	connect := func(count int) {
		for range count {
			n.dialRaw("")
		}
	}
	// fastest returns the shortest time that it takes to disconnect unknown connections.
	fastest := func() time.Duration {
		best := time.Hour
		for range 200 {
			start := time.Now()
			for range 40 {
				n.registry.Disconnect([]string{"unknown"}, "")
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	connect(10)
	few := fastest()
	connect(2990)
	many := fastest()
	if many > 10*few {
		t.Errorf("40 calls take %v with 10 connections and %v with 3000", few, many)
	}
}

// TestReason checks that the reason of a close frame is cut at 123 bytes, but never inside a character.
func TestReason(t *testing.T) {
	inBubble(t, func(_ *testing.T, n *network) {
		euros := strings.Repeat("€", 41) // 123 bytes
		for text, want := range map[string]string{
			"The stage was deleted.":   "The stage was deleted.",
			euros:                      euros,
			euros + "€":                euros,
			"x" + euros:                "x" + euros[:120],
			"xx" + euros:               "xx" + euros[:120],
			"xxx" + euros:              "xxx" + euros[:120],
			euros[:120] + "\U0001f600": euros[:120],
		} {
			p := n.connect()
			n.registry.Disconnect([]string{p.id}, text)
			n.expectEnd(p, websocket.StatusNormalClosure, want)
			n.expect()
		}
	})
}

func TestNoHandshake(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		transport := &http.Transport{DialContext: n.listener.Dial}
		defer transport.CloseIdleConnections()
		response, err := (&http.Client{Transport: transport}).Get("http://memory/")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusUpgradeRequired {
			t.Errorf("got status %d, want 426", response.StatusCode)
		}
		n.expect()
		n.expectEnded(0)
	})
}

// TestClose checks that Close sends the code 1001, and that it waits at most a second for unresponsive players and for
// players that are being disconnected.
func TestClose(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		p := n.connect()
		mutes := []net.Conn{n.connectUnresponsive(), n.connectUnresponsive(), n.connectUnresponsive()}
		start := time.Now()
		n.registry.Disconnect([]string{"id-2"}, "Go away.")
		synctest.Wait()
		n.registry.Disconnect([]string{"id-3"}, "Go away.")
		n.registry.Close()
		n.registry.Close()
		n.expectEnd(p, websocket.StatusGoingAway, "The server is shutting down.")
		for _, conn := range mutes {
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("Close took %v, want 1s", took)
		}
		n.expect()

		transport := &http.Transport{DialContext: n.listener.Dial}
		defer transport.CloseIdleConnections()
		_, response, err := websocket.Dial(t.Context(), "ws://memory/", &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: transport},
		})
		if err == nil || response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("connecting after Close: got error %v, want status 503", err)
		}
		n.expect()
	})
}

// TestCloseResponsivePlayers checks that Close does not wait if all players respond.
func TestCloseResponsivePlayers(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		ann, bob := n.connect(), n.connect()
		start := time.Now()
		n.registry.Close()
		if took := time.Since(start); took != 0 {
			t.Errorf("Close took %v, want no wait", took)
		}
		n.expectEnd(ann, websocket.StatusGoingAway, "The server is shutting down.")
		n.expectEnd(bob, websocket.StatusGoingAway, "The server is shutting down.")
	})
}

// TestCloseWaits checks that Close returns only after Serve has returned for all connections.
func TestCloseWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		admitting, finish := make(chan struct{}), make(chan struct{})
		n.admit = func() error {
			close(admitting)
			<-finish
			return nil
		}
		connected := make(chan *player)
		go func() { connected <- n.connect() }()
		<-admitting
		closed := make(chan struct{})
		go func() {
			n.registry.Close()
			close(closed)
		}()
		<-time.After(time.Hour)
		select {
		case <-closed:
			t.Error("Close has returned although Serve has not")
		default:
		}
		close(finish)
		<-closed
		<-(<-connected).ended
	})
}

// TestConcurrency connects and disconnects players concurrently, and closes the registry in the meantime.
func TestConcurrency(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		var running sync.WaitGroup
		for i := range 32 {
			running.Go(func() {
				for range 8 {
					transport := &http.Transport{DialContext: n.listener.Dial}
					conn, response, err := websocket.Dial(t.Context(), "ws://memory/", &websocket.DialOptions{
						HTTPClient: &http.Client{Transport: transport},
					})
					if err != nil {
						transport.CloseIdleConnections()
						if response == nil || response.StatusCode != http.StatusServiceUnavailable {
							t.Error(err)
						}
						return
					}
					switch {
					case i == 31:
						n.registry.Close()
					case i == 30:
						n.registry.DisconnectAll(websocket.StatusTryAgainLater, "")
					case i%2 == 0:
						n.registry.Disconnect([]string{response.Header.Get(players.ConnectionIDHeader)}, "Go away.")
					}
					_, _, _ = conn.Read(t.Context()) // until another goroutine closes the connection or the registry
					_ = conn.CloseNow()
				}
			})
		}
		running.Wait()
		n.expect()
	})
}
