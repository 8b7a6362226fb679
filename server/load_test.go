package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestLoad runs 64 clients that create 1,000 games and then change, read and list them concurrently. No acknowledged write
// may be lost, and no list may miss or repeat a game.
func TestLoad(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		testLoad(t, storage.NewMemory(), 1000, 16)
	})
	// The file store gets fewer writes, because each write syncs the disk.
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		testLoad(t, openFile(t, filepath.Join(t.TempDir(), "data")), 100, 4)
	})
}

func testLoad(t *testing.T, store storage.Store, games, changesPerClient int) {
	const clients = 64
	srv := servertest.Start(t, server.WithStore(store))
	ctx := t.Context()

	var created atomic.Int64 // number of games whose creation was acknowledged
	inParallel(t, clients, func(c int) error {
		client := srv.Client()
		for n := c; n < games; n += clients {
			if err := createGame(ctx, client, n); err != nil {
				return err
			}
			created.Add(1)
		}
		before := int(created.Load())
		listed, err := gameNames(ctx, client, 100)
		if err != nil {
			return err
		}
		if !slices.IsSorted(listed) || len(slices.Compact(slices.Clone(listed))) != len(listed) {
			return errors.New("ListGames repeated a game or returned games out of order")
		}
		if len(listed) < before {
			return fmt.Errorf("ListGames returned %d games, but at least %d existed before the call", len(listed), before)
		}
		return nil
	})

	// All clients change the same games, so that they contend for each game, but each client starts at a different
	// game. In addition, each game is changed by one client.
	inParallel(t, clients, func(c int) error {
		client := srv.Client()
		for n := c; n < games; n += clients {
			if _, err := client.UpdateGameConfiguration(ctx, setOption(n, "Shared", c)); err != nil {
				return err
			}
		}
		for n := c; n < c+changesPerClient; n++ {
			if _, err := client.UpdateGameConfiguration(ctx, setOption(n, fmt.Sprintf("Client%02d", c), n)); err != nil {
				return err
			}
			options, err := readOptions(ctx, client, n)
			if err != nil {
				return err
			}
			if got := options[fmt.Sprintf("Client%02d", c)]; got != n {
				return fmt.Errorf("client %d: got value %d from game %d, want %d", c, got, n, n)
			}
		}
		return nil
	})

	client := srv.Client()
	names, err := gameNames(ctx, client, 100)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for n := range games {
		want = append(want, *gameName(n))
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("game names (-want +got):\n%s", diff)
	}
	for n := range games {
		want := map[string]int{"Number": n, "Shared": n % clients}
		for c := max(0, n-changesPerClient+1); c <= min(n, clients-1); c++ {
			want[fmt.Sprintf("Client%02d", c)] = n
		}
		options, err := readOptions(ctx, client, n)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, options); diff != "" {
			t.Errorf("options of game %d (-want +got):\n%s", n, diff)
		}
	}
}

// inParallel runs fn concurrently for each of n clients and stops the test if any call fails.
func inParallel(t *testing.T, n int, fn func(client int) error) {
	t.Helper()
	var running sync.WaitGroup
	for client := range n {
		running.Go(func() {
			if err := fn(client); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// gameNames lists all games in pages of the given size and returns their names.
func gameNames(ctx context.Context, client *gamesparks.Client, pageSize int32) ([]string, error) {
	var names []string
	pages := gamesparks.NewListGamesPaginator(client, &gamesparks.ListGamesInput{MaxResults: &pageSize})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, game := range page.Games {
			names = append(names, *game.Name)
		}
	}
	return names, nil
}

// readOptions returns the contents of the section that setOption modifies.
func readOptions(ctx context.Context, client *gamesparks.Client, game int) (map[string]int, error) {
	out, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: gameName(game)})
	if err != nil {
		return nil, err
	}
	section, ok := out.GameConfiguration.Sections[optionsSection]
	if !ok {
		return nil, fmt.Errorf("game %d has no section %s", game, optionsSection)
	}
	text, err := section.Attributes.MarshalSmithyDocument()
	if err != nil {
		return nil, err
	}
	var options map[string]int
	return options, json.Unmarshal(text, &options)
}

// TestPageCost checks that the number of entries read to list a page of games does not depend on the total number of
// games. It checks the first page and a later page.
func TestPageCost(t *testing.T) {
	t.Parallel()
	const pageSize = 10
	cost := func(games int) (first, second int64) {
		store := &countingStore{Store: storage.NewMemory()}
		client := servertest.Start(t, server.WithStore(store)).Client()
		for n := range games {
			if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: gameName(n)}); err != nil {
				t.Fatal(err)
			}
		}
		var token *string
		for _, reads := range []*int64{&first, &second} {
			before := store.reads.Load()
			page, err := client.ListGames(t.Context(), &gamesparks.ListGamesInput{MaxResults: aws.Int32(pageSize), NextToken: token})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Games) != pageSize || page.NextToken == nil {
				t.Fatalf("got a page of %d games with token %v, want a full page and a token",
					len(page.Games), page.NextToken)
			}
			*reads, token = store.reads.Load()-before, page.NextToken
		}
		return first, second
	}
	fewFirst, fewSecond := cost(100)
	manyFirst, manySecond := cost(10_000)
	if fewFirst < pageSize {
		t.Errorf("a page of %d games read only %d entries", pageSize, fewFirst)
	}
	if fewFirst != manyFirst || fewSecond != manySecond {
		t.Errorf("the pages read %d and %d entries with few games, but %d and %d entries with many games",
			fewFirst, fewSecond, manyFirst, manySecond)
	}
}

// countingStore is a store that counts the games read from it.
type countingStore struct {
	storage.Store
	reads atomic.Int64
}

func (s *countingStore) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.Store.View(ctx, func(tx storage.Reader) error { return fn(countingReader{tx, &s.reads}) })
}

type countingReader struct {
	storage.Reader
	reads *atomic.Int64
}

func (r countingReader) Get(key string) ([]byte, error) {
	r.count(key)
	return r.Reader.Get(key)
}

// count counts the key of a game. It ignores the keys that background work reads.
func (r countingReader) count(key string) {
	if strings.Contains(key, "/game/") {
		r.reads.Add(1)
	}
}

func (r countingReader) Scan(keys storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		for entry, err := range r.Reader.Scan(keys) {
			r.count(entry.Key)
			if !yield(entry, err) {
				return
			}
		}
	}
}
