package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// runProcess runs the program to its end.
func runProcess(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := command(t.Context(), nil, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if _, ok := err.(*exec.ExitError); !ok {
			t.Fatal(err)
		}
	}
	if strings.Contains(errs.String(), "goroutine ") {
		t.Errorf("%v printed a stack trace:\n%s", args, &errs)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// expect fails the test unless the program exits with the code and prints the texts.
func expect(t *testing.T, code int, texts []string, args ...string) (output string) {
	t.Helper()
	got, stdout, stderr := runProcess(t, args...)
	output = stdout + stderr
	if got != code {
		t.Errorf("%v: exit code %d, want %d:\n%s", args, got, code, output)
	}
	for _, text := range texts {
		if !strings.Contains(output, text) {
			t.Errorf("%v: the output does not contain %q:\n%s", args, text, output)
		}
	}
	return output
}

func TestCheckCommand(t *testing.T) {
	t.Parallel()
	data, _ := gamesFile(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "games.db")
	write := func(change func([]byte)) {
		t.Helper()
		changed := bytes.Clone(data)
		change(changed)
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(func([]byte) {})
	expect(t, 0, []string{"30 games", "0 problems"}, "check", "--data", path)
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
		t.Errorf("check has changed the file: error %v", err)
	}

	// Two values are corrupt, and both are reported.
	write(func(data []byte) {
		for _, game := range []string{"second game-03", "second game-17"} {
			for at := 0; ; {
				i := bytes.Index(data[at:], []byte(game))
				if i < 0 {
					break
				}
				at += i
				data[at] = 'S'
			}
		}
	})
	expect(t, exitData, []string{"us-east-1/game/game-03", "us-east-1/game/game-17", "--data " + path}, "check", "--data", path)

	write(func(data []byte) { clear(data[8192:]) })
	expect(t, exitData, []string{"--data " + path, "damaged"}, "check", "--data", path)

	// A counter and a reference count are wrong, with correct checksums.
	write(func([]byte) {})
	store, err := storage.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(w storage.Writer) error {
		const owner = "account/123456789012/us-east-1/"
		for e, err := range w.Scan(storage.Prefix(owner + "content/")) {
			if err != nil {
				return err
			}
			key := owner + "references/" + strings.TrimPrefix(e.Key, owner+"content/")
			if err := w.Put(key, []byte("7")); err != nil {
				return err
			}
			break
		}
		return w.Put(owner+"counter/game", []byte("31"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, exitData, []string{"has 30 games, but its counter says 31", "is referenced 1 times, but its reference count is 7", "2 problems"},
		"check", "--data", path)

	expect(t, exitUsage, []string{"--data"}, "check")
	expect(t, exitUsage, nil, "check", "--data", path, "more")
	expect(t, exitData, []string{"no such file or directory: check the path"}, "check", "--data", path+"x")
	write(func([]byte) {})
	server := start(t, "--data", path)
	expect(t, exitData, []string{"in use by another process"}, "check", "--data", path)
	server.signal(t, syscall.SIGTERM)
}

func version1File(t *testing.T) (path string, content []byte) {
	t.Helper()
	file, err := os.Open("../../server/maintenance/testdata/version1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err = io.ReadAll(unzip)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "old.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, content
}

// files returns the names of the files in a directory.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// damagedCopy returns the path of a copy of a data file in which the value of a description differs from its checksum.
func damagedCopy(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.ReplaceAll(content, []byte("Two players"), []byte("Six players"))
	if bytes.Equal(damaged, content) {
		t.Fatalf("%s has no description to damage", path)
	}
	return write(t, "broken", string(damaged))
}

func TestCopyCommand(t *testing.T) {
	t.Parallel()
	old, content := version1File(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "new.db")

	expect(t, exitData, []string{"--data " + old, "gamesparks-server copy --from " + old + " --to NEW"}, "--addr=127.0.0.1:0", "--data", old)
	expect(t, exitData, []string{"gamesparks-server copy --from " + old}, "check", "--data", old)
	expect(t, 0, []string{"12 games", "0 problems"}, "copy", "--from", old, "--to", path)
	expect(t, 0, []string{"12 games", "0 problems"}, "check", "--data", path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v, error %v; want 0600", info.Mode(), err)
	}
	server := start(t, "--data", path, "--account=111111111111", "--max-games=3")
	game, err := newClient(server.endpoint).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("chess")})
	if err != nil || *game.Game.Description != "Two players in us-east-1" {
		t.Errorf("got game %+v, error %v", game, err)
	}
	expect(t, exitData, []string{"in use"}, "copy", "--from", path, "--to", path+"2")
	server.signal(t, syscall.SIGTERM)
	expect(t, 0, []string{"0 problems"}, "copy", "--from", path, "--to", path+"2")

	// Nothing overwrites a file or leaves a partial one.
	for _, from := range []string{old, path} {
		expect(t, exitFailure, []string{"--to " + path + "2: the file exists: delete it or choose another name"}, "copy", "--from", from, "--to", path+"2")
	}
	expect(t, exitData, []string{"no such file or directory: check the path"}, "copy", "--from", path+"x", "--to", path+"3")
	expect(t, exitUsage, []string{"--from"}, "copy", "--to", path+"3")
	expect(t, exitUsage, []string{"--to"}, "copy", "--from", path)
	broken := damagedCopy(t, path)
	expect(t, exitData, []string{"--from " + broken, "damaged"}, "copy", "--from", broken, "--to", path+"3")
	if diff := cmp.Diff([]string{"new.db", "new.db2"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if after, err := os.ReadFile(old); err != nil || !bytes.Equal(after, content) {
		t.Errorf("the source has changed: error %v", err)
	}
}

// TestCopyInterrupted cancels a copy.
func TestCopyInterrupted(t *testing.T) {
	t.Parallel()
	old, _ := version1File(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := &copyCommand{From: old, To: filepath.Join(t.TempDir(), "new")}
	if _, err := c.copyTo(ctx, c.To+".partial"); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got error %v, want one that says interrupted", err)
	}
}

// TestPartialCopy starts a server whose data file does not exist, next to an incomplete copy. It must not create an empty file.
func TestPartialCopy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "games[1].db")
	partial := path + ".partial-ABCDEFGH"
	if err := os.WriteFile(partial, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if server, exit := tryStart(t, "--data", path); server != nil || exit.code != exitData ||
		!strings.Contains(exit.stderr, "--data "+path) || !strings.Contains(exit.stderr, partial) || !strings.Contains(exit.stderr, "run copy or restore again") {
		t.Errorf("exit code %d, want %d and a message that names %s:\n%s", exit.code, exitData, partial, exit.stderr)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the server created the file: %v", err)
	}
	start(t, "--data", strings.TrimSuffix(path, "s[1].db")) // another file
	if err := os.Remove(partial); err != nil {
		t.Fatal(err)
	}
	start(t, "--data", path).kill(t)
	if err := os.WriteFile(partial, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "--data", path) // the file exists
}
