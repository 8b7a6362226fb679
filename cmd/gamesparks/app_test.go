package main

import (
	"strings"
	"testing"
)

// TestUsage checks the exit status and the message of invalid commands, flags and arguments.
func TestUsage(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	golden(t, "usage", transcript(
		sh.run(),
		sh.run("versoin"),
		sh.run("version", "now"),
		sh.run("version", "--jsn"),
		sh.run("completion"),
		sh.run("completion", "tcsh"),
	))
}

func TestHelp(t *testing.T) {
	t.Parallel()
	r := newShell(t).run("--help")
	if r.status != 0 || r.stderr != "" {
		t.Errorf("exit status %d, stderr %q", r.status, r.stderr)
	}
	golden(t, "help", transcript(r))
}

func TestVersion(t *testing.T) {
	t.Parallel()
	r := newShell(t).run("version")
	lines := strings.Split(r.stdout, "\n")
	if r.status != 0 || len(lines) != 4 || !strings.HasPrefix(lines[0], "gamesparks ") || lines[1] != "API 2021-08-17" || !strings.HasPrefix(lines[2], "go1.") {
		t.Errorf("exit status %d, output %q", r.status, r.stdout)
	}
}

func TestBashCompletion(t *testing.T) {
	t.Parallel()
	requireBashCompletion(t)
	sh := newShell(t)
	for line, want := range map[string]string{
		"gamesparks vers":              "version",
		"gamesparks completion ":       "bash fish zsh",
		"gamesparks version --endp":    "--endpoint-url",
		"gamesparks completion bash -": "--endpoint-url --help --profile --region --show-keys -h",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			if got := sh.complete(t, line); got != want {
				t.Errorf("completions = %q, want %q", got, want)
			}
		})
	}
}

// TestCompletionScripts checks that the scripts of the other shells call the command to complete words.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	for _, name := range []string{"zsh", "fish"} {
		if script := sh.mustRun("completion", name); !strings.Contains(script, "__complete") {
			t.Errorf("the script for %s does not call __complete:\n%s", name, script)
		}
	}
}
