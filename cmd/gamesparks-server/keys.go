package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/gamesparks-go/gamesparks/server"
)

// keysCommand holds the commands that edit the --keys file. A running server reloads the file.
type keysCommand struct {
	Create  createKey  `cmd:"" help:"Add an access key and print it. The secret is not shown again."`
	List    listKeys   `cmd:"" help:"List the access keys without their secrets."`
	Disable disableKey `cmd:"" help:"Disable an access key. Requests that it signs fail from then on."`
}

// keysFile selects the --keys file.
type keysFile struct {
	Config configFile `placeholder:"FILE" help:"Configuration file of the server, which may name the file."`
	Keys   string     `placeholder:"FILE" required:"" help:"JSON file with access keys, the value of --keys of the server."`
}

type createKey struct {
	keysFile
	ID         string    `name:"id" env:"-" placeholder:"ID" help:"ID of the access key, of letters, digits, underscores, hyphens and periods. By default it is generated."`
	AccessKey  string    `default:"${key}" placeholder:"ID" help:"ID of the access key of --access-key of the server, which the file must not have."`
	KeyAccount string    `env:"-" placeholder:"ACCOUNT" help:"Account of the access key, 12 digits. By default it is the account of the server."`
	ReadOnly   bool      `env:"-" help:"Deny write operations."`
	Expires    time.Time `env:"-" placeholder:"TIME" help:"Time at which the access key expires, such as 2026-12-31T00:00:00Z. By default it does not expire."`
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// Run adds an access key to the file and prints it as environment variables.
func (c *createKey) Run(s *streams) error {
	if c.KeyAccount != "" && !accountPattern.MatchString(c.KeyAccount) {
		return &exitError{exitUsage, fmt.Errorf("--key-account: account %q: must have 12 digits", c.KeyAccount)}
	}
	if c.ID == c.AccessKey {
		return &exitError{exitUsage, fmt.Errorf("--id: the access key of --access-key of the server has the id %s: choose another --id", c.ID)}
	}
	if !c.Expires.IsZero() && !time.Now().Before(c.Expires) {
		return &exitError{exitUsage, fmt.Errorf("--expires: %s is in the past: use a time in the future", c.Expires.Format(time.RFC3339))}
	}
	key := keyEntry{
		AccessKeyID: cmp.Or(c.ID, "GSKEY"+rand.Text()[:15]), SecretAccessKey: rand.Text() + rand.Text(),
		Account: c.KeyAccount, ReadOnly: c.ReadOnly, Expires: c.Expires,
	}
	if err := (server.Credential{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey}).Validate(); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--id: %w", err)}
	}
	err := editKeys(c.Keys, func(keys []keyEntry) ([]keyEntry, error) {
		if slices.ContainsFunc(keys, func(k keyEntry) bool { return k.AccessKeyID == key.AccessKeyID }) {
			return nil, fmt.Errorf("--keys %s: the access key %s exists: choose another --id", c.Keys, key.AccessKeyID)
		}
		return append(keys, key), nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.stdout, "AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", key.AccessKeyID, key.SecretAccessKey)
	return err
}

type listKeys struct{ keysFile }

// Run prints a table of the access keys.
func (c *listKeys) Run(s *streams) error {
	keys, err := readKeys(c.Keys)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ACCESS KEY ID\tACCOUNT\tACCESS\tEXPIRES\tSTATE")
	for _, key := range keys {
		access, state, expires := "full", "enabled", "never"
		if key.ReadOnly {
			access = "read-only"
		}
		if !key.Expires.IsZero() {
			expires = key.Expires.UTC().Format(time.RFC3339)
		}
		switch {
		case key.Disabled:
			state = "disabled"
		case !key.Expires.IsZero() && !time.Now().Before(key.Expires):
			state = "expired"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", key.AccessKeyID, cmp.Or(key.Account, "default"), access, expires, state)
	}
	return table.Flush()
}

type disableKey struct {
	keysFile
	ID string `arg:"" name:"id" help:"ID of the access key."`
}

// Run disables the access key. Disabling it again is a no-op.
func (c *disableKey) Run(*streams) error {
	return editKeys(c.Keys, func(keys []keyEntry) ([]keyEntry, error) {
		i := slices.IndexFunc(keys, func(k keyEntry) bool { return k.AccessKeyID == c.ID })
		if i < 0 {
			return nil, fmt.Errorf("--keys %s: the access key %q does not exist: gamesparks-server keys list shows the access keys", c.Keys, c.ID)
		}
		keys[i].Disabled = true
		return keys, nil
	})
}
