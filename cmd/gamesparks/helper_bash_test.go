package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// bashCompletion is the script of Debian's package bash-completion.
const bashCompletion = "/usr/share/bash-completion/bash_completion"

func requireBashCompletion(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(bashCompletion); err != nil {
		t.Skip("bash-completion is not installed: apt-get install bash-completion")
	}
}

// bash runs a script in which gamesparks is the command, and returns the output.
func (s *shell) bash(script string) (string, error) {
	s.t.Helper()
	bin := s.t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(bin, "gamesparks")); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), "bash", "-c", script)
	cmd.Dir, cmd.Env = s.dir, append(slices.Clone(s.env), "PATH="+bin+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// complete runs bash with the completion script and returns the sorted completions of the last word of the line.
func (s *shell) complete(t *testing.T, line string) string {
	t.Helper()
	script := `set -e
. ` + bashCompletion + `
. <(gamesparks completion bash)
set -- "$LINE"
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9
read -ra COMP_WORDS <<<"$1"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function compopt { :; }
__start_gamesparks gamesparks "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" || true
printf '%s\n' "${COMPREPLY[@]}"`
	output, err := s.with("LINE=" + line).bash(script)
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var words []string
	for _, word := range strings.Split(strings.TrimSpace(output), "\n") {
		if word, _, _ = strings.Cut(word, " "); word != "" { // the description follows
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
