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
)

// runVariable makes the test's program be the server, so that tests have a process of it to start, signal and kill.
const runVariable = "GAMESPARKS_SERVER_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is a server in a process of its own.
type process struct {
	cmd      *exec.Cmd
	endpoint string
	stdout   string // up to the last line of the announcement
	stderr   *buffer
	exited   chan error
}

// buffer is a [bytes.Buffer] that is safe for concurrent use.
type buffer struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{} // closed at the next change
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

// await returns when the text has been written.
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
			t.Fatalf("%q was never written", text)
		}
	}
}

// command returns the command that runs the server, with nothing of the test's environment that changes what it does.
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

// start starts a server on a free port of the loopback interface, which is killed at the end of the test if it still
// runs then.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startWithEnv(t, nil, args...)
}

func startWithEnv(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	// Not the context of the test, which ends before its cleanups do.
	p := &process{stderr: newBuffer(), exited: make(chan error, 1)}
	p.cmd = command(context.Background(), env, append([]string{"--addr=127.0.0.1:0"}, args...)...) // a later --addr wins
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
			t.Logf("log of the server:\n%s", p.stderr)
		}
	})

	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		p.stdout += lines.Text() + "\n"
		if endpoint, ok := strings.CutPrefix(lines.Text(), "# GameSparks is at "); ok {
			p.endpoint = endpoint
		}
		if strings.Contains(lines.Text(), "--endpoint-url") {
			break
		}
	}
	go func() { p.exited <- p.cmd.Wait() }()
	if p.endpoint == "" {
		t.Fatalf("the server did not start: %v\n%s", <-p.exited, p.stderr)
	}
	return p
}

// signal sends a signal to the server and returns the exit code.
func (p *process) signal(t *testing.T, s os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	return p.wait()
}

func (p *process) wait() int {
	err := <-p.exited
	p.exited <- err // for the next one who asks
	return p.cmd.ProcessState.ExitCode()
}

// kill ends the server at once, wherever it is, if it still runs.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err == nil {
		p.wait()
	}
}

// newClient returns a client of the server that does not retry, with the key that it has by default.
func newClient(endpoint string, optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	options := gamesparks.Options{BaseEndpoint: aws.String(endpoint), Region: "us-east-1", Retryer: aws.NopRetryer{}}
	signedAs(aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"})(&options)
	return gamesparks.New(options, optFns...)
}

// signedAs makes a client sign with the credentials.
func signedAs(c aws.Credentials) func(*gamesparks.Options) {
	return func(o *gamesparks.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
	}
}
