package storage_test

import (
	"path/filepath"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

func TestPresence(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) storage.Store{
		"memory": func(testing.TB) storage.Store { return storage.NewMemory() },
		"file":   func(t testing.TB) storage.Store { return openFile(t, filepath.Join(t.TempDir(), "data")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storagetest.RunPresence(t, func(t testing.TB) storage.Presence {
				store := open(t)
				t.Cleanup(func() { store.Close() })
				return storage.PresenceOf(store)
			})
		})
	}
}

// TestPresenceOfStore checks that the users of a store share its presence, and that a store without one gets a new one.
func TestPresenceOfStore(t *testing.T) {
	t.Parallel()
	store := storage.NewMemory()
	if storage.PresenceOf(store) != storage.PresenceOf(store) {
		t.Error("two calls for one store returned different presences")
	}
	wrapped := struct{ storage.Store }{store}
	if storage.PresenceOf(wrapped) == storage.PresenceOf(wrapped) {
		t.Error("two calls for a store without presence returned the same one")
	}
}
