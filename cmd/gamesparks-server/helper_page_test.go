package main

import (
	"bytes"
	"cmp"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gamesparks-go/gamesparks/cmd/internal/docpage"
)

const (
	repository   = "../.."
	pageEndpoint = "http://127.0.0.1:8770"
)

// pageShell runs the commands of a section of a page in one shell, in a temporary directory that contains the section's
// files, and compares their output with the page.
type pageShell struct {
	page    string            // the file name
	setup   string            // commands that run before those of the section
	env     []string          // environment variables
	replace *strings.Replacer // applies to the text of the page
	files   map[string]string // additional files, by name
}

// pagePrelude defines the functions that start and stop the servers of a section.
//
// A server runs in the background. The wrapper of its command writes its process ID to NAME.pid.
const pagePrelude = `
set -euo pipefail
page=$PWD
declare -A jobs=() logs=()
trap 'for f in "$page"/*.pid; do [[ ! -e $f ]] || kill -KILL "$(<"$f")" 2>/dev/null || true; done' EXIT
page_start() { # NAME LINE LOG: waits until the server has started
  jobs[$1]=$!
  logs[$1]=$3
  for ((i = 0; i < 1200; i++)); do
    ! grep -qs listening "$3" || return 0
    kill -0 "${jobs[$1]}" 2>/dev/null || break
    sleep 0.05
  done
  echo "line $2: the server did not start:" >&2
  cat "$3" >&2
  exit 1
}
page_stop() { # NAME LINE: stops the server if it runs
  [[ -n ${jobs[$1]:-} ]] || return 0
  local status=0
  kill -TERM "$(<"$page/$1.pid")"
  wait "${jobs[$1]}" || status=$?
  ((status == 0)) || { echo "line $2: the server exited with status $status:" >&2; cat "${logs[$1]}" >&2; exit 1; }
  rm "$page/$1.pid"
  unset "jobs[$1]"
}
page_stop_all() { # LINE
  for name in "${!jobs[@]}"; do page_stop "$name" "$1"; done
}
page_lost() { # NAME: kills a PostgreSQL server, and waits for its end
  local file=PAGE_DATABASE_$1 pid
  pid=$(head -n 1 "${!file}/postmaster.pid")
  kill -QUIT "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}
page_failed() { # OUTPUT LINE STATUS WANT: checks the status of a command that has to fail
  (($3 != 0 && (${4:-$3} == $3))) || { echo "line $2: exit status $3, want ${4:-another than 0}:" >&2; cat "$1" >&2; exit 1; }
}
`

// run runs the section. Each command must run, and each output on the page must match.
func (p *pageShell) run(t *testing.T, section docpage.Section) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range p.files {
		write(name, content)
	}
	script := pagePrelude + p.setup
	commands := map[string]int{} // the lines of commands, by the name of the file that has the output
	var outputs []pageOutput
	logs := map[string]string{} // the files of the logs, by the names of servers
	output := ""                // of the previous block
	for i, block := range section.Blocks {
		block.Content = p.replace.Replace(block.Content)
		previous := output
		output = fmt.Sprintf("output.%d", i)
		name := blockName(block)
		switch {
		case block.Is("sh", "install"), block.Is("sh", "host"), block.Is("sh", "environment"):
			output = ""
			continue
		case block.Is("sh", "server"):
			name = cmp.Or(name, "server")
			logs[name] = output
			script += fmt.Sprintf("page_stop %[1]s %[2]d\nPAGE_SERVER=$page/%[1]s\n{\nexport PAGE_SERVER\n%[3]s} >\"$page/%[4]s\" 2>&1 &\npage_start %[1]s %[2]d \"$page/%[4]s\"\n", name, block.Line, block.Content, output)
		case block.Is("sh", "fails"):
			script += fmt.Sprintf("set +e\n{\n%[1]s} >\"$page/%[2]s\" 2>&1\nstatus=$?\nset -e\npage_failed \"$page/%[2]s\" %[3]d $status %[4]s\n", block.Content, output, block.Line, name)
		case block.Is("sh"):
			if block.Is("sh", "stopped") && name != "" {
				script += fmt.Sprintf("page_stop %s %d\n", name, block.Line)
			} else if block.Is("sh", "stopped") {
				script += fmt.Sprintf("page_stop_all %d\n", block.Line)
			} else if block.Is("sh", "lost") {
				script += fmt.Sprintf("page_lost %s\n", name)
			}
			script += fmt.Sprintf("{\n%s} >\"$page/%s\"\n", block.Content, output)
		case block.Is("text", "server"):
			outputs = append(outputs, pageOutput{logs[cmp.Or(name, "server")], block})
			output = ""
			continue
		case block.Is("text") && previous != "":
			outputs = append(outputs, pageOutput{previous, block})
			output = ""
			continue
		case len(block.Words) == 2 && slices.Contains([]string{"python", "js", "go", "yaml"}, block.Words[0]):
			write(block.Words[1], block.Content)
			output = ""
			continue
		default:
			t.Fatalf("%s:%d: unknown kind of code block: %q", p.page, block.Line, block.Words)
		}
		commands[output] = block.Line
	}
	if len(commands) == 0 || len(outputs) == 0 {
		t.Fatalf("%s: section %q has no command with expected output", p.page, section.Title)
	}
	write("page.sh", script+"page_stop_all 0\n: >\"$page/complete\"\n")
	commands["complete"] = section.Blocks[len(section.Blocks)-1].Line

	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(dir, "page.sh"))
	cmd.Dir = dir
	cmd.Env = append(cleanEnv(), "HOME="+t.TempDir())
	cmd.Env = append(cmd.Env, p.env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: section %q: %v\n%s", p.page, section.Title, err, &stderr)
	}
	for output, line := range commands {
		if _, err := os.Stat(filepath.Join(dir, output)); err != nil {
			t.Errorf("%s:%d: the command did not run: %v", p.page, line, err)
		}
	}
	for _, want := range outputs {
		got, err := os.ReadFile(filepath.Join(dir, want.file))
		if err != nil {
			t.Fatal(err)
		}
		if !docpage.Matches(string(got), want.block.Content) {
			t.Errorf("%s:%d: the command printed\n%s\nwant\n%s", p.page, want.block.Line, got, want.block.Content)
		}
	}
}

// pageOutput is an output that a page shows.
type pageOutput struct {
	file  string
	block docpage.Block
}

// blockName returns the word after the fence of a block that is the name of a server or an exit status, or "".
func blockName(b docpage.Block) string {
	for _, word := range b.Words[1:] {
		if !slices.Contains([]string{"server", "stopped", "lost", "fails", "current"}, word) {
			return word
		}
	}
	return ""
}

// pagePorts are the ports of the servers on pages. The commands name their port, so the test selects one that no process
// listens on. The ports are outside of the ranges from which systems select free ports, so no other server gets them.
var pagePorts = struct {
	mu   sync.Mutex
	next int
}{next: 20_000 + os.Getpid()%500*20}

// pagePort returns a free port.
func pagePort(t *testing.T) string {
	t.Helper()
	pagePorts.mu.Lock()
	defer pagePorts.mu.Unlock()
	for range 1000 {
		pagePorts.next++
		listener, err := net.Listen("tcp", fmt.Sprintf(":%d", pagePorts.next))
		if err == nil {
			_ = listener.Close()
			return fmt.Sprint(pagePorts.next)
		}
	}
	t.Fatal("no port is free")
	return ""
}
