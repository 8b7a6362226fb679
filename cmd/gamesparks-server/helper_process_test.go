package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
)

// runVariable is the environment variable that makes the test binary run as the server, so that tests can start, signal
// and kill a server process.
const runVariable = "GAMESPARKS_SERVER_TEST_RUN"

// crashVariable is the environment variable that makes the check of the data file crash.
const crashVariable = "GAMESPARKS_SERVER_TEST_CRASH"

func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		if os.Getenv(crashVariable) != "" && os.Args[1] == checkFileCommand {
			panic("test")
		}
		main()
	}
	os.Exit(pgtest.Main(m))
}

// process is a server running in a separate process.
type process struct {
	cmd      *exec.Cmd
	endpoint string
	stdout   string // the lines of printEnvironment
	stderr   *buffer
	exited   chan error
}

// buffer is a [bytes.Buffer] that is safe for concurrent use.
type buffer struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{} // closed by the next Write
}

func newBuffer() *buffer { return &buffer{changed: make(chan struct{})} }

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.changed)
	b.changed = make(chan struct{})
	return b.buffer.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// await waits until text has been written to the buffer.
func (b *buffer) await(t *testing.T, text string) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		b.mu.Lock()
		found, changed := strings.Contains(b.buffer.String(), text), b.changed
		b.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("timed out waiting for %q", text)
		}
	}
}

// command returns a command that runs the server. It inherits the test's environment without the GAMESPARKS_SERVER
// variables.
func command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, envPrefix) {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(append(cmd.Env, runVariable+"=1"), env...)
	return cmd
}

// start starts a server on a free loopback port. The test's cleanup kills the server if it is still running.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startWithEnv(t, nil, args...)
}

// exit is the result of a server process that failed to start.
type exit struct {
	code   int
	stderr string
}

func startWithEnv(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p, exit := tryStartWithEnv(t, env, args...)
	if p == nil {
		t.Fatalf("server did not start: exit code %d\n%s", exit.code, exit.stderr)
	}
	return p
}

// tryStart is like start for a server that may fail to start. In that case, it returns nil and the result of the process.
func tryStart(t *testing.T, args ...string) (*process, exit) {
	t.Helper()
	return tryStartWithEnv(t, nil, args...)
}

func tryStartWithEnv(t *testing.T, env []string, args ...string) (*process, exit) {
	t.Helper()
	return tryStartProgram(t, os.Args[0], env, args...)
}

// tryStartProgram is like tryStartWithEnv for the server in another file.
func tryStartProgram(t *testing.T, path string, env []string, args ...string) (*process, exit) {
	t.Helper()
	// The test's context would kill the server before the cleanups run.
	p := &process{stderr: newBuffer(), exited: make(chan error, 1)}
	p.cmd = command(context.Background(), env, append([]string{"--addr=127.0.0.1:0"}, args...)...) // the last --addr takes effect
	p.cmd.Path = path
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			t.Logf("server log:\n%s", p.stderr)
		}
	})

	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		p.stdout += lines.Text() + "\n"
		if endpoint, ok := strings.CutPrefix(lines.Text(), "# GameSparks API endpoint: "); ok {
			p.endpoint = endpoint
		}
		if strings.Contains(lines.Text(), "--endpoint-url") {
			break
		}
	}
	go func() { p.exited <- p.cmd.Wait() }()
	if p.endpoint == "" {
		return nil, exit{p.wait(), p.stderr.String()}
	}
	return p, exit{}
}

// signal sends a signal to the server, waits for it to exit, and returns the exit code.
func (p *process) signal(t *testing.T, s os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	return p.wait()
}

// wait waits for the server to exit and returns the exit code.
func (p *process) wait() int {
	err := <-p.exited
	p.exited <- err // for the next call
	return p.cmd.ProcessState.ExitCode()
}

// kill sends SIGKILL to the server and waits for it to exit. It does nothing if the server has already exited.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err == nil {
		p.wait()
	}
}

// newClient returns a client that uses the server's default access key and does not retry.
func newClient(endpoint string, optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	options := gamesparks.Options{BaseEndpoint: new(endpoint), Region: "us-east-1", Retryer: aws.NopRetryer{}}
	signedAs(aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"})(&options)
	return gamesparks.New(options, optFns...)
}

// signedAs returns a client option that sets the credentials.
func signedAs(c aws.Credentials) func(*gamesparks.Options) {
	return func(o *gamesparks.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
	}
}

// shortDir returns a temporary directory whose name is short enough for sockets.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
