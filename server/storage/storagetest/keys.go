package storagetest

import (
	"context"
	"errors"
	"strconv"
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
