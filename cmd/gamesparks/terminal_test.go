package main

import (
	"strings"
	"testing"
)

// TestTerminalOutput checks the output of the commands on a terminal that no other test runs there.
func TestTerminalOutput(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	var text strings.Builder
	for _, test := range []struct {
		args   []string
		status int
	}{
		{[]string{"init", "game", "--game", "lighthouse"}, 0},
		{[]string{"validate", "game"}, 0},
		{[]string{"api", "create-game", "--game-name", "lighthouse", "--query", "Game.Name"}, 0},
		{[]string{"api", "get-game", "--game-name", "unknown"}, statusFailure},
		{[]string{"diff", "game", "nowhere"}, statusUsage},
		{[]string{"fetch", "other", "--game", "unknown"}, statusFailure},
		{[]string{"completion", "tcsh"}, statusUsage},
	} {
		out, status := sh.runInTerminal(80, "", test.args...)
		if status != test.status {
			t.Errorf("gamesparks %s: exit status %d, want %d", strings.Join(test.args, " "), status, test.status)
		}
		text.WriteString("$ gamesparks " + strings.Join(test.args, " ") + "\n" + strings.ReplaceAll(out, "\x1b", "ESC"))
	}
	golden(t, "terminal", text.String())

	if out, status := sh.runInTerminal(80, "", "version"); status != 0 || !strings.HasPrefix(out, "gamesparks ") {
		t.Errorf("version: exit status %d\n%s", status, out)
	}
}

// TestRollbackInTerminal checks the difference, the question and the outcome of a rollback.
func TestRollbackInTerminal(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh, "live")
	sh.mustRun("deploy", "--stage", "live", "--yes")
	paint(t, sh, "North", "Red")
	sh.mustRun("deploy", "--stage", "live", "--yes")
	p := sh.startInTerminal(80, "rollback", "--stage", "live")
	p.await("[yes/no]")
	p.write("yes\n")
	status := p.wait()
	for _, want := range []string{"/North", `"Red"`, `"White"`, "COMPLETED"} {
		if !strings.Contains(p.output(), want) {
			t.Errorf("the output does not have %q", want)
		}
	}
	if status != 0 || t.Failed() {
		t.Errorf("exit status %d\n%s", status, p.output())
	}
}
