package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

const lamp = "arn:aws:iam::123456789012:role/lamp"

// writeProject writes the project game of the game lighthouse with the stages beta and live.
func writeProject(t *testing.T, sh *shell, lamps string) {
	t.Helper()
	writeFile(t, sh, "game/game.json", `{"name": "lighthouse", "description": "A lamp", "stages": {"beta": {"role": "`+lamp+`"}, "live": {"role": "`+lamp+`"}}}`)
	writeFile(t, sh, "game/sections/Lighthouse.Lamps.json", lamps)
}

// writeScript adds a request with a script to the project.
func writeScript(t *testing.T, sh *shell, script string) {
	t.Helper()
	writeFile(t, sh, "game/sections/GameSparks.Core.RequestHandlers.json",
		`{"GameSparks.Identity.GetPlayerToken": {"Code": {"ScriptLanguage": "Javascript_ES5_1"}}}`)
	writeFile(t, sh, "game/sections/GameSparks.Core.RequestHandlers/GameSparks.Identity.GetPlayerToken.js", script)
}

// TestPlanAndApply plans and applies a project several times, with and without a plan file.
func TestPlanAndApply(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{"North": "White"}`)
	writeScript(t, sh, "const a = 1;\nconst b = 2;\nreturn old();\n")
	var results []result
	run := func(args ...string) { results = append(results, sh.run(args...)) }
	run("plan", "game")
	run("plan", "game", "--exit-code", "--out", "plan.json")
	run("apply", "plan.json")
	run("apply", "plan.json")
	run("plan", "game", "--exit-code")
	run("apply", "game", "--yes")

	writeProject(t, sh, `{"North": "Red", "South": "Green"}`)
	writeScript(t, sh, "const a = 1;\nconst b = 2;\nreturn new_();\n")
	writeFile(t, sh, "game/sections/Lighthouse.Fog.json", `{"Density": 0.50}`)
	run("apply", "game")
	run("apply", "game", "--yes", "--stage", "live")
	run("apply", "game", "--yes", "--stage", "live")
	writeScript(t, sh, "const a = 1;\nreturn new_();\n")
	run("apply", "game", "--yes", "--stage", "live")

	paint(t, sh, "East", "Blue")
	run("plan", "game", "--exit-code")
	run("plan", "game", "--out", "plan.json")
	paint(t, sh, "East", "Black")
	run("apply", "plan.json")

	if err := os.Remove(filepath.Join(sh.dir, "game/sections/Lighthouse.Fog.json")); err != nil {
		t.Fatal(err)
	}
	run("plan", "game")
	run("apply", "game", "--yes", "--prune")
	run("apply", "game", "--yes", "--prune", "--overwrite")
	run("plan", "game", "--prune", "--prune-stages", "--exit-code")

	writeFile(t, sh, "game/game.json", `{"name": "lighthouse", "tags": {"team": "coast"}, "stages": {"live": {"role": "`+lamp+`", "description": "For players"}}}`)
	run("plan", "game")
	run("apply", "game", "--yes", "--prune-stages")
	run("plan", "game", "--prune-stages", "--exit-code")
	golden(t, "plan-apply", transcript(results...))

	info, err := os.Stat(filepath.Join(sh.dir, "plan.json"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the mode of the plan is %v, error %v", info.Mode(), err)
	}
	text := sh.mustRun("plan", "game", "--json")
	if plan, err := project.ReadPlan([]byte(text)); err != nil || plan.HasChanges() {
		t.Errorf("plan --json: error %v\n%s", err, text)
	}
}

func TestPlanErrors(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{"North": White}`)
	writeFile(t, sh, "empty/game.json", `{"name": "lighthouse"}`)
	writeFile(t, sh, "plan.json", `{"format": "gamesparks-plan", "version": 99}`)
	writeFile(t, sh, "other.json", `{}`)
	newLighthouse(t, sh)
	golden(t, "plan-errors", transcript(
		sh.run("plan"),
		sh.run("plan", "nosuch"),
		sh.run("plan", "game"),
		sh.run("plan", "empty", "--prune"),
		sh.run("plan", "empty", "--out", "nosuch/plan.json"),
		sh.run("apply", "nosuch", "--yes"),
		sh.run("apply", "empty"),
		sh.run("apply", "empty", "--yes", "--stage", "lvie"),
		sh.run("apply", "empty", "--yes", "--stage", "beta,live,"),
		sh.run("apply", "empty", "--yes", "--stage", ""),
		sh.run("plan", "plan.json"),
		sh.run("apply", "plan.json"),
		sh.run("apply", "plan.json", "--prune"),
		sh.run("apply", "other.json"),
		sh.with("AWS_ENDPOINT_URL_GAMESPARKS=http://127.0.0.1:1", "AWS_MAX_ATTEMPTS=1").run("plan", "empty"),
	))
}

