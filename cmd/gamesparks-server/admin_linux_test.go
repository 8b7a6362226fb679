package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestAdminSocketOwner connects to the socket as another user.
func TestAdminSocketOwner(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("requires root to act as another user")
	}
	dir := shortDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "games.db")
	start(t, "--data", data)
	connect := func() error {
		descriptor, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(descriptor)
		return unix.Connect(descriptor, &unix.SockaddrUnix{Name: data + ".sock"})
	}
	if err := connect(); err != nil {
		t.Errorf("as the user of the server: %v", err)
	}
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine
		const nobody = 65534
		if err := unix.Setfsuid(nobody); err != nil {
			result <- err
			return
		}
		result <- connect()
	}()
	if err := <-result; !errors.Is(err, unix.EACCES) {
		t.Errorf("as another user: got error %v, want %v", err, unix.EACCES)
	}
}

// TestBackupFullDisk backs up and restores to a full disk. Nothing may remain.
func TestBackupFullDisk(t *testing.T) {
	t.Parallel()
	d := smallFileSystem(t)
	if d == nil {
		return
	}
	dir := shortDir(t)
	data, backup := filepath.Join(dir, "games.db"), filepath.Join(dir, "games.backup")
	largeFile(t, data)
	expect(t, 0, nil, "backup", "--data", data, backup)
	small := filepath.Dir(d.path)
	expect(t, exitFailure, []string{"backup " + d.path + ": no space left on device\n"}, "backup", "--data", data, d.path)
	expect(t, exitFailure, []string{"--data " + d.path + ": no space left on device\n"}, "restore", backup, "--data", d.path)
	server := start(t, "--data", data)
	expect(t, exitFailure, []string{"backup " + d.path + ": no space left on device\n"}, "backup", "--data", data, d.path)
	expectReady(t, server)
	if names := files(t, small); len(names) > 0 {
		t.Errorf("files %q", names)
	}
}

// TestBackupProgress runs the commands on a terminal.
func TestBackupProgress(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data := filepath.Join(dir, "games.db")
	largeFile(t, data)
	backup := filepath.Join(dir, "games.backup")
	for _, args := range [][]string{{"backup", "--data", data, backup}, {"restore", backup, "--data", filepath.Join(dir, "new.db")}} {
		cmd := command(t.Context(), []string{"TERM=xterm"}, args...)
		terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
		if err != nil {
			t.Fatal(err)
		}
		output, err := io.ReadAll(terminal)
		if err != nil && !errors.Is(err, syscall.EIO) { // how Linux reports the end
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		if text := string(output); !strings.Contains(text, args[0]+"  ") || !strings.Contains(text, "8.6 MiB") {
			t.Errorf("%s: the terminal shows %q", args[0], text)
		}
	}
}

// TestLimitedAddressSpace starts a server whose address space is smaller than it would like to have for the data file.
func TestLimitedAddressSpace(t *testing.T) {
	t.Parallel()
	data := filepath.Join(shortDir(t), "games.db")
	largeFile(t, data)
	cmd := command(t.Context(), nil, "check", "--data", data)
	cmd.Args = append([]string{"sh", "-c", `ulimit -v 16777216 && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	output, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "9 games") {
		t.Errorf("error %v, output %q", err, output)
	}
}
