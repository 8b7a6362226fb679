//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/types"
)

// largeFile creates a data file of several megabytes, more than the buffers of a socket hold.
func largeFile(t *testing.T, name string) {
	t.Helper()
	server := start(t, "--data", name, "--log-level=warn")
	client := newClient(server.endpoint)
	for i := range 9 {
		game := fmt.Sprintf("large-%d", i)
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &game}); err != nil {
			t.Fatal(err)
		}
		file := fmt.Sprintf(`{"Document":{"Type":"Game","Sections":{"A":{"text":"%s%d"}}}}`, strings.Repeat("a", 1_000_000), i)
		if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
			GameName: &game, ImportSource: &types.ImportGameConfigurationSource{File: []byte(file)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Fatalf("exit code %d", code)
	}
}

// partialFile returns the size of the incomplete file of a command, or -1 if there is none.
func partialFile(t *testing.T, dir string) int64 {
	t.Helper()
	for _, name := range files(t, dir) {
		if strings.Contains(name, partialSuffix) {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil { // else it has just got its name
				return info.Size()
			}
		}
	}
	return -1
}

// awaitPartial waits until the incomplete file of a command has the size, and then looks for it more times. It returns early if
// the command has ended.
func awaitPartial(t *testing.T, dir string, size int64, more int, ended <-chan error) {
	t.Helper()
	for len(ended) == 0 && partialFile(t, dir) < size {
		runtime.Gosched()
	}
	for range more {
		if len(ended) > 0 {
			return
		}
		partialFile(t, dir)
	}
}

// removePartial deletes the incomplete files of killed commands.
func removePartial(t *testing.T, dir string) {
	t.Helper()
	for _, name := range files(t, dir) {
		if strings.Contains(name, partialSuffix) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
	}
}

// launch starts a command and returns a channel for its end.
func launch(t *testing.T, args ...string) (cmd *exec.Cmd, output *buffer, ended chan error) {
	t.Helper()
	cmd, output, ended = command(t.Context(), nil, args...), newBuffer(), make(chan error, 1)
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- cmd.Wait() }()
	return cmd, output, ended
}

// checkBackupFile checks that a backup is complete. It returns false if the file does not exist.
func checkBackupFile(t *testing.T, name string) bool {
	t.Helper()
	file, err := os.Open(name)
	if os.IsNotExist(err) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := maintenance.VerifyBackup(file); err != nil {
		t.Errorf("the backup is broken: %v", err)
	}
	return true
}

const kills = 10

// TestBackupKilled kills the command backup, or the server that it backs up, at random times. The backup must then not exist,
// or be complete.
func TestBackupKilled(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data := filepath.Join(dir, "games.db")
	largeFile(t, data)
	for _, victim := range []string{"client", "client at rest", "server"} {
		t.Run(victim, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(len(victim)), 0))
			complete := 0
			for i := range kills {
				var server *process
				if victim != "client at rest" {
					server = start(t, "--data", data, "--log-level=error")
				}
				backups := filepath.Join(dir, fmt.Sprint(strings.Fields(victim)[0], len(victim), i))
				if err := os.Mkdir(backups, 0o700); err != nil {
					t.Fatal(err)
				}
				backup := filepath.Join(backups, "games.backup")
				replace := i%2 == 1
				if replace { // the previous backup must survive
					expect(t, 0, nil, "backup", "--data", data, backup)
				}
				cmd, output, ended := launch(t, "backup", "--data", data, backup, "--force")
				awaitPartial(t, backups, random.Int64N(9_000_000), random.IntN(500), ended)
				if victim == "server" {
					server.kill(t)
				} else if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
				err := <-ended
				if found := checkBackupFile(t, backup); !found && (replace || err == nil) {
					t.Errorf("the backup does not exist: error %v", err)
				}
				if err == nil {
					complete++
				}
				left := partialFile(t, backups) >= 0
				if victim == "server" {
					if left {
						t.Errorf("the command has left an incomplete file: %q", files(t, backups))
					}
					const reason = "the server ended the connection before the backup was complete: see its log"
					if err != nil && (cmd.ProcessState.ExitCode() != exitFailure || !strings.Contains(output.String(), reason)) {
						t.Errorf("error %v, output %q; want exit code %d and %q", err, output, exitFailure, reason)
					}
				}
				if server != nil && victim != "server" {
					expectReady(t, server)
				}
				var warning []string
				if left {
					warning = []string{"belongs to a command that was killed or still runs: delete it if no command runs"}
				}
				expect(t, 0, warning, "backup", "--data", data, backup, "--force")
				if server != nil {
					server.kill(t)
				}
			}
			t.Logf("%d of %d backups were complete", complete, kills)
			if complete == kills {
				t.Error("no backup was interrupted")
			}
		})
	}
}

