package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of when the server is killed")

const (
	crashes = 20
	writers = 6
)

// TestCrash kills the server in the middle of writes, many times. What it has acknowledged is there afterwards, and
// each write is there as a whole or not at all.
func TestCrash(t *testing.T) {
	t.Parallel()
	t.Logf("seed: -seed=%d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	data := filepath.Join(t.TempDir(), "data")
	written := make([]*writer, writers)
	for i := range written {
		written[i] = &writer{home: fmt.Sprintf("home-%d", i)}
	}
	for crash := range crashes {
		server := start(t, "--data", data, "--log-level=warn")
		client := newClient(server.endpoint)
		if crash == 0 {
			for _, w := range written {
				w.prepare(t, client)
			}
		} else {
			check(t, client, written)
		}

		// The server dies when so many more writes have been acknowledged, by which time others are on their way.
		var remaining atomic.Int64
		remaining.Store(1 + random.Int64N(60))
		due := make(chan struct{})
		var group sync.WaitGroup
		for _, w := range written {
			group.Go(func() {
				err := w.run(t.Context(), client, crash, func() {
					if remaining.Add(-1) == 0 {
						close(due)
					}
				})
				// A server that is dead does not answer.
				var answer smithy.APIError
				if errors.As(err, &answer) {
					t.Errorf("a write failed: %v", err)
					server.kill(t)
				}
			})
		}
		stopped := make(chan struct{})
		go func() {
			group.Wait()
			close(stopped)
		}()
		select {
		case <-due:
			server.kill(t)
		case <-stopped:
			t.Fatal("the writers stopped before the server was killed")
		}
		<-stopped
	}
	server := start(t, "--data", data)
	total := check(t, newClient(server.endpoint), written)
	t.Logf("%d writes were acknowledged", total)
	if total < crashes {
		t.Errorf("%d writes were acknowledged in %d lives of the server", total, crashes)
	}
}

// writer writes to a game of its own and makes others.
type writer struct {
	home string

	// What the server has acknowledged.
	games     []string
	number    int // in the sections of the home game
	snapshots map[string]int
	writes    int
}

// prepare makes the home game, with two sections that always hold the same number.
func (w *writer) prepare(t *testing.T, client *gamesparks.Client) {
	t.Helper()
	w.snapshots = map[string]int{}
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &w.home}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
		GameName:     &w.home,
		ImportSource: &types.ImportGameConfigurationSource{File: []byte(`{"Document":{"Type":"Game","Sections":{"A":{"n":0},"B":{"n":0}}}}`)},
	}); err != nil {
		t.Fatal(err)
	}
}

// run writes until the server has gone, and returns the error by which it noticed.
func (w *writer) run(ctx context.Context, client *gamesparks.Client, life int, acknowledged func()) error {
	for i := 0; ; i++ {
		for _, write := range []func() error{
			func() error { return w.createGame(ctx, client, fmt.Sprintf("%s-%d-%d", w.home, life, i)) },
			func() error { return w.changeSections(ctx, client) },
			func() error { return w.createSnapshot(ctx, client) },
		} {
			if err := write(); err != nil {
				return err
			}
			w.writes++
			acknowledged()
		}
	}
}

func (w *writer) createGame(ctx context.Context, client *gamesparks.Client, name string) error {
	_, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name})
	if err == nil {
		w.games = append(w.games, name)
	}
	return err
}

func (w *writer) changeSections(ctx context.Context, client *gamesparks.Client) error {
	next := w.number + 1
	var modifications []types.SectionModification
	for _, section := range []string{"A", "B"} {
		modifications = append(modifications, types.SectionModification{
			Section: aws.String(section), Operation: types.OperationReplace, Path: aws.String("/n"), Value: document.NewLazyDocument(next),
		})
	}
	_, err := client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{GameName: &w.home, Modifications: modifications})
	if err == nil {
		w.number = next
	}
	return err
}

func (w *writer) createSnapshot(ctx context.Context, client *gamesparks.Client) error {
	out, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: &w.home})
	if err == nil {
		w.snapshots[*out.Snapshot.Id] = w.number
	}
	return err
}

// check compares what is there with what was acknowledged, and returns how many writes that were.
func check(t *testing.T, client *gamesparks.Client, written []*writer) int {
	t.Helper()
	ctx := t.Context()
	games := map[string]bool{}
	for game, err := range gamesparks.NewListGamesPaginator(client, nil).Items(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		games[*game.Name] = true
		if _, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: game.Name}); err != nil {
			t.Errorf("the game %s is torn: %v", *game.Name, err)
		}
	}
	total := 0
	for _, w := range written {
		total += w.writes
		for _, game := range w.games {
			if !games[game] {
				t.Errorf("the game %s is lost", game)
			}
		}
		configuration, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: &w.home})
		if err != nil {
			t.Fatal(err)
		}
		// The write that was on its way may have been made.
		number := numberIn(t, w.home, configuration.GameConfiguration.Sections)
		if number != w.number && number != w.number+1 {
			t.Errorf("%s has the number %d, %d was acknowledged", w.home, number, w.number)
		}
		w.number = number

		for id, want := range w.snapshots {
			snapshot, err := client.GetSnapshot(ctx, &gamesparks.GetSnapshotInput{GameName: &w.home, SnapshotId: &id})
			if err != nil {
				t.Errorf("the snapshot %s of %s is lost: %v", id, w.home, err)
				continue
			}
			if got := numberIn(t, id, snapshot.Snapshot.Sections); got != want {
				t.Errorf("the snapshot %s of %s has the number %d, want %d", id, w.home, got, want)
			}
		}
	}
	return total
}

// numberIn returns the number that both sections hold.
func numberIn(t *testing.T, where string, sections map[string]types.Section) int {
	t.Helper()
	var content struct {
		N int `document:"n"`
	}
	var numbers []int
	for _, name := range []string{"A", "B"} {
		attributes := sections[name].Attributes
		if attributes == nil {
			t.Fatalf("%s has no section %s", where, name)
		}
		if err := attributes.UnmarshalSmithyDocument(&content); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, content.N)
	}
	if numbers[0] != numbers[1] {
		t.Fatalf("%s is torn: its sections have the numbers %v", where, numbers)
	}
	return numbers[0]
}
