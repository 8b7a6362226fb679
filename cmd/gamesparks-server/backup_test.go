//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/damagetest"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// acknowledged has the writes that the server has acknowledged to the clients, at the last acknowledgment of each.
type acknowledged struct {
	mu      sync.Mutex
	writers []writer
}

// set records the writes of a client.
func (a *acknowledged) set(i int, w *writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.writers[i] = writer{home: w.home, games: slices.Clone(w.games), deleted: slices.Clone(w.deleted), number: w.number, snapshots: maps.Clone(w.snapshots)}
}

func (a *acknowledged) get() []writer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.writers)
}

// TestBackupUnderLoad backs up a server while clients write and the server removes deleted games. The restored data must be
// sound, and must have all writes that were acknowledged before the backup.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	const backups, served = 15, 3
	dir := shortDir(t)
	data := filepath.Join(dir, "games.db")
	server := start(t, "--data", data, "--log-level=warn")
	client := newClient(server.endpoint)
	clients := make([]*writer, writers)
	last := &acknowledged{writers: make([]writer, writers)}
	for i := range clients {
		clients[i] = &writer{home: fmt.Sprintf("home-%d", i)}
		clients[i].prepare(t, client)
		last.set(i, clients[i])
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	written := make(chan struct{}, 1)
	var group sync.WaitGroup
	for i, w := range clients {
		group.Go(func() {
			err := w.run(ctx, client, 0, func() {
				last.set(i, w)
				select {
				case written <- struct{}{}:
				default:
				}
			})
			if ctx.Err() == nil {
				t.Errorf("a write failed: %v", err)
			}
		})
	}
	var before [backups][]writer
	for i := range backups {
		for range 50 {
			<-written
		}
		before[i] = last.get()
		expect(t, 0, []string{"entries, ", "SHA-256 "}, "backup", "--data", data, fmt.Sprint(data, i))
	}
	cancel()
	group.Wait()
	server.kill(t) // the backups do not depend on the server

	total := 0
	for i := range backups {
		if i%(backups/served) > 0 { // check only whether the backup is consistent
			if _, _, err := maintenance.Restore(t.Context(), bytes.NewReader(mustRead(t, fmt.Sprint(data, i))), storage.NewMemory()); err != nil {
				t.Errorf("backup %d: %v", i, err)
			}
			continue
		}
		restored := filepath.Join(dir, fmt.Sprint("restored", i))
		expect(t, 0, []string{"backup of 20", "0 problems"}, "restore", fmt.Sprint(data, i), "--data", restored)
		expect(t, 0, []string{"0 problems"}, "check", "--data", restored)
		copied := start(t, "--data", restored, "--log-level=warn")
		client := newClient(copied.endpoint)
		for j, w := range before[i] {
			total += w.verifyRestored(t, client, clients[j])
		}
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("after")}); err != nil {
			t.Errorf("a write to the restored data: %v", err)
		}
		if code := copied.signal(t, syscall.SIGTERM); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
	t.Logf("checked %d acknowledged writes in %d of %d backups", total, served, backups)
}

// verifyRestored checks that a server has the writes of w, which is the state of a client at some time; end is its last state.
// It returns the number of writes that it has checked.
func (w *writer) verifyRestored(t *testing.T, client *gamesparks.Client, end *writer) (checked int) {
	t.Helper()
	ctx := t.Context()
	for _, name := range w.games {
		if !slices.Contains(end.games, name) {
			continue // it was deleted later, perhaps before the backup
		}
		checked++
		if _, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: &name}); err != nil {
			t.Errorf("acknowledged game %s: %v", name, err)
		}
	}
	for _, name := range w.deleted {
		checked++
		game, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: &name})
		if err == nil && game.Game.State != types.GameStateDeleting || err != nil && !gamesparks.IsNotFound(err) {
			t.Errorf("the game %s exists, although its deletion was acknowledged: error %v", name, err)
		}
	}
	configuration, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: &w.home})
	if err != nil {
		t.Fatal(err)
	}
	checked += w.number
	if number := numberIn(t, w.home, configuration.GameConfiguration.Sections); number < w.number || number > end.number+1 {
		t.Errorf("game %s has number %d, want at least the acknowledged number %d and at most %d", w.home, number, w.number, end.number+1)
	}
	w.verifySnapshots(t, client)
	return checked + len(w.snapshots)
}

