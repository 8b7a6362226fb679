package storage_test

import (
	"path/filepath"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

func TestMemoryConformance(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, storagetest.Implementation{
		Open: func(testing.TB) storage.Store { return storage.NewMemory() },
	})
}

func TestFileConformance(t *testing.T) {
	t.Parallel()
	paths := fileNames{}
	storagetest.Run(t, storagetest.Implementation{
		Open: func(t testing.TB) storage.Store {
			path := filepath.Join(t.TempDir(), "data")
			return paths.open(t, path)
		},
		Reopen: func(t testing.TB, closed storage.Store) storage.Store { return paths.open(t, paths.of(closed)) },
	})
}
