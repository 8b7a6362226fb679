//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	smithy "github.com/aws/smithy-go"
	"golang.org/x/sys/unix"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// disk is the storage of a data file, which tests can fill up.
type disk struct {
	path string

	// fill uses up the space for data, and room frees some.
	fill, room func(t *testing.T, server *process)
}

// smallFileSystem returns a disk that is a file system of a few megabytes. It returns nil if the test must not mount one.
func smallFileSystem(t *testing.T) *disk {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Logf("cannot mount a file system (%v): testing with a limit of the file size only", err)
		return nil
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	return &disk{
		path: filepath.Join(dir, "data"),
		fill: func(t *testing.T, _ *process) {
			t.Helper()
			file, err := os.Create(ballast)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			for err == nil {
				_, err = file.Write(make([]byte, 4096))
			}
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
		},
		room: func(t *testing.T, _ *process) {
			t.Helper()
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// limitedFile returns a disk whose files have a maximum size.
func limitedFile(t *testing.T) *disk {
	t.Helper()
	limit := func(size uint64) func(*testing.T, *process) {
		return func(t *testing.T, server *process) {
			t.Helper()
			if err := unix.Prlimit(server.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	return &disk{path: filepath.Join(t.TempDir(), "data"), fill: limit(64 << 10), room: limit(unix.RLIM_INFINITY)}
}

// TestFullDisk fills the disk of a server. Writes must fail with status 503 and have no effect, reads must succeed, and
// writes must succeed again when space is available.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for name, newDisk := range map[string]func(*testing.T) *disk{"file system": smallFileSystem, "file size limit": limitedFile} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t)
			if d == nil {
				return
			}
			testFullDisk(t, d)
		})
	}
}

func testFullDisk(t *testing.T, d *disk) {
	server := start(t, "--data", d.path)
	client := newClient(server.endpoint)
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")}); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, server.endpoint+"/readyz"); status != http.StatusOK || body != "ok\n" {
		t.Errorf("before: /readyz: status %d, body %q", status, body)
	}

	d.fill(t, server)
	written := 0
	err := error(nil)
	for ; err == nil && written < 100; written++ {
		err = importNumber(t.Context(), client, written)
	}
	written-- // the last one failed
	var api smithy.APIError
	var status interface{ HTTPStatusCode() int }
	if !errors.As(err, &api) || !errors.As(err, &status) || status.HTTPStatusCode() != http.StatusServiceUnavailable || !strings.Contains(api.ErrorMessage(), "disk is full") {
		t.Fatalf("after %d writes: got error %v, want status 503 and a message that the disk is full", written, err)
	}
	for range 3 {
		if err := importNumber(t.Context(), client, 1000); err == nil {
			t.Error("a write succeeded although the disk is full")
		}
		if got := readNumber(t, client); got != written-1 {
			t.Errorf("got number %d, want %d, which was the last one written", got, written-1)
		}
	}
	// Small writes use the free pages of the file until there are none left.
	const problem = `{"Message":"The server cannot write its data because its disk is full. Free space on the disk."}`
	for i := 0; ; i++ {
		_, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new(fmt.Sprintf("small-%d", i))})
		if err == nil {
			continue
		}
		if status, body := get(t, server.endpoint+"/readyz"); status == http.StatusServiceUnavailable && body == problem {
			break
		}
		if i == 10_000 {
			t.Fatalf("%d small writes, but /readyz does not say %s", i, problem)
		}
	}
	if status, body := get(t, server.endpoint+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: status %d, body %q; want 200, since reading works", status, body)
	}
	metrics := readMetrics(t, server)
	if metrics["gamesparks_commit_failures_total"] < 4 || metrics["gamesparks_commit_duration_seconds_count"] < 5 || metrics["gamesparks_data_bytes"] < 4096 {
		t.Errorf("got metrics %v", metrics)
	}

	d.room(t, server)
	if err := importNumber(t.Context(), client, 2000); err != nil {
		t.Errorf("with room: %v", err)
	}
	waitFor(t, server, "/readyz", http.StatusOK, "ok\n")

	// A server can start on a full disk.
	d.fill(t, server)
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	server = start(t, "--data", d.path)
	if got := readNumber(t, newClient(server.endpoint)); got != 2000 {
		t.Errorf("after a restart: got number %d, want 2000", got)
	}
}

// importNumber stores a configuration of about 300 KB with a number.
func importNumber(ctx context.Context, client *gamesparks.Client, n int) error {
	file := fmt.Sprintf(`{"Document":{"Type":"Game","Sections":{"A":{"n":%d},"B":{"text":"%s%d"}}}}`, n, strings.Repeat("a", 300_000), n)
	_, err := client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: new("chess"), ImportSource: &types.ImportGameConfigurationSource{File: []byte(file)},
	})
	return err
}

func readNumber(t *testing.T, client *gamesparks.Client) int {
	t.Helper()
	out, err := client.GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: new("chess"), Sections: []string{"A"}})
	if err != nil {
		t.Fatal(err)
	}
	section, ok := out.GameConfiguration.Sections["A"]
	if !ok {
		return -1 // nothing was imported
	}
	var content struct {
		N int `document:"n"`
	}
	if err := section.Attributes.UnmarshalSmithyDocument(&content); err != nil {
		t.Fatal(err)
	}
	return content.N
}