// backedUp returns the names of a data file and of a backup of it in a directory, and the games in them.
func backedUp(t *testing.T, dir string) (data, backup string, games map[string]string) {
	t.Helper()
	content, games := gamesFile(t)
	data, backup = filepath.Join(dir, "games.db"), filepath.Join(dir, "games.backup")
	if err := os.WriteFile(data, content, 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, 0, []string{"entries, "}, "backup", "--data", data, backup)
	return data, backup, games
}

// TestRestore restores the backup of a file at rest, and replaces files only if the user asks for it.
func TestRestore(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data, backup, want := backedUp(t, dir)
	info, err := os.Stat(backup)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %v, error %v; want 0600", info.Mode(), err)
	}
	server := start(t, "--data", data)
	if _, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("later")}); err != nil {
		t.Fatal(err)
	}
	expect(t, exitData, []string{"--data " + data + ": the file is in use by another process: stop that process"}, "restore", backup, "--data", data, "--force")
	server.signal(t, syscall.SIGTERM)
	expect(t, exitFailure, []string{"--data " + data + ": the file exists: set --force to replace it, or choose another name"}, "restore", backup, "--data", data)

	link := filepath.Join(dir, "link.db")
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "server.yaml"), []byte("data: "+link), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, 0, []string{"30 games", "0 problems"}, "restore", backup, "--config", filepath.Join(dir, "server.yaml"), "--force")
	if target, err := os.Readlink(link); err != nil || target != data {
		t.Errorf("the link refers to %q, error %v; want %q", target, err, data)
	}
	server = start(t, "--data", data)
	got, err := content(t.Context(), newClient(server.endpoint))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("restored games: error %v (-want +got):\n%s", err, diff)
	}
	server.signal(t, syscall.SIGTERM)
	if diff := cmp.Diff([]string{"games.backup", "games.db", "link.db", "server.yaml"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestDamagedBackups restores damaged backups. Each must be refused and leave the data file unchanged.
func TestDamagedBackups(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data, backup, _ := backedUp(t, dir)
	before, err := os.ReadFile(data)
	if err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(24) {
		changed, description := damagetest.ChangeBytes(sound, rand.New(rand.NewPCG(seed, 0)))
		if bytes.Equal(changed, sound) {
			continue
		}
		if err := os.WriteFile(backup, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %s", seed, description)
		expect(t, exitData, []string{"gamesparks-server: " + backup + ": restore: "}, "restore", backup, "--data", data, "--force")
		expect(t, exitData, []string{"gamesparks-server: " + backup + ": restore: "}, "restore", backup, "--data", data+"2")
	}
	if after, err := os.ReadFile(data); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the data file has changed: error %v", err)
	}
	if diff := cmp.Diff([]string{"games.backup", "games.db"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestBackupErrors checks the exit codes and messages of the commands backup and restore. None may leave a file.
func TestBackupErrors(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data, backup, _ := backedUp(t, dir)
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"text": "no backup", "old.db": strings.ReplaceAll(string(mustRead(t, data)), "second game-03", "SECOND game-03"),
		"newer":   strings.Replace(string(mustRead(t, backup)), "backup 1 ", "backup 2 ", 1),
		"unsound": foreignBackup(t),
	} {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(path("directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	elsewhere := start(t, "--data", path("served.db"), "--admin-socket", path("admin"))
	defer elsewhere.kill(t)
	memory := start(t, "--admin-socket", path("memory"))
	defer memory.kill(t)
	before := files(t, dir)
	for _, tc := range []struct {
		name string
		code int
		says string
		args []string
	}{
		{"no file", 2, "expected \"<file>\"", []string{"backup"}},
		{"no data", 2, "set --data to the data file, or --admin-socket to the socket of the server", []string{"backup", path("new")}},
		{"database", 2, "--store: the data is in a PostgreSQL database: back it up with pg_dump", []string{"backup", "--store=postgres://a", path("new")}},
		{"existing backup", 1, "backup " + backup + ": the file exists: set --force to replace it, or choose another name", []string{"backup", "--data", data, backup}},
		{"existing data file", 1, "backup " + data + ": the file exists and is not a backup: choose another name", []string{"backup", "--data", data, data, "--force"}},
		{"directory as backup", 1, "backup " + path("directory") + ": it exists and is not a regular file", []string{"backup", "--data", data, path("directory"), "--force"}},
		{"missing directory", 1, "backup " + path("a/b") + ": directory " + path("a") + " does not exist", []string{"backup", "--data", data, path("a/b")}},
		{"missing data file", 3, "--data " + path("none") + ": no such file or directory: check the path", []string{"backup", "--data", path("none"), path("new")}},
		{"not a data file", 3, "--data " + path("text") + ": not a gamesparks-server data file", []string{"backup", "--data", path("text"), path("new")}},
		{"damaged data file", 3, "--data " + path("old.db") + ": the file is damaged: ", []string{"backup", "--data", path("old.db"), path("new")}},
		{"no server", 1, "--admin-socket " + path("none") + ": no server listens on the socket", []string{"backup", "--admin-socket", path("none"), path("new")}},
		{"other socket", 3, "a process has the file open, but no server listens on the socket " + path("served.db.sock") + ": set --admin-socket", []string{"backup", "--data", path("served.db"), path("new")}},
		{"socket of another program", 1, "the socket is not that of a gamesparks-server: status 404", []string{"backup", "--admin-socket", serveSocket(t, http.NotFoundHandler()), path("new")}},

		{"no backup", 2, "expected \"<backup>\"", []string{"restore", "--data", path("new")}},
		{"no target", 2, "set --data to the data file to create", []string{"restore", backup}},
		{"target is a database", 2, "--store: the data is in a PostgreSQL database: restore it with pg_restore", []string{"restore", backup, "--store=postgres://a"}},
		{"missing backup", 3, "restore " + path("none") + ": no such file or directory: check the path", []string{"restore", path("none"), "--data", path("new")}},
		{"text", 3, path("text") + ": restore: not a backup of gamesparks-server", []string{"restore", path("text"), "--data", path("new")}},
		{"data file", 3, data + ": restore: not a backup of gamesparks-server", []string{"restore", data, "--data", path("new")}},
		{"newer backup", 3, "its format is 2, but this program supports only formats up to 1: upgrade the program", []string{"restore", path("newer"), "--data", path("new")}},
		{"unsound backup", 3, path("unsound") + ": the data has problems: 1 problems, the first: ", []string{"restore", path("unsound"), "--data", path("new")}},
		{"backup as target", 2, "--data " + backup + ": the file is the backup: choose another name", []string{"restore", backup, "--data", backup, "--force"}},
		{"missing directory of the target", 1, "--data " + path("a/b") + ": directory " + path("a") + " does not exist", []string{"restore", backup, "--data", path("a/b")}},
		{"directory as target", 1, "--data " + path("directory") + ": it exists and is not a regular file", []string{"restore", backup, "--data", path("directory"), "--force"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			output := expect(t, tc.code, []string{tc.says}, tc.args...)
			if strings.Count(output, "\n") != 1 {
				t.Errorf("output %q, want one line", output)
			}
			if diff := cmp.Diff(before, files(t, dir)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
	expect(t, 0, []string{"entries, "}, "backup", "--data", path("served.db"), "--admin-socket", path("admin"), path("served.backup"))
	expect(t, 0, []string{"entries, "}, "backup", "--admin-socket", path("memory"), path("memory.backup"))
	expect(t, 0, []string{"0 problems"}, "restore", path("memory.backup"), "--data", path("from-memory"))
	expect(t, 0, []string{"entries, "}, "backup", "--data", data, backup, "--force")
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// foreignBackup returns a backup with a record that does not belong to a service.
func foreignBackup(t *testing.T) string {
	t.Helper()
	store := storage.NewMemory()
	if err := store.Update(t.Context(), func(w storage.Writer) error { return w.Put("key", []byte("value")) }); err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if _, err := maintenance.Backup(t.Context(), store, &content); err != nil {
		t.Fatal(err)
	}
	return content.String()
}

// TestBackupHelp checks the help of the commands.
func TestBackupHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"backup", "restore"} {
		want := mustRead(t, filepath.Join("testdata", command+"-help.golden"))
		code, got, _ := runProcess(t, command, "--help")
		if diff := cmp.Diff(string(want), got); code != 0 || diff != "" {
			t.Errorf("%s --help: exit code %d (-want +got):\n%s", command, code, diff)
		}
	}
}