// TestApplyInvalid checks that plan warns about an invalid directory, and that apply writes and deploys it only with
// --allow-invalid.
func TestApplyInvalid(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{}`)
	writeScript(t, sh, "return 1 2;\n")
	writeFile(t, sh, "game/game.json", `{"name": "lighthouse", "stages": {"live": {"role": "GameDeployment"}}}`)
	run := func(wantStatus int, wantStderr string, args ...string) {
		t.Helper()
		if r := sh.run(args...); r.status != wantStatus || !strings.Contains(r.stderr, filepath.FromSlash(wantStderr)) {
			t.Errorf("%q: exit status %d, want %d and %q in the messages:\n%s", args, r.status, wantStatus, wantStderr, r.stderr)
		}
	}
	const script = "game/sections/GameSparks.Core.RequestHandlers/GameSparks.Identity.GetPlayerToken.js:1:10: "
	const refusal = "gamesparks: game is not valid, and nothing was written: fix the problems above, or add --allow-invalid\n"
	run(0, "warning: "+script, "plan", "game")
	run(statusFailure, script, "apply", "game", "--yes")
	run(statusFailure, "game/game.json:1:52: /stages/live/role: ", "apply", "game", "--yes")
	run(statusFailure, refusal, "apply", "game", "--yes")
	if r := sh.run("plan", "game"); !strings.Contains(r.stdout, "does not exist yet") {
		t.Errorf("the refused apply has written:\n%s", r.stdout)
	}

	writeProject(t, sh, `{}`)
	run(0, "warning: "+script, "apply", "game", "--yes", "--allow-invalid")
	run(0, "warning: "+script, "apply", "game", "--yes")
	run(statusFailure, refusal, "apply", "game", "--yes", "--stage", "live")
	run(0, "COMPLETED", "apply", "game", "--yes", "--stage", "live", "--allow-invalid")

	writeScript(t, sh, "return 1 2 3;\n")
	sh.mustRun("plan", "game", "--out", "plan.json")
	run(statusUsage, "--allow-invalid", "apply", "plan.json", "--allow-invalid")
	run(0, "write configuration  1 modification", "apply", "plan.json")
}

// TestApplyInTerminal checks the question, colors and width.
func TestApplyInTerminal(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{"North": "White"}`)
	out, status := sh.runInTerminal(60, "no\n", "apply", "game")
	if status != statusFailure || !strings.Contains(out, "Apply this plan to lighthouse? [yes/no] ") || !strings.Contains(out, "not confirmed: nothing was changed") {
		t.Errorf("exit status %d:\n%s", status, out)
	}
	if r := sh.run("plan", "game", "--exit-code"); r.status != statusChanges || !strings.Contains(r.stdout, "does not exist yet") {
		t.Errorf("the declined plan was applied: %+v", r)
	}
	out, status = sh.runInTerminal(100, "yes\n", "apply", "game", "--stage", "live")
	if status != 0 || !strings.Contains(out, "Apply this plan to lighthouse and deploy to live? [yes/no] ") ||
		!strings.Contains(out, "\x1b[32m  + Lighthouse.Lamps") || !strings.Contains(out, "COMPLETED") {
		t.Errorf("exit status %d:\n%q", status, out)
	}
	writeProject(t, sh, `{"North": "`+strings.Repeat("Red", 100)+`"}`)
	out, status = sh.with("NO_COLOR=1").runInTerminal(60, "", "plan", "game")
	if status != 0 || strings.Contains(out, "\x1b[3") || !strings.Contains(out, "      ~ /North  \"White\" -> \"RedRedRedRedRedRed…\n") {
		t.Errorf("exit status %d:\n%s", status, out)
	}
}

// TestApplyConflict checks that a change while the command waits for confirmation is not overwritten.
func TestApplyConflict(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh)
	writeProject(t, sh, `{"North": "Red"}`)
	terminal := sh.startInTerminal(80, "apply", "game")
	terminal.await("[yes/no]")
	paint(t, sh, "North", "Green")
	terminal.write("yes\n")
	if status := terminal.wait(); status != statusStale || !strings.Contains(terminal.output(), `/North: expected "White", found "Green"`) {
		t.Errorf("exit status %d, want %d\n%s", status, statusStale, terminal.output())
	}
}

