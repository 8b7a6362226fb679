package storage_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestBatches checks that the updates of writers that send one after another are committed together: a commit waits for the
// writers of the previous one, instead of committing the first update alone while the other writers wait for it.
func TestBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const writers, updates = 16, 20
		commits := 0
		store, err := storage.OpenFile(filepath.Join(t.TempDir(), "data"), func(o *storage.FileOptions) {
			o.OnCommit = func(storage.CommitRecord) { commits++ }
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for n := range updates {
					err := store.Update(t.Context(), func(w storage.Writer) error {
						time.Sleep(time.Millisecond)
						return w.Put(fmt.Sprintf("%d %d", i, n), nil)
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("%d commits", commits)
		if most := updates * 5 / 4; commits > most {
			t.Errorf("%d updates of each of %d writers took %d commits, want at most %d", updates, writers, commits, most)
		}
	})
}

// TestWaitForWriters checks that a commit waits only a short time for writers that do not return.
func TestWaitForWriters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := openFile(t, filepath.Join(t.TempDir(), "data"))
		put := func(key string) error {
			return store.Update(t.Context(), func(w storage.Writer) error {
				time.Sleep(time.Second)
				return w.Put(key, nil)
			})
		}
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				if err := put(fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait() // the last batch had several updates
		start := time.Now()
		if err := put("alone"); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start) - time.Second; waited > 5*time.Millisecond {
			t.Errorf("an update waited %v for others", waited)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestTooLargeForFile checks that an update with a key that a file cannot store fails on its own, and not the updates that
// are committed with it.
func TestTooLargeForFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := openFile(t, filepath.Join(t.TempDir(), "data"))
		release := make(chan struct{})
		put := func(key string) chan error {
			result := make(chan error, 1)
			go func() {
				result <- store.Update(t.Context(), func(w storage.Writer) error {
					<-release
					return w.Put(key, nil)
				})
			}()
			synctest.Wait()
			return result
		}
		put("first") // the others are committed after it, in one batch
		long, other := put(strings.Repeat("k", bbolt.MaxKeySize+1)), put("other")
		close(release)
		if err := <-long; err == nil || !strings.Contains(err.Error(), "32769 bytes") {
			t.Errorf("long key: got %v, want an error with its length", err)
		}
		if err := <-other; err != nil {
			t.Errorf("the update that is committed with the one of the long key: %v", err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}
