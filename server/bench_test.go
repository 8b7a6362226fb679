package server_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// BenchmarkService measures server throughput in requests per second for few and many games, with in-memory and file
// stores. One client per CPU sends requests over the loopback interface, so the clients and the server share the CPUs.
func BenchmarkService(b *testing.B) {
	stores := []struct {
		name string
		open func(testing.TB) storage.Store
	}{
		{"memory", func(testing.TB) storage.Store { return storage.NewMemory() }},
		{"file", func(tb testing.TB) storage.Store { return openFile(tb, filepath.Join(tb.TempDir(), "data")) }},
	}
	operations := []struct {
		name string
		call func(ctx context.Context, client *gamesparks.Client, game, request int) error
	}{
		{"GetGame", func(ctx context.Context, client *gamesparks.Client, game, _ int) error {
			_, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: gameName(game)})
			return err
		}},
		{"UpdateGameConfiguration", func(ctx context.Context, client *gamesparks.Client, game, request int) error {
			_, err := client.UpdateGameConfiguration(ctx, setOption(game, "Option", request))
			return err
		}},
		{"ListGames", func(ctx context.Context, client *gamesparks.Client, _, _ int) error {
			_, err := client.ListGames(ctx, &gamesparks.ListGamesInput{MaxResults: aws.Int32(50)})
			return err
		}},
	}
	for _, games := range []int{100, 100_000} {
		// Expensive fixtures are created on first use and then reused.
		entries := sync.OnceValue(func() []storage.Entry { return entriesOfGames(b, games) })
		for _, store := range stores {
			newClient := sync.OnceValue(func() *gamesparks.Client {
				st := store.open(b)
				putEntries(b, st, entries())
				return servertest.Start(b, server.WithStore(st)).Client()
			})
			for _, op := range operations {
				b.Run(fmt.Sprintf("op=%s/store=%s/games=%d", op.name, store.name, games), func(b *testing.B) {
					client := newClient()
					var requests atomic.Int64
					b.ReportAllocs()
					b.ResetTimer()
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							n := int(requests.Add(1))
							// The stride and the number of games are coprime, so every game is visited.
							if err := op.call(b.Context(), client, n*7919%games, n); err != nil {
								b.Error(err)
								return
							}
						}
					})
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
				})
			}
		}
	}
}

func gameName(n int) *string { return aws.String(fmt.Sprintf("game-%06d", n)) }

const optionsSection = "Load.Options"

// setOption returns a request that sets the named member of the options section of a game.
func setOption(game int, name string, value int) *gamesparks.UpdateGameConfigurationInput {
	return &gamesparks.UpdateGameConfigurationInput{
		GameName: gameName(game),
		Modifications: []types.SectionModification{{
			Section: aws.String(optionsSection), Operation: types.OperationAdd, Path: aws.String("/" + name),
			Value: document.NewLazyDocument(value),
		}},
	}
}

// entriesOfGames returns the contents of a store after clients have created and configured the given number of games.
func entriesOfGames(tb testing.TB, games int) []storage.Entry {
	tb.Helper()
	store := storage.NewMemory()
	client := servertest.Start(tb, server.WithStore(store)).Client()
	const clients = 8
	var running sync.WaitGroup
	for first := range clients {
		running.Go(func() {
			for n := first; n < games; n += clients {
				if err := createGame(tb.Context(), client, n); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	if tb.Failed() {
		tb.FailNow()
	}
	var entries []storage.Entry
	err := store.View(tb.Context(), func(tx storage.Reader) error {
		for entry, err := range tx.Scan(storage.Range{}) {
			if err != nil {
				return err
			}
			entries = append(entries, entry)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return entries
}

// createGame creates a game and sets an option in its configuration.
func createGame(ctx context.Context, client *gamesparks.Client, n int) error {
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: gameName(n)}); err != nil {
		return err
	}
	_, err := client.UpdateGameConfiguration(ctx, setOption(n, "Number", n))
	return err
}

// putEntries copies entries into a store in a single transaction, because a file store syncs after each transaction.
func putEntries(tb testing.TB, store storage.Store, entries []storage.Entry) {
	tb.Helper()
	err := store.Update(tb.Context(), func(tx storage.Writer) error {
		for _, entry := range entries {
			if err := tx.Put(entry.Key, entry.Value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}
