package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// openTimeout bounds the time for connecting to the database and creating its tables, including the wait for a replica that
// does so at the same time.
const openTimeout = time.Minute

// minLease is the shortest lease of a server. The delays of a busy machine must not end it.
const minLease = 500 * time.Millisecond

// errNotURL omits the value, which may contain a password.
var errNotURL = errors.New("--store: the value is not a URL that begins with postgres://")

// checkStore reports the first invalid flag of the store.
func (c *config) checkStore() error {
	switch {
	case c.Store == "" && c.StorePasswordFile != "":
		return errors.New("--store-password-file requires --store")
	case c.Store != "" && c.Data != "":
		return errors.New("--data and --store must not be set together: the data is either in a file or in a database")
	case c.Store != "" && !isDatabase(c.Store):
		return errNotURL
	}
	return nil
}

// openDatabase opens the database of --store.
func (c *config) openDatabase(onCommit func(storage.CommitRecord)) (storage.Store, error) {
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	return postgres.Open(ctx, c.Store, func(o *postgres.Options) {
		o.MaxConns, o.Schema = c.StoreConns, c.StoreSchema
		o.BeforeCreate = c.checkNoPartialCopy
		o.OnCommit, o.IdleTimeout = onCommit, c.StoreIdleTimeout
		o.Lease, o.NoListen = c.StoreLease, c.StoreNoListen
		o.Password = passwordFrom(c.StorePasswordFile)
	})
}

// passwordFrom returns a function that reads the password for a new connection from a file, or nil if file is empty.
func passwordFrom(file string) func(context.Context) (string, error) {
	if file == "" {
		return nil
	}
	return func(context.Context) (string, error) {
		password, err := os.ReadFile(file)
		return string(bytes.TrimRight(password, "\r\n")), err
	}
}

// partialInfix follows the name of the target in the name of the schema of an incomplete copy.
const partialInfix = "_partial_"

// checkNoPartialCopy returns an error if one of the schemas has an incomplete copy for --store-schema, which does not exist.
// A server that created an empty schema would hide that the copy is missing.
func (c *config) checkNoPartialCopy(schemas []string) error {
	for _, schema := range schemas {
		if strings.HasPrefix(schema, c.StoreSchema+partialInfix) {
			return fmt.Errorf("schema %s does not exist, and schema %s belongs to a copy that was killed or still runs: wait, or run the copy again; to begin without data, delete the partial copy with %s",
				c.StoreSchema, schema, dropStatement(schema))
		}
	}
	return nil
}

// databaseError adds the flag of a database and, where possible, the next step to an error of the database.
func databaseError(flag string, err error) error {
	if _, ok := errors.AsType[*postgres.CertificateError](err); ok {
		return fmt.Errorf("%s: cannot use the database: %w", flag, err)
	}
	if server, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		switch server.SQLState() {
		case "28P01", "28000": // invalid_password, invalid_authorization_specification
			return fmt.Errorf("%s: %w: check the user and the password", flag, err)
		case "3D000": // invalid_catalog_name
			return fmt.Errorf("%s: %w: create the database", flag, err)
		}
	}
	if strings.Contains(err.Error(), "server refused TLS connection") { // the driver exports no error for it
		return fmt.Errorf("%s: cannot use the database: %w: enable TLS on the database, or set sslmode=disable if the network is trusted", flag, err)
	}
	if errors.Is(err, storage.ErrUnavailable) {
		return fmt.Errorf("%s: cannot use the database: %w: check its address and that it runs", flag, err)
	}
	return fmt.Errorf("%s: %w", flag, err)
}

// where describes the location of the data for logs.
func (c *config) where() string {
	switch {
	case c.Store != "":
		return "(PostgreSQL)"
	case c.Data != "":
		return c.Data
	}
	return "(memory)"
}

// isDatabase reports whether the value of a flag is the URL of a database instead of a file name.
func isDatabase(value string) bool {
	return strings.HasPrefix(value, "postgres://") || strings.HasPrefix(value, "postgresql://")
}

