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
    ! grep -qs 'API endpoint: ' "$3" || return 0
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
page_kill() { # NAME: kills a server
  kill -KILL "$(<"$page/$1.pid")"
  wait "${jobs[$1]}" || true
  rm "$page/$1.pid"
  unset "jobs[$1]"
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
	script := &pageScript{text: pagePrelude + p.setup, commands: map[string]int{}, logs: map[string]string{}}
	for i, block := range section.Blocks {
		block.Content = p.replace.Replace(block.Content)
		switch {
		case len(block.Words) == 2 && slices.Contains([]string{"python", "js", "go", "yaml", "ini"}, block.Words[0]):
			write(block.Words[1], block.Content)
		case !script.add(block, fmt.Sprintf("output.%d", i)):
			t.Fatalf("%s:%d: unknown kind of code block: %q", p.page, block.Line, block.Words)
		}
	}
	if len(script.commands) == 0 || len(script.outputs) == 0 {
		t.Fatalf("%s: section %q has no command with expected output", p.page, section.Title)
	}
	const complete = "complete" // exists if the script has run to its end
	script.commands[complete] = section.Blocks[len(section.Blocks)-1].Line
	write("page.sh", script.text+"page_stop_all 0\n: >\"$page/"+complete+"\"\n")

	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(dir, "page.sh"))
	cmd.Dir = dir
	cmd.Env = append(cleanEnv(), "HOME="+t.TempDir())
	cmd.Env = append(cmd.Env, p.env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: section %q: %v\n%s", p.page, section.Title, err, &stderr)
	}
	for output, line := range script.commands {
		if _, err := os.Stat(filepath.Join(dir, output)); err != nil {
			t.Errorf("%s:%d: the command did not run: %v", p.page, line, err)
		}
	}
	for _, want := range script.outputs {
		got, err := os.ReadFile(filepath.Join(dir, want.file))
		if err != nil {
			t.Fatal(err)
		}
		if !docpage.Matches(string(got), want.block.Content) {
			t.Errorf("%s:%d: the command printed\n%s\nwant\n%s", p.page, want.block.Line, got, want.block.Content)
		}
	}
}

// pageScript is the script that runs the commands of a section.
type pageScript struct {
	text     string
	commands map[string]int    // the lines of commands, by the name of the file that has the output
	outputs  []pageOutput      // that the page shows
	logs     map[string]string // the files that have the output of servers, by the names of servers
	previous string            // the file that has the output of the previous block, or ""
}

// pageOutput is an output that a page shows.
type pageOutput struct {
	file  string
	block docpage.Block
}

// add adds the commands of a block, which write their output to a file. It returns false if the kind of the block is
// unknown.
func (s *pageScript) add(block docpage.Block, file string) bool {
	previous := s.previous
	s.previous = ""
	name := blockName(block)
	command := fmt.Sprintf("{\n%s} >\"$page/%s\"", block.Content, file)
	switch {
	case block.Is("text", "server"):
		s.outputs = append(s.outputs, pageOutput{s.logs[cmp.Or(name, "server")], block})
		return true
	case block.Is("text"):
		s.outputs = append(s.outputs, pageOutput{previous, block})
		return previous != ""
	case block.Is("sh", "install"), block.Is("sh", "host"), block.Is("sh", "environment"):
		return true
	case block.Is("sh", "server"):
		name = cmp.Or(name, "server")
		s.logs[name] = file
		s.text += fmt.Sprintf("page_stop %[1]s %[2]d\n(\nexport PAGE_SERVER=$page/%[1]s\n%[3]s 2>&1\n) &\npage_start %[1]s %[2]d \"$page/%[4]s\"\n", name, block.Line, command, file)
	case block.Is("sh", "fails"):
		s.text += fmt.Sprintf("set +e\n%s 2>&1\nstatus=$?\nset -e\npage_failed \"$page/%s\" %d $status %s\n", command, file, block.Line, name)
	case block.Is("sh", "stopped") && name != "":
		s.text += fmt.Sprintf("page_stop %s %d\n%s\n", name, block.Line, command)
	case block.Is("sh", "stopped"):
		s.text += fmt.Sprintf("page_stop_all %d\n%s\n", block.Line, command)
	case block.Is("sh", "killed"):
		s.text += fmt.Sprintf("page_kill %s\n%s\n", name, command)
	case block.Is("sh", "lost"):
		s.text += fmt.Sprintf("page_lost %s\n%s\n", name, command)
	case block.Is("sh") && name == "":
		s.text += command + "\n"
	default:
		return false
	}
	s.commands[file] = block.Line
	s.previous = file
	return true
}

// blockName returns the word after the fence of a block that is the name of a server or an exit status, or "".
func blockName(b docpage.Block) string {
	for _, word := range b.Words[1:] {
		if !slices.Contains([]string{"server", "stopped", "killed", "lost", "fails", "current"}, word) {
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