// TestApplyDeploymentFails checks the exit status for a failed deployment, and that the next run deploys only to the
// failed stage.
func TestApplyDeploymentFails(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t, server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
		if d.Stage == "beta" {
			return server.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "no such role"}
		}
		return server.Outcome{}
	}))
	writeProject(t, sh, `{"North": "White"}`)
	r := sh.run("apply", "game", "--yes", "--stage", "beta,live")
	if r.status != statusDeployment || !strings.Contains(r.stderr, "no such role") || !strings.Contains(r.stderr, "Done: create game,") {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
	r = sh.run("apply", "game", "--yes", "--stage", " beta, live")
	if r.status != statusDeployment || strings.Contains(r.stderr, "live  ") {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
}

// TestApplyInterrupted checks that Ctrl-C reports what is done.
func TestApplyInterrupted(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t, server.WithDeploymentTime(time.Hour, time.Hour))
	writeProject(t, sh, `{"North": "White"}`)
	p := sh.startInTerminal(200, "apply", "game", "--yes", "--stage", "live")
	p.await("PENDING")
	p.write("\x03")
	if status := p.wait(); status != statusFailure {
		t.Errorf("exit status %d, want %d", status, statusFailure)
	}
	for _, want := range []string{
		"gamesparks: interrupted: lighthouse: deploy to live: stage live: ", "Done: create game, ", "Not done: deploy to live.\n",
		"The deployment to live continues on the server; run gamesparks status to see how it ends.\n",
	} {
		if !strings.Contains(p.output(), want) {
			t.Errorf("the output lacks %q:\n%s", want, p.output())
		}
	}
	writeProject(t, sh, `{"North": "Red"}`)
	r := sh.run("apply", "game", "--yes", "--stage", "live")
	if want := "gamesparks: nothing was written: stage live: deployment "; r.status != statusStale || !strings.Contains(r.stderr, want) {
		t.Errorf("exit status %d, want %d and %q:\n%s", r.status, statusStale, want, r.stderr)
	}
}

// TestDeploymentConnectionLost checks that apply and deploy do not report a failed deployment when they lose the connection while
// they wait for it.
func TestDeploymentConnectionLost(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"apply", "game", "--yes", "--stage", "live"}, {"deploy", "--game", "lighthouse", "--stage", "live", "--yes"}} {
		srv, sh := newServerShell(t, server.WithDeploymentTime(time.Hour, time.Hour))
		writeProject(t, sh, `{"North": "White"}`)
		sh.mustRun("apply", "game", "--yes")
		p := sh.with("AWS_MAX_ATTEMPTS=1").startInTerminal(200, args...)
		p.await("PENDING")
		if _, err := srv.Inject(server.Fault{Operation: "GetStageDeployment", DropResponse: true}); err != nil {
			t.Fatal(err)
		}
		status, out := p.wait(), p.output()
		if status != statusFailure || !strings.Contains(out, "continues on the server; run gamesparks status to see how it ends") || strings.Contains(out, "failed;") {
			t.Errorf("%q: exit status %d, want %d\n%s", args, status, statusFailure, out)
		}
	}
}

// TestRestore runs the commands that apply prints to restore the previous configuration and deployment.
func TestRestore(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{"North": "White"}`)
	sh.mustRun("apply", "game", "--yes", "--stage", "live")
	writeProject(t, sh, `{"North": "Red"}`)
	r := sh.run("apply", "game", "--yes", "--stage", "live")
	commands := regexp.MustCompile(`gamesparks (fetch game --snapshot \S+) and gamesparks (apply game)\.\n.* gamesparks (rollback --game lighthouse --stage live)\.\n`).FindStringSubmatch(r.stderr)
	if commands == nil {
		t.Fatalf("the messages lack the commands:\n%s", r.stderr)
	}
	sh.mustRun(strings.Fields(commands[1])...)
	sh.mustRun(append(strings.Fields(commands[2]), "--yes")...)
	sh.mustRun(append(strings.Fields(commands[3]), "--yes")...)
	sh.mustRun("diff", "game", "stage:live", "--exit-code")
	sh.mustRun("plan", "game", "--exit-code")
	if got := readFile(t, sh, "game/sections/Lighthouse.Lamps.json"); !strings.Contains(got, "White") {
		t.Errorf("the section is %s", got)
	}
}

// TestRestoreAfterPlanFile checks that the message after applying a plan file, which does not name a directory, explains DIR.
func TestRestoreAfterPlanFile(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{"North": "White"}`)
	sh.mustRun("apply", "game", "--yes")
	writeProject(t, sh, `{"North": "Red"}`)
	sh.mustRun("plan", "game", "--out", "plan.json")
	r := sh.run("apply", "plan.json")
	if want := "and gamesparks apply DIR, where DIR is the project directory.\n"; r.status != 0 || !strings.Contains(r.stderr, want) {
		t.Errorf("exit status %d, want 0 and a message with %q:\n%s", r.status, want, r.stderr)
	}
}

