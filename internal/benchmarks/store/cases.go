package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/benchmarks/timing"
)

// in runs fn on a new server, and stops it.
func in(binary, data string, fn func(*server) error, args ...string) error {
	s, err := start(binary, data, args...)
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.stop())
}

// size measures the data file after 1,000 snapshots of an unchanged configuration.
func (b *benchmark) size() error {
	const snapshots = 1000
	for _, sections := range []int{1000, 5} {
		data := filepath.Join(b.dir, fmt.Sprintf("size-%d", sections))
		err := in(b.new, data, func(s *server) error {
			if err := errors.Join(createGame(s, "game"), importSections(s, "game", sections)); err != nil {
				return err
			}
			for range snapshots {
				if err := createSnapshot(s, "game"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		info, err := os.Stat(data)
		if err != nil {
			return err
		}
		b.report.AtMost(fmt.Sprintf("%d snapshots of an unchanged configuration in %d sections: MB of file", snapshots, sections),
			float64(info.Size())/1e6, 20, "%.1f")
	}
	return nil
}

// deletion measures DeleteGame of games with 1,000 snapshots each. Every tenth snapshot follows a change of a section.
func (b *benchmark) deletion() error {
	const number, snapshots = 3, 1000
	return in(b.new, filepath.Join(b.dir, "deletion"), func(s *server) error {
		for g := range number {
			game := fmt.Sprintf("game%d", g)
			if err := errors.Join(createGame(s, game), importSections(s, game, 1000)); err != nil {
				return err
			}
			for i := range snapshots {
				if i%10 == 0 {
					if err := updateSection(s, game, i, i); err != nil {
						return err
					}
				}
				if err := createSnapshot(s, game); err != nil {
					return err
				}
			}
		}
		worst, memory := 0.0, 0.0
		for g := range number {
			before, err := s.settledMemory()
			if err != nil {
				return err
			}
			start := time.Now()
			if err := s.call("DELETE", fmt.Sprintf("/game/game%d", g), nil, nil); err != nil {
				return err
			}
			worst = max(worst, float64(time.Since(start).Microseconds())/1000)
			// The content is removed in the background meanwhile.
			for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				now, err := s.Number("status", "RssAnon")
				if err != nil {
					return err
				}
				memory = max(memory, (now-before)/1000)
			}
		}
		b.report.AtMost(fmt.Sprintf("DeleteGame with %d snapshots, the slowest of %d: ms", snapshots, number), worst, 5, "%.1f")
		b.report.AtMost("the same, until the content is removed: MB of memory", memory, 10, "%.1f")
		return nil
	})
}

// settledMemory returns the anonymous memory of the server in KB once it no longer changes.
func (s *server) settledMemory() (float64, error) {
	last := 0.0
	for {
		now, err := s.Number("status", "RssAnon")
		if err != nil || now == last {
			return now, err
		}
		last = now
		time.Sleep(3 * time.Second)
	}
}

// both starts the two servers, prepares each with the same data, and runs fn.
func (b *benchmark) both(name string, prepare func(*server) error, fn func(old, new *server) error) error {
	return in(b.old, filepath.Join(b.dir, name+"-old"), func(old *server) error {
		return in(b.new, filepath.Join(b.dir, name+"-new"), func(new *server) error {
			if err := errors.Join(prepare(old), prepare(new)); err != nil {
				return err
			}
			return fn(old, new)
		})
	})
}

// reads compares the time of reads.
func (b *benchmark) reads() error {
	const calls = 40
	snapshots := map[*server]string{}
	prepare := func(s *server) error {
		var out struct{ Snapshot struct{ Id string } }
		err := errors.Join(createGame(s, "game"), importSections(s, "game", 1000),
			s.call("POST", "/game/game/snapshot", object{}, &out), updateSection(s, "game", 1, 1))
		snapshots[s] = url.PathEscape(out.Snapshot.Id)
		return err
	}
	return b.both("reads", prepare, func(old, new *server) error {
		for name, path := range map[string]func(*server) string{
			"GetGameConfiguration": func(*server) string { return "/game/game/configuration" },
			"GetSnapshot":          func(s *server) string { return "/game/game/snapshot/" + snapshots[s] },
		} {
			get := func(s *server) func() (float64, error) {
				return func() (float64, error) {
					return timing.Latency(calls, func() error { return s.call("GET", path(s), nil, nil) })
				}
			}
			ratio, err := timing.Ratios(*rounds, get(new), get(old))
			if err != nil {
				return err
			}
			b.report.AtMost(name+": time / old", ratio, 1.1, "%.2f")
		}
		return nil
	})
}

// writes compares the rates of writes of many clients.
func (b *benchmark) writes() error {
	const window = 2 * time.Second
	var created atomic.Int64
	for _, c := range []struct {
		name    string
		prepare func(s *server, game string) error
		call    func(s *server, client, n int) error
		bound   bool
	}{
		{
			"CreateGame", func(*server, string) error { return nil },
			func(s *server, _, _ int) error { return createGame(s, fmt.Sprintf("created%09d", created.Add(1))) }, true,
		},
		{
			"UpdateGameConfiguration", func(s *server, game string) error {
				return errors.Join(createGame(s, game), importSections(s, game, 1000))
			},
			func(s *server, client, n int) error {
				return updateSection(s, fmt.Sprintf("game%d", client), n%1000, n)
			}, true,
		},
		{
			"UpdateGameConfiguration of 20 KB in 20 sections", func(s *server, game string) error {
				var sections []object
				for i := range 20 {
					sections = append(sections, object{
						"Section": sectionName(i), "Operation": "ADD", "Path": "/n", "Value": fmt.Sprintf("%s %01000d", game, i),
					})
				}
				return errors.Join(createGame(s, game), s.call("PATCH", "/game/"+game+"/configuration", object{"Modifications": sections}, nil))
			},
			func(s *server, client, n int) error { return updateSection(s, fmt.Sprintf("game%d", client), n%20, n) }, false,
		},
	} {
		prepare := func(s *server) error {
			for client := range *clients {
				if err := c.prepare(s, fmt.Sprintf("game%d", client)); err != nil {
					return err
				}
			}
			return nil
		}
		err := b.both(fmt.Sprintf("writes-%d", b.report.Len()), prepare, func(old, new *server) error {
			measure := func(s *server) func() (float64, error) {
				return func() (float64, error) {
					return timing.Rate(*clients, window, func(client, n int) error { return c.call(s, client, n) })
				}
			}
			ratio, err := timing.Ratios(*rounds, measure(new), measure(old))
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%d clients, %s: rate / old", *clients, c.name)
			if c.bound {
				b.report.AtLeast(name, ratio, 0.95, "%.2f")
			} else {
				b.report.ForComparison(name, ratio, "%.2f")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// manyGames measures CreateGame with a quota, and ListGames, in a store with many games.
func (b *benchmark) manyGames() error {
	const window = 2 * time.Second
	large := filepath.Join(b.dir, "large")
	fill := func(n int) func(*server) error {
		return func(s *server) error {
			var wg sync.WaitGroup
			errs := make([]error, *clients)
			for client := range *clients {
				wg.Go(func() {
					for g := client; g < n && errs[client] == nil; g += *clients {
						errs[client] = createGame(s, fmt.Sprintf("game%06d", g))
					}
				})
			}
			wg.Wait()
			return errors.Join(errs...)
		}
	}
	if err := in(b.new, large, fill(*games)); err != nil {
		return err
	}
	var created atomic.Int64
	create := func(args ...string) func() (float64, error) {
		return func() (r float64, err error) {
			err = in(b.new, large, func(s *server) (err error) {
				r, err = timing.Rate(*clients, window, func(int, int) error {
					return createGame(s, fmt.Sprintf("created%09d", created.Add(1)))
				})
				return err
			}, args...)
			return r, err
		}
	}
	ratio, err := timing.Ratios(*rounds, create("--max-games=100000000"), create())
	if err != nil {
		return err
	}
	b.report.AtLeast(fmt.Sprintf("CreateGame at %d games with --max-games: rate / rate without", *games), ratio, 0.9, "%.2f")

	return in(b.new, filepath.Join(b.dir, "small"), func(small *server) error {
		if err := fill(100)(small); err != nil {
			return err
		}
		return in(b.new, large, func(large *server) error {
			list := func(s *server) func() (float64, error) {
				return func() (float64, error) {
					return timing.Latency(300, func() error { return s.call("GET", "/game?MaxResults=50", nil, nil) })
				}
			}
			ratio, err := timing.Ratios(*rounds, list(large), list(small))
			if err != nil {
				return err
			}
			b.report.AtMost(fmt.Sprintf("page of ListGames at %d games: time / time at 100", *games), ratio, 1.2, "%.2f")
			return nil
		})
	})
}
