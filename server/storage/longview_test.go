package storage_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestLongView writes more data than a new file holds during a transaction that only reads. A backup is such a transaction: it
// must delay neither writes nor other reads.
func TestLongView(t *testing.T) {
	t.Parallel()
	store, err := storage.OpenFile(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	err = store.View(t.Context(), func(before storage.Reader) error {
		go func() {
			value := make([]byte, 1<<20)
			for i := range 48 {
				key := strconv.Itoa(i)
				err := store.Update(t.Context(), func(w storage.Writer) error { return w.Put(key, value) })
				if err == nil {
					err = store.View(t.Context(), func(r storage.Reader) error {
						if found, err := r.Get(key); err != nil || len(found) != len(value) {
							t.Errorf("key %s has %d bytes, error %v", key, len(found), err)
						}
						return nil
					})
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		select {
		case err := <-done:
			done <- err
		case <-time.After(10 * time.Second):
			t.Error("the updates wait for a transaction that only reads")
		}
		for range before.Scan(storage.Range{}) {
			t.Error("the transaction has data of later updates")
			break
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// TestFileSize checks that the file of a store does not reserve much more space than it uses.
func TestFileSize(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{1, 20 << 10, 200 << 10, 2 << 20, 20 << 20, 60 << 20} {
		path := filepath.Join(t.TempDir(), "data")
		store, err := storage.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Update(t.Context(), func(w storage.Writer) error { return w.Put("key", make([]byte, size)) }); err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if limit := size + min(size, 16<<20) + 128<<10; info.Size() > limit {
			t.Errorf("with a value of %d bytes, the file has %d bytes, more than %d", size, info.Size(), limit)
		}
	}
}