// TestApplyRace checks that apply does not name the previous configuration if another program changes the game at the same time.
// To restore it would undo that change.
func TestApplyRace(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	newLighthouse(t, sh)
	writeProject(t, sh, `{"North": "Red"}`)
	target, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && strings.HasSuffix(r.URL.Path, "/configuration") {
			paint(t, sh, "North", "Green")
		}
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	r := sh.with("AWS_ENDPOINT_URL_GAMESPARKS="+proxy.URL).run("apply", "game", "--yes")
	if r.status != statusStale || !strings.Contains(r.stderr, "write configuration  failed\n") || strings.Contains(r.stderr, "To restore") ||
		!strings.Contains(r.stderr, "Another program has changed the game. Fetch it and review the changes before you plan and apply again.") {
		t.Errorf("exit status %d, want %d\n%s", r.status, statusStale, r.stderr)
	}
}

// TestInterruptedQuestion checks that Ctrl-C and the end of the input decline a question.
func TestInterruptedQuestion(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"\x03": "interrupted: context canceled: nothing was changed", "\x04": "not confirmed: nothing was changed"} {
		_, sh := newServerShell(t)
		writeProject(t, sh, `{"North": "White"}`)
		p := sh.startInTerminal(80, "apply", "game")
		p.await("[yes/no]")
		p.write(key)
		if status := p.wait(); status != statusFailure || !strings.Contains(p.output(), want) {
			t.Errorf("exit status %d, want %d and %q\n%s", status, statusFailure, want, p.output())
		}
		if r := sh.run("plan", "game"); !strings.Contains(r.stdout, "does not exist yet") {
			t.Errorf("the declined plan was applied:\n%s", r.stdout)
		}
	}
}

// TestPlanTerminalOutput checks the colors and the width of plans and differences on a terminal.
func TestPlanTerminalOutput(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{"North": "White", "East": 1}`)
	writeScript(t, sh, "const a = 1;\nreturn old();\n")
	sh.mustRun("apply", "game", "--yes")
	writeProject(t, sh, `{"North": "`+strings.Repeat("Red", 50)+`", "South": [1, 2]}`)
	writeScript(t, sh, "const a = 1;\nreturn \""+strings.Repeat("0123456789", 8)+"\";\n")
	writeFile(t, sh, "game/sections/Lighthouse.Fog.json", `{"Density": 0.50}`)
	var text strings.Builder
	for _, args := range [][]string{{"plan", "game"}, {"diff", "game", "working"}} {
		out, status := sh.runInTerminal(70, "", args...)
		if status != 0 {
			t.Errorf("exit status %d", status)
		}
		text.WriteString(strings.ReplaceAll(out, "\x1b", "ESC"))
	}
	golden(t, "plan-terminal", text.String())
}

func TestDiff(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh, "beta", "live")
	first := createSnapshot(t, sh)
	startDeployment(t, sh, "live", first)
	paint(t, sh, "North", "Red")
	second := createSnapshot(t, sh)
	startDeployment(t, sh, "beta", second)
	paint(t, sh, "South", "Green")
	writeProject(t, sh, `{"North": "Red"}`)
	golden(t, "diff", transcript(
		sh.run("diff", first, second),
		sh.run("diff", "stage:live", "stage:beta", "--exit-code"),
		sh.run("diff", "stage:beta", "working"),
		sh.run("diff", "working", "game"),
		sh.in("game").run("diff", "stage:beta", "."),
		sh.run("diff", "game", "game", "--exit-code"),
		sh.run("diff", "game"),
		sh.run("diff", "game", "nosuch"),
		sh.run("diff", "game", "stage:nosuch"),
		sh.in("game/sections").run("diff", "working", first),
	))
}
