package records_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	const maxRecords, maxPages = 100, 100
	for name, game := range map[string]deletedGame{
		"many snapshots, some of which differ": {records.NumberedNames(1000), 300, 10, 1},
		"every snapshot differs":               {records.NumberedNames(1000), 60, 1, 3},
		"no snapshot shares a section":         {records.NumberedNames(200), 10, 1, 200},
		"few names end a node":                 {records.NamesThatEndNodes(false, 300), 60, 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
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
			steps, mostWrites, mostPages := 0, 0, 0
			before := readFile(t, path)
			for {
				writes = 0
				worked, err := m.db.CollectStep(t.Context(), testOwner)
				if err != nil {
					t.Fatal(err)
				}
				if !worked {
					break
				}
				after := readFile(t, path)
				steps, mostWrites, mostPages = steps+1, max(mostWrites, writes), max(mostPages, changedPages(before, after))
				before = after
			}
			t.Logf("%d steps; the largest ones wrote %d records and %d pages", steps, mostWrites, mostPages)
			if mostWrites > maxRecords || mostPages > maxPages {
				t.Errorf("a step wrote %d records and one wrote %d pages, want at most %d and %d", mostWrites, mostPages, maxRecords, maxPages)
			}
			if summary := m.check(t); summary.Contents > 0 || summary.Snapshots > 0 {
				t.Errorf("after the last step, %+v is left", summary)
			}
		})
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

// slowStore is a store whose updates take a second each. It records when they start.
type slowStore struct {
	storage.Store

	mu      sync.Mutex
	started []time.Time
}

func (s *slowStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	s.mu.Lock()
	s.started = append(s.started, time.Now())
	s.mu.Unlock()
	time.Sleep(time.Second)
	return s.Store.Update(ctx, fn)
}

// TestPause checks that the collector pauses after each step for three times as long as the step took, so that updates that
// waited for the step are committed before the next one.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		if err := (deletedGame{records.NumberedNames(50), 100, 10, 1}).create(m); err != nil {
			t.Fatal(err)
		}
		store := &slowStore{Store: m.store}
		db := records.NewDB(store)
		db.StartCollector(func() bool { return true }, func(err error) { t.Error(err) })
		time.Sleep(time.Hour)
		db.Close()
		if summary := m.check(t); summary.Contents > 0 || len(store.started) < 5 {
			t.Fatalf("after an hour and %d steps, %d contents are left", len(store.started), summary.Contents)
		}
		for i, start := range store.started[1:] {
			if since := start.Sub(store.started[i]); since != 4*time.Second {
				t.Errorf("step %d started %v after the previous one, want 4s", i+1, since)
			}
		}
	})
}
