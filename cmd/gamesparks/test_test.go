package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

// TestTestFaults adds, lists and removes faults.
func TestTestFaults(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t, server.WithTestAPI())
	results := []result{sh.run("test", "faults", "list")}
	for _, flags := range []string{
		"--operation CreateGame --code ThrottlingException --count 2",
		"--operation GetGame --latency 500ms --probability 0.25 --count 1",
		"--code SlowDown --status 503 --operation Download",
		"--operation ListExtensions --drop-connection --drop-response --truncate --malformed",
	} {
		results = append(results, sh.run(append([]string{"test", "faults", "add"}, strings.Fields(flags)...)...))
	}
	first, second := strings.TrimSpace(results[1].stdout), strings.TrimSpace(results[2].stdout)
	// The API command retries a throttled call, so it succeeds at the third attempt.
	results = append(results,
		sh.run("test", "faults", "list"),
		sh.run("api", "create-game", "--game-name", "lighthouse", "--query", "Game.State"),
		sh.run("test", "faults", "remove", first),
		sh.run("test", "faults", "remove", second),
		sh.run("test", "faults", "list"),
		sh.run("test", "faults", "remove", "--all"),
		sh.run("test", "faults", "list"),
		sh.run("test", "faults", "add", "--operation", "GetGame"),
		sh.run("test", "faults", "add", "--status", "503"),
		sh.run("test", "faults", "add", "--latency", "1s", "--probability", "1.5"),
		sh.run("test", "faults", "add", "--latency", "1s", "--probability", "NaN"),
		sh.run("test", "faults", "add", "--latency", "-1s"),
		sh.run("test", "faults", "add", "--latency", "61m"),
		sh.run("test", "faults", "add", "--latency", "1"),
		sh.run("test", "faults", "add", "--count", "many"),
		sh.run("test", "faults", "add", "--help"),
		sh.run("test", "faults", "remove"),
		sh.run("test", "faults", "remove", ""),
		sh.run("test", "faults", "remove", "--all", "1"),
		sh.run("test", "faults"),
		sh.run("test"),
	)
	golden(t, "test-faults", transcript(results...))
}

// TestTestReset resets the account.
func TestTestReset(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t, server.WithTestAPI())
	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	results := []result{sh.run("test", "reset"), sh.run("status"), sh.run("test", "reset", "--yes"), sh.run("status")}
	golden(t, "test-reset", transcript(results...))

	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	for _, test := range []struct {
		answer string
		status int
		left   bool
	}{{"no\n", statusFailure, true}, {"yes\n", 0, false}} {
		out, status := sh.runInTerminal(120, test.answer, "test", "reset")
		if status != test.status || !strings.Contains(out, "Delete all games of the account in us-east-1 on http://127.0.0.1:") {
			t.Errorf("answer %q: exit status %d\n%s", test.answer, status, out)
		}
		if left := strings.Contains(sh.mustRun("status"), "lighthouse"); left != test.left {
			t.Errorf("answer %q: the game is left = %v", test.answer, left)
		}
	}
}

// TestTestClock moves the clock, which completes a deployment.
func TestTestClock(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t, server.WithTestAPI(), server.WithDeploymentTime(time.Hour, time.Hour))
	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	sh.mustRun("api", "create-stage", "--game-name", "lighthouse", "--stage-name", "dev", "--role", "arn:aws:iam::123456789012:role/lamp")
	startDeployment(t, sh, "dev", createSnapshot(t, sh))
	results := []result{
		sh.run("test", "clock"),
		sh.run("test", "clock", "--advance", "2h0m0.5s"),
		sh.run("test", "clock"),
		sh.run("test", "clock", "--advance", "-1h"),
		sh.run("test", "clock", "--advance", "1d"),
		sh.run("test", "clock", "--advance", "1000000h"),
		sh.run("test", "clock", "--advance", "876000h"),
		sh.run("test", "clock", "now"),
	}
	golden(t, "test-clock", transcript(results...))
	deployment, err := srv.Client().GetStageDeployment(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: new("lighthouse"), StageName: new("dev")})
	if err != nil || deployment.StageDeployment.DeploymentState != "COMPLETED" {
		t.Errorf("deployment %+v, error %v", deployment, err)
	}
	printed := strings.Fields(results[1].stdout)[0]
	if at, err := time.Parse(time.RFC3339Nano, printed); err != nil || time.Until(at) < time.Hour {
		t.Errorf("the command printed the time %s, error %v", printed, err)
	}
}

// TestTestErrors checks the messages for servers without the test API and for access keys that do not permit its use.
func TestTestErrors(t *testing.T) {
	t.Parallel()
	_, without := newServerShell(t)
	_, sh := newServerShell(t, server.WithTestAPI(), server.WithCredentials(
		server.Credential{AccessKeyID: "full", SecretAccessKey: "secret"},
		server.Credential{AccessKeyID: "reader", SecretAccessKey: "secret", ReadOnly: true},
	), server.WithRateLimit(0.001, 1))
	golden(t, "test-errors", transcript(
		without.run("test", "faults", "list"),
		without.run("test", "clock"),
		without.run("test", "reset", "--yes"),
		sh.with("AWS_ACCESS_KEY_ID=reader").run("test", "reset", "--yes"),
		sh.with("AWS_SECRET_ACCESS_KEY=wrong").run("test", "clock"),
		sh.run("test", "clock", "--advance", "1s"),
		sh.run("test", "clock"),
		sh.run("test", "clock", "--endpoint-url", "http://127.0.0.1:1"),
		newShell(t).run("test", "clock"),
	))
}

// TestTestForeignServer calls a server that is not a gamesparks-server.
func TestTestForeignServer(t *testing.T) {
	t.Parallel()
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	t.Cleanup(foreign.Close)
	_, sh := newServerShell(t)
	r := sh.run("test", "clock", "--endpoint-url", foreign.URL)
	if r.status != statusFailure || !strings.Contains(r.stderr, "The response from "+foreign.URL+"/test/clock is not one of the GameSparks API") {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
}
