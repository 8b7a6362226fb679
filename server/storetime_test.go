package server_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// timedStore is a store whose transactions have a time.
type timedStore struct {
	storage.Store
	base    time.Time
	elapsed atomic.Int64 // the collector of the service reads it as well
}

func (s *timedStore) now() time.Time { return s.base.Add(time.Duration(s.elapsed.Load())) }

func (s *timedStore) advance(d time.Duration) { s.elapsed.Add(int64(d)) }

type timedReader struct {
	storage.Reader
	now time.Time
}

func (r timedReader) Now() time.Time { return r.now }

type timedWriter struct {
	storage.Writer
	now time.Time
}

func (w timedWriter) Now() time.Time { return w.now }

func (s *timedStore) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.Store.View(ctx, func(r storage.Reader) error { return fn(timedReader{r, s.now()}) })
}

func (s *timedStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.Store.Update(ctx, func(w storage.Writer) error { return fn(timedWriter{w, s.now()}) })
}

// TestStoreTime checks that a service uses the time of a store that has one: for timestamps, and for states that depend on
// the time.
func TestStoreTime(t *testing.T) {
	t.Parallel()
	store := &timedStore{Store: storage.NewMemory(), base: time.Date(2031, 2, 3, 4, 5, 6, 7e6, time.UTC)}
	client := servertest.Start(t, server.WithStore(store), server.WithCodeGenerationTime(time.Minute, time.Minute), server.WithDeletionTime(time.Minute)).Client()
	game := new("chess")
	created, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game})
	if err != nil {
		t.Fatal(err)
	}
	if got := *created.Game.Created; !got.Equal(store.now()) {
		t.Errorf("the game was created at %v, want the time of the store, %v", got, store.now())
	}
	snapshot, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		t.Fatal(err)
	}
	job, err := client.StartGeneratedCodeJob(t.Context(), &gamesparks.StartGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot.Snapshot.Id, Generator: &types.Generator{Language: new("GO"), TargetPlatform: new("Go")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []types.GeneratedCodeJobState{
		types.GeneratedCodeJobStatePending, types.GeneratedCodeJobStateInProgress, types.GeneratedCodeJobStateCompleted,
	} {
		got, err := client.GetGeneratedCodeJob(t.Context(), &gamesparks.GetGeneratedCodeJobInput{GameName: game, SnapshotId: snapshot.Snapshot.Id, JobId: job.GeneratedCodeJobId})
		if err != nil {
			t.Fatal(err)
		}
		if got.GeneratedCodeJob.Status != want {
			t.Errorf("at %v: got state %s, want %s", store.now(), got.GeneratedCodeJob.Status, want)
		}
		store.advance(time.Minute)
	}
	if _, err := client.DeleteGame(t.Context(), &gamesparks.DeleteGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: game}); err != nil {
		t.Errorf("a game that is being deleted: %v", err)
	}
	store.advance(time.Minute)
	var notFound *types.ResourceNotFoundException
	if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: game}); !errors.As(err, &notFound) {
		t.Errorf("a deleted game: got error %v, want a ResourceNotFoundException", err)
	}
}
