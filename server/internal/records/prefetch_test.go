package records_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// remoteStore is a store whose transactions have to prefetch. It counts the round trips of the current one, without the one that
// begins an update.
type remoteStore struct {
	storage.Store
	roundTrips int
}

func (s *remoteStore) UpdateScope(ctx context.Context, _ string, keys []string, fn func(storage.Writer) error) error {
	s.roundTrips = 0
	return s.Update(ctx, func(w storage.Writer) error {
		known := map[string]bool{}
		for _, key := range keys {
			known[key] = true
		}
		return fn(&remoteWriter{w, s, known})
	})
}

type remoteWriter struct {
	storage.Writer
	store *remoteStore
	known map[string]bool
}

func (w *remoteWriter) Prefetch(keys []string) error {
	read := false
	for _, key := range keys {
		read = read || !w.known[key]
		w.known[key] = true
	}
	if read {
		w.store.roundTrips++
	}
	return nil
}

func (w *remoteWriter) Get(key string) ([]byte, error) {
	if !w.known[key] {
		w.store.roundTrips++
		w.known[key] = true
	}
	return w.Writer.Get(key)
}

func (w *remoteWriter) Scan(r storage.Range) iter.Seq2[storage.Entry, error] {
	w.store.roundTrips++
	return w.Writer.Scan(r)
}

