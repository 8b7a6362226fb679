//go:build unix

package storage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestFilePermissions checks that only the owner can read and write a new data file, which holds secrets.
func TestFilePermissions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	store, err := storage.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode(); got != 0o600 {
		t.Errorf("the data file has mode %v, want -rw-------", got)
	}
}
