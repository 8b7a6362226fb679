package server_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// stepStore is a store that counts the writes of each update, and whose updates fail once their number reaches a limit, as
// if the process had ended.
type stepStore struct {
	*watchedStore
	limit   atomic.Int64 // negative for no limit
	updates atomic.Int64
	largest atomic.Int64 // writes of the largest update
}

func newStepStore(store storage.Store) *stepStore {
	s := &stepStore{watchedStore: watch(store)}
	s.limit.Store(-1)
	return s
}

func (s *stepStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	if n, limit := s.updates.Add(1), s.limit.Load(); limit >= 0 && n > limit {
		return errBroken
	}
	return s.watchedStore.Update(ctx, func(w storage.Writer) error {
		counted := &stepWriter{Writer: w}
		err := fn(counted)
		s.largest.Store(max(s.largest.Load(), counted.writes))
		return err
	})
}

// reset starts counting at zero, with a limit.
func (s *stepStore) reset(limit int64) {
	s.limit.Store(-1)
	s.updates.Store(0)
	s.largest.Store(0)
	s.limit.Store(limit)
}

type stepWriter struct {
	storage.Writer
	writes int64
}

func (w *stepWriter) Put(key string, value []byte) error {
	w.writes++
	return w.Writer.Put(key, value)
}

func (w *stepWriter) Delete(key string) error {
	w.writes++
	return w.Writer.Delete(key)
}

// largeGame creates a game with 300 sections and 500 snapshots, of which some differ.
func (e *env) largeGame(name string) {
	e.Helper()
	e.createGame(name)
	var sections []string
	for i := range 300 {
		sections = append(sections, fmt.Sprintf(`"Section%04d":{"text":"%050d"}`, i, i))
	}
	e.importSections(name, "{"+strings.Join(sections, ",")+"}")
	for i := range 500 {
		if i%100 == 0 {
			change := modification(add, "/text", fmt.Sprintf(`"%050d"`, 1000+i))
			change.Section = aws.String(fmt.Sprintf("Section%04d", i/100))
			ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, updateInput(name, change)))
		}
		e.createSnapshot(name)
	}
}

// contentKeys returns the number of keys that belong to the content of games.
func contentKeys(e *env, store storage.Store) (n int) {
	e.Helper()
	for _, key := range keys(e, store) {
		for _, segment := range []string{"/of/", "/content/", "/list/", "/references/", "/removal/", "/unreferenced/"} {
			if strings.Contains(key, segment) {
				n++
			}
		}
	}
	return n
}

// TestRemoval checks that deleting a game is a small write, that its content is removed in small steps, and that another
// service continues the removal after the first one has ended.
func TestRemoval(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"memory", "file"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inner := storage.NewMemory()
			if kind == "file" {
				inner = openFile(t, filepath.Join(t.TempDir(), "data"))
			}
			defer inner.Close()
			store := newStepStore(inner)
			e := newEnv(t, server.WithStore(keepOpen{store}))
			e.largeGame("chess")
			before := contentKeys(e, store)
			if before < 800 {
				t.Fatalf("the game has %d keys, want at least 800", before)
			}

			// The process ends after the deletion and two steps.
			store.reset(3)
			ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
			store.await(e, "two steps are done", func() bool { return store.updates.Load() >= 3 })
			if err := e.srv.Close(); err != nil {
				t.Fatal(err)
			}
			if left := contentKeys(e, inner); left == 0 || left >= before {
				t.Errorf("after two steps, %d of %d keys are left", left, before)
			}
			report, err := maintenance.Check(t.Context(), inner)
			if err != nil || len(report.Problems) > 0 {
				t.Errorf("check after two steps: error %v, problems %q", err, report.Problems)
			}

			store.reset(-1)
			e = newEnv(t, server.WithStore(keepOpen{store}), server.WithClock(e.clock.Now))
			store.await(e, "all content is removed", func() bool { return contentKeys(e, inner) == 0 })
			if largest := store.largest.Load(); largest > 100 {
				t.Errorf("an update wrote %d keys, want small steps", largest)
			}
			report, err = maintenance.Check(t.Context(), inner)
			if err != nil || len(report.Problems) > 0 || report.Contents > 0 {
				t.Errorf("check after the removal: error %v, %+v", err, report)
			}
		})
	}
}

// TestDeletionIsSmall checks that DeleteGame writes a few records, however much content the game has, and that a new game
// with the name does not get that content.
func TestDeletionIsSmall(t *testing.T) {
	t.Parallel()
	store := newStepStore(storage.NewMemory())
	e := newEnv(t, server.WithStore(store))
	e.largeGame("chess")
	store.reset(1) // the collector cannot remove anything
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	if largest := store.largest.Load(); largest > 5 {
		t.Errorf("DeleteGame wrote %d records, want at most 5", largest)
	}
	_, err := e.ListSnapshots(e.ctx, &gamesparks.ListSnapshotsInput{GameName: aws.String("chess")})
	if err != nil {
		t.Errorf("list snapshots of a deleted game: %v", err)
	}
	store.reset(-1)
	e.clock.Advance(deletion)
	e.createGame("chess")
	list := ok[*gamesparks.ListSnapshotsOutput](e)(e.ListSnapshots(e.ctx, &gamesparks.ListSnapshotsInput{GameName: aws.String("chess")}))
	if len(list.Snapshots) > 0 {
		t.Errorf("the new game has %d snapshots of the old one", len(list.Snapshots))
	}
}

// keepOpen is a store that stays open when a service closes it.
type keepOpen struct{ storage.Store }

func (keepOpen) Close() error { return nil }
