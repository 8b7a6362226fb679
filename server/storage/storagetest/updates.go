package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

func (s *suite) testUpdateReadsOwnWrites() {
	s.fill("a", "b")
	s.update(func(w storage.Writer) error {
		if err := errors.Join(w.Put("c", []byte("c")), w.Delete("a"), w.Delete("unknown"), w.Put("empty", nil)); err != nil {
			return err
		}
		if got, err := w.Get("c"); err != nil || string(got) != "c" {
			s.Errorf("key c: got %q, error %v; want \"c\"", got, err)
		}
		if got, err := w.Get("a"); err != nil || got != nil {
			s.Errorf("key a: got %q, error %v; want nil", got, err)
		}
		if got, err := w.Get("empty"); err != nil || got == nil || len(got) != 0 {
			s.Errorf("empty value: got %v, error %v; want a slice that is empty but not nil", got, err)
		}
		found, err := keys(w, storage.Range{})
		if diff := cmp.Diff([]string{"b", "c", "empty"}, found); diff != "" {
			s.Errorf("keys within the update (-want +got):\n%s", diff)
		}
		return err
	})
	s.wantKeys("after the commit", "b", "c", "empty")
}

func (s *suite) testUpdateIsAtomic() {
	s.fill("a", "b")
	broken := errors.New("broken")
	err := s.store.Update(s.Context(), func(w storage.Writer) error {
		_, err := w.DeleteRange(storage.Prefix("b"))
		return errors.Join(err, w.Put("c", []byte("c")), w.Delete("a"), broken)
	})
	if !errors.Is(err, broken) {
		s.Errorf("got error %v, want %v", err, broken)
	}
	s.wantKeys("after the failed update", "a", "b")
}

// testFailureAtEachCall makes each call of a transaction fail in turn and checks that nothing was written.
func (s *suite) testFailureAtEachCall() {
	s.fill("changed", "deleted", "range1", "range2", "z")
	before := []string{"changed", "deleted", "range1", "range2", "z"}
	transaction := func(w storage.Writer) error {
		_, err := w.Get("changed")
		if err == nil {
			err = w.Put("changed", nil)
		}
		if err == nil {
			err = w.Put("new", []byte("new"))
		}
		if err == nil {
			_, err = keys(w, storage.Prefix("range"))
		}
		if err == nil {
			err = w.Delete("deleted")
		}
		if err == nil {
			_, err = w.DeleteRange(storage.Prefix("range"))
		}
		if err == nil {
			err = w.Put("z", nil)
		}
		return err
	}
	failure := errors.New("failure")
	calls := 0
	for n := 1; ; n++ {
		calls = 0
		faulty := &Faulty{Store: s.store, Fail: func(call Call) error {
			if calls++; calls == n {
				return fmt.Errorf("%w of %v", failure, call)
			}
			return nil
		}}
		err := faulty.Update(s.Context(), transaction)
		if !errors.Is(err, failure) {
			s.Fatalf("call %d: got error %v, want %v", n, err, failure)
		}
		if errors.Is(err, storage.ErrUnknownOutcome) { // the last call, which follows the commit
			break
		}
		s.wantKeys(fmt.Sprintf("after the failure of call %d", n), before...)
		if got := s.value("changed"); got != "changed" {
			s.Errorf("call %d failed, but the value of a key is %q", n, got)
		}
		s.fill("other")
		s.update(func(w storage.Writer) error { return w.Delete("other") })
	}
	if calls < 10 {
		s.Errorf("only %d calls were made to fail", calls)
	}
	s.wantKeys("after the successful update", "changed", "new", "z")
}

