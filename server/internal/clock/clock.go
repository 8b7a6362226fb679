// Package clock keeps the time of a service. The time never goes back, even if the wall clock does or the service
// restarts. A COMPLETED deployment therefore never becomes PENDING again, and a deleted game never reappears.
package clock

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// key is the key of the latest stored time.
const key = "service/time"

// LargeGap is the smallest reported gap between the time of a service and the wall clock.
const LargeGap = time.Minute

// Clock is the clock of a service. It starts at the stored time or the wall clock, whichever is later. It then advances with
// the elapsed time, or to the wall clock if that is later. Calls of [Store.Advance] add an offset to the wall clock. It is safe
// for concurrent use.
type Clock struct {
	source func() time.Time
	report func(gap time.Duration)

	mu       sync.Mutex
	last     time.Time // the last reading of the source
	now      time.Time // the time of the service at that reading
	offset   time.Duration
	stored   time.Time // the latest time known to be stored
	reported time.Duration
}

// New returns a clock that starts at the time in the store or later. The source returns the time of the wall clock. If it
// has a monotonic clock reading, as time.Now has, steps of the wall clock do not affect the elapsed time. Otherwise, no time
// elapses while the source goes back. The clock calls report when it is ahead of the wall clock by LargeGap or more, and
// again for each further LargeGap.
func New(ctx context.Context, store storage.Store, source func() time.Time, report func(gap time.Duration)) (*Clock, error) {
	c := &Clock{source: source, report: report, last: source()}
	err := store.View(ctx, func(tx storage.Reader) error {
		var err error
		if c.offset, err = ReadOffset(tx); err != nil {
			return err
		}
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

// Now returns the time of the service. It is never earlier than a time that Now has returned.
func (c *Clock) Now() time.Time {
	return c.read().Now
}

// read returns the current time with its offset.
func (c *Clock) read() Reading {
	reading, gap := c.advance()
	if gap > 0 {
		c.report(gap)
	}
	return reading
}

// advance returns the current time with its offset, and a gap to report or 0.
func (c *Clock) advance() (_ Reading, report time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reading := c.source()
	if elapsed := reading.Sub(c.last); elapsed > 0 {
		c.now = c.now.Add(elapsed)
	}
	c.last = reading
	wall := reading.UTC().Add(c.offset) // without the monotonic clock reading
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
	return Reading{Now: c.now, Offset: c.offset}, report
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

// Keep ensures that the clock never goes back to a time before reached, even after a restart. The time reached must not be
// in the future. Keep writes only if reached is after the stored time. Call it before a client can observe that the time
// was reached.
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
