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
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/damagetest"
	"github.com/gamesparks-go/gamesparks/types"
)

// content returns the games in a data file as a client reads them.
func content(ctx context.Context, client *gamesparks.Client) (map[string]string, error) {
	got := map[string]string{}
	for game, err := range gamesparks.NewListGamesPaginator(client, nil).Items(ctx) {
		if err != nil {
			return nil, err
		}
		configuration, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: game.Name})
		if err != nil {
			return nil, err
		}
		var text strings.Builder
		sections := configuration.GameConfiguration.Sections
		fmt.Fprintf(&text, "%s %d", aws.ToString(game.Description), len(sections))
		for _, name := range slices.Sorted(maps.Keys(sections)) {
			section, err := sections[name].Attributes.MarshalSmithyDocument()
			if err != nil {
				return nil, err
			}
			text.Write(section)
		}
		got[*game.Name] = text.String()
	}
	return got, nil
}

// gamesFile returns the bytes of a data file with several games, and the games as a client reads them.
func gamesFile(t *testing.T) (data []byte, want map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	server := start(t, "--data", path, "--log-level=warn")
	client := newClient(server.endpoint)
	for i := range 30 {
		name := fmt.Sprintf("game-%02d", i)
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &name, Description: new("first " + name)}); err != nil {
			t.Fatal(err)
		}
		file := fmt.Sprintf(`{"Document":{"Type":"Game","Sections":{"A":{"n":%d},"B":{"text":%q}}}}`, i, strings.Repeat("abc", 100*i))
		if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
			GameName: &name, ImportSource: &types.ImportGameConfigurationSource{File: []byte(file)},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.UpdateGame(t.Context(), &gamesparks.UpdateGameInput{GameName: &name, Description: new("second " + name)}); err != nil {
			t.Fatal(err)
		}
	}
	want, err := content(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	data, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data, want
}

const damagedFiles = 60

// TestDamagedData starts the server on data files that are damaged in many ways. It must refuse the file with exit code 3
// and one line that names the file, or serve the same content, or fail requests for damaged content.
func TestDamagedData(t *testing.T) {
	t.Parallel()
	data, want := gamesFile(t)
	path := filepath.Join(t.TempDir(), "data")
	refused, failed := 0, 0
	for seed := range uint64(damagedFiles) {
		changed, description := damagetest.Change(data, rand.New(rand.NewPCG(seed, 0)))
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		server, code := tryStart(t, "--data", path, "--log-level=error")
		if server == nil {
			refused++
			text := code.stderr
			if code.code != exitData || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "gamesparks-server: --data "+path+": ") {
				t.Errorf("seed %d: %s: exit code %d, want %d and one line that names the file:\n%s", seed, description, code.code, exitData, text)
			}
			continue
		}
		got, err := content(t.Context(), newClient(server.endpoint))
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("seed %d: %s: the content differs (-want +got):\n%.1000s", seed, description, diff)
		}
		if err != nil {
			failed++
		}
		if strings.Contains(server.stderr.String(), "goroutine ") {
			t.Errorf("seed %d: %s: the server panicked:\n%s", seed, description, server.stderr)
		}
		if exit := server.signal(t, syscall.SIGTERM); exit != 0 {
			t.Errorf("seed %d: %s: exit code %d after SIGTERM, want 0", seed, description, exit)
		}
	}
	t.Logf("of %d damaged files, %d were refused and %d failed requests", damagedFiles, refused, failed)
	if refused == 0 {
		t.Error("no damaged file was refused")
	}
}

// TestDamageWhileServing damages the file of a running server. The next request that reads a damaged page ends the server
// with exit code 3.
func TestDamageWhileServing(t *testing.T) {
	t.Parallel()
	data, _ := gamesFile(t)
	for name, apply := range map[string]func(path string) error{
		"truncated": func(path string) error { return os.Truncate(path, 8192) },
		"overwritten": func(path string) error {
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer file.Close()
			_, err = file.WriteAt(bytes.Repeat([]byte{0xAA}, len(data)-8192), 8192)
			return err
		},
	} {
		for _, operation := range []string{"read", "write", "health"} {
			t.Run(name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "data")
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				server := start(t, "--data", path)
				if err := apply(path); err != nil {
					t.Fatal(err)
				}
				client := newClient(server.endpoint)
				switch operation {
				case "read":
					if _, err := client.ListGames(t.Context(), nil); err == nil {
						t.Error("ListGames succeeded")
					}
				case "write":
					if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("new")}); err == nil {
						t.Error("CreateGame succeeded")
					}
				case "health":
					if resp, err := http.Get(server.endpoint + "/healthz"); err == nil {
						resp.Body.Close()
						t.Errorf("status %s", resp.Status)
					}
				}
				if code := server.wait(); code != exitData {
					t.Errorf("exit code %d, want %d", code, exitData)
				}
				want := "gamesparks-server: --data " + path + ": the data file is damaged: "
				if text := server.stderr.String(); !strings.Contains(text, want) || strings.Contains(text, "goroutine ") {
					t.Errorf("stderr does not contain %q, or has a stack trace:\n%s", want, text)
				}
			})
		}
	}
}

// TestLargeDamagedData checks that the server finds damage in a file so large that it checks only a sample.
func TestLargeDamagedData(t *testing.T) {
	t.Parallel()
	data, want := gamesFile(t)
	path := filepath.Join(t.TempDir(), "data")
	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, maxCompleteCheck+1); err != nil {
			t.Fatal(err)
		}
	}
	write(data)
	server := start(t, "--data", path)
	got, err := content(t.Context(), newClient(server.endpoint))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("intact file: error %v, content (-want +got):\n%s", err, diff)
	}
	server.kill(t)
	changed := bytes.Clone(data)
	clear(changed[8192:])
	write(changed)
	if server, exit := tryStart(t, "--data", path); server != nil || exit.code != exitData {
		t.Errorf("exit code %d, want %d", exit.code, exitData)
	}
}

// TestCrashOfCheck checks that a crash of the child process counts as damage.
func TestCrashOfCheck(t *testing.T) {
	t.Parallel()
	data, _ := gamesFile(t)
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := command(ctx, []string{crashVariable + "=1"}, "--addr=127.0.0.1:0", "--data", path, "--log-level=error")
	output, err := cmd.CombinedOutput()
	want := "gamesparks-server: --data " + path + ": the data file is damaged: the check of the file crashed: exit status 2: panic: test"
	if cmd.ProcessState.ExitCode() != exitData || !strings.HasPrefix(string(output), want) {
		t.Errorf("error %v, output %q; want exit code %d and output that begins with %q", err, output, exitData, want)
	}
}

// TestReadableData checks that the server warns about a data file that other users can read.
func TestReadableData(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	const warning = "other users can read the data file"
	server := start(t, "--data", path)
	if text := server.stderr.String(); strings.Contains(text, warning) {
		t.Errorf("warning about a new file: %s", text)
	}
	server.signal(t, syscall.SIGTERM)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, "--data", path).stderr.await(t, warning)
}
