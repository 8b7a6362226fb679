package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/gamesparks-go/gamesparks/cmd/internal/socket"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// backupCommand holds the flags of the command backup. The flags that the command serve also has share its environment
// variables and its configuration file.
type backupCommand struct {
	File        string     `arg:"" help:"Backup to create. It contains the secrets of the service; only you can read it."`
	Config      configFile `placeholder:"FILE" help:"Configuration file of the server."`
	Data        string     `placeholder:"FILE" help:"Data file of the server. If no server runs, the file is read."`
	AdminSocket string     `placeholder:"SOCKET" help:"Unix socket of the server. By default, it is the name of the data file with the suffix .sock."`
	Store       string     `hidden:""`
	Force       bool       `env:"-" help:"Replace the backup if it exists."`
}

// errBackupDatabase is the error for a server with a database.
var errBackupDatabase = errors.New("the data is in a PostgreSQL database: back it up with pg_dump, as docs/server.md describes")

// errNoServer means that no server serves the admin socket.
var errNoServer = errors.New("no server")

// Run creates the backup. It has a temporary name until it is complete.
func (c *backupCommand) Run(s *streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	switch {
	case c.Store != "":
		return &exitError{exitUsage, fmt.Errorf("--store: %w", errBackupDatabase)}
	case c.Data == "" && c.AdminSocket == "":
		return &exitError{exitUsage, errors.New("set --data to the data file, or --admin-socket to the socket of the server")}
	}
	file, err := prepareFile("backup", c.File, &c.Force, s.stderr)
	if err != nil {
		return err
	}
	defer file.discard()
	if file.replace {
		if err := checkBackup(file.name); err != nil {
			return file.wrap(err)
		}
	}
	out, err := os.OpenFile(file.partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return file.wrap(err)
	}
	progress := newProgress(s.stderr, "backup", 0)
	info, err := c.write(ctx, &fileWriter{file, out, progress})
	progress.close()
	if err == nil {
		if err = out.Sync(); err != nil {
			err = file.wrap(err)
		}
	}
	if closeErr := out.Close(); err == nil && closeErr != nil {
		err = file.wrap(closeErr)
	}
	if err != nil && ctx.Err() != nil {
		err = errors.New("backup: interrupted: run the command again")
	}
	if err == nil {
		err = file.publish()
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.stdout, "%d entries, %d bytes, SHA-256 %x\n", info.Entries, info.Bytes, info.SHA256)
	return err
}

// checkBackup returns an error if a file to replace is not a backup, for example if it is the data file.
func checkBackup(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	const header = 256 // longer than that of any backup
	if _, err := maintenance.VerifyBackup(io.LimitReader(file, header)); errors.Is(err, maintenance.ErrNotBackup) {
		return errors.New("the file exists and is not a backup: choose another name")
	}
	return nil
}

// fileWriter writes a file. It shows the progress and adds the name of the file to errors.
type fileWriter struct {
	file     *newFile
	w        io.Writer
	progress *progress
}

func (w *fileWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.progress.add(n)
	if err != nil {
		err = w.file.wrap(err)
	}
	return n, err
}

// write writes a backup of the data of the running server, or of the data file if no server runs.
func (c *backupCommand) write(ctx context.Context, w io.Writer) (*maintenance.BackupInfo, error) {
	name := c.AdminSocket
	if name == "" {
		name = defaultAdminSocket(c.Data)
	}
	if name != "" {
		info, err := backupServer(ctx, name, w)
		switch {
		case !errors.Is(err, errNoServer):
			return info, err
		case c.Data == "":
			return nil, fmt.Errorf("--admin-socket %s: no server listens on the socket: set --data to back up the file of a stopped server", name)
		}
	}
	info, err := backupFile(ctx, c.Data, w)
	if errors.Is(err, storage.ErrLocked) {
		return nil, &exitError{exitData, fmt.Errorf("--data %s: a process has the file open, but no server listens on the socket %s: set --admin-socket as that server does", c.Data, name)}
	}
	return info, err
}

// backupServer writes a backup of the data of a running server.
func backupServer(ctx context.Context, name string, w io.Writer) (*maintenance.BackupInfo, error) {
	wrap := func(err error) error { return fmt.Errorf("--admin-socket %s: %w", name, err) }
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", name)
		},
		DisableKeepAlives:  true,
		DisableCompression: true,
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://gamesparks-server"+backupPath, nil)
	if err != nil {
		return nil, wrap(err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	switch {
	case errors.Is(err, fs.ErrNotExist) || socket.IsConnectionRefused(err):
		return nil, errNoServer
	case errors.Is(err, fs.ErrPermission):
		return nil, wrap(errors.New("permission denied: run the command as the user of the server"))
	case err != nil:
		return nil, wrap(withoutPath(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var problem adminProblem
		if err := json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&problem); err != nil || problem.Message == "" {
			problem.Message = "the socket is not that of a gamesparks-server: status " + response.Status
		}
		return nil, wrap(errors.New(problem.Message))
	}
	info, err := maintenance.VerifyBackup(io.TeeReader(response.Body, w))
	reason := response.Trailer.Get(adminErrorTrailer)
	switch {
	case reason != "":
		return nil, wrap(errors.New(reason))
	case errors.Is(err, maintenance.ErrDamagedBackup):
		return nil, wrap(errors.New("the server ended the connection before the backup was complete: see its log"))
	case errors.Is(err, maintenance.ErrNotBackup), errors.Is(err, maintenance.ErrBackupVersion):
		return nil, wrap(fmt.Errorf("%w: use the gamesparks-server of its version", err))
	}
	return info, err
}

// backupFile writes a backup of a data file that no server has open.
func backupFile(ctx context.Context, name string, w io.Writer) (*maintenance.BackupInfo, error) {
	wrap := func(err error) error { return &exitError{exitData, dataFileError("--data", name, err)} }
	if _, err := os.Stat(name); err != nil {
		return nil, wrap(err)
	}
	if err := checkData(name, slog.New(slog.DiscardHandler)); err != nil {
		return nil, wrap(err)
	}
	store, err := storage.OpenFile(name, func(o *storage.FileOptions) { o.ReadOnly = true })
	if errors.Is(err, storage.ErrLocked) {
		return nil, err
	}
	if err != nil {
		return nil, wrap(err)
	}
	defer store.Close()
	info, err := maintenance.Backup(ctx, store, w)
	if errors.Is(err, storage.ErrDamaged) {
		err = wrap(err)
	}
	return info, err
}
