package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

const (
	greet = "/sections/GameSparks.Core.RequestHandlers/Greet.js"
	lamps = "/sections/Lighthouse.Lamps.json"
)

// TestTwoDirectories checks that the change of one person is not lost when another person applies an older directory.
func TestTwoDirectories(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	sh.mustRun("init", "alice", "--game", "lighthouse")
	writeFile(t, sh, "alice"+lamps, `{"North": "White"}`)
	sh.mustRun("apply", "alice", "--yes")
	sh.mustRun("fetch", "bob", "--game", "lighthouse")
	var results []result
	run := func(args ...string) { results = append(results, sh.run(args...)) }

	writeFile(t, sh, "alice"+greet, "return null;\n")
	run("apply", "alice", "--yes")
	writeFile(t, sh, "bob"+lamps, `{"North": "Red"}`)
	run("plan", "bob", "--out", "plan.json")
	run("apply", "bob", "--yes")
	run("apply", "bob", "--yes", "--prune", "--stage", "live")
	run("fetch", "bob", "--dry-run")
	run("fetch", "bob")
	run("fetch", "bob")
	run("apply", "bob", "--yes")

	writeFile(t, sh, "alice"+lamps, `{"North": "Green"}`)
	run("fetch", "alice")
	run("apply", "alice", "--yes")
	run("apply", "alice", "--yes", "--overwrite")
	writeFile(t, sh, "bob"+lamps, `{"North": "Blue"}`)
	writeFile(t, sh, "bob"+greet, "return {};\n")
	run("fetch", "bob")
	if err := os.RemoveAll(filepath.Join(sh.dir, "bob/.gamesparks")); err != nil {
		t.Fatal(err)
	}
	run("fetch", "bob")
	run("apply", "bob", "--yes")
	run("fetch", "bob")
	golden(t, "two-directories", transcript(results...))
}

// TestApplyAfterOwnChanges checks that the changes of a plan file, and those of an apply that failed later, do not count as another
// person's.
func TestApplyAfterOwnChanges(t *testing.T) {
	t.Parallel()
	fail := true
	_, sh := newServerShell(t, server.WithDeploymentOutcome(func(server.Deployment) server.Outcome {
		if fail {
			return server.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "no such role"}
		}
		return server.Outcome{}
	}))
	sh.mustRun("init", "game", "--game", "lighthouse")
	sh.mustRun("apply", "game", "--yes")
	writeFile(t, sh, "game"+greet, "return 1;\n")
	sh.mustRun("plan", "game", "--out", "plan.json")
	sh.mustRun("apply", "plan.json")
	writeFile(t, sh, "game"+greet, "return 2;\n")
	if r := sh.run("apply", "game", "--yes", "--stage", "dev"); r.status != statusDeployment {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
	fail = false
	writeFile(t, sh, "game"+greet, "return 3;\n")
	sh.mustRun("apply", "game", "--yes", "--stage", "dev")
}

// TestOtherGame checks that plan and apply warn if game.json names another game than the one that was fetched.
func TestOtherGame(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	sh.mustRun("init", "game", "--game", "lighthouse")
	sh.mustRun("apply", "game", "--yes")
	writeFile(t, sh, "game/game.json", strings.Replace(readFile(t, sh, "game/game.json"), `"lighthouse"`, `"lighthose"`, 1))
	const want = `warning: game was fetched from or applied to the game "lighthouse", but its game.json names "lighthose": check the name in game.json` + "\n"
	for _, args := range [][]string{{"plan", "game"}, {"apply", "game", "--yes"}} {
		if r := sh.run(args...); r.status != 0 || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit status %d\n%s", args, r.status, r.stderr)
		}
	}
	if r := sh.run("plan", "game"); strings.Contains(r.stderr, "warning") {
		t.Errorf("after the apply:\n%s", r.stderr)
	}
}