// expectReady fails the test unless the server can write.
func expectReady(t *testing.T, server *process) {
	t.Helper()
	if status, body := get(t, server.endpoint+"/readyz"); status != 200 {
		t.Errorf("/readyz: status %d, body %q", status, body)
	}
}

// TestRestoreKilled kills the command restore at random times. The data file must then be the old one, or the complete new one.
func TestRestoreKilled(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	source, backup := filepath.Join(dir, "source.db"), filepath.Join(dir, "games.backup")
	largeFile(t, source)
	expect(t, 0, nil, "backup", "--data", source, backup)
	old, _ := gamesFile(t)
	random := rand.New(rand.NewPCG(1, 0))
	interrupted := 0
	for i := range kills {
		target := filepath.Join(dir, fmt.Sprint("target", i))
		if err := os.Mkdir(target, 0o700); err != nil {
			t.Fatal(err)
		}
		data := filepath.Join(target, "games.db")
		replace := i%2 == 1
		if replace {
			if err := os.WriteFile(data, old, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd, _, ended := launch(t, "restore", backup, "--data", data, "--force")
		awaitPartial(t, target, random.Int64N(9_000_000), random.IntN(5000), ended)
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		err := <-ended
		content, readErr := os.ReadFile(data)
		switch {
		case os.IsNotExist(readErr) && !replace && err != nil:
			interrupted++
		case readErr != nil:
			t.Errorf("the data file does not exist, although restore ended with error %v", err)
		case replace && err != nil && bytes.Equal(content, old):
			interrupted++
		default:
			expect(t, 0, []string{"9 games", "0 problems"}, "check", "--data", data)
		}
		removePartial(t, target)
		expect(t, 0, []string{"9 games", "0 problems"}, "restore", backup, "--data", data, "--force")
		if diff := cmp.Diff([]string{"games.db"}, files(t, target)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	}
	t.Logf("%d of %d commands were interrupted", interrupted, kills)
	if interrupted == 0 {
		t.Error("no command was interrupted")
	}
}

// TestInterruptedBackup stops the commands with SIGTERM. They delete their incomplete files.
func TestInterruptedBackup(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data, backup := filepath.Join(dir, "games.db"), filepath.Join(dir, "games.backup")
	largeFile(t, data)
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	// Restore reads an incomplete backup from the pipe, and waits for the rest of it.
	expect(t, 0, nil, "backup", "--data", data, backup)
	cmd, output, ended := launch(t, "restore", pipe, "--data", filepath.Join(dir, "new.db"))
	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := writer.Write(mustRead(t, backup)[:8_000_000]); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != exitFailure || !strings.Contains(output.String(), "restore: interrupted: run the command again") {
		t.Errorf("exit code %d, output %q", code, output)
	}

	// Backup waits for a server that responds with the header of a backup only.
	server := adminDouble(t, func(w io.Writer) { _, _ = io.WriteString(w, "gamesparks-server backup 1 ") })
	cmd, output, ended = launch(t, "backup", "--admin-socket", server, filepath.Join(dir, "new.backup"))
	awaitPartial(t, dir, 10, 0, ended)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != exitFailure || !strings.Contains(output.String(), "backup: interrupted: run the command again") {
		t.Errorf("exit code %d, output %q", code, output)
	}
	if diff := cmp.Diff([]string{"games.backup", "games.db", "pipe"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
