package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gamesparks-go/gamesparks/cmd/internal/socket"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// The admin socket is a Unix socket on which only the user of the server can call it. It serves HTTP:
//
//	GET /backup   a backup of the data. If it fails after the header, the trailer adminErrorTrailer has the reason.
//
// Other errors are JSON objects with the member message.

const (
	backupPath        = "/backup"
	adminErrorTrailer = "Gamesparks-Error"

	// adminStallTimeout is the time within which a client must read some of the response. A backup keeps data that is deleted
	// in the meantime, so a client that has stopped reading must not keep it open.
	adminStallTimeout = 30 * time.Second
)

// defaultAdminSocket returns the name of the admin socket of a server with a data file, or an empty string if it has none.
func defaultAdminSocket(data string) string {
	if data == "" || runtime.GOOS == "windows" { // permissions do not protect sockets on Windows
		return ""
	}
	return data + ".sock"
}

// startAdmin serves the admin socket. Backups end when the context ends. It returns a function that closes the socket. If the
// default socket cannot be created, the server works without it.
func (c *config) startAdmin(ctx context.Context, store storage.Store, logger *slog.Logger) (stop func(), err error) {
	name := c.AdminSocket
	if name == "" {
		name = defaultAdminSocket(c.Data)
	}
	if name == "" {
		return func() {}, nil
	}
	listener, err := listenAdmin(name)
	if err != nil {
		err = fmt.Errorf("--admin-socket %s: %w", name, err)
		if c.AdminSocket != "" {
			return nil, err
		}
		logger.Warn("the server has no admin socket, so gamesparks-server backup cannot back it up", "error", err)
		return func() {}, nil
	}
	handler := &adminHandler{stopping: ctx, store: store, isDatabase: c.Store != "", stallTimeout: adminStallTimeout, logger: logger}
	httpServer := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: c.HeaderTimeout,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := httpServer.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("the admin socket has failed", "admin_socket", name, "error", err)
		}
	}()
	logger.Info("listening on the admin socket", "admin_socket", name)
	return func() {
		flushed, cancel := context.WithTimeout(context.Background(), responseGrace)
		defer cancel()
		if err := httpServer.Shutdown(flushed); err != nil {
			_ = httpServer.Close() // the client does not read
		}
	}, nil
}

// adminHandler serves the requests on the admin socket.
type adminHandler struct {
	stopping     context.Context // ends when the server stops
	store        storage.Store
	isDatabase   bool
	stallTimeout time.Duration
	logger       *slog.Logger

	backingUp atomic.Bool
}

func (h *adminHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != backupPath:
		adminError(w, http.StatusNotFound, fmt.Errorf("the server does not have %s: use the gamesparks-server of its version", r.URL.Path))
	case r.Method != http.MethodGet:
		adminError(w, http.StatusMethodNotAllowed, fmt.Errorf("the method must be GET, not %s", r.Method))
	case h.isDatabase:
		adminError(w, http.StatusNotImplemented, errBackupDatabase)
	case !h.backingUp.CompareAndSwap(false, true):
		adminError(w, http.StatusConflict, errors.New("another backup is running: wait until it ends"))
	default:
		defer h.backingUp.Store(false)
		h.backup(w, r)
	}
}

func adminError(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(adminProblem{err.Error()})
}

// adminProblem is the body of an error response.
type adminProblem struct {
	Message string `json:"message"`
}

// backup responds with a backup.
func (h *adminHandler) backup(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Trailer", adminErrorTrailer)
	start := time.Now()
	info, err := maintenance.Backup(r.Context(), h.store, &stallWriter{w, http.NewResponseController(w), h.stallTimeout})
	if err != nil {
		if h.stopping.Err() != nil {
			err = errors.New("the server is stopping")
		}
		h.logger.Error("a backup has failed", "error", err)
		w.Header().Set(adminErrorTrailer, err.Error())
		return
	}
	h.logger.Info("backed up the data", "entries", info.Entries, "bytes", info.Bytes, "duration_ms", time.Since(start).Milliseconds())
}

// maxStallWrite is how many bytes a client must read within the timeout.
const maxStallWrite = 64 << 10

// stallWriter writes a response to a client that must read some of it within the timeout.
type stallWriter struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	timeout    time.Duration
}

func (w *stallWriter) Write(p []byte) (written int, err error) {
	for part := range slices.Chunk(p, maxStallWrite) {
		if err := w.controller.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
			return written, err
		}
		n, err := w.w.Write(part)
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// adminListener is the listener of the admin socket. Close deletes the socket.
type adminListener struct {
	*net.UnixListener
	name string
	file fs.FileInfo
}

// maxSocketName is the maximum length of the name of a Unix socket.
const maxSocketName = len(syscall.RawSockaddrUnix{}.Path) - 1

// listenAdmin creates the admin socket. It replaces a socket that no process serves, which a killed server has left.
func listenAdmin(name string) (net.Listener, error) {
	directory := filepath.Dir(name)
	// A socket has the permissions of the umask until they are changed. A directory that only this user can enter protects it
	// until then.
	private, err := os.MkdirTemp(directory, ".*")
	if err != nil {
		return nil, withoutPath(err)
	}
	defer os.RemoveAll(private) // an error leaves an empty directory
	temporary := filepath.Join(private, "s")
	if n := max(len(name), len(temporary)); n > maxSocketName {
		return nil, fmt.Errorf("the name is too long for a socket by %d bytes: set --admin-socket to a shorter one", n-maxSocketName)
	}
	if err := checkUnused(name); err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: temporary, Net: "unix"})
	if err != nil {
		return nil, withoutPath(err)
	}
	listener.SetUnlinkOnClose(false) // it would delete the temporary name
	if err = os.Chmod(temporary, 0o600); err == nil {
		err = os.Rename(temporary, name)
	}
	var file fs.FileInfo
	if err == nil {
		file, err = os.Lstat(name)
	}
	if err != nil {
		return nil, errors.Join(withoutPath(err), listener.Close())
	}
	return &adminListener{listener, name, file}, nil
}

// checkUnused returns an error if the name of the socket is that of another file or of a socket that a process serves.
func checkUnused(name string) error {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return withoutPath(err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return errors.New("the file exists and is not a socket: choose another name")
	}
	connection, err := net.Dial("unix", name)
	if err == nil {
		_ = connection.Close()
		return errors.New("another server uses the socket: choose another name")
	}
	if !socket.IsConnectionRefused(err) {
		return withoutPath(err)
	}
	return nil
}

// withoutPath returns the cause of an error whose message has the name of a file.
func withoutPath(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}

func (l *adminListener) Close() error {
	if file, err := os.Lstat(l.name); err == nil && os.SameFile(file, l.file) {
		_ = os.Remove(l.name) // a server that starts replaces it
	}
	return l.UnixListener.Close()
}
