package players_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/gamesparks-go/gamesparks/server/internal/pipetest"
	"github.com/gamesparks-go/gamesparks/server/internal/players"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	dev  = records.StageRef{Account: "123456789012", Game: "chess", Stage: "dev"}
	prod = records.StageRef{Account: "123456789012", Game: "chess", Stage: "prod"}
)

// network serves a registry over in-memory connections, so that tests can use the fake clock of package synctest.
type network struct {
	t        *testing.T
	registry *players.Registry
	confirm  func() error
	ended    atomic.Int64                       // calls of the function that Serve calls when a connection has ended
	cancel   atomic.Pointer[context.CancelFunc] // cancels the context of the last request, as net/http does when the server closes
	listener *pipetest.Listener
	server   *http.Server
}

// inBubble runs a test in a synctest bubble, whose fake clock advances when all goroutines are blocked. It fails the
// test if any goroutine is still running at the end.
func inBubble(t *testing.T, test func(*testing.T, *network)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ids atomic.Int64
		n := &network{
			t:        t,
			registry: players.NewRegistry(time.Now, func() string { return fmt.Sprintf("id-%d", ids.Add(1)) }),
			confirm:  func() error { return nil },
			listener: pipetest.NewListener(),
		}
		n.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			stage := records.StageRef{Account: "123456789012", Game: "chess", Stage: strings.Trim(r.URL.Path, "/")}
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			n.cancel.Store(&cancel)
			n.registry.Serve(w, r.WithContext(ctx), stage, r.URL.Query().Get("player"), n.confirm, func() { n.ended.Add(1) })
		})}
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

// player is a connected player that responds to pings and close frames.
type player struct {
	id    string
	conn  *websocket.Conn
	ended chan error
}

// connect connects a player.
func (n *network) connect(stage records.StageRef, name string) *player {
	n.t.Helper()
	transport := &http.Transport{DialContext: n.listener.Dial}
	conn, response, err := websocket.Dial(n.t.Context(), "ws://memory/"+stage.Stage+"?player="+name, &websocket.DialOptions{
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
func (n *network) connectUnresponsive(stage records.StageRef, name string) net.Conn {
	n.t.Helper()
	return n.connectWith(stage, name, "")
}

// connectWith connects a player that sends data together with the handshake and never responds to frames. It returns the
// player's end of the network connection.
func (n *network) connectWith(stage records.StageRef, name, data string) net.Conn {
	n.t.Helper()
	conn := n.dialRaw(stage, name, data)
	synctest.Wait()
	return conn
}

func (n *network) dialRaw(stage records.StageRef, name, data string) net.Conn {
	n.t.Helper()
	conn, err := n.listener.Dial(n.t.Context(), "", "")
	if err != nil {
		n.t.Fatal(err)
	}
	request := "GET /" + stage.Stage + "?player=" + name + " HTTP/1.1\r\nHost: memory\r\nConnection: Upgrade\r\n" +
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

// expect checks that the registry lists exactly the given connections for a player.
func (n *network) expect(stage records.StageRef, name string, want ...string) {
	n.t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, ids(n.registry.Connections(stage, name))); diff != "" {
		n.t.Errorf("connections of player %s to stage %s (-want +got):\n%s", name, stage.Stage, diff)
	}
}

// disconnect closes the connections of a player and returns their ids.
func (n *network) disconnect(stage records.StageRef, name string) []string {
	found := ids(n.registry.Connections(stage, name))
	n.registry.Disconnect(stage, found, "Go away.")
	return found
}

func ids(connections []records.Connection) []string {
	var ids []string
	for _, c := range connections {
		ids = append(ids, c.ID)
	}
	return ids
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
		start := time.Now()
		first := n.connect(dev, "ann")
		<-time.After(time.Hour)
		second := n.connect(dev, "ann")
		n.connect(dev, "bob")
		n.connect(prod, "ann")
		want := []records.Connection{
			{ID: first.id, Player: "ann", Created: start},
			{ID: second.id, Player: "ann", Created: start.Add(time.Hour)},
		}
		if diff := cmp.Diff(want, n.registry.Connections(dev, "ann")); diff != "" {
			t.Errorf("connections (-want +got):\n%s", diff)
		}
		n.expect(dev, "bob", "id-3")
		n.expect(prod, "ann", "id-4")
		n.expect(prod, "bob")

		if open := n.registry.Open(); open != 4 {
			t.Errorf("got %d open connections, want 4", open)
		}

		n.expectEnded(0)
		if err := first.conn.Close(websocket.StatusGoingAway, ""); err != nil {
			t.Error(err)
		}
		n.expect(dev, "ann", second.id)
		n.expectEnded(1)
		if open := n.registry.Open(); open != 3 {
			t.Errorf("got %d open connections after one has ended, want 3", open)
		}
	})
}

func TestDisconnect(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		first, second := n.connect(dev, "ann"), n.connect(dev, "ann")
		n.connect(dev, "bob")
		n.connect(prod, "ann")
		if diff := cmp.Diff([]string{first.id, second.id}, n.disconnect(dev, "ann")); diff != "" {
			t.Errorf("disconnected connections (-want +got):\n%s", diff)
		}
		if left := n.registry.Connections(dev, "ann"); left != nil {
			t.Errorf("got connections %v after Disconnect, want none", left)
		}
		n.expectEnd(first, websocket.StatusNormalClosure, "Go away.")
		n.expectEnd(second, websocket.StatusNormalClosure, "Go away.")
		n.expect(dev, "bob", "id-3")
		n.expect(prod, "ann", "id-4")
		n.expectEnded(2)
		if again := n.disconnect(dev, "ann"); again != nil {
			t.Errorf("a second Disconnect closed %v, want no connections", again)
		}
	})
}

