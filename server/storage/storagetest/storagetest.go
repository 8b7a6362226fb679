// Package storagetest tests implementations of [storage.Store]. A test of a store calls [Run]:
//
//	func TestConformance(t *testing.T) {
//		storagetest.Run(t, storagetest.Implementation{
//			Open: func(t testing.TB) storage.Store { return newStore(t) },
//		})
//	}
//
// [Faulty] wraps a store and makes chosen calls fail, for tests of code that uses a store.
package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Implementation describes an implementation of [storage.Store].
type Implementation struct {
	// Open returns a new, empty store. The suite closes it.
	Open func(testing.TB) storage.Store

	// Reopen opens the data of a store that Open or Reopen returned and that the suite has closed. Optional. Nil means that
	// the data of a store does not outlive it.
	Reopen func(testing.TB, storage.Store) storage.Store
}

// Run tests an implementation. It runs the tests in parallel subtests, each with a new store.
func Run(t *testing.T, implementation Implementation) {
	t.Helper()
	tests := tests
	if implementation.Reopen != nil {
		tests = append(slices.Clip(tests), conformanceTest{"Reopen", (*suite).testReopen})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &suite{T: t, Implementation: implementation}
			s.store = implementation.Open(t)
			t.Cleanup(func() {
				if err := s.store.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test.run(s)
		})
	}
}

type conformanceTest struct {
	name string
	run  func(*suite)
}

// tests are the tests of the suite that apply to all stores.
var tests = []conformanceTest{
	{"Scan", (*suite).testScan},
	{"ScanStopsEarly", (*suite).testScanStopsEarly},
	{"DeleteRange", (*suite).testDeleteRange},
	{"LargeDeleteRange", (*suite).testLargeDeleteRange},
	{"UpdateReadsOwnWrites", (*suite).testUpdateReadsOwnWrites},
	{"UpdateIsAtomic", (*suite).testUpdateIsAtomic},
	{"FailureAtEachCall", (*suite).testFailureAtEachCall},
	{"FailedUpdatesInBatch", (*suite).testFailedUpdatesInBatch},
	{"PanicInUpdate", (*suite).testPanicInUpdate},
	{"EmptyKey", (*suite).testEmptyKey},
	{"LargeValue", (*suite).testLargeValue},
	{"ViewIsASnapshot", (*suite).testViewIsASnapshot},
	{"ViewKeys", (*suite).testViewKeys},
	{"ConcurrentViewKeys", (*suite).testConcurrentViewKeys},
	{"UpdateKeys", (*suite).testUpdateKeys},
	{"ScansInBatch", (*suite).testScansInBatch},
	{"UpdatesAreSerializable", (*suite).testUpdatesAreSerializable},
	{"NoPhantoms", (*suite).testNoPhantoms},
	{"WriteSkew", (*suite).testWriteSkew},
	{"CanceledContext", (*suite).testCanceledContext},
	{"ViewError", (*suite).testViewError},
	{"Closed", (*suite).testClosed},
	{"Model", (*suite).testModel},
}

// suite is the state of one test.
type suite struct {
	*testing.T
	Implementation
	store storage.Store
}

// update runs an update that must succeed.
func (s *suite) update(fn func(storage.Writer) error) {
	s.Helper()
	if err := s.store.Update(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

// fill stores each key with the key itself as the value.
func (s *suite) fill(keys ...string) {
	s.Helper()
	s.update(func(w storage.Writer) error {
		for _, key := range keys {
			if err := w.Put(key, []byte(key)); err != nil {
				return err
			}
		}
		return nil
	})
}

// wantKeys fails the test unless the store has exactly these keys.
func (s *suite) wantKeys(when string, want ...string) {
	s.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, s.keys(storage.Range{})); diff != "" {
		s.Errorf("keys %s (-want +got):\n%s", when, diff)
	}
}

// keys returns the keys of the range. It checks that each value, unless it is empty, equals its key.
func (s *suite) keys(r storage.Range) []string {
	s.Helper()
	var found []string
	err := s.store.View(s.Context(), func(tx storage.Reader) (err error) {
		found, err = keys(tx, r)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return found
}

func keys(tx storage.Reader, r storage.Range) ([]string, error) {
	found := []string{}
	for e, err := range tx.Scan(r) {
		switch {
		case err != nil:
			return nil, err
		case r.KeysOnly && e.Value != nil:
			return nil, fmt.Errorf("a scan with KeysOnly returned the value %q for key %q", e.Value, e.Key)
		case !r.KeysOnly && e.Value == nil:
			return nil, fmt.Errorf("key %q has a nil value", e.Key)
		case len(e.Value) > 0 && string(e.Value) != e.Key:
			return nil, fmt.Errorf("key %q has value %q", e.Key, e.Value)
		}
		found = append(found, e.Key)
	}
	return found, nil
}

func (s *suite) testCanceledContext() {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if err := s.store.View(ctx, func(storage.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
		s.Errorf("view: got error %v, want %v", err, context.Canceled)
	}
	if err := storage.ViewKeys(ctx, s.store, nil, func(storage.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
		s.Errorf("view of keys: got error %v, want %v", err, context.Canceled)
	}
	if err := s.store.Update(ctx, func(w storage.Writer) error { return w.Put("a", nil) }); !errors.Is(err, context.Canceled) {
		s.Errorf("update: got error %v, want %v", err, context.Canceled)
	}
	s.wantKeys("after the canceled update")
}

func (s *suite) testViewError() {
	broken := errors.New("broken")
	fail := func(storage.Reader) error { return broken }
	if err := s.store.View(s.Context(), fail); !errors.Is(err, broken) {
		s.Errorf("view: got error %v, want %v", err, broken)
	}
	if err := storage.ViewKeys(s.Context(), s.store, nil, fail); !errors.Is(err, broken) {
		s.Errorf("view of keys: got error %v, want %v", err, broken)
	}
}

func (s *suite) testReopen() {
	s.fill("a", "b", "c")
	s.update(func(w storage.Writer) error { return errors.Join(w.Delete("b"), w.Put("empty", nil)) })
	if err := s.store.Close(); err != nil {
		s.Fatal(err)
	}
	s.store = s.Reopen(s, s.store)
	s.wantKeys("after reopening the store", "a", "c", "empty")
}

func (s *suite) testClosed() {
	for range 2 {
		if err := s.store.Close(); err != nil {
			s.Errorf("close: %v", err)
		}
	}
	if err := s.store.View(s.Context(), func(storage.Reader) error { return nil }); !errors.Is(err, storage.ErrClosed) {
		s.Errorf("view: got error %v, want %v", err, storage.ErrClosed)
	}
	if err := storage.ViewKeys(s.Context(), s.store, nil, func(storage.Reader) error { return nil }); !errors.Is(err, storage.ErrClosed) {
		s.Errorf("view of keys: got error %v, want %v", err, storage.ErrClosed)
	}
	if err := s.store.Update(s.Context(), func(storage.Writer) error { return nil }); !errors.Is(err, storage.ErrClosed) {
		s.Errorf("update: got error %v, want %v", err, storage.ErrClosed)
	}
}
