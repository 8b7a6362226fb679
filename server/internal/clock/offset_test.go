package clock_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/clock"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// timedStore is a store whose time is start.
type timedStore struct{ storage.Store }

type timedReader struct{ storage.Reader }

func (timedReader) Now() time.Time { return start }

type timedWriter struct{ storage.Writer }

func (timedWriter) Now() time.Time { return start }

func (s timedStore) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.Store.View(ctx, func(r storage.Reader) error { return fn(timedReader{r}) })
}

func (s timedStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.Store.Update(ctx, func(w storage.Writer) error { return fn(timedWriter{w}) })
}

// TestConcurrentAdvance reads clocks while they are moved forward. Each reading must be consistent, and no later one may be
// earlier.
func TestConcurrentAdvance(t *testing.T) {
	t.Parallel()
	source := start
	own, _ := newClock(t, storage.NewMemory(), &source)
	shared := clock.NewShared(timedStore{storage.NewMemory()})
	for name, c := range map[string]struct {
		clock interface {
			Advance(ctx context.Context, d time.Duration) (clock.Reading, error)
			Read(ctx context.Context) (clock.Reading, error)
		}
		now func() time.Time
	}{
		"own":    {own.Store(storage.NewMemory()), own.Now},
		"shared": {shared, func() time.Time { return shared.Now(func() time.Time { return start }) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var (
				running sync.WaitGroup
				moved   atomic.Bool
			)
			for range 4 {
				running.Go(func() {
					last := start
					for !moved.Load() {
						reading, err := c.clock.Read(t.Context())
						if err != nil || !reading.Now.Equal(start.Add(reading.Offset)) {
							t.Errorf("the time is %v with an offset of %v, error %v", reading.Now.Sub(start), reading.Offset, err)
							return
						}
						now := c.now()
						if now.Before(reading.Now) || reading.Now.Before(last) {
							t.Errorf("the clock went back from %v and %v to %v", last.Sub(start), reading.Now.Sub(start), now.Sub(start))
							return
						}
						last = now
					}
				})
			}
			for range 2000 {
				if _, err := c.clock.Advance(t.Context(), time.Second); err != nil {
					t.Error(err)
				}
			}
			moved.Store(true)
			running.Wait()
		})
	}
}
