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

	"go.etcd.io/bbolt"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

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

func TestSchemaVersion(t *testing.T) {
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
	for version, want := range map[string]error{"3": storage.ErrVersion, "1": storage.ErrOldVersion} {
		setVersion(version)
		for range 2 { // the second iteration checks that the first left the file unchanged and unlocked
			if _, err := storage.OpenFile(path); !errors.Is(err, want) {
				t.Errorf("open version %s: got error %v, want %v", version, err, want)
			}
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
