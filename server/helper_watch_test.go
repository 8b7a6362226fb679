package server_test

import (
	"context"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// watchedStore is a store that lets tests wait for updates.
type watchedStore struct {
	storage.Store
	mu      sync.Mutex
	updated chan struct{} // closed by the next update
}

func watch(store storage.Store) *watchedStore {
	return &watchedStore{Store: store, updated: make(chan struct{})}
}

func (s *watchedStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	err := s.Store.Update(ctx, fn)
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.updated)
	s.updated = make(chan struct{})
	return err
}

// await waits until the condition holds. It checks the condition after each update.
func (s *watchedStore) await(e *env, description string, condition func() bool) {
	e.Helper()
	timeout := time.After(time.Minute)
	for {
		s.mu.Lock()
		updated := s.updated
		s.mu.Unlock()
		if condition() {
			return
		}
		select {
		case <-updated:
		case <-timeout:
			e.Fatalf("timed out waiting until %s", description)
		}
	}
}
