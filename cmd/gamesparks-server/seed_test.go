package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// newProject creates a project directory with the game lighthouse and the stages dev and live.
func newProject(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "game")
	if err := project.Init(dir, project.Starter("lighthouse")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// edit replaces text in a file.
func edit(t *testing.T, file, before, after string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), before) {
		t.Fatalf("%s does not contain %q", file, before)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), before, after)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// seeded is the content of the game lighthouse.
type seeded struct {
	Snapshots   int
	Deployments map[string][]types.DeploymentState // by stage, latest first
	Script      string                             // of the handler Greet in the configuration
}

func readSeeded(t *testing.T, endpoint string) (got seeded) {
	t.Helper()
	client, game := newClient(endpoint), aws.String("lighthouse")
	got.Deployments = map[string][]types.DeploymentState{}
	for _, err := range gamesparks.NewListSnapshotsPaginator(client, &gamesparks.ListSnapshotsInput{GameName: game}).Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got.Snapshots++
	}
	for stage, err := range gamesparks.NewListStagesPaginator(client, &gamesparks.ListStagesInput{GameName: game}).Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got.Deployments[*stage.Name] = nil
		list := gamesparks.NewListStageDeploymentsPaginator(client, &gamesparks.ListStageDeploymentsInput{GameName: game, StageName: stage.Name})
		for deployment, err := range list.Items(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got.Deployments[*stage.Name] = append(got.Deployments[*stage.Name], deployment.DeploymentState)
		}
	}
	sections, err := project.FetchConfiguration(t.Context(), client, "lighthouse")
	if err != nil {
		t.Fatal(err)
	}
	var handlers struct {
		Greet struct{ Code struct{ Script string } }
	}
	if err := json.Unmarshal(sections["GameSparks.Core.RequestHandlers"], &handlers); err != nil {
		t.Fatal(err)
	}
	got.Script = handlers.Greet.Code.Script
	return got
}

// script returns the script of the handler Greet in a directory.
func script(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "sections", "GameSparks.Core.RequestHandlers", "Greet.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// quick are flags with which deployments complete quickly.
var quick = []string{"--deployment-pending=10ms", "--deployment-in-progress=10ms"}

// TestSeed starts a server with a seed several times. Players must be able to connect as soon as it is ready, an unchanged
// directory must change nothing, and a changed one must be deployed.
func TestSeed(t *testing.T) {
	t.Parallel()
	dir := newProject(t)
	flags := append([]string{"--data", filepath.Join(t.TempDir(), "data"), "--seed", dir}, quick...)
	const completed = types.DeploymentStateCompleted
	first := seeded{1, map[string][]types.DeploymentState{"dev": {completed}, "live": {completed}}, script(t, dir)}

	server := start(t, flags...)
	if diff := cmp.Diff(first, readSeeded(t, server.endpoint)); diff != "" {
		t.Errorf("first start (-want +got):\n%s", diff)
	}
	live, err := newClient(server.endpoint).GetStage(t.Context(), &gamesparks.GetStageInput{GameName: new("lighthouse"), StageName: new("live")})
	if err != nil {
		t.Fatal(err)
	}
	connect(t, server.endpoint, stage{game: "lighthouse", name: "live", key: *live.Stage.GameKey})
	if _, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("other")}); err != nil {
		t.Fatal(err)
	}
	server.signal(t, syscall.SIGTERM)

	server = start(t, flags...)
	if diff := cmp.Diff(first, readSeeded(t, server.endpoint)); diff != "" {
		t.Errorf("second start (-want +got):\n%s", diff)
	}
	log, _, _ := strings.Cut(server.stderr.String(), "msg=listening")
	if !strings.Contains(log, "level=INFO msg=\"applied the seed\"") || !strings.Contains(log, "changed=false") {
		t.Errorf("the log does not say that the seed changed nothing:\n%s", log)
	}
	if strings.Contains(log, "msg=request") {
		t.Errorf("the log has the requests of the seed:\n%s", log)
	}
	if !strings.Contains(server.stderr.String(), "level=INFO msg=request") {
		t.Errorf("the log has no request of a client:\n%s", server.stderr.String())
	}
	addSection(t, server.endpoint, "Own")
	server.signal(t, syscall.SIGTERM)

	edit(t, filepath.Join(dir, "sections", "GameSparks.Core.RequestHandlers", "Greet.js"), "Hello", "Welcome")
	server = start(t, flags...)
	got := readSeeded(t, server.endpoint)
	want := map[string][]types.DeploymentState{"dev": {completed, completed}, "live": {completed, completed}}
	if diff := cmp.Diff(want, got.Deployments); diff != "" || got.Script != script(t, dir) {
		t.Errorf("start with a changed directory: script %q (-want +got):\n%s", got.Script, diff)
	}
	sections, err := project.FetchConfiguration(t.Context(), newClient(server.endpoint), "lighthouse")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := sections["Own"]; !ok {
		t.Error("the seed removed a section that the directory does not have")
	}
	if _, err := newClient(server.endpoint).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("other")}); err != nil {
		t.Errorf("game that is not in the seed: %v", err)
	}
}

