//go:build unix

package main

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/internal/processtest"
)

// TestSuspendedServer suspends a server in a transaction. It must delay a write through another server by at most
// --store-idle-timeout and a margin, and its own write must take effect once when it continues.
func TestSuspendedServer(t *testing.T) {
	t.Parallel()
	const idleTimeout, margin = time.Second, 5 * time.Second
	database := pgtest.Start(t)
	proxy := pgtest.NewProxy(t, database)
	first := start(t, "--store", proxy.URL(), "--store-idle-timeout", idleTimeout.String())
	second := start(t, "--store", database.URL("postgres"), "--store-idle-timeout", idleTimeout.String())

	suspended, next := make(chan struct{}), pgtest.Once(pgtest.Suspend)
	proxy.Set(func() pgtest.Cut {
		cut := next()
		if cut == pgtest.Suspend {
			if err := processtest.Suspend(first.cmd.Process); err != nil {
				t.Error(err)
			}
			close(suspended)
		}
		return cut
	})
	create := func(server *process, game string) error {
		_, err := newClient(server.endpoint).CreateGame(context.Background(), &gamesparks.CreateGameInput{GameName: &game})
		return err
	}
	done := make(chan error, 1)
	go func() { done <- create(first, "first") }()
	<-suspended
	since := time.Now()
	if err := create(second, "second"); err != nil {
		t.Errorf("write through the other server: %v", err)
	}
	if delay := time.Since(since); delay > idleTimeout+margin {
		t.Errorf("the write through the other server took %v, want at most %v", delay, idleTimeout+margin)
	}
	database.AwaitLog(t, "idle-in-transaction timeout") // the database has ended the transaction
	if err := first.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("write through the suspended server: %v", err)
	}
	for _, game := range []string{"first", "second"} {
		if _, err := newClient(second.endpoint).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: &game}); err != nil {
			t.Errorf("game %s: %v", game, err)
		}
	}
}

// TestSuspendedServerWithPlayers suspends a server for longer than its lease. When it continues, it must close the connections of
// its players before it responds to them.
func TestSuspendedServerWithPlayers(t *testing.T) {
	t.Parallel()
	const players = 20
	database := pgtest.Start(t)
	server := start(t, "--store", database.URL("postgres"), "--store-lease=1s", "--deployment-pending=0s", "--deployment-in-progress=0s")
	u := connectURL(server.endpoint, deploySomething(t, newClient(server.endpoint)), "ann")
	var pongs atomic.Int64
	var conns []*websocket.Conn
	for range players {
		conn, _, err := websocket.Dial(t.Context(), u, &websocket.DialOptions{OnPongReceived: func(context.Context, []byte) { pongs.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	if err := processtest.Suspend(server.cmd.Process); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var group sync.WaitGroup
	for _, conn := range conns {
		group.Go(func() {
			if _, _, err := conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
				t.Errorf("the connection ended with error %v, want status 1013", err)
			}
		})
		group.Go(func() { _ = conn.Ping(ctx) }) // ends with the connection
	}
	database.Await(ctx, t, "postgres", "select count(*) from gamesparks.replicas where lease_until > clock_timestamp()", "0")
	if err := server.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if n := pongs.Load(); n > 0 {
		t.Errorf("the server responded to %d of %d pings after its lease had ended", n, players)
	}
	for ctx.Err() == nil { // until the server has a new lease
		if conn, _, err := websocket.Dial(ctx, u, nil); err == nil {
			_ = conn.CloseNow()
			return
		}
	}
	t.Error("the server accepts no players after it was suspended")
}
