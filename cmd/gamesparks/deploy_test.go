package main

import (
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

// newLighthouse creates the game lighthouse with stages and a section.
func newLighthouse(t *testing.T, sh *shell, stages ...string) {
	t.Helper()
	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	for _, stage := range stages {
		sh.mustRun("api", "create-stage", "--game-name", "lighthouse", "--stage-name", stage, "--role", "arn:aws:iam::123456789012:role/lamp")
	}
	writeFile(t, sh, "export.json", `{"Document":{"Type":"Game","Sections":{"Lighthouse.Lamps":{"North":"White"}}}}`)
	sh.mustRun("api", "import-game-configuration", "--game-name", "lighthouse", "--import-source", "File=fileb://export.json")
	writeFile(t, sh, "game.json", `{"name": "lighthouse"}`)
}

// paint changes a lamp of the game.
func paint(t *testing.T, sh *shell, lamp, color string) {
	t.Helper()
	sh.mustRun("api", "update-game-configuration", "--game-name", "lighthouse", "--modifications",
		`[{"Section":"Lighthouse.Lamps","Operation":"ADD","Path":"/`+lamp+`","Value":"`+color+`"}]`)
}

// TestPromotion deploys to a stage, promotes to another one and rolls back.
func TestPromotion(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh, "beta", "live")
	var results []result
	run := func(args ...string) { results = append(results, sh.run(args...)) }
	run("deploy", "--stage", "beta")
	run("deploy", "--stage", "beta", "--yes")
	run("deploy", "--stage", "beta", "--yes")
	run("rollback", "--stage", "beta", "--yes")
	run("deploy", "--stage", "live", "--from", "beta", "--yes")
	paint(t, sh, "North", "Red")
	paint(t, sh, "South", "Green")
	run("deploy", "--stage", "beta", "--yes")
	run("deploy", "--stage", "live", "--from", "beta")
	run("deploy", "--stage", "live", "--from", "beta", "--yes")
	run("status")
	run("rollback", "--stage", "live", "--yes")
	run("status")
	run("rollback", "--stage", "live", "--yes")
	golden(t, "promotion", transcript(results...))
}

func TestPromotionErrors(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t, server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
		if d.Stage == "broken" {
			return server.Outcome{Code: types.ResultCodeInvalidRoleFailure}
		}
		return server.Outcome{}
	}))
	newLighthouse(t, sh, "broken", "empty")
	elsewhere := sh.in("elsewhere")
	writeFile(t, elsewhere, "notes.txt", "")
	golden(t, "promotion-errors", transcript(
		sh.run("deploy"),
		sh.run("deploy", "--stage", "empty", "--from", "broken", "--snapshot", "x"),
		sh.run("deploy", "--stage", "nosuch", "--yes"),
		sh.run("deploy", "--stage", "empty", "--from", "empty", "--yes"),
		sh.run("deploy", "--stage", "empty", "--snapshot", "Snapshot_2026-01-01T00:00:00.000Z", "--yes"),
		sh.run("rollback", "--stage", "empty", "--yes"),
		elsewhere.run("rollback", "--stage", "empty", "--yes"),
		sh.run("deploy", "--stage", "broken", "--yes"),
	))
}

// TestDeployConflict checks that a deployment that starts while the command waits for confirmation is not replaced.
func TestDeployConflict(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh, "live")
	other := createSnapshot(t, sh)
	paint(t, sh, "North", "Red")
	terminal := sh.startInTerminal(80, "deploy", "--stage", "live")
	terminal.await("[yes/no]")
	startDeployment(t, sh, "live", other)
	terminal.write("yes\n")
	if status := terminal.wait(); status != statusStale {
		t.Errorf("exit status = %d, want %d\n%s", status, statusStale, terminal.output())
	}
	if !strings.Contains(terminal.output(), "has started in the meantime, and nothing was deployed") {
		t.Errorf("output:\n%s", terminal.output())
	}
}

