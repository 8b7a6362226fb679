package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/clock"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// timedStore is a store that records the time of the service.
type timedStore struct {
	*clock.Store
	logger *slog.Logger
}

// movableClock is a clock that the test API moves.
type movableClock interface {
	// Advance moves the clock forward.
	Advance(ctx context.Context, d time.Duration) (clock.Reading, error)

	// Read returns the time.
	Read(ctx context.Context) (clock.Reading, error)
}

// storeClock is the time of a service and the store that its records use.
type storeClock struct {
	store     storage.Store // of the records
	now       func() time.Time
	storeTime bool // whether transactions run at the time of the store
	keepTime  func(ctx context.Context, reached time.Time)
	movable   movableClock
}

// newStoreClock returns the clock of a service. The time is that of the store if the store has one, unless WithClock is set.
func newStoreClock(s *settings, store storage.Store) (*storeClock, error) {
	timed, offset := false, time.Duration(0)
	err := store.View(context.Background(), func(r storage.Reader) (err error) {
		_, timed = r.(storage.Timed)
		offset, err = clock.ReadOffset(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if offset > 0 && !s.testAPI {
		s.logger.Warn("the clock of the service is ahead, because the test API has moved it forward: to get the current time, "+
			"start with a new data file (--data) or database (--store), or with another store in WithStore",
			"offset_ms", offset.Milliseconds())
	}
	if s.ownClock || !timed {
		now, recorded, err := newClock(s, store)
		if err != nil {
			return nil, err
		}
		return &storeClock{store: recorded, now: now, keepTime: recorded.keep, movable: recorded}, nil
	}
	source := s.clock
	c := &storeClock{store: store, now: source, storeTime: true, keepTime: func(context.Context, time.Time) {}}
	if s.testAPI || offset > 0 {
		shared := clock.NewShared(store)
		if !s.testAPI {
			shared = clock.NewFixed(store, offset)
		}
		c.store, c.now, c.movable = shared, func() time.Time { return shared.Now(source) }, shared
	}
	return c, nil
}

// connectionTime returns the function that returns the creation times of player connections, or nil if they are the time of
// the store.
func (c *storeClock) connectionTime() func() time.Time {
	if c.storeTime && c.movable == nil { // a moved clock differs from that of the store
		return nil
	}
	return func() time.Time { return c.now().UTC().Truncate(time.Millisecond) }
}

// newClock returns the clock of the service, which never goes back, and a store that records its time.
func newClock(s *settings, store storage.Store) (now func() time.Time, timed *timedStore, err error) {
	c, err := clock.New(context.Background(), store, s.clock, func(gap time.Duration) {
		s.logger.Warn("the wall clock is behind the time of the stored data: the service's time continues from the stored time; check the clock of this machine",
			"gap_ms", gap.Milliseconds())
	})
	if err != nil {
		return nil, nil, err
	}
	return c.Now, &timedStore{c.Store(store), s.logger}, nil
}

// keep implements KeepTime of [controlplane.Config]. It only logs errors, such as a full disk, because reads must not
// depend on writes.
func (s *timedStore) keep(ctx context.Context, reached time.Time) {
	if err := s.Keep(ctx, reached); err != nil && ctx.Err() == nil {
		s.logger.WarnContext(ctx, "cannot store the time: after a restart with an earlier wall clock, resources may return to earlier states", "error", err)
	}
}
