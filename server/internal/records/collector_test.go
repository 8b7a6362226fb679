package records_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

// deletedGame describes the content of a deleted game.
type deletedGame struct {
	names     []string // of the sections, of 1 KB each
	snapshots int
	every     int // after how many snapshots sections change
	changed   int // how many sections change
}

// create creates the game in the store of the machine, and deletes it.
func (d deletedGame) create(m *machine) error {
	sections := records.Sections{}
	set := func(name string, version int) {
		sections[name] = fmt.Appendf(nil, `"%s %d %s"`, name, version, strings.Repeat("x", 1000))
	}
	for _, name := range d.names {
		set(name, 0)
	}
	err := m.update(func(tx *records.Tx) error { return tx.CreateGame(&records.Game{Name: "a", Created: m.now}) })
	for i := range d.snapshots {
		err = errors.Join(err, m.updateGame("a", func(tx *records.Tx, g *records.Game, r *records.Configuration) error {
			if i%d.every == 0 {
				for j := range d.changed {
					set(d.names[(i*d.changed+j)*7%len(d.names)], i+1)
				}
				if err := replaceSections(tx, r, sections); err != nil {
					return err
				}
				if err := tx.PutConfiguration(g, r); err != nil {
					return err
				}
			}
			return tx.CreateSnapshot(g, &records.Snapshot{ID: fmt.Sprintf("%06d", i), Sections: r.Sections})
		}))
	}
	return errors.Join(err, m.updateGame("a", func(tx *records.Tx, g *records.Game, _ *records.Configuration) error {
		return tx.ExpireGame(g, m.now.Add(time.Second))
	}))
}

// TestStep bounds what a step of the collector writes: the number of records, and the pages of a data file that change.
// Other updates wait for the step, because it may be committed with them.
func TestStep(t *testing.T) {
	t.Parallel()
	steps := map[string]struct {
		run                  func(*records.DB, context.Context, records.Owner) (bool, error)
		maxRecords, maxPages int
	}{
		"fast step": {(*records.DB).CollectStep, 100, 100},
		"slow step": {(*records.DB).CollectSlowStep, 60, 60},
	}
	for name, game := range map[string]deletedGame{
		"many snapshots, some of which differ": {records.NumberedNames(1000), 300, 10, 1},
		"every snapshot differs":               {records.NumberedNames(1000), 60, 1, 3},
		"no snapshot shares a section":         {records.NumberedNames(200), 10, 1, 200},
		"few names end a node":                 {records.NamesThatEndNodes(false, 300), 60, 1, 3},
	} {
		for step, want := range steps {
			t.Run(name+"/"+step, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "data")
				file, err := storage.OpenFile(path)
				if err != nil {
					t.Fatal(err)
				}
				defer file.Close()
				writes := 0
				m := newMachine()
				m.store = &storagetest.Faulty{Store: file, Fail: func(c storagetest.Call) error {
					if c.Op == storagetest.Put || c.Op == storagetest.Delete {
						writes++
					}
					return nil
				}}
				m.db = records.NewDB(m.store)
				if err := game.create(m); err != nil {
					t.Fatal(err)
				}
				var allWrites, allPages []int
				before := readFile(t, path)
				for {
					writes = 0
					worked, err := want.run(m.db, t.Context(), testOwner)
					if err != nil {
						t.Fatal(err)
					}
					if !worked {
						break
					}
					after := readFile(t, path)
					allWrites, allPages = append(allWrites, writes), append(allPages, changedPages(before, after))
					before = after
				}
				mostWrites, mostPages := slices.Max(allWrites), slices.Max(allPages)
				slices.Sort(allPages)
				t.Logf("%d steps; the largest ones wrote %d records and %d pages; the median is %d pages",
					len(allPages), mostWrites, mostPages, allPages[len(allPages)/2])
				if mostWrites > want.maxRecords || mostPages > want.maxPages {
					t.Errorf("a step wrote %d records and one wrote %d pages, want at most %d and %d",
						mostWrites, mostPages, want.maxRecords, want.maxPages)
				}
				if summary := m.check(t); summary.Contents > 0 || summary.Snapshots > 0 {
					t.Errorf("after the last step, %+v is left", summary)
				}
			})
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// changedPages returns the number of pages of 4 KB in which two versions of a file differ.
func changedPages(before, after []byte) (n int) {
	const size = 4096
	for at := 0; at < len(after); at += size {
		end := min(at+size, len(after))
		if end > len(before) || string(before[at:end]) != string(after[at:end]) {
			n++
		}
	}
	return n
}

// slowStore is a store whose updates take a second each. It records when those of the collector start.
type slowStore struct {
	storage.Store

	mu      sync.Mutex
	started []time.Time
}

// otherUpdate is the key of a value in the contexts of updates that are not those of the collector.
type otherUpdate struct{}

func (s *slowStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	if ctx.Value(otherUpdate{}) == nil {
		s.mu.Lock()
		s.started = append(s.started, time.Now())
		s.mu.Unlock()
	}
	time.Sleep(time.Second)
	return s.Store.Update(ctx, fn)
}

// TestPace checks that the collector pauses after each step. While there are other updates, it takes smaller steps and pauses
// for three times as long as the step took, so that updates that waited for the step are committed before the next one.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		others   bool
		minSteps int
		interval time.Duration
	}{
		"no other updates": {false, 5, 2 * time.Second},
		"other updates":    {true, 15, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMachine()
				if err := (deletedGame{records.NumberedNames(50), 100, 10, 1}).create(m); err != nil {
					t.Fatal(err)
				}
				store := &slowStore{Store: m.store}
				db := records.NewDB(store)
				db.StartCollector(func() bool { return true }, func(err error) { t.Error(err) })
				var others sync.WaitGroup
				if want.others {
					others.Go(func() {
						ctx := context.WithValue(t.Context(), otherUpdate{}, true)
						for range 3600 {
							if err := db.Update(ctx, testOwner, m.now, nil, func(*records.Tx) error { return nil }); err != nil {
								t.Error(err)
							}
						}
					})
				}
				time.Sleep(time.Hour)
				others.Wait()
				db.Close()
				if summary := m.check(t); summary.Contents > 0 || len(store.started) < want.minSteps {
					t.Fatalf("after an hour and %d steps, %d contents are left, want none and at least %d steps",
						len(store.started), summary.Contents, want.minSteps)
				}
				steps := store.started[1:] // the first step may start before the first other update
				for i, start := range steps[1:] {
					if since := start.Sub(steps[i]); since != want.interval {
						t.Errorf("step %d started %v after the previous one, want %v", i+2, since, want.interval)
					}
				}
			})
		})
	}
}
