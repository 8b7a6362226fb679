//go:build unix

package main

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
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
			if err := first.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
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
