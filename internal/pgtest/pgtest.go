// Package pgtest starts PostgreSQL servers for tests. It uses the programs of an installed PostgreSQL, such as Debian's
// package postgresql.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// binVariable is the environment variable with the directory of PostgreSQL's programs.
const binVariable = "GAMESPARKS_POSTGRES_BIN"

const missing = "PostgreSQL is not installed: run apt-get install postgresql on Debian, or set " + binVariable + " to the directory that has initdb and postgres"

// findBin returns the directory of initdb and postgres, or "" if there is none.
func findBin() string {
	candidates := []string{os.Getenv(binVariable)}
	if candidates[0] == "" {
		installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is valid
		candidates = append(installed, "/usr/local/bin", "/opt/homebrew/bin", "/usr/bin")
	}
	for _, dir := range candidates {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir
		}
	}
	return ""
}

// Server is a PostgreSQL server with its data in a temporary directory. It listens on a Unix socket.
type Server struct {
	bin, dir string
	settings []string
	password string // "" means that no password is required

	cmd    *exec.Cmd
	log    *log
	exited chan struct{}
}

// log holds what the server has logged.
type log struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{} // closed by the next Write; nil unless AwaitLog waits
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
	return l.buffer.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

// find reports whether the log contains the text. If it does not, changed is closed when the log grows.
func (l *log) find(text string) (found bool, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(l.buffer.String(), text) {
		return true, nil
	}
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return false, l.changed
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Shared returns a server that the tests of the program share. Tests use databases or schemas of their own. TestMain must
// call [Main]. Shared skips the test if PostgreSQL is not installed.
func Shared(t testing.TB) *Server {
	t.Helper()
	skipWithout(t)
	shared.once.Do(func() { shared.server, shared.err = start(findBin()) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// Main runs the tests, stops the server of Shared, and returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// SetPassword sets the password of the user postgres.
func (s *Server) SetPassword(t testing.TB, password string) {
	t.Helper()
	s.Exec(t, "postgres", "alter role postgres password '"+password+"'")
	s.password = password
}

// Start starts a server for the test. Each setting has the form name=value.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	skipWithout(t)
	s, err := start(findBin(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of PostgreSQL:\n%s", s.log)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func skipWithout(t testing.TB) {
	t.Helper()
	if runtime.GOOS == "windows" || findBin() == "" {
		t.Skip(missing)
	}
}

// newServer returns a server with an empty directory.
func newServer(bin string, settings []string) (*Server, error) {
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, settings: settings}
	return s, own(dir)
}

// StartStandby starts a standby of a server. If synchronous is set, the commits of the server wait for the standby.
func StartStandby(t testing.TB, primary *Server, synchronous bool, settings ...string) *Server {
	t.Helper()
	s, err := newServer(primary.bin, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Run(t, "pg_basebackup", "-h", primary.dir, "-U", "postgres", "-D", s.data(), "-R", "-X", "stream", "-c", "fast", "--no-sync")
	s.Restart(t)
	if synchronous {
		primary.Exec(t, "postgres", "alter system set synchronous_standby_names = '*'")
		primary.Exec(t, "postgres", "select pg_reload_conf()")
	}
	return s
}

// StartPooler starts PgBouncer for a server, in mode session or transaction, and returns the connection string of the
// database postgres. It skips the test if PgBouncer is not installed.
func StartPooler(t testing.TB, server *Server, mode string) string {
	t.Helper()
	const program = "/usr/sbin/pgbouncer"
	if _, err := os.Stat(program); err != nil {
		t.Skip("PgBouncer is not installed: run apt-get install pgbouncer on Debian")
	}
	s, err := newServer(filepath.Dir(program), nil)
	if err != nil {
		t.Fatal(err)
	}
	configuration := fmt.Sprintf(`[databases]
postgres = host=%s user=postgres
[pgbouncer]
listen_port = 5432
listen_addr =
unix_socket_dir = %s
auth_type = any
pool_mode = %s
default_pool_size = 20
ignore_startup_parameters = extra_float_digits
`, server.dir, s.dir, mode)
	if err := os.WriteFile(filepath.Join(s.dir, "pgbouncer.ini"), []byte(configuration), 0o644); err != nil {
		t.Fatal(err)
	}
	s.cmd, s.log, s.exited = s.command("pgbouncer", "pgbouncer.ini"), new(log), make(chan struct{})
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // Close has ended it
		close(s.exited)
	}()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for {
		// The socket exists before PgBouncer accepts connections.
		if conn, err := net.Dial("unix", s.Socket()); err == nil {
			_ = conn.Close()
			return s.URL("postgres")
		}
		select {
		case <-s.exited:
			t.Fatalf("pgbouncer did not start: %s", s.log)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Promote makes a standby the primary, and waits until it is.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	s.Run(t, "pg_ctl", "promote", "-w", "-D", s.data())
}

// FailoverURL returns the connection string of a database on this server or the other one, whichever is the primary.
func (s *Server) FailoverURL(other *Server, database string) string {
	return s.URL(database) + "," + other.dir
}

// New starts a server outside of a test. The caller must close it.
func New(settings ...string) (*Server, error) {
	bin := findBin()
	if bin == "" {
		return nil, errors.New(missing)
	}
	return start(bin, settings...)
}

func start(bin string, settings ...string) (*Server, error) {
	s, err := newServer(bin, settings)
	if err != nil {
		return nil, err
	}
	if err := s.run("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command returns a command that runs a program of PostgreSQL as a user other than root, which PostgreSQL refuses.
func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	if s.password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+s.password)
	}
	asOwner(cmd)
	return cmd
}

func (s *Server) run(program string, args ...string) error {
	_, err := s.Output(program, args...)
	return err
}

// Output runs a program of PostgreSQL, such as pgbench, and returns its output.
func (s *Server) Output(program string, args ...string) (string, error) {
	output, err := s.command(program, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", program, err, output)
	}
	return string(output), nil
}

// Run runs a program of PostgreSQL and returns its output. It fails the test if the program fails.
func (s *Server) Run(t testing.TB, program string, args ...string) string {
	t.Helper()
	output, err := s.Output(program, args...)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// AwaitLog waits until the server has logged the text since its last start. The log may reach the test after the effect
// that it describes.
func (s *Server) AwaitLog(t testing.TB, text string) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		found, changed := s.log.find(text)
		if found {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("PostgreSQL has not logged %q", text)
		}
	}
}

// Dir returns the directory of the Unix socket.
func (s *Server) Dir() string { return s.dir }

// Start starts the server after Stop or Kill, and waits until it accepts connections.
func (s *Server) Start() error {
	args := []string{
		"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=300",
		"-c", "shared_buffers=64MB", "-c", "logging_collector=off", "-c", "timezone=UTC",
	}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	s.cmd, s.log, s.exited = s.command("postgres", args...), new(log), make(chan struct{})
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	// Former backends may still use the shared memory for a moment.
	deadline := time.Now().Add(time.Minute)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = s.cmd.Wait() // its state has the result
		close(s.exited)
	}()
	for time.Now().Before(deadline) {
		if s.run("pg_isready", "-q", "-h", s.dir) == nil {
			return nil
		}
		select {
		case <-s.exited:
			if strings.Contains(s.log.String(), "is still in use") {
				return s.Start()
			}
			return fmt.Errorf("postgres did not start: %v\n%s", s.cmd.ProcessState, s.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("postgres does not accept connections\n%s", s.log)
}

// Restart starts the server again and fails the test if it does not start.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
}

// Stop ends all connections and stops the server.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return nil
	}
	select {
	case <-s.exited:
		return nil
	default:
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil { // fast shutdown
		return err
	}
	<-s.exited
	return nil
}

// Close stops the server and removes its directory.
func (s *Server) Close() error { return errors.Join(s.Stop(), os.RemoveAll(s.dir)) }

// URL returns the connection string of a database.
func (s *Server) URL(database string) string {
	return "postgres://postgres@/" + database + "?host=" + s.dir
}

// Socket returns the path of the Unix socket.
func (s *Server) Socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// Exec runs SQL in a database with psql and returns the output without headers.
func (s *Server) Exec(t testing.TB, database, sql string) string {
	t.Helper()
	return strings.TrimSpace(s.Run(t, "psql", "-h", s.dir, "-U", "postgres", "-d", database, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql))
}

// Await runs SQL until its output is want. It fails the test when the context ends.
func (s *Server) Await(ctx context.Context, t testing.TB, database, sql, want string) {
	t.Helper()
	for {
		got := s.Exec(t, database, sql)
		if got == want {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: got %q, want %q", sql, got, want)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
