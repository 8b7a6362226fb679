package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"github.com/gamesparks-go/gamesparks/server"
)

// keyFileInterval is how often the server reads the --keys file. Reading the small file detects every change, regardless of
// the file system and of how the file is edited.
const keyFileInterval = time.Second

// accessKeys holds the access keys of a running server.
type accessKeys struct {
	config  *config
	current atomic.Pointer[[]server.Credential]
}

func newAccessKeys(c *config) (*accessKeys, error) {
	credentials, _, err := c.credentials() // watch logs an ignored key
	if err != nil {
		return nil, err
	}
	k := &accessKeys{config: c}
	k.current.Store(&credentials)
	return k, nil
}

// credentials returns the current access keys.
func (k *accessKeys) credentials() []server.Credential { return *k.current.Load() }

// watch reloads the --keys file whenever its content changes, until the context ends. If the new content is invalid, the
// current access keys remain.
func (k *accessKeys) watch(ctx context.Context, service *server.Service, metrics *metrics, logger *slog.Logger) {
	if k.config.Keys == "" {
		return
	}
	var last []byte
	problem := "" // the last one that was logged
	ticker := time.NewTicker(keyFileInterval)
	defer ticker.Stop()
	for {
		previous := k.credentials()
		text, err := os.ReadFile(k.config.Keys)
		changed := err == nil && !bytes.Equal(text, last)
		if changed {
			last, problem = text, ""
			err = k.reload(service, logger)
		}
		if changed || err != nil {
			metrics.keysReload(err)
		}
		if keys := k.credentials(); err == nil && !slices.Equal(keys, previous) {
			logger.Info("reloaded the access keys", "keys", k.config.Keys, "access_keys", len(keys))
		}
		if err != nil && err.Error() != problem {
			problem = err.Error()
			logger.Error("cannot reload the access keys; the previous keys remain valid", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (k *accessKeys) reload(service *server.Service, logger *slog.Logger) error {
	credentials, ignored, err := k.config.credentials()
	if ignored {
		logger.Warn("ignored an access key of the --keys file: --access-key has the same id; change the id in the file",
			"access_key_id", k.config.AccessKey, "keys", k.config.Keys)
	}
	if err != nil || slices.Equal(credentials, k.credentials()) {
		return err
	}
	if err := service.SetCredentials(credentials...); err != nil {
		return err
	}
	k.current.Store(&credentials)
	return nil
}

// keyEntry is a credential in the --keys file.
type keyEntry struct {
	AccessKeyID     string    `json:"AccessKeyId"`
	SecretAccessKey string    `json:"SecretAccessKey"`
	SessionToken    string    `json:"SessionToken,omitempty"`
	Expires         time.Time `json:"Expires,omitzero"`
	Account         string    `json:"Account,omitempty"`
	ReadOnly        bool      `json:"ReadOnly,omitempty"`
	Disabled        bool      `json:"Disabled,omitempty"`
}

// editKeys replaces the --keys file with the result of edit, which gets its current content. Other processes see the old or
// the new file, and concurrent edits are serialized. A file that does not exist counts as empty.
func editKeys(name string, edit func([]keyEntry) ([]keyEntry, error)) error {
	if _, err := readKeys(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if resolved, err := filepath.EvalSymlinks(name); err == nil {
		name = resolved // replace the file, not the link
	}
	lock := flock.New(name+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("--keys %s: lock the file: %w", name, err)
	}
	defer lock.Unlock() // an error has no effect: the process exits
	entries, err := readKeys(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if entries, err = edit(entries); err != nil {
		return err
	}
	text, err := json.MarshalIndent(entries, "", "  ")
	if err != nil {
		return err
	}
	if err := writeKeys(name, append(text, '\n')); err != nil {
		return fmt.Errorf("--keys %s: %w", name, err)
	}
	return nil
}

// readKeys reads the --keys file.
func readKeys(name string) ([]keyEntry, error) {
	if name == "" { // the variable is set and empty
		return nil, &exitError{exitUsage, errors.New("--keys: the value is missing")}
	}
	entries, err := readList[keyEntry]("--keys", name)
	return entries, keysProblem(name, err)
}

// keysProblem adds the next step to an error from reading the --keys file.
func keysProblem(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: create the file with gamesparks-server keys create --keys %s", err, name)
	}
	return err
}

// writeKeys replaces the --keys file with one that only its owner can read.
func writeKeys(name string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // fails if the file has the new name
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return replaceFile(name, file.Name())
}
