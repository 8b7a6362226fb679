package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

// TestReady checks that Ready writes, and that frequent calls share a write.
func TestReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			failure error
			writes  int
		)
		store := &storagetest.Faulty{Store: storage.NewMemory(), Fail: func(c storagetest.Call) error {
			if c.Op == storagetest.BeforeCommit {
				writes++
				return failure
			}
			return nil
		}}
		service, err := server.New(server.WithStore(store))
		if err != nil {
			t.Fatal(err)
		}
		defer service.Close()
		writes = 0
		for range 10 {
			if err := service.Ready(t.Context()); err != nil {
				t.Errorf("got error %v", err)
			}
		}
		if writes != 1 {
			t.Errorf("10 calls wrote %d times, want once", writes)
		}
		failure = errors.New("no space")
		time.Sleep(time.Second)
		for range 2 {
			if err := service.Ready(t.Context()); !errors.Is(err, failure) {
				t.Errorf("got error %v, want %v", err, failure)
			}
		}
		failure = nil
		time.Sleep(time.Second)
		if err := service.Ready(t.Context()); err != nil {
			t.Errorf("after the failure: got error %v", err)
		}
		if writes != 3 {
			t.Errorf("wrote %d times, want 3", writes)
		}
	})
}

// TestReadyDoesNotHang checks that Ready returns when its context ends while the store hangs.
func TestReadyDoesNotHang(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var hang atomic.Bool
	store := &storagetest.Faulty{Store: storage.NewMemory(), Fail: func(storagetest.Call) error {
		if hang.Load() {
			<-release
		}
		return nil
	}}
	service, err := server.New(server.WithStore(store))
	if err != nil {
		t.Fatal(err)
	}
	hang.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := service.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	close(release)
	if err := service.Ready(t.Context()); err != nil {
		t.Errorf("after the store has recovered: %v", err)
	}
	if err := service.Close(); err != nil {
		t.Error(err)
	}
}

// TestFailedCommits checks the response for commits that fail for lack of space, and for commits with an unknown
// outcome.
func TestFailedCommits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		op      storagetest.Op
		err     error
		message string
	}{
		"full":            {storagetest.BeforeCommit, fmt.Errorf("%w (secret detail)", storage.ErrFull), "disk is full. The request had no effect."},
		"unavailable":     {storagetest.BeforeCommit, fmt.Errorf("%w (secret detail)", storage.ErrUnavailable), "cannot reach its database. The request had no effect."},
		"unknown outcome": {storagetest.AfterCommit, errors.New("secret detail"), "The outcome of the request is unknown."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fails atomic.Bool
			e := newEnv(t, server.WithStore(&storagetest.Faulty{Store: storage.NewMemory(), Fail: func(c storagetest.Call) error {
				if c.Op == test.op && fails.Load() {
					return test.err
				}
				return nil
			}}))
			fails.Store(true)
			client := e.srv.Client(once)
			_, err := client.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: new("chess")})
			var api smithy.APIError
			var status interface{ HTTPStatusCode() int }
			if !errors.As(err, &api) || api.ErrorCode() != "ServiceUnavailableException" || !strings.Contains(api.ErrorMessage(), test.message) {
				t.Errorf("got error %v, want a ServiceUnavailableException that says %q", err, test.message)
			}
			if !errors.As(err, &status) || status.HTTPStatusCode() != http.StatusServiceUnavailable {
				t.Errorf("got error %v, want status 503", err)
			}
			if err != nil && strings.Contains(err.Error(), "secret detail") {
				t.Errorf("the response has internal details: %v", err)
			}
			if _, err := e.ListGames(e.ctx, nil); err != nil {
				t.Errorf("reading: %v", err)
			}
			fails.Store(false)
			e.createGame("go")
		})
	}
}