// connect opens a connection of a player, which the cleanup of the test closes.
func connect(t *testing.T, endpoint string, s stage) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), connectURL(endpoint, s, "p1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
}

// addSection adds a section to the game lighthouse.
func addSection(t *testing.T, endpoint, name string) {
	t.Helper()
	_, err := newClient(endpoint).UpdateGameConfiguration(t.Context(), &gamesparks.UpdateGameConfigurationInput{
		GameName: new("lighthouse"),
		Modifications: []types.SectionModification{{
			Section: &name, Operation: types.OperationAdd, Path: new("/A"), Value: document.NewLazyDocument(1),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSeedRunningDeployment kills a server while a deployment is in progress. The next start must wait for its end.
func TestSeedRunningDeployment(t *testing.T) {
	t.Parallel()
	dir, data := newProject(t), filepath.Join(t.TempDir(), "data")
	flags := append([]string{"--data", data, "--seed", dir}, quick...)
	start(t, flags...).signal(t, syscall.SIGTERM)

	server := start(t, "--data", data, "--deployment-pending=1s", "--deployment-in-progress=2s")
	client := newClient(server.endpoint)
	snapshots, err := client.ListSnapshots(t.Context(), &gamesparks.ListSnapshotsInput{GameName: new("lighthouse")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.StartStageDeployment(t.Context(), &gamesparks.StartStageDeploymentInput{
		GameName: new("lighthouse"), StageName: new("dev"), SnapshotId: snapshots.Snapshots[0].Id,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.kill(t)

	edit(t, filepath.Join(dir, "sections", "GameSparks.Core.RequestHandlers", "Greet.js"), "Hello", "Welcome")
	server = start(t, append(flags, "--fail-deployments=lighthouse/live=INVALID_ROLE_FAILURE")...)
	log := server.stderr.String()
	if !strings.Contains(log, "applying the seed again") {
		t.Errorf("the log does not say that the seed waits:\n%s", log)
	}
	if n := strings.Count(log, "the seed is not deployed to the stage"); n != 1 {
		t.Errorf("%d warnings about the stage whose deployments fail, want 1:\n%s", n, log)
	}
	const completed = types.DeploymentStateCompleted
	want := map[string][]types.DeploymentState{"dev": {completed, completed, completed}, "live": {completed}}
	if diff := cmp.Diff(want, readSeeded(t, server.endpoint).Deployments); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
}

// TestSeedReplicas starts several servers on one database at the same time.
func TestSeedReplicas(t *testing.T) {
	t.Parallel()
	_, _, flags := database(t)
	dir := newProject(t)
	flags = append(append(flags, "--seed", dir), quick...)
	const completed = types.DeploymentStateCompleted
	want := seeded{1, map[string][]types.DeploymentState{"dev": {completed}, "live": {completed}}, script(t, dir)}
	var running sync.WaitGroup
	servers := make([]*process, 3)
	for i := range servers {
		running.Go(func() { servers[i], _ = tryStart(t, flags...) })
	}
	running.Wait()
	for i, server := range servers {
		if server == nil {
			t.Fatalf("server %d did not start", i)
		}
		if diff := cmp.Diff(want, readSeeded(t, server.endpoint)); diff != "" {
			t.Errorf("server %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestSeedCrashedReplica starts a server while a server that no longer exists holds the lease. The start must wait until the lease
// ends.
func TestSeedCrashedReplica(t *testing.T) {
	t.Parallel()
	_, schema, flags := database(t)
	c := &config{Store: flags[1], StoreSchema: schema, StoreConns: 4, StoreIdleTimeout: 10 * time.Second, StoreLease: 2 * time.Second}
	store, err := c.openDatabase(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	presence := storage.PresenceOf(store)
	if err := presence.Join(t.Context(), storage.Replica{ID: "crashed"}); err != nil {
		t.Fatal(err)
	}
	if held, err := presence.AcquireLease(t.Context(), seedLease, "crashed"); err != nil || !held {
		t.Fatalf("held = %v, error %v", held, err)
	}
	server := start(t, append(append(flags, "--seed", newProject(t)), quick...)...)
	if err := presence.Renew(t.Context(), "crashed"); !errors.Is(err, storage.ErrLeaseEnded) {
		t.Errorf("the server has started before the lease of the other one has ended: error %v", err)
	}
	if got := readSeeded(t, server.endpoint).Snapshots; got != 1 {
		t.Errorf("%d snapshots, want 1", got)
	}
}

// brokenPresence is a presence whose leases cannot be renewed.
type brokenPresence struct {
	storage.Presence
	left chan struct{} // closed by Leave
}

func (brokenPresence) LeaseDuration() time.Duration { return 30 * time.Millisecond }

func (brokenPresence) Renew(context.Context, string) error { return storage.ErrLeaseEnded }

func (p brokenPresence) Leave(ctx context.Context, id string) error {
	close(p.left)
	return p.Presence.Leave(ctx, id)
}

// TestSeedLeaseLost checks that a seed ends when the lease cannot be renewed.
func TestSeedLeaseLost(t *testing.T) {
	t.Parallel()
	presence := brokenPresence{storage.NewPresence(), make(chan struct{})}
	held, release, err := acquireSeedLease(t.Context(), presence)
	if err != nil {
		t.Fatal(err)
	}
	<-held.Done()
	if err := context.Cause(held); !errors.Is(err, errLeaseLost) {
		t.Errorf("error %v, want errLeaseLost", err)
	}
	release()
	<-presence.left

	// The same applies to a server that waits for the lease of another one.
	presence = brokenPresence{storage.NewPresence(), make(chan struct{})}
	if err := presence.Join(t.Context(), storage.Replica{ID: "other"}); err != nil {
		t.Fatal(err)
	}
	if held, err := presence.AcquireLease(t.Context(), seedLease, "other"); err != nil || !held {
		t.Fatalf("held = %v, error %v", held, err)
	}
	if _, _, err := acquireSeedLease(t.Context(), presence); !errors.Is(err, errLeaseLost) {
		t.Errorf("while another server holds the lease: error %v, want errLeaseLost", err)
	}
	<-presence.left
}

// TestSeedFailedDeployments checks that the seed, here in a configuration file, is not deployed to stages whose deployments fail.
func TestSeedFailedDeployments(t *testing.T) {
	t.Parallel()
	file := write(t, "server.yaml", "seed: ["+newProject(t)+"]\n")
	server := start(t, append([]string{"--config", file, "--fail-deployments", "lighthouse/dev=INVALID_ROLE_FAILURE"}, quick...)...)
	want := map[string][]types.DeploymentState{"dev": nil, "live": {types.DeploymentStateCompleted}}
	if diff := cmp.Diff(want, readSeeded(t, server.endpoint).Deployments); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
}

// TestSeedRateLimit applies a seed with more requests than the rate limit permits.
func TestSeedRateLimit(t *testing.T) {
	t.Parallel()
	server := start(t, append([]string{"--seed", newProject(t), "--rate-limit=20", "--rate-burst=2", "--log-level=debug"}, quick...)...)
	if !strings.Contains(server.stderr.String(), "ThrottlingException") {
		t.Fatal("no request of the seed was throttled")
	}
	if status, body := get(t, server.endpoint+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: status %d, body %q", status, body)
	}
}

// TestSeedErrors checks the messages and exit codes for seeds that cannot be read or applied.
func TestSeedErrors(t *testing.T) {
	t.Parallel()
	dir, invalid := newProject(t), newProject(t)
	edit(t, filepath.Join(invalid, "sections", "GameSparks.Core.RequestHandlers", "Greet.js"), "const name", "const const")
	edit(t, filepath.Join(invalid, "game.json"), `"name"`, `"nam"`)
	missing := filepath.Join(t.TempDir(), "missing")
	for name, test := range map[string]struct {
		flags []string
		code  int
		says  []string
	}{
		"invalid files": {[]string{"--seed", dir, "--seed", invalid}, exitUsage, []string{
			"--seed: fix these problems:\n", invalid + "/game.json:", invalid + "/sections/GameSparks.Core.RequestHandlers/Greet.js:2:",
		}},
		"missing directory": {[]string{"--seed", missing}, exitUsage, []string{
			"--seed: the directory " + missing + " does not exist: create it with gamesparks init",
		}},
		"duplicate game": {[]string{"--seed", dir, "--seed", dir}, exitUsage, []string{
			fmt.Sprintf("--seed: %s and %s have the same game lighthouse: remove one of them", dir, dir),
		}},
		"quota": {[]string{"--data", quota(t), "--max-games=1", "--seed", dir}, exitData, []string{
			"--seed " + dir + ": lighthouse: create game: ", "ServiceQuotaExceededException",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, exit := tryStart(t, test.flags...)
			if server != nil || exit.code != test.code {
				t.Fatalf("exit code %d, want %d", exit.code, test.code)
			}
			for _, text := range test.says {
				if !strings.Contains(exit.stderr, text) {
					t.Errorf("the message does not contain %q:\n%s", text, exit.stderr)
				}
			}
		})
	}
}

// quota returns a data file with one game.
func quota(t *testing.T) (data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	server := start(t, "--data", data)
	if _, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("other")}); err != nil {
		t.Fatal(err)
	}
	server.signal(t, syscall.SIGTERM)
	return data
}

// TestSeedStopped stops a server that waits for the deployment of a seed.
func TestSeedStopped(t *testing.T) {
	t.Parallel()
	p := &process{stderr: newBuffer(), exited: make(chan error, 1)}
	p.cmd = command(context.Background(), nil, "--addr=127.0.0.1:0", "--seed", newProject(t), "--deployment-pending=1h")
	p.cmd.Stderr = p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill(t) })
	go func() { p.exited <- p.cmd.Wait() }()
	p.stderr.await(t, "to start earlier, reduce --deployment-pending")
	if log := p.stderr.String(); strings.Contains(log, "listening") {
		t.Errorf("the server listens before the seed is applied:\n%s", log)
	}
	if code := p.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d, want 0:\n%s", code, p.stderr)
	}
}
