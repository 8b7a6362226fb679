package clock_test

import (
	"context"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/internal/clock"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// stepped returns t with another wall clock reading but the same monotonic clock reading, as time.Now returns after the wall
// clock was set. It relies on the layout of time.Time.
func stepped(t *testing.T, at time.Time, step time.Duration) time.Time {
	t.Helper()
	const secondShift = 30
	moved := at
	wall := (*uint64)(unsafe.Pointer(&moved)) // the field wall: a flag, 33 bits of seconds and 30 bits of nanoseconds
	*wall = uint64(int64(*wall) + int64(step/time.Second)<<secondShift)
	if moved.Sub(at) != 0 || moved.Round(0).Sub(at.Round(0)) != step {
		t.Fatalf("cannot step the wall clock of %v: got %v", at, moved)
	}
	return moved
}

// newClock returns a clock on a store, with a source under the test's control.
func newClock(t *testing.T, store storage.Store, source *time.Time) (c *clock.Clock, gaps *[]time.Duration) {
	t.Helper()
	gaps = new([]time.Duration)
	c, err := clock.New(t.Context(), store, func() time.Time { return *source }, func(gap time.Duration) { *gaps = append(*gaps, gap) })
	if err != nil {
		t.Fatal(err)
	}
	return c, gaps
}

// TestMonotonicSpeed checks that steps of the wall clock neither move the time back nor stop it.
func TestMonotonicSpeed(t *testing.T) {
	t.Parallel()
	source := time.Now()
	base := source.Round(0).UTC()
	c, gaps := newClock(t, storage.NewMemory(), &source)
	expect := func(what string, want time.Duration) {
		t.Helper()
		if got := c.Now().Sub(base); got != want {
			t.Errorf("%s: got %v after the start, want %v", what, got, want)
		}
	}
	expect("start", 0)
	source = source.Add(time.Second)
	expect("a second later", time.Second)
	source = stepped(t, source, -time.Hour)
	expect("wall clock an hour back", time.Second)
	source = source.Add(time.Minute)
	expect("a minute after the step", time.Minute+time.Second)
	source = stepped(t, source, 2*time.Hour)
	expect("wall clock two hours forward", time.Hour+time.Minute+time.Second)
	source = source.Add(time.Minute)
	expect("a minute later", time.Hour+2*time.Minute+time.Second)
	if diff := cmp.Diff([]time.Duration{time.Hour}, *gaps); diff != "" {
		t.Errorf("reported gaps (-want +got):\n%s", diff)
	}
}

// TestWithoutMonotonicReading checks a source that goes back, such as the clock of a test.
func TestWithoutMonotonicReading(t *testing.T) {
	t.Parallel()
	source := start
	c, gaps := newClock(t, storage.NewMemory(), &source)
	for _, step := range []struct{ move, want time.Duration }{
		{0, 0}, {time.Second, time.Second}, {-time.Hour, time.Second}, {time.Minute, time.Minute + time.Second},
		{-10 * time.Second, time.Minute + time.Second}, {-time.Minute, time.Minute + time.Second},
		{24 * time.Hour, 24*time.Hour + time.Minute + time.Second}, // the source is at 22h59m51s
	} {
		source = source.Add(step.move)
		if got := c.Now().Sub(start); got != step.want {
			t.Errorf("after a step of %v: got %v after the start, want %v", step.move, got, step.want)
		}
	}
	if diff := cmp.Diff([]time.Duration{time.Hour, time.Hour + 10*time.Second + time.Minute}, *gaps); diff != "" {
		t.Errorf("reported gaps (-want +got):\n%s", diff)
	}
}

// TestRestart checks that a clock continues from the latest stored time at the speed of the wall clock.
func TestRestart(t *testing.T) {
	t.Parallel()
	store := storage.NewMemory()
	source := start
	c, _ := newClock(t, store, &source)
	err := c.Store(store).Update(t.Context(), func(tx storage.Writer) error {
		source = source.Add(time.Second) // the stored time is that at the end of the update
		return tx.Put("a", []byte("b"))
	})
	if err != nil {
		t.Fatal(err)
	}
	source = source.Add(-time.Hour)
	c, gaps := newClock(t, store, &source)
	for _, want := range []time.Duration{time.Second, 2 * time.Second} {
		if got := c.Now().Sub(start); got != want {
			t.Errorf("got %v after the start, want %v", got, want)
		}
		source = source.Add(time.Second)
	}
	if diff := cmp.Diff([]time.Duration{time.Hour}, *gaps); diff != "" {
		t.Errorf("reported gaps (-want +got):\n%s", diff)
	}
	source = start.Add(time.Hour)
	if c, _ = newClock(t, store, &source); !c.Now().Equal(source) {
		t.Errorf("got %v, want the later wall clock, %v", c.Now(), source)
	}
}

// countingStore counts updates.
type countingStore struct {
	storage.Store
	updates int
}

func (s *countingStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	s.updates++
	return s.Store.Update(ctx, fn)
}

// TestKeep checks that Keep writes only if the time is later than the stored one.
func TestKeep(t *testing.T) {
	t.Parallel()
	store := &countingStore{Store: storage.NewMemory()}
	source := start
	c, _ := newClock(t, store, &source)
	timed := c.Store(store)
	for _, step := range []struct {
		now, reached time.Duration
		updates      int
	}{{10, 5, 1}, {11, 10, 1}, {20, 10, 1}, {20, 11, 2}, {30, 20, 2}, {30, 21, 3}, {30, 30, 3}} {
		source = start.Add(step.now * time.Second)
		if err := timed.Keep(t.Context(), start.Add(step.reached*time.Second)); err != nil {
			t.Error(err)
		}
		if store.updates != step.updates {
			t.Errorf("%d seconds reached: %d updates, want %d", step.reached, store.updates, step.updates)
		}
	}
	source = start.Add(-time.Hour)
	c, _ = newClock(t, store, &source)
	if got := c.Now().Sub(start); got != 30*time.Second {
		t.Errorf("got %v after the start, want the time of the last write, 30s", got)
	}
}

// TestFailedUpdate checks that an update that fails stores no time.
func TestFailedUpdate(t *testing.T) {
	t.Parallel()
	store := storage.NewMemory()
	source := start
	c, _ := newClock(t, store, &source)
	if err := c.Store(store).Update(t.Context(), func(storage.Writer) error { return context.Canceled }); err != context.Canceled {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	source = start.Add(-time.Hour)
	if c, _ = newClock(t, store, &source); !c.Now().Equal(source) {
		t.Errorf("got %v, want %v", c.Now(), source)
	}
}

func TestDamagedTime(t *testing.T) {
	t.Parallel()
	store := storage.NewMemory()
	err := store.Update(t.Context(), func(tx storage.Writer) error { return tx.Put("service/time", []byte("noon")) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clock.New(t.Context(), store, time.Now, nil); err == nil {
		t.Error("New accepts a damaged record")
	}
}
