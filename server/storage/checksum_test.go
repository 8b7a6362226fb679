package storage_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestChecksum changes each byte of a value in a data file. Reading the value must fail, and reading other values and
// listing keys must not.
func TestChecksum(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	s := openFile(t, path)
	const value = "the original value"
	err := s.Update(t.Context(), func(w storage.Writer) error {
		return errors.Join(w.Put("a", nil), w.Put("games/chess", []byte(value)), w.Put("z", []byte("other")))
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(intact, []byte(value))
	if at < 0 || bytes.Count(intact, []byte(value)) != 1 {
		t.Fatalf("the file has the value %d times, want once", bytes.Count(intact, []byte(value)))
	}
	for i := -4; i < len(value); i++ { // the checksum precedes the value
		damaged := bytes.Clone(intact)
		damaged[at+i] ^= 0x10
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openFile(t, path)
		err := s.View(t.Context(), func(r storage.Reader) error {
			if other, err := r.Get("z"); err != nil || string(other) != "other" {
				t.Errorf("byte %d: got %q, error %v for another key", i, other, err)
			}
			keys := 0
			for _, err := range r.Scan(storage.Range{KeysOnly: true}) {
				if keys++; err != nil {
					t.Errorf("byte %d: scan of keys: %v", i, err)
				}
			}
			if keys != 3 {
				t.Errorf("byte %d: scan returned %d keys, want 3", i, keys)
			}
			scanned := 0
			var scanErr error
			for _, err := range r.Scan(storage.Range{}) {
				scanErr = err
				scanned++
			}
			if scanned != 2 || !errors.Is(scanErr, storage.ErrChecksum) {
				t.Errorf("byte %d: scan returned %d entries and error %v, want it to stop at the second with %v", i, scanned, scanErr, storage.ErrChecksum)
			}
			_, err := r.Get("games/chess")
			return err
		})
		if !errors.Is(err, storage.ErrChecksum) || !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("byte %d: got error %v, want %v", i, err, storage.ErrChecksum)
		}
		for _, text := range []string{`"games/chess"`, path, "gamesparks-server check"} {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("byte %d: the error does not contain %s: %v", i, text, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestChecksumOfKey checks that a value stored for another key is not accepted.
func TestChecksumOfKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	s := openFile(t, path)
	err := s.Update(t.Context(), func(w storage.Writer) error { return w.Put("games/chess", []byte("value")) })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte("games/chess"), []byte("games/other")), 0o600); err != nil {
		t.Fatal(err)
	}
	s = openFile(t, path)
	defer s.Close()
	err = s.View(t.Context(), func(r storage.Reader) error {
		_, err := r.Get("games/other")
		return err
	})
	if !errors.Is(err, storage.ErrChecksum) {
		t.Errorf("got error %v, want %v", err, storage.ErrChecksum)
	}
}