func TestDisconnectStages(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		ann, bob := n.connect(dev, "ann"), n.connect(dev, "bob")
		n.connect(prod, "ann")
		n.registry.DisconnectStages(func(s records.StageRef) bool { return s == dev }, "The stage is deleted.")
		n.expectEnd(ann, websocket.StatusNormalClosure, "The stage is deleted.")
		n.expectEnd(bob, websocket.StatusNormalClosure, "The stage is deleted.")
		n.expect(prod, "ann", "id-3")
	})
}

// TestDisconnectUnresponsivePlayer checks that disconnecting a player that does not respond drops the connection.
func TestDisconnectUnresponsivePlayer(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		mute := n.connectUnresponsive(dev, "ann")
		start := time.Now()
		n.disconnect(dev, "ann")
		n.expect(dev, "ann")
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
		mute := n.connectUnresponsive(dev, "ann")
		n.connect(dev, "ann")
		if _, err := io.Copy(io.Discard, mute); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took < 30*time.Second || took > 40*time.Second {
			t.Errorf("the unresponsive player was connected for %v, want between 30s and 40s", took)
		}
		<-time.After(24 * time.Hour)
		n.expect(dev, "ann", "id-2")
	})
}

func TestMessages(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		p := n.connect(dev, "ann")
		message := make([]byte, 64<<10)
		for range 3 {
			if err := p.conn.Write(t.Context(), websocket.MessageBinary, message); err != nil {
				t.Fatal(err)
			}
		}
		n.expect(dev, "ann", p.id)
		// The write may fail, because the server does not read the entire message.
		_ = p.conn.Write(t.Context(), websocket.MessageText, append(message, 0))
		n.expect(dev, "ann")
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
		conn := n.connectWith(dev, "ann", strings.Repeat("\x89\xfd\x00\x00\x00\x00"+payload, pings)) // masked with zeros
		for i := range pings {
			pong := make([]byte, 2+len(payload))
			if _, err := io.ReadFull(conn, pong); err != nil || string(pong) != "\x8a\x7d"+payload {
				t.Fatalf("response %d: got %q, error %v; want a pong", i, pong, err)
			}
		}
		n.expect(dev, "ann", "id-1")
	})
}

// TestConfirmPanics checks that a connection does not outlive a panic of its confirmation.
func TestConfirmPanics(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.confirm = func() error { panic(http.ErrAbortHandler) }
		if err := <-n.connect(dev, "ann").ended; err == nil {
			t.Error("the connection has not ended")
		}
		n.expect(dev, "ann")
		n.expectEnded(0)
	})
}

