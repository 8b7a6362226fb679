package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// runVariable is the environment variable that makes the test binary run as the command, so that tests can run it as a
// process.
const runVariable = "GAMESPARKS_TEST_RUN"

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		main()
	}
	flag.Parse()
	os.Exit(m.Run())
}

// shell runs the command as a process in its own directory and environment.
type shell struct {
	t   *testing.T
	dir string   // the working directory
	env []string // the whole environment
}

// newShell returns a shell without a server. Its environment has no AWS configuration.
func newShell(t *testing.T) *shell {
	t.Helper()
	home := t.TempDir()
	return &shell{t: t, dir: home, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TERM=xterm", "AWS_EC2_METADATA_DISABLED=true", runVariable + "=1",
		"GOCOVERDIR=" + os.Getenv("GOCOVERDIR"),
	}}
}

// newServerShell starts a server and returns it with a shell that is configured for it.
func newServerShell(t *testing.T, options ...server.Option) (*server.Server, *shell) {
	t.Helper()
	options = append([]server.Option{server.WithDeploymentTime(0, 0), server.WithCodeGenerationTime(0, 0), server.WithDeletionTime(0)}, options...)
	srv := servertest.Start(t, options...)
	cfg := srv.Config()
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return srv, newShell(t).with(
		"AWS_ENDPOINT_URL_GAMESPARKS="+srv.URL, "AWS_REGION="+cfg.Region,
		"AWS_ACCESS_KEY_ID="+credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+credentials.SecretAccessKey,
	)
}

// with returns a shell with more environment variables.
func (s *shell) with(env ...string) *shell {
	clone := *s
	clone.env = append(append([]string(nil), s.env...), env...)
	return &clone
}

// in returns a shell with another working directory, relative to the current one.
func (s *shell) in(dir string) *shell {
	clone := *s
	clone.dir = filepath.Join(s.dir, dir)
	return &clone
}

// result is what a run of the command printed, and its exit status.
type result struct {
	args           []string
	stdout, stderr string
	status         int
}

// command returns the command as a process that has not been started.
func (s *shell) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.t.Context(), os.Args[0], args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	return cmd
}

// run runs the command without a terminal.
func (s *shell) run(args ...string) result {
	s.t.Helper()
	return s.runWithInput("", args...)
}

// runWithInput runs the command without a terminal and with the given standard input.
func (s *shell) runWithInput(input string, args ...string) result {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		s.t.Fatal(err)
	}
	return result{args, stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// mustRun runs the command without a terminal, and fails the test unless the exit status is 0. It returns the standard
// output.
func (s *shell) mustRun(args ...string) string {
	s.t.Helper()
	r := s.run(args...)
	if r.status != 0 {
		s.t.Fatalf("gamesparks %s: exit status %d\n%s%s", strings.Join(args, " "), r.status, r.stdout, r.stderr)
	}
	return r.stdout
}

// runInTerminal runs the command in a terminal of the given width, which is both input and output, and types the input.
// The output includes the input, as a terminal echoes it.
func (s *shell) runInTerminal(columns uint16, input string, args ...string) (output string, status int) {
	s.t.Helper()
	p := s.startInTerminal(columns, args...)
	p.write(input)
	status = p.wait()
	return p.output(), status
}

// terminalProcess is a command that runs in a terminal.
type terminalProcess struct {
	t        *testing.T
	cmd      *exec.Cmd
	terminal *os.File
	exited   chan struct{} // closed after the process has ended
	ended    chan struct{} // closed after all output has been read

	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed by the next output
}

// startInTerminal starts the command in a terminal of the given width.
func (s *shell) startInTerminal(columns uint16, args ...string) *terminalProcess {
	s.t.Helper()
	p := &terminalProcess{t: s.t, cmd: s.command(args...), exited: make(chan struct{}), ended: make(chan struct{}), changed: make(chan struct{})}
	terminal, tty, err := pty.Open()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _, _ = tty.Close(), terminal.Close() })
	p.terminal = terminal
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 50, Cols: columns}); err != nil {
		s.t.Fatal(err)
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = tty, tty, tty
	if err := controlTerminal(p.cmd, tty); err != nil {
		s.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
		// The terminal stays open, since closing it could discard output. This marks the end of the output.
		_, _ = tty.WriteString(endOfOutput)
	}()
	go p.read()
	return p
}

