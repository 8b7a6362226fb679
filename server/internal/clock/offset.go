package clock

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/testapi"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// offsetKey is the key of the offset: the sum of all calls of Advance, in nanoseconds. It never decreases.
const offsetKey = "service/clock-offset"

// ErrMaxOffset means that Advance would exceed [testapi.MaxClockOffset].
var ErrMaxOffset = errors.New("clock: the offset would exceed its maximum")

// Reading is the time of a service and the offset that it includes.
type Reading struct {
	// Now is the time of the service.
	Now time.Time

	// Offset is the sum of all calls of Advance.
	Offset time.Duration
}

// ReadOffset returns the offset in a store.
func ReadOffset(r storage.Reader) (time.Duration, error) {
	text, err := r.Get(offsetKey)
	if err != nil || text == nil {
		return 0, err
	}
	offset, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("record %s: %w", offsetKey, err)
	}
	return time.Duration(offset), nil
}

// addOffset adds a positive duration to the offset in the store.
func addOffset(w storage.Writer, d time.Duration) (offset time.Duration, err error) {
	offset, err = ReadOffset(w)
	if err != nil {
		return 0, err
	}
	if d > testapi.MaxClockOffset-offset {
		return 0, ErrMaxOffset
	}
	return offset + d, w.Put(offsetKey, strconv.AppendInt(nil, int64(offset+d), 10))
}

// Advance moves the clock forward by a positive duration. The offset and the new time are stored.
func (s *Store) Advance(ctx context.Context, d time.Duration) (Reading, error) {
	var offset time.Duration
	err := s.Store.Update(ctx, func(w storage.Writer) (err error) {
		offset, err = addOffset(w, d)
		return err
	})
	if err != nil {
		return Reading{}, err
	}
	s.clock.setOffset(offset)
	// Store the time in a second update, because an update in the same commit may have stored an earlier time after the first.
	if err := s.Update(ctx, func(storage.Writer) error { return nil }); err != nil {
		return Reading{}, err
	}
	return s.Read(ctx)
}

// Read returns the time of the service.
func (s *Store) Read(context.Context) (Reading, error) {
	return s.clock.read(), nil
}

// setOffset moves the clock forward to a larger offset.
func (c *Clock) setOffset(offset time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := offset - c.offset; d > 0 {
		c.offset, c.now = offset, c.now.Add(d)
	}
}

// Shared is a store with its own clock, such as a database that several services share. Its transactions run at the time of the
// store plus the offset.
type Shared struct {
	storage.Store

	// fixed is whether the offset is read only once. Otherwise, each transaction reads it.
	fixed bool

	// offset is the last one that was read.
	offset atomic.Int64
}

// NewShared returns a store for a service that calls Advance. Services that share the store agree on the time.
func NewShared(store storage.Store) *Shared { return &Shared{Store: store} }

// NewFixed returns a store for a service that never calls Advance, but continues from an offset in the store.
func NewFixed(store storage.Store, offset time.Duration) *Shared {
	s := &Shared{Store: store, fixed: true}
	s.offset.Store(int64(offset))
	return s
}

// timeOf returns the time of a transaction. The transaction must implement [storage.Timed].
func (s *Shared) timeOf(r storage.Reader) (Reading, error) {
	timed, ok := r.(storage.Timed)
	if !ok {
		return Reading{}, errors.New("clock: the store has no time")
	}
	offset := time.Duration(s.offset.Load())
	if !s.fixed {
		var err error
		if offset, err = ReadOffset(r); err != nil {
			return Reading{}, err
		}
		s.keepOffset(offset)
	}
	return Reading{Now: timed.Now().Add(offset), Offset: offset}, nil
}

// keepOffset sets the last offset, unless a later transaction has read a larger one.
func (s *Shared) keepOffset(offset time.Duration) {
	for last := s.offset.Load(); int64(offset) > last; last = s.offset.Load() {
		if s.offset.CompareAndSwap(last, int64(offset)) {
			return
		}
	}
}

// View implements [storage.Store].
func (s *Shared) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.Store.View(ctx, func(r storage.Reader) error {
		reading, err := s.timeOf(r)
		if err != nil {
			return err
		}
		return fn(sharedReader{r, reading.Now})
	})
}

// Update implements [storage.Store].
func (s *Shared) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.Store.Update(ctx, s.timed(fn))
}

// UpdateScope implements [storage.ScopedStore]. The read of the offset is outside of the scope, but Advance waits for the
// updates of all scopes.
func (s *Shared) UpdateScope(ctx context.Context, prefix string, keys []string, fn func(storage.Writer) error) error {
	if scoped, ok := s.Store.(storage.ScopedStore); ok {
		return scoped.UpdateScope(ctx, prefix, keys, s.timed(fn))
	}
	return s.Update(ctx, fn)
}

func (s *Shared) timed(fn func(storage.Writer) error) func(storage.Writer) error {
	return func(w storage.Writer) error {
		reading, err := s.timeOf(w)
		if err != nil {
			return err
		}
		return fn(sharedWriter{w, reading.Now})
	}
}

// Advance moves the clock forward by a positive duration.
func (s *Shared) Advance(ctx context.Context, d time.Duration) (Reading, error) {
	err := s.Store.Update(ctx, func(w storage.Writer) error {
		_, err := addOffset(w, d)
		return err
	})
	if err != nil {
		return Reading{}, err
	}
	return s.Read(ctx)
}

// Read returns the time of the service.
func (s *Shared) Read(ctx context.Context) (reading Reading, err error) {
	err = s.Store.View(ctx, func(r storage.Reader) error {
		reading, err = s.timeOf(r)
		return err
	})
	return reading, err
}

// maxOffsetWait bounds the time for which Now waits for the store.
const maxOffsetWait = 5 * time.Second

// Now returns the time of a clock of this machine plus the offset.
func (s *Shared) Now(source func() time.Time) time.Time {
	if !s.fixed {
		ctx, cancel := context.WithTimeout(context.Background(), maxOffsetWait)
		defer cancel()
		_, _ = s.Read(ctx) // without a connection, the last offset applies
	}
	return source().Add(time.Duration(s.offset.Load()))
}

type sharedReader struct {
	storage.Reader
	now time.Time
}

// Now implements [storage.Timed].
func (r sharedReader) Now() time.Time { return r.now }

type sharedWriter struct {
	storage.Writer
	now time.Time
}

// Now implements [storage.Timed].
func (w sharedWriter) Now() time.Time { return w.now }
