package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/benchmarks/timing"
	gsserver "github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// local is a server in this process.
type local struct {
	*gsserver.Server
	http *http.Client
}

func (l local) call(method, path string, in, out any) error {
	return call(l.http, l.URL, method, path, in, out)
}

func startLocal(store storage.Store) (local, error) {
	s, err := gsserver.Start(gsserver.WithStore(store), gsserver.WithAnonymousAccess())
	return local{s, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}}, err
}

// countingStore counts the bytes of the keys and values that updates write.
type countingStore struct {
	storage.Store
	bytes atomic.Int64
}

func (s *countingStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.Store.Update(ctx, func(w storage.Writer) error { return fn(countingWriter{w, &s.bytes}) })
}

type countingWriter struct {
	storage.Writer
	bytes *atomic.Int64
}

func (w countingWriter) Put(key string, value []byte) error {
	w.bytes.Add(int64(len(key) + len(value)))
	return w.Writer.Put(key, value)
}

func (w countingWriter) Delete(key string) error {
	w.bytes.Add(int64(len(key)))
	return w.Writer.Delete(key)
}

// written measures what a change of one section and the following snapshot write: the keys and values, and what the
// process writes to the data file.
func (b *benchmark) written() error {
	for _, sections := range []int{1000, 5, 1, 10_000} {
		store := &countingStore{Store: storage.NewMemory()}
		l, err := startLocal(store)
		if err != nil {
			return err
		}
		err = errors.Join(createGame(l, "game"), importSections(l, "game", sections), createSnapshot(l, "game"))
		var update, snapshot int64
		for i := range 20 { // the worst of several sections
			before := store.bytes.Load()
			err = errors.Join(err, updateSection(l, "game", i*7919%sections, i+1))
			between := store.bytes.Load()
			err = errors.Join(err, createSnapshot(l, "game"))
			update, snapshot = max(update, between-before), max(snapshot, store.bytes.Load()-between)
		}
		if err := errors.Join(err, l.Close()); err != nil {
			return err
		}
		section := 1_000_000 / float64(sections)
		name := fmt.Sprintf("one of %d sections changes, then CreateSnapshot: KB of keys and values written, without the section's", sections)
		if without := (float64(update+snapshot) - section) / 1000; sections <= 1000 {
			b.report.AtMost(name, without, 10, "%.1f")
		} else {
			b.report.ForComparison(name, without, "%.1f")
		}
		b.report.ForComparison("the same, CreateSnapshot alone: KB", float64(snapshot)/1000, "%.1f")
	}
	return in(b.new, filepath.Join(b.dir, "written"), func(s *server) error {
		if err := errors.Join(createGame(s, "game"), importSections(s, "game", 1000), createSnapshot(s, "game")); err != nil {
			return err
		}
		var all []float64
		for i := range 20 {
			if err := updateSection(s, "game", i*47, i+1); err != nil {
				return err
			}
			before, err := s.Number("io", "write_bytes")
			if err != nil {
				return err
			}
			if err := createSnapshot(s, "game"); err != nil {
				return err
			}
			after, err := s.Number("io", "write_bytes")
			if err != nil {
				return err
			}
			all = append(all, (after-before)/1000)
		}
		b.report.ForComparison("CreateSnapshot after a change, pages of 4 KB that the file system writes: KB", timing.Median(all), "%.1f")
		return nil
	})
}

// interference measures the latency of other writers while the contents of deleted games are removed.
func (b *benchmark) interference() error {
	const number, snapshots, writers = 3, 1000, 8
	store, err := storage.OpenFile(filepath.Join(b.dir, "interference"))
	if err != nil {
		return err
	}
	l, err := startLocal(store)
	if err != nil {
		return err
	}
	defer l.Close()
	for g := range number {
		game := fmt.Sprintf("game%d", g)
		if err := errors.Join(createGame(l, game), importSections(l, game, 1000)); err != nil {
			return err
		}
		for i := range snapshots {
			if i%10 == 0 {
				if err := updateSection(l, game, i, i); err != nil {
					return err
				}
			}
			if err := createSnapshot(l, game); err != nil {
				return err
			}
		}
	}
	for w := range writers {
		if err := createGame(l, fmt.Sprintf("writer%d", w)); err != nil {
			return err
		}
	}
	write := func(client int) error {
		return l.call("PATCH", fmt.Sprintf("/game/writer%d", client), object{"Description": "x"}, nil)
	}
	// The two measurements take turns, since the speed of the disk varies.
	var ratios, p99s, otherwise, during []float64
	for g := range number {
		idle, err := measureFor(3*time.Second, writers, write)
		if err != nil {
			return err
		}
		done := make(chan struct{})
		var deletion error
		go func() {
			defer close(done)
			if deletion = l.call("DELETE", fmt.Sprintf("/game/game%d", g), nil, nil); deletion != nil {
				return
			}
			for working := true; working && deletion == nil; time.Sleep(time.Millisecond) {
				working, deletion = hasWork(store)
			}
		}()
		busy, err := timing.Latencies(writers, done, write)
		if err := errors.Join(err, deletion); err != nil {
			return err
		}
		p99s, otherwise = append(p99s, timing.Percentile(busy, 99)), append(otherwise, float64(len(idle)))
		ratios = append(ratios, timing.Percentile(busy, 99)/timing.Percentile(idle, 99))
		during = append(during, float64(len(busy)))
	}
	b.report.AtMost(fmt.Sprintf("p99 of %d writers while the content of a game is removed / otherwise (%.0f and %.0f writes)",
		writers, timing.Median(during), timing.Median(otherwise)), timing.Median(ratios), 2, "%.2f")
	b.report.ForComparison("the same, p99 while the content is removed: ms", timing.Median(p99s), "%.1f")
	return nil
}

func measureFor(d time.Duration, writers int, write func(int) error) ([]time.Duration, error) {
	done := make(chan struct{})
	time.AfterFunc(d, func() { close(done) })
	return timing.Latencies(writers, done, write)
}

// hasWork reports whether the content of a deleted game is still to be removed.
func hasWork(store storage.Store) (working bool, err error) {
	err = store.View(context.Background(), func(r storage.Reader) error {
		for _, segment := range []string{"removal/", "unreferenced/"} {
			keys := storage.Prefix("account/123456789012/us-east-1/" + segment)
			keys.Limit, keys.KeysOnly = 1, true
			for _, err := range r.Scan(keys) {
				working = err == nil
				return err
			}
		}
		return nil
	})
	return working, err
}
