package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlanSeesChangeByBoto3 checks that plan --exit-code detects a change that another client made on the server.
func TestPlanSeesChangeByBoto3(t *testing.T) {
	t.Parallel()
	if err := exec.CommandContext(t.Context(), debianPython, "-c", "import boto3").Run(); err != nil {
		t.Skip("boto3 is not installed: apt-get install python3-boto3")
	}
	_, sh := newServerShell(t)
	sh.mustRun("init", "game", "--game", "lighthouse")
	sh.mustRun("apply", "game", "--yes")
	sh.mustRun("plan", "game", "--exit-code")

	script, err := filepath.Abs(filepath.Join("testdata", "boto3_change.py"))
	if err != nil {
		t.Fatal(err)
	}
	boto3 := exec.CommandContext(t.Context(), debianPython, script)
	boto3.Dir, boto3.Env = sh.dir, append([]string{"PYTHONDONTWRITEBYTECODE=1"}, sh.env...)
	if out, err := boto3.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := sh.run("plan", "game", "--exit-code")
	if r.status != statusChanges || !strings.Contains(r.stdout, "~ /Greet/Enabled  false -> true") {
		t.Errorf("exit status %d, want %d\n%s%s", r.status, statusChanges, r.stdout, r.stderr)
	}
}
