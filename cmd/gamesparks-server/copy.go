package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// copyCommand holds the flags of the command copy.
type copyCommand struct {
	From        string `required:"" placeholder:"OLD" help:"Data file to copy, of this version or of version 1, or URL of a PostgreSQL database. No server may use it. It is not changed."`
	To          string `required:"" placeholder:"NEW" help:"Data file to create, which must not exist, or URL of a PostgreSQL database."`
	StoreSchema string `default:"gamesparks" placeholder:"NAME" help:"Schema of the databases. It must not exist in the database to copy to."`

	StorePasswordFile string `placeholder:"FILE" type:"existingfile" help:"File with the password for the databases. If their passwords differ, use the files of PGPASSFILE or the URLs instead."`
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
	file, err := prepareFile("--to", c.To, nil, s.stderr)
	if err != nil {
		return err
	}
	defer file.discard()
	report, err := c.copyTo(ctx, file.partial)
	if err != nil {
		return err
	}
	if err := file.publish(); err != nil {
		return err
	}
	printReport(s.stdout, report)
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
		err = &exitError{exitData, fmt.Errorf("--from %s: %w: run gamesparks-server check", c.From, err)}
	}
	return report, err
}
