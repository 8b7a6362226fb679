package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of TestCrash")

const (
	// crashesVariable is the environment variable for the number of crashes of TestCrash.
	crashesVariable = "GAMESPARKS_CRASHES"

	defaultCrashes = 5
	writers        = 16
)

// TestCrash kills the server repeatedly while clients write and the server removes the contents of deleted games. After
// each restart, the server must have all acknowledged writes and no partial write. At the end, the data file must be sound.
func TestCrash(t *testing.T) {
	t.Parallel()
	crashes := defaultCrashes
	if text := os.Getenv(crashesVariable); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("%s: %v", crashesVariable, err)
		}
		crashes = n
	}
	t.Logf("to repeat this run, pass -seed=%d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	data := filepath.Join(t.TempDir(), "data")
	clients := make([]*writer, writers)
	for i := range clients {
		clients[i] = &writer{home: fmt.Sprintf("home-%d", i)}
	}
	for crash := range crashes {
		server := start(t, "--data", data, "--log-level=warn")
		client := newClient(server.endpoint)
		if crash == 0 {
			for _, w := range clients {
				w.prepare(t, client)
			}
		} else {
			verify(t, client, clients)
		}

		// Kill the server after a random number of acknowledged writes, while other writes are in progress.
		var remaining atomic.Int64
		remaining.Store(1 + random.Int64N(400))
		due := make(chan struct{})
		var group sync.WaitGroup
		for _, w := range clients {
			group.Go(func() {
				err := w.run(t.Context(), client, crash, func() {
					if remaining.Add(-1) == 0 {
						close(due)
					}
				})
				// A connection error is expected, but the server must not reject a write.
				if _, ok := errors.AsType[smithy.APIError](err); ok {
					t.Errorf("the server rejected a write: %v", err)
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
			t.Fatal("all writers stopped before the server was killed")
		}
		<-stopped
	}
	server := start(t, "--data", data)
	total := verify(t, newClient(server.endpoint), clients)
	t.Logf("%d acknowledged writes of %d writers, %d crashes", total, writers, crashes)
	if total < crashes {
		t.Errorf("%d acknowledged writes in %d server runs, want at least one per run", total, crashes)
	}
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	t.Log(expect(t, 0, []string{"0 problems"}, "check", "--data", data))
}

// writer writes to one game and creates other games.
type writer struct {
	home string

	// Writes acknowledged by the server.
	games     []string
	deleted   []string
	number    int // in the sections of the home game
	snapshots map[string]int
	writes    int
}

// prepare creates the home game with two sections. Each update stores the same number in both.
func (w *writer) prepare(t *testing.T, client *gamesparks.Client) {
	t.Helper()
	w.snapshots = map[string]int{}
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &w.home}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
		GameName:     &w.home,
		ImportSource: &types.ImportGameConfigurationSource{File: fmt.Appendf(nil, `{"Document":{"Type":"Game","Sections":{"A":{"n":0,"text":"%0100d"},"B":{"n":0,"text":"%[1]090d"}}}}`, 0)},
	}); err != nil {
		t.Fatal(err)
	}
}

// run repeats writes until one fails, and returns its error.
func (w *writer) run(ctx context.Context, client *gamesparks.Client, run int, acknowledged func()) error {
	for i := 0; ; i++ {
		writes := []func() error{
			func() error { return w.createGame(ctx, client, fmt.Sprintf("%s-%d-%d", w.home, run, i)) },
			func() error { return w.updateSections(ctx, client) },
			func() error { return w.createSnapshot(ctx, client) },
		}
		if i%2 == 1 {
			writes = append(writes, func() error { return w.deleteGame(ctx, client, i) })
		}
		for _, write := range writes {
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

// deleteGame deletes the last game after it has got a configuration and a snapshot.
func (w *writer) deleteGame(ctx context.Context, client *gamesparks.Client, i int) error {
	// Without an acknowledgment, the game may or may not exist.
	name := w.games[len(w.games)-1]
	w.games = w.games[:len(w.games)-1]
	file := fmt.Appendf(nil, `{"Document":{"Type":"Game","Sections":{"A":{"text":"%0100d"}}}}`, i)
	if _, err := client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: &name, ImportSource: &types.ImportGameConfigurationSource{File: file},
	}); err != nil {
		return err
	}
	if _, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: &name}); err != nil {
		return err
	}
	_, err := client.DeleteGame(ctx, &gamesparks.DeleteGameInput{GameName: &name})
	if err == nil {
		w.deleted = append(w.deleted, name)
	}
	return err
}

func (w *writer) updateSections(ctx context.Context, client *gamesparks.Client) error {
	next := w.number + 1
	var modifications []types.SectionModification
	for _, section := range []string{"A", "B"} {
		modifications = append(modifications, types.SectionModification{
			Section: new(section), Operation: types.OperationReplace, Path: new("/n"), Value: document.NewLazyDocument(next),
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

// verify checks that the server has all acknowledged writes, and returns how many there are.
func verify(t *testing.T, client *gamesparks.Client, writers []*writer) int {
	t.Helper()
	ctx := t.Context()
	games := map[string]bool{}
	for game, err := range gamesparks.NewListGamesPaginator(client, nil).Items(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		games[*game.Name] = game.State == types.GameStateActive
		if game.State == types.GameStateDeleting {
			continue
		}
		if _, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: game.Name}); err != nil {
			t.Errorf("game %s has no configuration: %v", *game.Name, err)
		}
	}
	total := 0
	for _, w := range writers {
		total += w.writes
		for _, game := range w.games {
			if !games[game] {
				t.Errorf("acknowledged game %s is missing", game)
			}
		}
		for _, game := range w.deleted {
			if games[game] {
				t.Errorf("the game %s exists, although its deletion was acknowledged", game)
			}
		}
		configuration, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: &w.home})
		if err != nil {
			t.Fatal(err)
		}
		// The last write may have been committed without an acknowledgment.
		number := numberIn(t, w.home, configuration.GameConfiguration.Sections)
		if number != w.number && number != w.number+1 {
			t.Errorf("game %s has number %d, want the last acknowledged number %d or the one after it", w.home, number, w.number)
		}
		w.number = number
		w.verifySnapshots(t, client)
	}
	return total
}

// verifySnapshots checks that the server has all acknowledged snapshots.
func (w *writer) verifySnapshots(t *testing.T, client *gamesparks.Client) {
	t.Helper()
	for id, want := range w.snapshots {
		snapshot, err := client.GetSnapshot(t.Context(), &gamesparks.GetSnapshotInput{GameName: &w.home, SnapshotId: &id})
		if err != nil {
			t.Errorf("acknowledged snapshot %s of game %s: %v", id, w.home, err)
			continue
		}
		if got := numberIn(t, id, snapshot.Snapshot.Sections); got != want {
			t.Errorf("snapshot %s of game %s has number %d, want %d", id, w.home, got, want)
		}
	}
}

// numberIn returns the number stored in both sections. It fails the test if the two numbers differ.
func numberIn(t *testing.T, resource string, sections map[string]types.Section) int {
	t.Helper()
	var content struct {
		N int `document:"n"`
	}
	var numbers []int
	for _, name := range []string{"A", "B"} {
		attributes := sections[name].Attributes
		if attributes == nil {
			t.Fatalf("%s has no section %s", resource, name)
		}
		if err := attributes.UnmarshalSmithyDocument(&content); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, content.N)
	}
	if numbers[0] != numbers[1] {
		t.Fatalf("%s is partially written: its sections have numbers %v", resource, numbers)
	}
	return numbers[0]
}
