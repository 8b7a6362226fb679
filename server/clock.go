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

// usesStoreTime reports whether transactions run at the time of the store.
func usesStoreTime(s *settings, store storage.Store) (timed bool, err error) {
	if s.ownClock {
		return false, nil
	}
	err = store.View(context.Background(), func(r storage.Reader) error {
		_, timed = r.(storage.Timed)
		return nil
	})
	return timed, err
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
