package server_test

import (
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// rerunStore is a store with views of keys. If such a view reads another key, the service runs it again.
type rerunStore struct {
	*timedStore
	beforeRerun func() // called before the next repeated view
	failed      bool   // whether the last view read another key
}

func (s *rerunStore) ViewKeys(ctx context.Context, keys []string, fn func(storage.Reader) error) error {
	return s.View(ctx, func(r storage.Reader) error { return fn(&keysReader{r.(timedReader), s, keys}) })
}

func (s *rerunStore) ViewWith(ctx context.Context, _ []string, fn func(storage.Reader) error) error {
	if s.failed && s.beforeRerun != nil {
		s.beforeRerun()
		s.beforeRerun = nil
	}
	return s.View(ctx, fn)
}

// keysReader is the reader of a view of keys.
type keysReader struct {
	timedReader
	store *rerunStore
	keys  []string
}

func (r *keysReader) Get(key string) ([]byte, error) {
	if r.store.failed = !slices.Contains(r.keys, key); r.store.failed {
		return nil, storage.ErrOtherKey
	}
	return r.timedReader.Get(key)
}

func (r *keysReader) Scan(storage.Range) iter.Seq2[storage.Entry, error] {
	r.store.failed = true
	return func(yield func(storage.Entry, error) bool) { yield(storage.Entry{}, storage.ErrOtherKey) }
}

// TestGameDeletedBeforeRerun deletes a game after a view has read its configuration, and before the view runs again and reads
// the sections. Writes that prepare their transaction in such a view must report that the game does not exist.
func TestGameDeletedBeforeRerun(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(e *env) error{
		"UpdateGameConfiguration": func(e *env) error {
			_, err := e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
				GameName: new("chess"), Modifications: []types.SectionModification{modification(add, "/new", "1")},
			})
			return err
		},
		"CreateSnapshot": func(e *env) error {
			_, err := e.CreateSnapshot(e.ctx, &gamesparks.CreateSnapshotInput{GameName: new("chess")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := &timedStore{Store: storage.NewMemory(), base: time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)}
			other := startEnv(t, memory, server.WithDeletionTime(time.Minute))
			other.createGame("chess")
			other.importSections("chess", `{"B":{"text":"old"}}`)
			store := &rerunStore{timedStore: memory}
			e := startEnv(t, store) // it does not have the sections in memory
			ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{
				GameName: new("chess"), Sections: []string{"B"},
			})) // from now on, it knows the ID of the game
			reran := false
			store.beforeRerun = func() {
				reran = true
				ok[*gamesparks.DeleteGameOutput](other)(other.DeleteGame(other.ctx, &gamesparks.DeleteGameInput{GameName: new("chess")}))
				memory.advance(time.Minute)
			}
			wantError[*types.ResourceNotFoundException](e, write(e), `The game "chess" does not exist.`)
			if !reran {
				t.Error("no view ran again")
			}
		})
	}
}
