package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// restoreCommand holds the flags of the command restore. The flags that the command serve also has share its environment
// variables and its configuration file.
type restoreCommand struct {
	Backup string     `arg:"" help:"Backup to restore."`
	Config configFile `placeholder:"FILE" help:"Configuration file of the server."`
	Data   string     `placeholder:"FILE" help:"Data file to create. No server may have it open."`
	Store  string     `hidden:""`
	Force  bool       `env:"-" help:"Replace the data file if it exists. Its data is lost."`
}

// Run verifies the backup and writes the data file, which has a temporary name until it is complete and checked.
func (c *restoreCommand) Run(s *streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	switch {
	case c.Store != "":
		return &exitError{exitUsage, errors.New("--store: the data is in a PostgreSQL database: restore it with pg_restore, as docs/server.md describes")}
	case c.Data == "":
		return &exitError{exitUsage, errors.New("set --data to the data file to create")}
	}
	backup, err := os.Open(c.Backup)
	if err != nil {
		return &exitError{exitData, dataFileError("restore", c.Backup, err)}
	}
	defer backup.Close()
	defer context.AfterFunc(ctx, func() { _ = backup.Close() })() // the backup may be a pipe
	file, err := prepareFile("--data", c.Data, &c.Force, s.stderr)
	if err != nil {
		return err
	}
	defer file.discard()
	if file.replace {
		if isNamed(file.name, backup) {
			return &exitError{exitUsage, fmt.Errorf("--data %s: the file is the backup: choose another name", file.name)}
		}
		// Until the process exits, no server can open the old file.
		lock, err := lockFile(file.name)
		if err != nil {
			return &exitError{exitData, dataFileError("--data", file.name, err)}
		}
		defer lock.Close()
	}
	var size int64
	if info, err := backup.Stat(); err == nil {
		size = info.Size()
	}
	progress := newProgress(s.stderr, "restore", size)
	info, report, err := c.restoreTo(ctx, &countingReader{backup, progress}, file)
	progress.close()
	if err == nil {
		err = file.publish()
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "backup of %s\n", info.Time.Format(time.RFC3339))
	printReport(s.stdout, report)
	return nil
}

// isNamed reports whether the name is that of an open file.
func isNamed(name string, file interface{ Stat() (fs.FileInfo, error) }) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(opened, named)
}

// lockFile locks an existing data file as a server does. It returns [storage.ErrLocked] if a process has the file open.
func lockFile(name string) (*flock.Flock, error) {
	lock := flock.New(name, flock.SetFlag(os.O_RDONLY))
	locked, err := lock.TryLock()
	if err == nil && (!locked || !isNamed(name, lock)) { // another command may have replaced the file
		err = storage.ErrLocked
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// restoreTo restores the backup to the temporary name of the data file.
func (c *restoreCommand) restoreTo(ctx context.Context, backup io.Reader, file *newFile) (*maintenance.BackupInfo, *maintenance.Report, error) {
	target, err := storage.OpenFile(file.partial)
	if err != nil {
		return nil, nil, file.wrap(err)
	}
	info, report, err := maintenance.Restore(ctx, backup, target)
	if closeErr := target.Close(); err == nil && closeErr != nil {
		err = file.wrap(closeErr)
	}
	switch {
	case err == nil:
		return info, report, nil
	case ctx.Err() != nil:
		return nil, nil, errors.New("restore: interrupted: run the command again")
	case errors.Is(err, maintenance.ErrUnsound):
		return nil, nil, &exitError{exitData, fmt.Errorf("%s: %w: restore an older backup", c.Backup, err)}
	case errors.Is(err, maintenance.ErrNotBackup), errors.Is(err, maintenance.ErrBackupVersion), errors.Is(err, maintenance.ErrDamagedBackup):
		return nil, nil, &exitError{exitData, fmt.Errorf("%s: %w", c.Backup, err)}
	}
	return nil, nil, file.wrap(err)
}