// TestManyConnections checks that listing and disconnecting a player take no longer if there are many other players.
func TestManyConnections(t *testing.T) {
	registry := players.NewRegistry(time.Now, records.NewID)
	defer registry.Close()
	listener := pipetest.NewListener()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		registry.Serve(w, r, dev, r.URL.Query().Get("player"), func() error { return nil }, func() {})
	})}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		_ = server.Close()
		<-served
	}()
	connect := func(from, to int) {
		for i := range to - from {
			n := &network{t: t, listener: listener}
			n.dialRaw(dev, fmt.Sprint("player-", from+i), "")
		}
	}
	// fastest returns the shortest time that it takes to list and to disconnect unknown connections of a player.
	fastest := func() time.Duration {
		best := time.Hour
		for range 200 {
			start := time.Now()
			for range 20 {
				registry.Connections(dev, "unknown")
				registry.Disconnect(dev, []string{"unknown"}, "")
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	connect(0, 10)
	few := fastest()
	connect(10, 3000)
	many := fastest()
	if many > 10*few {
		t.Errorf("40 calls take %v with 10 connections and %v with 3000", few, many)
	}
}

// TestConfirmWhileClosing checks the close frame of a player whose admission is canceled because the server closes.
func TestConfirmWhileClosing(t *testing.T) {
	inBubble(t, func(_ *testing.T, n *network) {
		n.confirm = func() error {
			(*n.cancel.Load())()
			return context.Canceled
		}
		n.expectEnd(n.connect(dev, "ann"), websocket.StatusGoingAway, "The server is shutting down.")
	})
}

// TestConfirm checks that a player whose confirmation fails is disconnected with the error as the reason. The reason is
// cut at 123 bytes, but never inside a character.
func TestConfirm(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
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
			n.confirm = func() error {
				if got := n.registry.Connections(dev, "ann"); len(got) != 1 {
					t.Errorf("got connections %v before the confirmation, want one", got)
				}
				return errors.New(text)
			}
			p := n.connect(dev, "ann")
			n.expectEnd(p, websocket.StatusPolicyViolation, want)
			n.expect(dev, "ann")
		}
	})
}

func TestNoHandshake(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		transport := &http.Transport{DialContext: n.listener.Dial}
		defer transport.CloseIdleConnections()
		response, err := (&http.Client{Transport: transport}).Get("http://memory/dev?player=ann")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusUpgradeRequired {
			t.Errorf("got status %d, want 426", response.StatusCode)
		}
		n.expect(dev, "ann")
		n.expectEnded(0)
	})
}

// TestClose checks that Close sends the code 1001, and that it waits at most a second for unresponsive players and for
// players that are being disconnected.
func TestClose(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		p := n.connect(dev, "ann")
		mutes := []net.Conn{n.connectUnresponsive(dev, "bob"), n.connectUnresponsive(dev, "cid"), n.connectUnresponsive(dev, "dan")}
		start := time.Now()
		n.disconnect(dev, "bob")
		synctest.Wait()
		n.disconnect(dev, "cid")
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
		n.expect(dev, "ann")

		transport := &http.Transport{DialContext: n.listener.Dial}
		defer transport.CloseIdleConnections()
		_, response, err := websocket.Dial(t.Context(), "ws://memory/dev?player=ann", &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: transport},
		})
		if err == nil || response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("connecting after Close: got error %v, want status 503", err)
		}
		n.expect(dev, "ann")
		if ended := n.disconnect(dev, "ann"); ended != nil {
			t.Errorf("Disconnect closed %v, want no connections", ended)
		}
	})
}

// TestCloseResponsivePlayers checks that Close does not wait if all players respond.
func TestCloseResponsivePlayers(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		ann, bob := n.connect(dev, "ann"), n.connect(prod, "bob")
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
		confirming, finish := make(chan struct{}), make(chan struct{})
		n.confirm = func() error {
			close(confirming)
			<-finish
			return nil
		}
		p := n.connect(dev, "ann")
		<-confirming
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
		<-p.ended
	})
}

// TestConcurrency connects, lists and disconnects players concurrently, and closes the registry in the meantime.
func TestConcurrency(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		var running sync.WaitGroup
		for i := range 32 {
			name := fmt.Sprintf("player-%d", i%4)
			running.Go(func() {
				for range 8 {
					transport := &http.Transport{DialContext: n.listener.Dial}
					conn, response, err := websocket.Dial(t.Context(), "ws://memory/dev?player="+name, &websocket.DialOptions{
						HTTPClient: &http.Client{Transport: transport},
					})
					if err != nil {
						transport.CloseIdleConnections()
						if response == nil || response.StatusCode != http.StatusServiceUnavailable {
							t.Error(err)
						}
						return
					}
					n.registry.Connections(dev, name)
					if i%2 == 0 {
						n.disconnect(dev, name)
					}
					if i == 31 {
						n.registry.Close()
					}
					_, _, _ = conn.Read(t.Context()) // until another goroutine closes the connection or the registry
					_ = conn.CloseNow()
				}
			})
		}
		running.Wait()
		for i := range 4 {
			n.expect(dev, fmt.Sprintf("player-%d", i))
		}
	})
}
