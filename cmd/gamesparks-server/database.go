package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// openTimeout bounds the time for connecting to the database and creating its tables, including the wait for a replica that
// does so at the same time.
const openTimeout = time.Minute

// checkStore reports the first invalid flag of the store.
func (c *config) checkStore() error {
	switch {
	case c.Store == "" && c.StorePasswordFile != "":
		return errors.New("--store-password-file requires --store")
	case c.Store != "" && c.Data != "":
		return errors.New("--data and --store must not be set together: the data is either in a file or in a database")
	case c.Store != "" && !strings.HasPrefix(c.Store, "postgres://") && !strings.HasPrefix(c.Store, "postgresql://"):
		return errors.New("--store: the value is not a URL that begins with postgres://") // without the value, which may have a password
	}
	return nil
}

// openDatabase opens the database of --store.
func (c *config) openDatabase(onCommit func(storage.CommitRecord)) (storage.Store, error) {
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	return postgres.Open(ctx, c.Store, func(o *postgres.Options) {
		o.MaxConns, o.Schema = c.StoreConns, c.StoreSchema
		o.OnCommit, o.IdleTimeout = onCommit, c.StoreIdleTimeout
		if c.StorePasswordFile != "" {
			o.Password = func(context.Context) (string, error) {
				password, err := os.ReadFile(c.StorePasswordFile)
				return string(bytes.TrimRight(password, "\r\n")), err
			}
		}
	})
}

// databaseError adds the --store flag and, where possible, the next step to an error from openDatabase.
func databaseError(err error) error {
	switch {
	case errors.Is(err, storage.ErrVersion):
		return fmt.Errorf("--store: %w", err)
	case errors.Is(err, storage.ErrUnavailable):
		return fmt.Errorf("--store: cannot use the database: %w: check its address and that it runs", err)
	}
	return fmt.Errorf("--store: %w", err)
}

// where says where the data is, for logs.
func (c *config) where() string {
	switch {
	case c.Store != "":
		return "(PostgreSQL)"
	case c.Data != "":
		return c.Data
	}
	return "(memory)"
}