// TestDeployInTerminal checks the question and the progress.
func TestDeployInTerminal(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	newLighthouse(t, sh, "live")
	out, status := sh.runInTerminal(80, "no\n", "deploy", "--stage", "live")
	if status != statusFailure || !strings.Contains(out, "Deploy to live? [yes/no] ") || !strings.Contains(out, "not confirmed: nothing was changed") {
		t.Errorf("exit status %d:\n%s", status, out)
	}
	list, err := srv.Client().ListStageDeployments(t.Context(), &gamesparks.ListStageDeploymentsInput{GameName: new("lighthouse"), StageName: new("live")})
	if err != nil || len(list.StageDeployments) != 0 {
		t.Errorf("deployments: %v, %v", list, err)
	}
	out, status = sh.runInTerminal(80, "yes\n", "deploy", "--stage", "live")
	if status != 0 || !strings.Contains(out, "COMPLETED") || !strings.Contains(out, "\x1b[32m  + Lighthouse.Lamps") {
		t.Errorf("exit status %d:\n%q", status, out)
	}
	paint(t, sh, "North", "Red")
	out, status = sh.with("NO_COLOR=1").runInTerminal(80, "yes\n", "deploy", "--stage", "live")
	if status != 0 || !strings.Contains(out, "  ~ Lighthouse.Lamps") || strings.Contains(out, "\x1b[3") {
		t.Errorf("NO_COLOR: exit status %d:\n%q", status, out)
	}
}

// TestDeployInterrupted checks that Ctrl-C reports the deployment that continues on the server.
func TestDeployInterrupted(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t, server.WithDeploymentTime(time.Hour, time.Hour))
	newLighthouse(t, sh, "live")
	p := sh.startInTerminal(200, "deploy", "--stage", "live", "--yes")
	p.await("PENDING")
	p.write("\x03") // Ctrl-C
	if status := p.wait(); status != statusFailure {
		t.Errorf("exit status = %d, want %d", status, statusFailure)
	}
	if out := p.output(); !strings.Contains(out, "gamesparks: interrupted: ") || !strings.Contains(out, "continues on the server; run gamesparks status to see how it ends") {
		t.Errorf("output:\n%s", out)
	}
	r := sh.run("deploy", "--stage", "live", "--yes")
	golden(t, "promotion-running", transcript(r))
}

// TestDeployReusesSnapshots checks that a snapshot of the configuration is created only if none exists, and that a change
// during the confirmation is not deployed.
func TestDeployReusesSnapshots(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh, "beta", "live")
	existing := createSnapshot(t, sh)
	for _, stage := range []string{"beta", "live"} {
		sh.mustRun("deploy", "--stage", stage, "--yes")
	}
	query := []string{"api", "list-snapshots", "--game-name", "lighthouse", "--query", "Snapshots[].Id"}
	if got := sh.mustRun(query...); strings.Count(got, "Snapshot_") != 1 || !strings.Contains(got, existing) {
		t.Errorf("snapshots = %s, want only %s", got, existing)
	}

	paint(t, sh, "North", "Red")
	p := sh.startInTerminal(80, "deploy", "--stage", "live")
	p.await("[yes/no]")
	paint(t, sh, "North", "Blue")
	p.write("yes\n")
	if status := p.wait(); status != statusStale || !strings.Contains(p.output(), "section Lighthouse.Lamps has changed since it was shown, and nothing was deployed") {
		t.Errorf("exit status = %d, want %d\n%s", status, statusStale, p.output())
	}
	if got := sh.mustRun("api", "list-stage-deployments", "--game-name", "lighthouse", "--stage-name", "live", "--query", "length(StageDeployments)"); got != "1\n" {
		t.Errorf("%s deployments, want 1", got)
	}
}

// TestQuestionInterrupted checks that Ctrl-C ends a command that waits for confirmation.
func TestQuestionInterrupted(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh, "live")
	p := sh.startInTerminal(80, "deploy", "--stage", "live")
	p.await("[yes/no]")
	p.write("\x03") // Ctrl-C
	if status := p.wait(); status != statusFailure || !strings.Contains(p.output(), "gamesparks: interrupted: context canceled: nothing was changed") {
		t.Errorf("exit status = %d\n%s", status, p.output())
	}
}