// TestRoundTrips counts the round trips to a database that a change of sections takes, which do not depend on the number of
// sections, and checks the result.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for _, changed := range []int{1, 10} {
		t.Run(fmt.Sprintf("%d sections change", changed), func(t *testing.T) {
			t.Parallel()
			m := newMachine()
			store := &remoteStore{Store: m.store}
			db := records.NewDB(store)
			update := func(keys []string, fn func(*records.Tx, *records.Game, *records.Configuration) error) {
				t.Helper()
				err := db.Update(t.Context(), testOwner, m.now, keys, func(tx *records.Tx) error {
					g, err := tx.Game("a")
					if err != nil {
						return err
					}
					r, err := tx.Configuration(g)
					if err != nil {
						return err
					}
					if err := fn(tx, g, r); err != nil {
						return err
					}
					return tx.PutConfiguration(g, r)
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			game := records.Game{Name: "a", Created: m.now}
			if err := m.update(func(tx *records.Tx) error { return tx.CreateGame(&game) }); err != nil {
				t.Fatal(err)
			}
			sections := records.Sections{}
			for _, name := range records.NumberedNames(1000) {
				sections[name] = fmt.Appendf(nil, `"%s %s"`, name, strings.Repeat("x", 100))
			}
			built := records.BuildSections(sections)
			update(nil, func(tx *records.Tx, _ *records.Game, r *records.Configuration) error {
				defer func() { r.Sections = built.List }()
				return tx.ReplaceSections(r.Sections, built)
			})
			changes := records.Sections{}
			for i, name := range records.NumberedNames(changed) {
				changes[name] = fmt.Appendf(nil, `"changed %d %s"`, i, strings.Repeat("x", 100))
			}
			next := built.Change(changes)
			update(records.ConfigurationKeys(testOwner, &game, next), func(tx *records.Tx, _ *records.Game, r *records.Configuration) error {
				defer func() { r.Sections = next.List }()
				return tx.ReplaceSections(r.Sections, next)
			})
			const want = 1 // expired records
			if store.roundTrips > want {
				t.Errorf("the update took %d round trips, want at most %d", store.roundTrips, want)
			}
			if diff := cmp.Diff(1000, m.check(t).Contents); diff != "" {
				t.Errorf("stored contents (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCreateGameRoundTrips counts the round trips to a database that the creation of a game takes.
func TestCreateGameRoundTrips(t *testing.T) {
	t.Parallel()
	m := newMachine()
	store := &remoteStore{Store: m.store}
	err := records.NewDB(store).Update(t.Context(), testOwner, m.now, records.NewGameKeys(testOwner, "a", "CreateGame", "token"), func(tx *records.Tx) error {
		if _, err := tx.IdempotencyToken("CreateGame", "token"); err != nil {
			return err
		}
		if _, err := tx.Game("a"); err != nil {
			return err
		}
		game := &records.Game{Name: "a", Created: m.now}
		if err := tx.CreateGame(game); err != nil {
			return err
		}
		token := &records.IdempotencyToken{ExpiresAt: m.now, Resource: game.Ref()}
		return tx.PutIdempotencyToken("CreateGame", "token", token)
	})
	const want = 1 // expired records
	if err != nil || store.roundTrips > want {
		t.Errorf("the update took %d round trips, error %v; want at most %d", store.roundTrips, err, want)
	}
}

func (s *remoteStore) ViewWith(ctx context.Context, keys []string, fn func(storage.Reader) error) error {
	s.roundTrips++
	r := remoteReader{nil, s, map[string]bool{}}
	for _, key := range keys {
		r.known[key] = true
	}
	return s.View(ctx, func(stored storage.Reader) error {
		r.Reader = stored
		return fn(r)
	})
}

func (s *remoteStore) ViewKeys(ctx context.Context, keys []string, fn func(storage.Reader) error) error {
	return s.ViewWith(ctx, keys, func(r storage.Reader) error { return fn(keysReader{r.(remoteReader)}) })
}

type remoteReader struct {
	storage.Reader
	store *remoteStore
	known map[string]bool
}

func (r remoteReader) Get(key string) ([]byte, error) {
	if !r.known[key] {
		r.store.roundTrips++
	}
	return r.Reader.Get(key)
}

// keysReader is the reader of a view of keys.
type keysReader struct{ remoteReader }

func (r keysReader) Get(key string) ([]byte, error) {
	if !r.known[key] {
		return nil, storage.ErrOtherKey
	}
	return r.remoteReader.Get(key)
}

func (r keysReader) Scan(storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) { yield(storage.Entry{}, storage.ErrOtherKey) }
}

// TestViewGame checks that a view of a game, which may not exist, takes one round trip.
func TestViewGame(t *testing.T) {
	t.Parallel()
	m := newMachine()
	if err := m.update(func(tx *records.Tx) error { return tx.CreateGame(&records.Game{Name: "a", Created: m.now}) }); err != nil {
		t.Fatal(err)
	}
	store := &remoteStore{Store: m.store}
	db := records.NewDB(store)
	for _, view := range []func(context.Context, records.Owner, time.Time, string, func(*records.Tx) error) error{db.ViewGame, db.ViewGameOnly} {
		for name, want := range map[string]bool{"a": true, "b": false} {
			store.roundTrips = 0
			err := view(t.Context(), testOwner, m.now, name, func(tx *records.Tx) error {
				game, err := tx.Game(name)
				if (game != nil) != want {
					t.Errorf("game %s exists: %t, want %t", name, game != nil, want)
				}
				return err
			})
			if err != nil || store.roundTrips != 1 {
				t.Errorf("the view of game %s took %d round trips, error %v; want 1", name, store.roundTrips, err)
			}
		}
	}
}

// TestViewConfiguration checks that a view of a game and its configuration takes one round trip once the ID of the game is known,
// and that it finds the configuration of a new game with the name of a deleted one.
func TestViewConfiguration(t *testing.T) {
	t.Parallel()
	m := newMachine()
	store := &remoteStore{Store: m.store}
	db := records.NewDB(store)
	view := func(wantCreated time.Time, wantRoundTrips int) {
		t.Helper()
		store.roundTrips = 0
		err := db.ViewGame(t.Context(), testOwner, m.now, "a", func(tx *records.Tx) error {
			game, err := tx.Game("a")
			if err != nil {
				return err
			}
			configuration, err := tx.Configuration(game)
			if err == nil && !configuration.Created.Equal(wantCreated) {
				t.Errorf("the configuration was created at %v, want %v", configuration.Created, wantCreated)
			}
			return err
		})
		if err != nil || store.roundTrips != wantRoundTrips {
			t.Errorf("the view took %d round trips, error %v; want %d", store.roundTrips, err, wantRoundTrips)
		}
	}
	create := func(created time.Time) {
		t.Helper()
		if err := m.update(func(tx *records.Tx) error { return tx.CreateGame(&records.Game{Name: "a", Created: created}) }); err != nil {
			t.Fatal(err)
		}
	}
	first, second := m.now, m.now.Add(time.Hour)
	create(first)
	view(first, 2)
	view(first, 1)
	err := m.update(func(tx *records.Tx) error {
		game, err := tx.Game("a")
		if err != nil {
			return err
		}
		return tx.ExpireGame(game, first)
	})
	if err != nil {
		t.Fatal(err)
	}
	create(second)
	view(second, 3) // the view of keys fails, since the game has another ID
	view(second, 1)
}
