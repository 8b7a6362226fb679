package storage_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestReplacedFile replaces a file while OpenFile waits for the lock. OpenFile must not return a store of the replaced file, whose
// updates would be lost.
func TestReplacedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, other := filepath.Join(dir, "data"), filepath.Join(dir, "other")
	for _, name := range []string{path, other} {
		store, err := storage.OpenFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	// OpenFile can check the file under a shared lock, and then waits for an exclusive one.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		store, err := storage.OpenFile(path)
		if err == nil {
			err = errors.Join(errors.New("OpenFile has succeeded"), store.Close())
		}
		result <- err
	}()
	for !isOpenForWriting(t, path) && len(result) == 0 {
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, storage.ErrLocked) {
		t.Errorf("got error %v, want %v", err, storage.ErrLocked)
	}
	store, err := storage.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// isOpenForWriting reports whether this process has a file open for reading and writing.
func isOpenForWriting(t *testing.T, path string) bool {
	t.Helper()
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range descriptors {
		if name, err := os.Readlink("/proc/self/fd/" + d.Name()); err != nil || name != path {
			continue
		}
		info, _ := os.ReadFile("/proc/self/fdinfo/" + d.Name())
		_, flags, _ := strings.Cut(string(info), "flags:\t")
		var mode int
		if _, err := fmt.Sscanf(flags, "%o", &mode); err == nil && mode&syscall.O_ACCMODE == syscall.O_RDWR {
			return true
		}
	}
	return false
}
