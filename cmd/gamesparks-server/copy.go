package main

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// copyCommand holds the flags of the command copy.
type copyCommand struct {
	From        string `required:"" placeholder:"OLD" help:"Data file to copy, of this version or of version 1, or URL of a PostgreSQL database. No server may use it. It is not changed."`
	To          string `required:"" placeholder:"NEW" help:"Data file to create, which must not exist, or URL of a PostgreSQL database."`
	StoreSchema string `default:"gamesparks" placeholder:"NAME" help:"Schema of the databases. It must not exist in the database to copy to."`
}

// Run copies the data file. The copy has a temporary name until it is complete.
func (c *copyCommand) Run(s *streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if !isDatabase(c.From) {
		if _, err := os.Stat(c.From); err != nil {
			return &exitError{exitData, dataFileError("--from", c.From, err)}
		}
		if err := checkData(c.From, slog.New(slog.DiscardHandler)); err != nil {
			return &exitError{exitData, fmt.Errorf("--from %s: %w", c.From, err)}
		}
	}
	if isDatabase(c.To) {
		report, err := c.copyToDatabase(ctx, s.stderr)
		if err == nil {
			printReport(s.stdout, report)
		}
		return err
	}
	if err := c.checkTarget(); err != nil {
		return err
	}
	partial := c.To + partialSuffix + cryptorand.Text()[:8]
	defer os.Remove(partial) // a no-op if the copy is complete
	report, err := c.copyTo(ctx, partial)
	if err != nil {
		return err
	}
	if err := publish(partial, c.To); err != nil {
		return fmt.Errorf("--to %s: %w", c.To, err)
	}
	printReport(s.stdout, report)
	return nil
}

// partialSuffix follows the name of the target in the name of an incomplete copy.
const partialSuffix = ".partial-"

// errPartialCopy means that data does not exist and that there is an incomplete copy for it.
var errPartialCopy = errors.New("the file does not exist")

// checkNoPartialFile returns an error if --data does not exist and its directory has an incomplete copy for it. A server that
// created an empty file would hide that the copy is missing.
func (c *config) checkNoPartialFile() error {
	if _, err := os.Lstat(c.Data); err == nil {
		return nil
	}
	entries, _ := os.ReadDir(filepath.Dir(c.Data)) // creating the file reports the error
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(c.Data)+partialSuffix) {
			return fmt.Errorf("%w, and %s belongs to a copy that was killed or still runs: wait, or run the copy again; to begin without data, delete the partial copy",
				errPartialCopy, filepath.Join(filepath.Dir(c.Data), entry.Name()))
		}
	}
	return nil
}

// checkTarget returns an error if the target exists.
func (c *copyCommand) checkTarget() error {
	if _, err := os.Lstat(c.To); err == nil {
		return fmt.Errorf("--to %s: the file exists: delete it or choose another name", c.To)
	}
	return nil
}

// copyTo copies or converts the source to a new file at path.
func (c *copyCommand) copyTo(ctx context.Context, path string) (*maintenance.Report, error) {
	target, err := storage.OpenFile(path)
	if err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	report, err := c.fill(ctx, target)
	if closeErr := target.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("--to: %w", closeErr)
	}
	if err != nil && ctx.Err() != nil {
		err = errors.New("copy: interrupted: run the command again")
	}
	return report, err
}

func (c *copyCommand) fill(ctx context.Context, target storage.Store) (*maintenance.Report, error) {
	if isDatabase(c.From) {
		return c.copyFromDatabase(ctx, target)
	}
	source, err := storage.OpenFile(c.From, func(o *storage.FileOptions) { o.ReadOnly = true })
	if errors.Is(err, storage.ErrOldVersion) {
		return maintenance.Convert(ctx, c.From, target)
	}
	if err != nil {
		return nil, &exitError{exitData, dataFileError("--from", c.From, err)}
	}
	defer source.Close()
	report, err := maintenance.Copy(ctx, source, target)
	if errors.Is(err, storage.ErrDamaged) || errors.Is(err, maintenance.ErrUnsound) {
		err = &exitError{exitData, fmt.Errorf("--from %s: %w", c.From, err)}
	}
	return report, err
}

// publish renames a file, unless the new name exists.
func publish(from, to string) error {
	err := os.Link(from, to)
	if err != nil && !errors.Is(err, fs.ErrExist) { // the file system may not support links
		if _, statErr := os.Lstat(to); errors.Is(statErr, fs.ErrNotExist) {
			err = os.Rename(from, to)
		}
	}
	return err
}