func (s *suite) value(key string) (value string) {
	s.Helper()
	err := s.store.View(s.Context(), func(tx storage.Reader) error {
		got, err := tx.Get(key)
		value = string(got)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return value
}

// testFailedUpdatesInBatch checks that an update that writes and then fails has no effect, and that concurrent updates
// still commit.
func (s *suite) testFailedUpdatesInBatch() {
	s.fill("changed", "deleted", "kept", "range1", "range2")
	failure := errors.New("failure")
	want := []string{"changed", "deleted", "kept"}
	var wg sync.WaitGroup
	for i := range 16 {
		key := fmt.Sprintf("n%02d", i)
		want = append(want, key)
		wg.Go(func() {
			if err := s.store.Update(context.Background(), func(w storage.Writer) error { return w.Put(key, []byte(key)) }); err != nil {
				s.Error(err)
			}
		})
		wg.Go(func() {
			err := s.store.Update(context.Background(), func(w storage.Writer) error {
				_, err := w.DeleteRange(storage.Prefix("range"))
				err = errors.Join(err, w.Put("changed", nil), w.Put("changed", []byte("twice")), w.Delete("deleted"), w.Delete(key), w.Put("new"+key, nil))
				if err != nil {
					s.Error(err)
				}
				return failure
			})
			if !errors.Is(err, failure) {
				s.Errorf("got error %v, want %v", err, failure)
			}
		})
	}
	wg.Wait()
	s.wantKeys("after all updates", append(want, "range1", "range2")...)
}

// testPanicInUpdate checks that a panic in an update writes nothing and leaves the store usable. A store may return the
// panic as an error.
func (s *suite) testPanicInUpdate() {
	func() {
		defer func() { _ = recover() }()
		err := s.store.Update(s.Context(), func(w storage.Writer) error {
			if err := w.Put("a", nil); err != nil {
				return err
			}
			panic("ouch")
		})
		if err == nil || !strings.Contains(err.Error(), "ouch") {
			s.Errorf("got error %v, want one that contains the panic value", err)
		}
	}()
	s.fill("b")
	s.wantKeys("after the panic", "b")
}

func (s *suite) testEmptyKey() {
	if err := s.store.Update(s.Context(), func(w storage.Writer) error { return w.Put("", nil) }); err == nil {
		s.Error("an empty key was accepted")
	}
}

// testLargeValue writes values of the sizes that the service uses.
func (s *suite) testLargeValue() {
	for _, size := range []int{1, 1 << 10, 64 << 10, 1 << 20, 4 << 20} {
		want := bytes.Repeat([]byte("0123456789abcdef\x00"), size/17+1)[:size]
		s.update(func(w storage.Writer) error { return w.Put("large", want) })
		if s.value("large") != string(want) {
			s.Errorf("a value of %d bytes changed", size)
		}
	}
}

func (s *suite) testViewIsASnapshot() {
	s.reserve()
	s.fill("a")
	err := s.store.View(s.Context(), func(tx storage.Reader) error {
		// The first read takes the snapshot.
		if _, err := tx.Get("a"); err != nil {
			return err
		}
		done := make(chan error)
		go func() {
			done <- s.store.Update(context.Background(), func(w storage.Writer) error {
				return errors.Join(w.Delete("a"), w.Put("b", []byte("b")))
			})
		}()
		if err := <-done; err != nil {
			return err
		}
		found, err := keys(tx, storage.Range{})
		if diff := cmp.Diff([]string{"a"}, found); diff != "" {
			s.Errorf("keys seen by the reader during the update (-want +got):\n%s", diff)
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	s.wantKeys("after the update", "b")
}

// reserve makes the store allocate space that later updates reuse. A store that maps a file into memory may have to wait
// for views before it can grow the file.
func (s *suite) reserve() {
	s.Helper()
	s.update(func(w storage.Writer) error { return w.Put("reserved", make([]byte, 1<<20)) })
	s.update(func(w storage.Writer) error { return w.Delete("reserved") })
}

// testUpdatesAreSerializable increments a counter concurrently. If an update is lost, the final count is too low.
func (s *suite) testUpdatesAreSerializable() {
	const writers, each = 8, 20
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				err := s.store.Update(context.Background(), func(w storage.Writer) error {
					text, err := w.Get("n")
					n, _ := strconv.Atoi(string(text))
					return errors.Join(err, w.Put("n", []byte(strconv.Itoa(n+1))))
				})
				if err != nil {
					s.Error(err)
				}
			}
		})
		wg.Go(func() {
			last := 0
			for range each {
				err := s.store.View(context.Background(), func(tx storage.Reader) error {
					text, err := tx.Get("n")
					n, _ := strconv.Atoi(string(text))
					if n < last {
						s.Errorf("read %d after reading %d", n, last)
					}
					last = n
					return err
				})
				if err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := s.value("n"); got != strconv.Itoa(writers*each) {
		s.Errorf("counter = %s, want %d", got, writers*each)
	}
}

// testNoPhantoms lets concurrent updates add a key only if a range has fewer than ten keys. With phantoms, two updates
// would each see nine keys and both add one.
func (s *suite) testNoPhantoms() {
	const limit = 10
	var wg sync.WaitGroup
	for writer := range 4 {
		wg.Go(func() {
			for i := range limit {
				err := s.store.Update(context.Background(), func(w storage.Writer) error {
					found, err := keys(w, storage.Range{KeysOnly: true})
					if err != nil || len(found) >= limit {
						return err
					}
					return w.Put(fmt.Sprintf("key-%d-%d", writer, i), nil)
				})
				if err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if found := s.keys(storage.Range{}); len(found) != limit {
		s.Errorf("got %d keys, want %d", len(found), limit)
	}
}

// testWriteSkew lets two concurrent updates each read both keys of a pair and write one of them if the other has no value.
// With write skew, both keys would have one.
func (s *suite) testWriteSkew() {
	for i := range 20 {
		pair := []string{fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)}
		var wg sync.WaitGroup
		for n, own := range pair {
			other := pair[1-n]
			wg.Go(func() {
				err := s.store.Update(context.Background(), func(w storage.Writer) error {
					value, err := w.Get(other)
					if err != nil || value != nil {
						return err
					}
					return w.Put(own, nil)
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if found := s.keys(storage.Range{}); len(found) != 20 {
		s.Errorf("got %d keys of 20 pairs, want one each: %q", len(found), found)
	}
}
