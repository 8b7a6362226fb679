package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// testViewKeys reads a stored, an empty and a missing value in a view of keys.
func (s *suite) testViewKeys() {
	s.update(func(w storage.Writer) error {
		return errors.Join(w.Put("stored", []byte("value")), w.Put("empty", []byte{}), w.Put("other", nil))
	})
	want := map[string][]byte{"stored": []byte("value"), "empty": {}, "missing": nil}
	got := map[string][]byte{}
	err := storage.ViewKeys(s.Context(), s.store, []string{"stored", "empty", "missing"}, func(r storage.Reader) error {
		for key := range want {
			value, err := r.Get(key)
			if err != nil {
				return err
			}
			if got[key] = nil; value != nil {
				got[key] = append([]byte{}, value...) // the store may reuse the value
			}
		}
		return nil
	})
	if err != nil {
		s.Error(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("values (-want +got):\n%s", diff)
	}
}

// testConcurrentViewKeys increments two counters in each update. Each view must see both with the same value, and all updates
// that ended before the view began.
func (s *suite) testConcurrentViewKeys() {
	const updates, readers = 60, 16
	var (
		keys = []string{"a", "b"}
		done atomic.Int64 // updates that have ended
		wg   sync.WaitGroup
	)
	wg.Go(func() {
		for n := range int64(updates) {
			err := s.store.Update(context.Background(), func(w storage.Writer) error {
				value := []byte(strconv.FormatInt(n+1, 10))
				return errors.Join(w.Put("a", value), w.Put("b", value))
			})
			if err != nil {
				s.Error(err)
			}
			done.Store(n + 1)
		}
	})
	for range readers {
		wg.Go(func() {
			for done.Load() < updates {
				before := done.Load()
				err := storage.ViewKeys(context.Background(), s.store, keys, func(r storage.Reader) error {
					a, err := r.Get("a")
					if err != nil {
						return err
					}
					b, err := r.Get("b")
					if err != nil {
						return err
					}
					if string(a) != string(b) {
						s.Errorf("read a=%s and b=%s, which were written together", a, b)
					}
					if n, _ := strconv.ParseInt(string(a), 10, 64); n < before {
						s.Errorf("read %d after %d updates had ended", n, before)
					}
					return nil
				})
				if err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// testUpdateKeys increments counters in concurrent updates that announce the keys that they read. The keys of all updates are
// long, and some do not exist.
func (s *suite) testUpdateKeys() {
	const writers, each = 16, 15
	long := strings.Repeat("k", 2000)
	var wg sync.WaitGroup
	for writer := range writers {
		counter := long + strconv.Itoa(writer%2)
		keys := []string{counter, long + "missing" + strconv.Itoa(writer)}
		wg.Go(func() {
			for range each {
				err := storage.UpdateScope(context.Background(), s.store, "k", keys, func(w storage.Writer) error {
					missing, err := w.Get(keys[1])
					if err != nil {
						return err
					}
					if missing != nil {
						s.Errorf("a key that was never written has the value %q", missing)
					}
					value, err := w.Get(counter)
					if err != nil {
						return err
					}
					n, _ := strconv.Atoi(string(value))
					return w.Put(counter, []byte(strconv.Itoa(n+1)))
				})
				if err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range 2 {
		if got, want := s.value(long+strconv.Itoa(i)), strconv.Itoa(writers*each/2); got != want {
			s.Errorf("counter %d is %s after concurrent increments, want %s", i, got, want)
		}
	}
}

// testScansInBatch takes the first entry of a queue in concurrent updates, as the removal of expired records does. Each entry
// must be taken once, although the updates of a batch scan the same range.
func (s *suite) testScansInBatch() {
	const entries, takers = 40, 10
	var keys []string
	for i := range entries {
		keys = append(keys, fmt.Sprintf("q%02d", i))
	}
	s.fill(keys...)
	var (
		mu    sync.Mutex
		taken []string
		wg    sync.WaitGroup
	)
	for range takers {
		wg.Go(func() {
			for range entries / takers {
				var key string
				err := s.store.Update(context.Background(), func(w storage.Writer) error {
					first := storage.Prefix("q")
					first.Limit, first.KeysOnly = 1, true
					for e, err := range w.Scan(first) {
						if err != nil {
							return err
						}
						key = e.Key
					}
					return w.Delete(key)
				})
				if err != nil {
					s.Error(err)
				}
				mu.Lock()
				taken = append(taken, key)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(taken)
	if diff := cmp.Diff(keys, taken); diff != "" {
		s.Errorf("entries taken (-want +got):\n%s", diff)
	}
	s.wantKeys("after all entries were taken")
}
