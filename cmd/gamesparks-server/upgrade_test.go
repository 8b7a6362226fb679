package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks"
)

// previousCommit is the last commit whose servers do not know of other replicas. It has version 1 of the schema.
const previousCommit = "84eb3e7"

// buildPrevious builds the server of previousCommit. It skips the test outside of a clone with the history, such as in a source
// archive. In CI, the clone has the history, and no test may be skipped.
func buildPrevious(t *testing.T) (path string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds an older server")
	}
	dir := t.TempDir()
	archive := filepath.Join(dir, "source.tar")
	git := exec.CommandContext(t.Context(), "git", "archive", "--output", archive, previousCommit)
	git.Dir = repository // a file path in the archive is relative to the working directory
	if output, err := git.CombinedOutput(); err != nil {
		t.Skipf("the repository does not have commit %s: %v: %s: run the test in a clone with the whole history", previousCommit, err, output)
	}
	source := filepath.Join(dir, "source")
	if err := os.Mkdir(source, 0o700); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "gamesparks-server")
	for _, command := range [][]string{
		{"tar", "-xf", archive, "-C", source},
		// Without the path of the temporary directory, the build cache has the packages of the previous run.
		{"go", "build", "-C", filepath.Join(source, "cmd"), "-trimpath", "-buildvcs=false", "-o", path, "./gamesparks-server"},
	} {
		cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command[0], err, output)
		}
	}
	return path
}

// gameWriter creates games and records those that were acknowledged.
type gameWriter struct {
	acknowledged []string // must not be read before stop has returned
	written      chan struct{}
	cancel       context.CancelFunc
	ended        chan struct{}
}

// startWriter creates games until stop is called or a call fails.
func startWriter(t *testing.T, client *gamesparks.Client) *gameWriter {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &gameWriter{written: make(chan struct{}), cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		for i := 0; ; i++ {
			name := fmt.Sprintf("game-%05d", i)
			if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name}); err != nil {
				return
			}
			w.acknowledged = append(w.acknowledged, name)
			select {
			case w.written <- struct{}{}:
			default: // await does not run
			}
		}
	}()
	return w
}

// await waits until n more games are acknowledged.
func (w *gameWriter) await(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-w.written:
		case <-w.ended:
			t.Fatal("a write failed")
		}
	}
}

// stop waits for the end of the last write, and returns the acknowledged games.
func (w *gameWriter) stop() []string {
	w.cancel()
	<-w.ended
	return w.acknowledged
}

// checkGames checks that a server has all acknowledged games.
func checkGames(t *testing.T, client *gamesparks.Client, acknowledged []string) {
	t.Helper()
	found := map[string]bool{}
	for game, err := range gamesparks.NewListGamesPaginator(client, nil).Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found[*game.Name] = true
	}
	if len(acknowledged) == 0 {
		t.Error("no write was acknowledged")
	}
	for _, name := range acknowledged {
		if !found[name] {
			t.Errorf("the acknowledged game %s is lost", name)
		}
	}
}

// TestRollingUpgrade runs the previous server and the current one on one database, in both orders. The current server
// migrates the database, and the previous one must then refuse to run, without the loss of an acknowledged write.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	previous := buildPrevious(t)

	t.Run("previous server first", func(t *testing.T) {
		t.Parallel()
		_, _, flags := database(t)
		old, exit := tryStartProgram(t, previous, nil, flags...)
		if old == nil {
			t.Fatalf("the previous server did not start: %s", exit.stderr)
		}
		writer := startWriter(t, newClient(old.endpoint))
		writer.await(t, 10)
		current := start(t, flags...) // while the previous server writes
		if code := old.wait(); code != exitData || !strings.Contains(old.stderr.String(), refusal) {
			t.Errorf("previous server: exit code %d, want %d and %q:\n%s", code, exitData, refusal, old.stderr)
		}
		games := writer.stop()
		t.Logf("the previous server acknowledged %d writes before it stopped", len(games))
		checkGames(t, newClient(current.endpoint), games)

		expectRefusal(t, previous, flags)
		if _, err := newClient(current.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("new")}); err != nil {
			t.Error(err)
		}
		checkGames(t, newClient(start(t, flags...).endpoint), append(games, "new"))
	})

	t.Run("current server first", func(t *testing.T) {
		t.Parallel()
		_, _, flags := database(t)
		current := start(t, flags...)
		writer := startWriter(t, newClient(current.endpoint))
		writer.await(t, 10)
		expectRefusal(t, previous, flags)
		writer.await(t, 10)
		games := writer.stop()
		for _, server := range []*process{current, start(t, flags...)} {
			checkGames(t, newClient(server.endpoint), games)
		}
	})

	// A server that only reads refuses to read, and stops when its readiness is checked.
	t.Run("previous server without writes", func(t *testing.T) {
		t.Parallel()
		_, _, flags := database(t)
		old, exit := tryStartProgram(t, previous, nil, flags...)
		if old == nil {
			t.Fatalf("the previous server did not start: %s", exit.stderr)
		}
		start(t, flags...)
		if _, err := newClient(old.endpoint).ListGames(t.Context(), &gamesparks.ListGamesInput{}); err == nil {
			t.Error("the previous server read the migrated database")
		}
		resp, err := http.Get(old.endpoint + "/readyz")
		if err == nil {
			resp.Body.Close()
		}
		if code := old.wait(); code != exitData || !strings.Contains(old.stderr.String(), refusal) {
			t.Errorf("exit code %d, want %d and %q:\n%s", code, exitData, refusal, old.stderr)
		}
	})
}

// refusal is the next step in the message of a server that finds a newer schema.
const refusal = "upgrade the program"

// expectRefusal starts a server that must not start.
func expectRefusal(t *testing.T, path string, flags []string) {
	t.Helper()
	p, exit := tryStartProgram(t, path, nil, flags...)
	if p != nil || exit.code != exitData || !strings.Contains(exit.stderr, refusal) {
		t.Errorf("previous server: exit code %d, want %d and %q:\n%s", exit.code, exitData, refusal, exit.stderr)
	}
}
