package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// forEach runs a test with an empty store of each implementation.
func forEach(t *testing.T, test func(*testing.T, storage.Store)) {
	t.Helper()
	implementations := map[string]func(*testing.T) storage.Store{
		"memory": func(*testing.T) storage.Store { return storage.NewMemory() },
		"file":   func(t *testing.T) storage.Store { return openFile(t, filepath.Join(t.TempDir(), "data")) },
	}
	for name, open := range implementations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test(t, s)
		})
	}
}

func openFile(t *testing.T, path string) storage.Store {
	t.Helper()
	s, err := storage.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fill stores each key with the key itself as the value.
func fill(t *testing.T, s storage.Store, keys ...string) {
	t.Helper()
	err := s.Update(t.Context(), func(w storage.Writer) error {
		for _, key := range keys {
			if err := w.Put(key, []byte(key)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func scan(r storage.Reader, rng storage.Range) ([]string, error) {
	keys := []string{}
	for e, err := range r.Scan(rng) {
		if err != nil {
			return nil, err
		}
		if string(e.Value) != e.Key {
			return nil, fmt.Errorf("key %q has value %q", e.Key, e.Value)
		}
		keys = append(keys, e.Key)
	}
	return keys, nil
}

func scanAll(t *testing.T, s storage.Store, rng storage.Range) []string {
	t.Helper()
	var keys []string
	err := s.View(t.Context(), func(r storage.Reader) (err error) {
		keys, err = scan(r, rng)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestScan(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rng  storage.Range
		want []string
	}{
		"all":                     {storage.Range{}, []string{"a", "b", "b\x00", "b\xff", "c", "\xff\xff"}},
		"all reversed":            {storage.Range{Reverse: true}, []string{"\xff\xff", "c", "b\xff", "b\x00", "b", "a"}},
		"start is included":       {storage.Range{Start: "b\xff"}, []string{"b\xff", "c", "\xff\xff"}},
		"start between keys":      {storage.Range{Start: "b\x01"}, []string{"b\xff", "c", "\xff\xff"}},
		"start reversed":          {storage.Range{Start: "b\x01", Reverse: true}, []string{"\xff\xff", "c", "b\xff"}},
		"end is excluded":         {storage.Range{End: "b\xff"}, []string{"a", "b", "b\x00"}},
		"end reversed":            {storage.Range{End: "b\xff", Reverse: true}, []string{"b\x00", "b", "a"}},
		"end between keys":        {storage.Range{End: "bb", Reverse: true}, []string{"b\x00", "b", "a"}},
		"end after all keys":      {storage.Range{End: "\xff\xff\xff", Reverse: true}, []string{"\xff\xff", "c", "b\xff", "b\x00", "b", "a"}},
		"prefix":                  {storage.Prefix("b"), []string{"b", "b\x00", "b\xff"}},
		"prefix without keys":     {storage.Prefix("bb"), []string{}},
		"prefix of highest bytes": {storage.Prefix("\xff"), []string{"\xff\xff"}},
		"empty prefix":            {storage.Prefix(""), []string{"a", "b", "b\x00", "b\xff", "c", "\xff\xff"}},
		"empty range":             {storage.Range{Start: "b", End: "b"}, []string{}},
		"start after end":         {storage.Range{Start: "c", End: "a", Reverse: true}, []string{}},
	}
	forEach(t, func(t *testing.T, s storage.Store) {
		fill(t, s, "c", "a", "b\xff", "b", "b\x00", "\xff\xff")
		for name, test := range tests {
			if diff := cmp.Diff(test.want, scanAll(t, s, test.rng)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestScanStopsEarly(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		fill(t, s, "a", "b", "c")
		err := s.View(t.Context(), func(r storage.Reader) error {
			for _, reverse := range []bool{false, true} {
				n := 0
				for range r.Scan(storage.Range{Reverse: reverse}) {
					if n++; n == 2 {
						break
					}
				}
				if n != 2 {
					t.Errorf("reverse = %v: scanned %d entries, want 2", reverse, n)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestUpdateReadsOwnWrites(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		fill(t, s, "a", "b")
		err := s.Update(t.Context(), func(w storage.Writer) error {
			if err := errors.Join(w.Put("c", []byte("c")), w.Delete("a"), w.Delete("unknown"), w.Put("empty", nil)); err != nil {
				return err
			}
			if got, err := w.Get("c"); err != nil || string(got) != "c" {
				t.Errorf("key c: got %q, error %v; want \"c\"", got, err)
			}
			if got, err := w.Get("a"); err != nil || got != nil {
				t.Errorf("key a: got %q, error %v; want nil", got, err)
			}
			if got, err := w.Get("empty"); err != nil || got == nil || len(got) != 0 {
				t.Errorf("empty value: got %v, error %v; want a slice that is empty but not nil", got, err)
			}
			keys, err := scan(w, storage.Range{End: "d"})
			if diff := cmp.Diff([]string{"b", "c"}, keys); diff != "" {
				t.Errorf("keys within the update (-want +got):\n%s", diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"b", "c"}, scanAll(t, s, storage.Range{End: "d"})); diff != "" {
			t.Errorf("keys after the commit (-want +got):\n%s", diff)
		}
	})
}

func TestUpdateIsAtomic(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		fill(t, s, "a")
		broken := errors.New("broken")
		err := s.Update(t.Context(), func(w storage.Writer) error {
			return errors.Join(w.Put("b", []byte("b")), w.Delete("a"), broken)
		})
		if !errors.Is(err, broken) {
			t.Errorf("got error %v, want %v", err, broken)
		}
		if diff := cmp.Diff([]string{"a"}, scanAll(t, s, storage.Range{})); diff != "" {
			t.Errorf("keys after the failed update (-want +got):\n%s", diff)
		}
	})
}

func TestEmptyKey(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		if err := s.Update(t.Context(), func(w storage.Writer) error { return w.Put("", nil) }); err == nil {
			t.Error("an empty key was accepted")
		}
	})
}

func TestViewIsASnapshot(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		fill(t, s, "a")
		err := s.View(t.Context(), func(r storage.Reader) error {
			done := make(chan error)
			go func() {
				done <- s.Update(context.Background(), func(w storage.Writer) error {
					return errors.Join(w.Delete("a"), w.Put("b", []byte("b")))
				})
			}()
			if err := <-done; err != nil {
				return err
			}
			keys, err := scan(r, storage.Range{})
			if diff := cmp.Diff([]string{"a"}, keys); diff != "" {
				t.Errorf("keys seen by the reader during the update (-want +got):\n%s", diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"b"}, scanAll(t, s, storage.Range{})); diff != "" {
			t.Errorf("keys after the update (-want +got):\n%s", diff)
		}
	})
}

// TestUpdatesAreSerializable increments a counter concurrently. If an update is lost, the final count is too low.
func TestUpdatesAreSerializable(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 20
	forEach(t, func(t *testing.T, s storage.Store) {
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range each {
					err := s.Update(context.Background(), func(w storage.Writer) error {
						text, err := w.Get("n")
						n, _ := strconv.Atoi(string(text))
						return errors.Join(err, w.Put("n", []byte(strconv.Itoa(n+1))))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
			wg.Go(func() {
				last := 0
				for range each {
					err := s.View(context.Background(), func(r storage.Reader) error {
						text, err := r.Get("n")
						n, _ := strconv.Atoi(string(text))
						if n < last {
							t.Errorf("read %d after reading %d", n, last)
						}
						last = n
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		err := s.View(t.Context(), func(r storage.Reader) error {
			if text, err := r.Get("n"); err != nil || string(text) != strconv.Itoa(writers*each) {
				t.Errorf("counter = %s, error %v; want %d", text, err, writers*each)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestFailedUpdatesInBatch checks that an update that writes and then fails has no effect, and that concurrent updates
// still commit.
func TestFailedUpdatesInBatch(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		fill(t, s, "changed", "deleted", "kept")
		failure := errors.New("failure")
		want := []string{"changed", "deleted", "kept"}
		var wg sync.WaitGroup
		for i := range 16 {
			key := fmt.Sprintf("n%02d", i)
			want = append(want, key)
			wg.Go(func() {
				if err := s.Update(context.Background(), func(w storage.Writer) error { return w.Put(key, []byte(key)) }); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				err := s.Update(context.Background(), func(w storage.Writer) error {
					err := errors.Join(w.Put("changed", nil), w.Put("changed", []byte("twice")), w.Delete("deleted"), w.Delete(key), w.Put("new"+key, nil))
					if err != nil {
						t.Error(err)
					}
					return failure
				})
				if !errors.Is(err, failure) {
					t.Errorf("got error %v, want %v", err, failure)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff(want, scanAll(t, s, storage.Range{})); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
	})
}

func TestCanceledContext(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.View(ctx, func(storage.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("view: %v", err)
		}
		if err := s.Update(ctx, func(storage.Writer) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("update: %v", err)
		}
	})
}

func TestClosed(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s storage.Store) {
		for range 2 {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		if err := s.View(t.Context(), func(storage.Reader) error { return nil }); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("view: %v", err)
		}
		if err := s.Update(t.Context(), func(storage.Writer) error { return nil }); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("update: %v", err)
		}
	})
}

func TestFilePersists(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	s := openFile(t, path)
	fill(t, s, "a", "b")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openFile(t, path)
	defer s.Close()
	if diff := cmp.Diff([]string{"a", "b"}, scanAll(t, s, storage.Range{})); diff != "" {
		t.Errorf("keys after reopening the file (-want +got):\n%s", diff)
	}
}

// TestPanicInUpdate checks that Update returns a panic as an error, and that later updates work.
func TestPanicInUpdate(t *testing.T) {
	t.Parallel()
	s := openFile(t, filepath.Join(t.TempDir(), "data"))
	defer s.Close()
	err := s.Update(t.Context(), func(w storage.Writer) error {
		if err := w.Put("a", nil); err != nil {
			return err
		}
		panic("ouch")
	})
	if err == nil || !strings.Contains(err.Error(), "ouch") {
		t.Errorf("got error %v, want one that contains the panic value", err)
	}
	fill(t, s, "b")
	if diff := cmp.Diff([]string{"b"}, scanAll(t, s, storage.Range{})); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func BenchmarkFileUpdates(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s, err := storage.OpenFile(filepath.Join(b.TempDir(), "data"))
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var next atomic.Int64
			var wg sync.WaitGroup
			for range writers {
				wg.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						err := s.Update(context.Background(), func(w storage.Writer) error { return w.Put(strconv.FormatInt(i, 10), make([]byte, 100)) })
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestFileIsLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	s := openFile(t, path)
	defer s.Close()
	if _, err := storage.OpenFile(path); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("opening the file twice: got error %v, want %v", err, storage.ErrLocked)
	}
}

func TestNewerSchemaVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	if err := openFile(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	setVersion := func(version string) {
		t.Helper()
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("schemaVersion"), []byte(version))
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	setVersion("2")
	for range 2 { // the second iteration checks that the first left the file unchanged and unlocked
		if _, err := storage.OpenFile(path); !errors.Is(err, storage.ErrVersion) {
			t.Errorf("open: got error %v, want %v", err, storage.ErrVersion)
		}
	}
	setVersion("garbage")
	if _, err := storage.OpenFile(path); !errors.Is(err, storage.ErrFormat) {
		t.Errorf("open a file whose version is not a number: got %v, want %v", err, storage.ErrFormat)
	}
}

func TestNotADataFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "data")
	for _, repeat := range []int{1, 1000} {
		if err := os.WriteFile(path, []byte(strings.Repeat("This is a text file. ", repeat)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := storage.OpenFile(path)
		if want := "open " + path + ": storage: not a gamesparks-server data file"; !errors.Is(err, storage.ErrFormat) || err.Error() != want {
			t.Errorf("open a text file: got %v, want %s", err, want)
		}
	}
	foreign := filepath.Join(dir, "foreign")
	db, err := bbolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("users"))
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.OpenFile(foreign); !errors.Is(err, storage.ErrFormat) {
		t.Errorf("open the database of another program: got %v, want %v", err, storage.ErrFormat)
	}
	for _, path := range []string{dir, filepath.Join(path, "child of a file")} {
		if _, err := storage.OpenFile(path); err == nil || strings.Count(err.Error(), path) != 1 {
			t.Errorf("open %s: got %v, want an error that names the path once", path, err)
		}
	}
}
