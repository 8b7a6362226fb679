//go:build unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// adminDouble serves a Unix socket on which each request gets what respond writes, and no end of the response until the client
// closes the connection. It returns the name of the socket.
func adminDouble(t *testing.T, respond func(io.Writer)) string {
	t.Helper()
	return serveSocket(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		respond(w)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
}

// serveSocket serves a handler on a Unix socket and returns its name.
func serveSocket(t *testing.T, handler http.Handler) string {
	t.Helper()
	name := filepath.Join(shortDir(t), "socket")
	listener, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return name
}

// requestBackup sends a request for a backup and returns the response, of which it has read nothing.
func requestBackup(t *testing.T, name string) (net.Conn, *http.Response) {
	t.Helper()
	connection, err := net.Dial("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if _, err := io.WriteString(connection, "GET /backup HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	return connection, response
}

// TestStopDuringBackup stops the server while a client reads a backup. The backup ends with the reason, and does not delay the
// server.
func TestStopDuringBackup(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data := filepath.Join(dir, "games.db")
	largeFile(t, data)
	server := start(t, "--data", data)
	_, response := requestBackup(t, data+".sock")
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %s", response.Status)
	}
	second := expect(t, exitFailure, []string{"another backup is running: wait until it ends"}, "backup", "--data", data, filepath.Join(dir, "second"))
	if strings.Count(second, "\n") != 1 {
		t.Errorf("output %q, want one line", second)
	}
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	server.stderr.await(t, "msg=stopping")
	if _, err := maintenance.VerifyBackup(response.Body); err == nil {
		t.Error("the backup is complete")
	}
	if reason := response.Trailer.Get(adminErrorTrailer); reason != "the server is stopping" {
		t.Errorf("trailer %q", reason)
	}
	if code := server.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Lstat(data + ".sock"); !os.IsNotExist(err) {
		t.Errorf("the socket exists: error %v", err)
	}

	// A client that does not read cannot delay the server.
	server = start(t, "--data", data)
	requestBackup(t, data+".sock")
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestBackupReason checks that the command prints the reason for which the server ended a backup.
func TestBackupReason(t *testing.T) {
	t.Parallel()
	name := serveSocket(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", adminErrorTrailer)
		_, _ = io.WriteString(w, "gamesparks-server backup 1 ")
		w.Header().Set(adminErrorTrailer, "the server is stopping")
	}))
	dir := t.TempDir()
	expect(t, exitFailure, []string{"gamesparks-server: --admin-socket " + name + ": the server is stopping\n"}, "backup", "--admin-socket", name, filepath.Join(dir, "new"))
	if names := files(t, dir); len(names) > 0 {
		t.Errorf("files %q", names)
	}
}

// TestStalledBackup checks that a client that stops reading does not keep a backup open.
func TestStalledBackup(t *testing.T) {
	t.Parallel()
	store := storage.NewMemory()
	if err := store.Update(t.Context(), func(w storage.Writer) error { return w.Put("key", make([]byte, 16<<20)) }); err != nil {
		t.Fatal(err)
	}
	log := newBuffer()
	handler := &adminHandler{stopping: context.Background(), store: store, stallTimeout: 100 * time.Millisecond, logger: (&config{}).logger(log)}
	name := serveSocket(t, handler)
	requestBackup(t, name)
	log.await(t, "a backup has failed")
	log.await(t, "i/o timeout")
	// Another client can get a backup.
	for {
		_, response := requestBackup(t, name)
		if response.StatusCode == http.StatusOK {
			return
		}
		if response.StatusCode != http.StatusConflict { // the first request is ending
			t.Fatalf("status %s", response.Status)
		}
	}
}

func TestAdminRequests(t *testing.T) {
	t.Parallel()
	handler := &adminHandler{stopping: context.Background(), store: storage.NewMemory(), logger: (&config{}).logger(io.Discard)}
	for _, tc := range []struct {
		method, path string
		isDatabase   bool
		status       int
		body         string
	}{
		{"GET", "/", false, 404, `{"message":"the server does not have /: use the gamesparks-server of its version"}`},
		{"POST", "/backup", false, 405, `{"message":"the method must be GET, not POST"}`},
		{"GET", "/backup", true, 501, `{"message":"the data is in a PostgreSQL database: back it up with pg_dump, as docs/server.md describes"}`},
	} {
		handler.isDatabase = tc.isDatabase
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(tc.method, tc.path, nil))
		if got := strings.TrimSpace(w.Body.String()); w.Code != tc.status || got != tc.body {
			t.Errorf("%s %s: status %d, body %s; want status %d, body %s", tc.method, tc.path, w.Code, got, tc.status, tc.body)
		}
	}
}

// TestAdminSocket checks the socket's permissions, and which existing files the server replaces.
func TestAdminSocket(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	data := filepath.Join(dir, "games.db")
	name := data + ".sock"
	server := start(t, "--data", data)
	info, err := os.Lstat(name)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Fatalf("the socket has mode %v, error %v", info.Mode(), err)
	}
	server.kill(t)
	if _, err := os.Lstat(name); err != nil {
		t.Fatalf("a killed server leaves its socket: %v", err)
	}

	// A server replaces a socket that a killed server has left, and not one that is in use.
	server = start(t, "--data", data)
	expect(t, 0, nil, "backup", "--data", data, filepath.Join(dir, "first"))
	other := filepath.Join(dir, "other.db")
	expect(t, exitFailure, []string{"--admin-socket " + name + ": another server uses the socket: choose another name"},
		"--addr=127.0.0.1:0", "--data", other, "--admin-socket", name)
	expect(t, 0, nil, "backup", "--data", data, filepath.Join(dir, "second"))

	// A server deletes only its own socket.
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	replacement := start(t, "--admin-socket", name)
	server.signal(t, syscall.SIGTERM)
	expect(t, 0, nil, "backup", "--admin-socket", name, filepath.Join(dir, "third"))
	replacement.signal(t, syscall.SIGTERM)
	if _, err := os.Lstat(name); !os.IsNotExist(err) {
		t.Errorf("a stopped server leaves its socket: error %v", err)
	}

	// Another file stays. Without the default socket, the server works.
	if err := os.WriteFile(name, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, exitFailure, []string{"--admin-socket " + name + ": the file exists and is not a socket: choose another name"},
		"--addr=127.0.0.1:0", "--data", data, "--admin-socket", name)
	server = start(t, "--data", data)
	server.stderr.await(t, "the server has no admin socket, so gamesparks-server backup cannot back it up")
	expectReady(t, server)
	server.signal(t, syscall.SIGTERM)
	if text := string(mustRead(t, name)); text != "text" {
		t.Errorf("the file has the content %q", text)
	}

	// The name of a socket has a limit.
	long := filepath.Join(dir, strings.Repeat("a", maxSocketName))
	expect(t, exitFailure, []string{fmt.Sprintf("the name is too long for a socket by %d bytes: set --admin-socket to a shorter one", len(dir)+1)},
		"--addr=127.0.0.1:0", "--admin-socket", long)
	server = start(t, "--data", long)
	server.stderr.await(t, "the name is too long for a socket")
	server.signal(t, syscall.SIGTERM)
	expect(t, exitFailure, []string{"--admin-socket " + dir + "/none/a: no such file or directory"}, "--addr=127.0.0.1:0", "--admin-socket", dir+"/none/a")
	for _, name := range files(t, dir) {
		if strings.HasPrefix(name, ".") {
			t.Errorf("the temporary directory %s exists", name)
		}
	}
}
