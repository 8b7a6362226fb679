package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/damagetest"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// sampleFile writes a data file with large and small values, branch pages, overflow pages and free pages, and returns its
// bytes and its entries.
func sampleFile(t *testing.T, entries int) (data []byte, want map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	s := openFile(t, path)
	random := rand.New(rand.NewPCG(1, 2))
	want = map[string]string{}
	for i := range entries {
		key := fmt.Sprintf("account/123456789012/us-east-1/game/%04d", i)
		size := 10 + random.IntN(300)
		if i%40 == 0 {
			size = 20_000
		}
		want[key] = strings.Repeat(string(rune('a'+i%26)), size)
	}
	for round := range 3 { // the last rounds replace pages and leave free pages with old content
		n := 0
		err := s.Update(t.Context(), func(w storage.Writer) error {
			for key, value := range want {
				if n++; round > 0 && n%10 != round {
					continue
				}
				if err := w.Put(key, []byte(value)); err != nil {
					return err
				}
			}
			return errors.Join(w.Put("deleted", nil), w.Delete("deleted"))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data, want
}

func contents(s storage.Store) (map[string]string, error) {
	got := map[string]string{}
	err := s.View(context.Background(), func(r storage.Reader) error {
		for e, err := range r.Scan(storage.Range{}) {
			if err != nil {
				return err
			}
			got[e.Key] = string(e.Value)
		}
		return nil
	})
	return got, err
}

const attacks = 400

// TestDamagedFile damages a data file in many ways. Opening it must fail, or the content must be the same.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	for _, entries := range []int{0, 3, 400} {
		t.Run(fmt.Sprintf("%d entries", entries), func(t *testing.T) {
			t.Parallel()
			data, want := sampleFile(t, entries)
			path := filepath.Join(t.TempDir(), "data")
			opened := 0
			for seed := range uint64(attacks) {
				changed, description := damagetest.Change(data, rand.New(rand.NewPCG(seed, uint64(entries))))
				if err := os.WriteFile(path, changed, 0o600); err != nil {
					t.Fatal(err)
				}
				s, err := storage.OpenFile(path)
				if err != nil {
					if !errors.Is(err, storage.ErrDamaged) && !errors.Is(err, storage.ErrFormat) && !errors.Is(err, storage.ErrVersion) {
						t.Errorf("seed %d: %s: got error %v, want %v, %v or %v", seed, description, err, storage.ErrDamaged, storage.ErrFormat, storage.ErrVersion)
					}
					continue
				}
				opened++
				got, err := contents(s)
				if diff := cmp.Diff(want, got); err == nil && diff != "" {
					t.Errorf("seed %d: %s: the content differs (-want +got):\n%.300s", seed, description, diff)
				}
				if err := s.Close(); err != nil {
					t.Errorf("seed %d: %s: close: %v", seed, description, err)
				}
			}
			t.Logf("%d of %d files can be opened", opened, attacks)
		})
	}
}

// TestDamageWhileOpen damages the file of an open store. The transaction that reads a damaged page and all later ones must
// fail, without a crash and without hanging.
func TestDamageWhileOpen(t *testing.T) {
	t.Parallel()
	data, _ := sampleFile(t, 400)
	damages := map[string]func(path string) error{
		"truncated": func(path string) error { return os.Truncate(path, 8192) },
		"overwritten": func(path string) error {
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = file.WriteAt(bytes.Repeat([]byte{0xAA}, len(data)-8192), 8192)
			return errors.Join(err, file.Close())
		},
	}
	transactions := map[string]func(storage.Store) error{
		"view": func(s storage.Store) error {
			_, err := contents(s)
			return err
		},
		"update": func(s storage.Store) error {
			return s.Update(context.Background(), func(w storage.Writer) error {
				_, err := w.Get("account/123456789012/us-east-1/game/0007")
				return err
			})
		},
		"update without reading": func(s storage.Store) error {
			return s.Update(context.Background(), func(w storage.Writer) error { return w.Put("a", nil) })
		},
	}
	for damage, apply := range damages {
		for name, transact := range transactions {
			t.Run(damage+"/"+name, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "data")
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				var reports []error
				s, err := storage.OpenFile(path, func(o *storage.FileOptions) {
					o.OnDamage = func(err error) { reports = append(reports, err) }
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := apply(path); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					for _, transact := range []func(storage.Store) error{transact, transactions["view"], transactions["update"]} {
						if err := transact(s); !errors.Is(err, storage.ErrDamaged) || !strings.Contains(err.Error(), path) {
							t.Errorf("got error %v, want %v with the name of the file", err, storage.ErrDamaged)
						}
					}
				}
				if len(reports) != 1 || !errors.Is(reports[0], storage.ErrDamaged) {
					t.Errorf("OnDamage was called with %v, want one call with %v", reports, storage.ErrDamaged)
				}
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		}
	}
}

// TestPanicIsNotDamage checks that a panic of the function of a view is neither hidden nor taken for damage.
func TestPanicIsNotDamage(t *testing.T) {
	t.Parallel()
	s := openFile(t, filepath.Join(t.TempDir(), "data"))
	defer s.Close()
	var empty []int
	for _, bug := range []func(){
		func() { panic("bug") },
		func() { _ = empty[0] },
		func() { *(*int)(nil) = 1 },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the view did not panic")
				}
			}()
			_ = s.View(t.Context(), func(storage.Reader) error {
				bug()
				return nil
			})
		}()
		if err := s.Update(t.Context(), func(w storage.Writer) error { return w.Put("a", nil) }); err != nil {
			t.Errorf("update after the panic: %v", err)
		}
	}
}

func TestCheckFile(t *testing.T) {
	t.Parallel()
	data, _ := sampleFile(t, 3000)
	path := filepath.Join(t.TempDir(), "data")
	check := func(data []byte, sample bool) error {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		err := storage.CheckFile(t.Context(), path, sample)
		if after, readErr := os.ReadFile(path); readErr != nil || !bytes.Equal(after, data) {
			t.Errorf("the check has changed the file, or reading it failed: %v", readErr)
		}
		return err
	}
	for _, sample := range []bool{false, true} {
		if err := check(data, sample); err != nil {
			t.Errorf("sample = %v: an intact file: %v", sample, err)
		}
		for seed := range uint64(50) {
			changed, description := damagetest.Change(data, rand.New(rand.NewPCG(seed, 0)))
			err := check(changed, sample)
			if err != nil && !errors.Is(err, storage.ErrDamaged) && !errors.Is(err, storage.ErrFormat) {
				t.Errorf("sample = %v, seed %d: %s: %v", sample, seed, description, err)
			}
		}
		damaged := bytes.Clone(data)
		clear(damaged[8192:])
		if err := check(damaged, sample); !errors.Is(err, storage.ErrDamaged) || !strings.Contains(err.Error(), path) {
			t.Errorf("sample = %v: all pages are zero: got %v, want %v with the name of the file", sample, err, storage.ErrDamaged)
		}
	}
	if err := check(nil, false); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("an empty file: got %v, want %v", err, storage.ErrDamaged)
	}
	if _, err := storage.OpenFile(path); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("open an empty file: got %v, want %v", err, storage.ErrDamaged)
	}
}

// TestOpenDoesNotWrite checks that opening a data file does not change it, so that a server starts on a full disk.
func TestOpenDoesNotWrite(t *testing.T) {
	t.Parallel()
	data, want := sampleFile(t, 3)
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openFile(t, path)
	got, err := contents(s)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, content (-want +got):\n%s", err, diff)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
		t.Errorf("opening the file has changed it, or reading it failed: %v", err)
	}
}