// endOfOutput is a byte that no command prints.
const endOfOutput = "\x00"

// read reads the output of the process until it has ended.
func (p *terminalProcess) read() {
	defer close(p.ended)
	chunk := make([]byte, 4096)
	for {
		n, err := p.terminal.Read(chunk)
		output, _, ended := strings.Cut(string(chunk[:n]), endOfOutput)
		p.mu.Lock()
		p.text.WriteString(output)
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
		if ended || err != nil {
			return
		}
	}
}

// write types text.
func (p *terminalProcess) write(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.terminal, text); err != nil {
		p.t.Fatal(err)
	}
}

// output returns the output so far.
func (p *terminalProcess) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.ReplaceAll(p.text.String(), "\r\n", "\n")
}

// await waits until the output has the text.
func (p *terminalProcess) await(text string) {
	p.t.Helper()
	for {
		p.mu.Lock()
		found, changed := strings.Contains(p.text.String(), text), p.changed
		p.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-p.ended:
			p.t.Fatalf("the command ended before it printed %q:\n%s", text, p.output())
		case <-p.t.Context().Done():
			p.t.Fatalf("%q was not printed:\n%s", text, p.output())
		}
	}
}

// wait waits until the command exits, and returns the exit status.
func (p *terminalProcess) wait() int {
	<-p.exited
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// transcript returns runs as they appear in a terminal: the command, standard output, standard error and the exit status.
func transcript(results ...result) string {
	var text strings.Builder
	for _, r := range results {
		fmt.Fprintf(&text, "$ gamesparks %s\n%s", strings.Join(r.args, " "), r.stdout)
		if r.stderr != "" {
			fmt.Fprintf(&text, "[stderr]\n%s", r.stderr)
		}
		if r.status != 0 {
			fmt.Fprintf(&text, "[exit status %d]\n", r.status)
		}
	}
	return text.String()
}

// variable matches parts of the output that differ from run to run.
var variable = regexp.MustCompile(`Snapshot_[0-9T:.-]+Z|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|` +
	`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?|http://127\.0\.0\.1:\d+|127\.0\.0\.1:\d+|sha256:[0-9a-f]+|\b\d+ (s|seconds)\b`)

// normalize replaces IDs, times, addresses and digests by names, such as ID-1 for the first ID and all its copies.
func normalize(text string) string {
	names, counts := map[string]string{}, map[string]int{}
	return variable.ReplaceAllStringFunc(text, func(match string) string {
		if name := names[match]; name != "" {
			return name
		}
		kind := "ID"
		switch {
		case strings.HasPrefix(match, "Snapshot_"):
			kind = "SNAPSHOT"
		case strings.HasPrefix(match, "http"), strings.HasPrefix(match, "127."):
			kind = "ADDRESS"
		case strings.HasPrefix(match, "sha256:"):
			kind = "DIGEST"
		case strings.HasSuffix(match, " s"), strings.HasSuffix(match, " seconds"):
			return "N" + match[strings.Index(match, " "):]
		case match[4] == '-':
			return "TIME" // the number of different times depends on the clock
		}
		counts[kind]++
		names[match] = fmt.Sprintf("%s-%d", kind, counts[kind])
		return names[match]
	})
}

// golden compares text with a file in testdata, after it has replaced the parts that differ from run to run. With the
// flag -update, it writes the file.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	text = normalize(text)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("output differs from %s (run the test with -update to accept it; -want +got):\n%s", path, diff)
	}
}
