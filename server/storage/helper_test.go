package storage_test

import (
	"sync"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

func openFile(t testing.TB, path string) storage.Store {
	t.Helper()
	s, err := storage.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fileNames opens data files and remembers their paths.
type fileNames struct{ paths sync.Map }

func (n *fileNames) open(t testing.TB, path string) storage.Store {
	t.Helper()
	s := openFile(t, path)
	n.paths.Store(s, path)
	return s
}

// of returns the path of a store that open returned.
func (n *fileNames) of(s storage.Store) string {
	path, _ := n.paths.Load(s)
	return path.(string)
}
