// Package clock keeps the time of a service. It never goes back, not even after a restart with a wall clock that does: no
// deployment that was COMPLETED is PENDING again, and no deleted game exists again.
package clock

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// key is the key of the greatest time that the store has seen.
const key = "service/time"

// LargeGap is the least gap between the time of a service and the wall clock that is reported.
const LargeGap = time.Minute

// Clock is the clock of a service. It starts at the stored time or the wall clock, whichever is later. It then advances with
// the elapsed time, or to the wall clock if that is later. It is safe for concurrent use.
type Clock struct {
	source func() time.Time
	report func(gap time.Duration)

	mu       sync.Mutex
	last     time.Time // the last time of the source
	now      time.Time // the time of the service then
	stored   time.Time // the greatest time known to be stored
	reported time.Duration
}

// New returns a clock that starts at the time in the store or later. The source returns the time of the wall clock. If it
// has a monotonic clock reading, as time.Now has, steps of the wall clock do not affect the elapsed time. Otherwise, no time
// elapses while the source goes back. The clock calls report when it is ahead of the wall clock by LargeGap or more, and
// again for each further LargeGap.
func New(ctx context.Context, store storage.Store, source func() time.Time, report func(gap time.Duration)) (*Clock, error) {
	c := &Clock{source: source, report: report, last: source()}
	err := store.View(ctx, func(tx storage.Reader) error {
		data, err := tx.Get(key)
		if err != nil || data == nil {
			return err
		}
		if c.stored, err = time.Parse(time.RFC3339Nano, string(data)); err != nil {
			return fmt.Errorf("record %s: %w", key, err)
		}
		return nil
	})
	c.now = c.stored
	return c, err
}

// Now returns the time of the service. It is not earlier than any time that Now has returned before.
func (c *Clock) Now() time.Time {
	now, gap := c.advance()
	if gap > 0 {
		c.report(gap)
	}
	return now
}

// advance returns the current time, and a gap to report or 0.
func (c *Clock) advance() (now time.Time, report time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reading := c.source()
	if elapsed := reading.Sub(c.last); elapsed > 0 {
		c.now = c.now.Add(elapsed)
	}
	c.last = reading
	wall := reading.UTC() // without the monotonic clock reading
	if wall.After(c.now) {
		c.now = wall
	}
	gap := c.now.Sub(wall)
	switch {
	case gap < LargeGap:
		c.reported = 0
	case gap-c.reported >= LargeGap:
		c.reported, report = gap, gap
	}
	return c.now, report
}

// Store is a store that records the time of the service with each update.
type Store struct {
	storage.Store
	clock *Clock
}

// Store returns a store that records the time of the clock with each update. It writes one more entry in the same
// transaction, so a stored time is never earlier than other times that the transaction wrote.
func (c *Clock) Store(store storage.Store) *Store { return &Store{store, c} }

// Update implements [storage.Store].
func (s *Store) Update(ctx context.Context, fn func(storage.Writer) error) error {
	var now time.Time
	err := s.Store.Update(ctx, func(tx storage.Writer) error {
		if err := fn(tx); err != nil {
			return err
		}
		now = s.clock.Now()
		return tx.Put(key, now.AppendFormat(nil, time.RFC3339Nano))
	})
	if err == nil {
		s.clock.markStored(now)
	}
	return err
}

// Keep ensures that the clock does not go back to a time before reached, which must not be in the future, not even after a
// restart. It writes only if no update has stored a later time. Call it before a client learns that the time was reached.
func (s *Store) Keep(ctx context.Context, reached time.Time) error {
	if !s.clock.mustStore(reached) {
		return nil
	}
	return s.Update(ctx, func(storage.Writer) error { return nil })
}

func (c *Clock) mustStore(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return t.After(c.stored)
}

func (c *Clock) markStored(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.stored) {
		c.stored = t
	}
}
