package storage

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"testing"

	"go.etcd.io/bbolt"
)

// newFile opens a new data file, which the test's cleanup closes.
func newFile(t *testing.T) *file {
	t.Helper()
	store, err := OpenFile(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store.(*file)
}

// TestUnknownOutcome makes a commit fail before and after its meta page is in the file, as a full disk and a failed sync
// would.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	broken := errors.New("broken disk")
	failing := errors.New("failing update")
	put := func(key string) error {
		return f.Update(t.Context(), func(w Writer) error { return w.Put(key, nil) })
	}
	if err := put("a"); err != nil {
		t.Fatal(err)
	}

	f.update = func(fn func(*bbolt.Tx) error) error { return errors.Join(f.db.Update(fn), broken) }
	if err := put("written"); !errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, broken) {
		t.Errorf("sync of the meta page failed: got error %v, want %v and the cause", err, ErrUnknownOutcome)
	}
	if err := f.Update(t.Context(), func(Writer) error { return failing }); !errors.Is(err, failing) || errors.Is(err, ErrUnknownOutcome) {
		t.Errorf("got error %v, want only the error of the update", err)
	}

	f.update = func(fn func(*bbolt.Tx) error) error {
		return f.db.Update(func(tx *bbolt.Tx) error { return errors.Join(fn(tx), broken) })
	}
	if err := put("not written"); errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, broken) {
		t.Errorf("writing pages failed: got error %v, want %v", err, broken)
	}

	f.update = f.db.Update
	if err := put("z"); err != nil {
		t.Fatal(err)
	}
	var keys string
	err := f.View(t.Context(), func(r Reader) error {
		for entry, err := range r.Scan(Range{KeysOnly: true}) {
			if err != nil {
				return err
			}
			keys += entry.Key + ";"
		}
		return nil
	})
	if want := "a;written;z;"; err != nil || keys != want {
		t.Errorf("got keys %s, error %v; want %s", keys, err, want)
	}
}

// TestFailedBatch makes the commit of a batch fail. An update of the batch has failed because of a write of an earlier
// update. Its error must not refer to that write, which does not exist.
func TestFailedBatch(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	broken, exists := errors.New("broken disk"), errors.New("the key exists")
	create := func(w Writer) error {
		if value, err := w.Get("key"); err != nil || value != nil {
			return errors.Join(err, exists)
		}
		return w.Put("key", nil)
	}
	queued := func(n int) {
		for {
			f.mu.Lock()
			length := len(f.pending)
			f.mu.Unlock()
			if length == n {
				return
			}
			runtime.Gosched()
		}
	}
	started, release := make(chan struct{}), make(chan struct{})
	first, results := make(chan error, 1), make(chan error, 2)
	go func() {
		first <- f.Update(context.Background(), func(Writer) error {
			close(started)
			<-release
			f.update = func(fn func(*bbolt.Tx) error) error {
				return f.db.Update(func(tx *bbolt.Tx) error { return errors.Join(fn(tx), broken) })
			}
			return nil
		})
	}()
	<-started
	queued(0)
	for n := range 2 {
		go func() { results <- f.Update(context.Background(), create) }()
		queued(n + 1)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("first batch: %v", err)
	}
	for range 2 {
		if err := <-results; !errors.Is(err, broken) || errors.Is(err, exists) {
			t.Errorf("got error %v, want only %v", err, broken)
		}
	}
}
