package storage_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

func TestReadOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	readOnly := func(o *storage.FileOptions) { o.ReadOnly = true }
	if _, err := storage.OpenFile(path, readOnly); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open a file that does not exist: got error %v, want %v", err, fs.ErrNotExist)
	}
	s := openFile(t, path)
	err := s.Update(t.Context(), func(w storage.Writer) error { return w.Put("a", []byte("b")) })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // both are open at the same time
		s, err := storage.OpenFile(path, readOnly)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Update(t.Context(), func(w storage.Writer) error { return w.Put("a", nil) }); !errors.Is(err, storage.ErrReadOnly) {
			t.Errorf("update: got error %v, want %v", err, storage.ErrReadOnly)
		}
		err = s.View(t.Context(), func(r storage.Reader) error {
			if value, err := r.Get("a"); err != nil || string(value) != "b" {
				t.Errorf("got %q, error %v", value, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	after, err := os.Stat(path)
	if err != nil || !after.ModTime().Equal(before.ModTime()) || after.Size() != before.Size() {
		t.Errorf("the file has changed: %v, error %v", after, err)
	}
}
