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

// complete runs bash with the completion script and returns the sorted completions of the last word of the line.
func (s *shell) complete(t *testing.T, line string) string {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(bin, "gamesparks")); err != nil {
		t.Fatal(err)
	}
	script := `set -e
. ` + bashCompletion + `
. <(gamesparks completion bash)
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9
read -ra COMP_WORDS <<<"$1"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function compopt { :; }
__start_gamesparks gamesparks "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" || true
printf '%s\n' "${COMPREPLY[@]}"`
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script, "bash", line)
	cmd.Dir, cmd.Env = s.dir, append(slices.Clone(s.env), "PATH="+bin+":"+os.Getenv("PATH"))
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var words []string
	for _, word := range strings.Split(strings.TrimSpace(string(output)), "\n") {
		if word, _, _ = strings.Cut(word, " "); word != "" { // the description follows
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
