package main

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

// testClock is a server clock that is a configurable duration behind the system clock.
type testClock struct{ offset atomic.Int64 }

func (c *testClock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *testClock) setAgo(d time.Duration) { c.offset.Store(int64(-d)) }

func TestStatus(t *testing.T) {
	t.Parallel()
	var clock testClock
	clock.setAgo(75 * time.Hour)
	srv, sh := newServerShell(t, server.WithClock(clock.now), server.WithDeploymentTime(time.Minute, time.Minute),
		server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
			if d.Stage == "broken" {
				return server.Outcome{Code: types.ResultCodeInvalidRoleFailure}
			}
			return server.Outcome{}
		}))
	none := sh.run("status")
	sh.mustRun("api", "create-game", "--game-name", "lighthouse", "--description", "A lamp")
	empty := sh.run("status", "--game", "lighthouse")
	first := createSnapshot(t, sh)
	for _, stage := range []string{"beta", "broken", "dev", "live"} {
		sh.mustRun("api", "create-stage", "--game-name", "lighthouse", "--stage-name", stage, "--role", "arn:aws:iam::123456789012:role/lamp")
		if stage != "dev" {
			startDeployment(t, sh, stage, first)
		}
	}
	clock.setAgo(30 * time.Minute)
	startDeployment(t, sh, "live", createSnapshot(t, sh))
	clock.setAgo(29*time.Minute + 30*time.Second)
	results := []result{none, empty, sh.run("status"), sh.run("status", "--game", "lighthouse")}
	writeFile(t, sh, "game/game.json", `{"name": "lighthouse"}`)
	writeFile(t, sh, "damaged/game.json", `{"name": 5}`)
	results = append(results,
		sh.in("game").run("status", "--player", "p1,p2"),
		sh.in("damaged").run("status"),
		sh.run("status", "--game", "nosuch"))
	golden(t, "status", transcript(results...))

	keys, err := srv.Client().GetStage(t.Context(), &gamesparks.GetStageInput{GameName: new("lighthouse"), StageName: new("live")})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(transcript(results...), *keys.Stage.GameKey) {
		t.Error("status prints a game key")
	}
	if out := sh.mustRun("status", "--game", "lighthouse", "--show-keys"); !strings.Contains(out, *keys.Stage.GameKey) {
		t.Errorf("status --show-keys does not print the game key:\n%s", out)
	}
}

// TestStatusIsPrintable checks that text from the server cannot control the terminal.
func TestStatusIsPrintable(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	sh.mustRun("api", "create-game", "--game-name", "lighthouse", "--description", "red \x1b[31m\u202e")
	if out := sh.mustRun("status"); !strings.Contains(out, "red \ufffd[31m\ufffd\n") {
		t.Errorf("output = %q", out)
	}
}

// TestStatusInTerminal checks that lines are cut at the width of the terminal.
func TestStatusInTerminal(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	sh.mustRun("api", "create-game", "--game-name", "lighthouse", "--description", strings.Repeat("ä", 100))
	out, status := sh.runInTerminal(40, "", "status")
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, out)
	}
	want := "GAME        STATE   DESCRIPTION\nlighthouse  ACTIVE  ääääääääääääääääääää…\n"
	if out != want[:len(want)-len("ä…\n")]+"…\n" {
		t.Errorf("output = %q", out)
	}
}

// createSnapshot creates a snapshot of the game lighthouse and returns its ID.
func createSnapshot(t *testing.T, sh *shell) string {
	t.Helper()
	return strings.Trim(sh.mustRun("api", "create-snapshot", "--game-name", "lighthouse", "--query", "Snapshot.Id"), "\"\n")
}

func startDeployment(t *testing.T, sh *shell, stage, snapshot string) {
	t.Helper()
	sh.mustRun("api", "start-stage-deployment", "--game-name", "lighthouse", "--stage-name", stage, "--snapshot-id", snapshot)
}