// checkDatabase checks the data in a database and prints a report.
func (c *checkCommand) checkDatabase(ctx context.Context, w io.Writer) error {
	if !isDatabase(c.Store) {
		return &exitError{exitUsage, errNotURL}
	}
	store, err := openExisting(ctx, c.Store, c.StoreSchema, c.StorePasswordFile)
	if err != nil {
		return &exitError{exitData, databaseError("--store", err)}
	}
	defer store.Close()
	problems, err := reportStore(ctx, store, w)
	if err == nil && problems > 0 {
		err = errors.New("the data has problems: restore a backup")
	}
	if err != nil {
		return &exitError{exitData, databaseError("--store", err)}
	}
	return nil
}

// openExisting opens a database that has data of a server.
func openExisting(ctx context.Context, url, schema, passwordFile string) (*postgres.Store, error) {
	return postgres.Open(ctx, url, func(o *postgres.Options) {
		o.Schema, o.MustExist, o.Password = schema, true, passwordFrom(passwordFile)
	})
}

// copyFromDatabase copies the data in a database.
func (c *copyCommand) copyFromDatabase(ctx context.Context, target storage.Store) (*maintenance.Report, error) {
	source, err := openExisting(ctx, c.From, c.StoreSchema, c.StorePasswordFile)
	if err != nil {
		return nil, &exitError{exitData, databaseError("--from", err)}
	}
	defer source.Close()
	report, err := maintenance.Copy(ctx, source, target)
	if errors.Is(err, maintenance.ErrUnsound) {
		err = &exitError{exitData, fmt.Errorf("%w: run gamesparks-server check", databaseError("--from", err))}
	}
	return report, err
}

// copyToDatabase copies or converts the source to a new schema of a database. The schema has a temporary name until the
// copy is complete. It remains if the process is killed; the next copy reports it on stderr.
func (c *copyCommand) copyToDatabase(ctx context.Context, stderr io.Writer) (*maintenance.Report, error) {
	prefix := c.StoreSchema + partialInfix
	partial := prefix + strings.ToLower(rand.Text()[:8])
	target, err := postgres.Open(ctx, c.To, func(o *postgres.Options) {
		o.Schema, o.Password = partial, passwordFrom(c.StorePasswordFile)
	})
	if err != nil {
		return nil, databaseError("--to", err)
	}
	report, err := c.fillDatabase(ctx, target)
	if err == nil {
		var found []string
		if found, err = target.Schemas(ctx, prefix); err == nil {
			err = target.RenameSchema(ctx, c.StoreSchema)
		}
		if err == nil {
			for _, schema := range found {
				if schema != partial {
					fmt.Fprintf(stderr, "--to: the database has a schema %s of a copy that was killed or still runs: when no copy runs, delete it with %s\n", schema, dropStatement(schema))
				}
			}
			return report, nil
		}
		err = databaseError("--to", err)
	}
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), openTimeout)
	defer cancel()
	if ctx.Err() != nil {
		err = errors.New("copy: interrupted: run the command again")
	}
	if dropErr := target.DropSchema(cleanup); dropErr != nil {
		_ = target.Close() // the other error says what to do
		err = errors.Join(err, fmt.Errorf("--to: cannot delete the partial copy: %w: delete it with %s", dropErr, dropStatement(partial)))
	}
	return nil, err
}

func dropStatement(schema string) string {
	return `DROP SCHEMA "` + strings.ReplaceAll(schema, `"`, `""`) + `" CASCADE`
}

func (c *copyCommand) fillDatabase(ctx context.Context, target *postgres.Store) (*maintenance.Report, error) {
	found, err := target.Schemas(ctx, c.StoreSchema)
	switch {
	case err != nil:
		return nil, databaseError("--to", err)
	case slices.Contains(found, c.StoreSchema):
		return nil, fmt.Errorf("--to: the database has a schema %s: delete it or set --store-schema to another name", c.StoreSchema)
	}
	return c.fill(ctx, target)
}
