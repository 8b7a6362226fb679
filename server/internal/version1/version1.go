// Package version1 reads data files of version 1 and converts them to the current records. No other package depends on
// version 1, so the package can be removed when no such files are left.
package version1

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// In version 1, the children of a game are keyed by its name, each section of a configuration or snapshot is a record, and
// values have no checksums. The keys, after the prefix "account/ACCOUNT/REGION/", are:
//
//	game/GAME
//	of/GAME/configuration
//	of/GAME/section/SECTION
//	of/GAME/snapshot/SNAPSHOT
//	of/GAME/snapshotsection/SNAPSHOT/SECTION
//	of/GAME/stage/STAGE
//	of/GAME/deployment/STAGE/DEPLOYMENT
//	of/GAME/job/SNAPSHOT/JOB
//	token/OPERATION/SHA256
//	grave/TIME/KEY
//
// The key service/secret has the secret of the service.
const (
	ownersPrefix = "account/"
	secretKey    = "service/secret"
)

type game struct {
	Name                 string
	Description          *string
	Created, LastUpdated time.Time
	Tags                 map[string]string
	ClientToken          string
	Gone                 time.Time
}

type configuration struct{ Created, LastUpdated time.Time }

type snapshot struct {
	ID                   string
	Description          *string
	Created, LastUpdated time.Time
}

type stage struct {
	Game, Name           string
	Description          *string
	Role, GameKey        string
	Created, LastUpdated time.Time
	Tags                 map[string]string
	ClientToken          string
	Gone                 time.Time
}

type deployment struct {
	Number              int
	ID, SnapshotID      string
	Created             time.Time
	Pending, InProgress time.Duration
	Code                types.ResultCode
	Message             string
	ClientToken         string
}

type job struct {
	Number              int
	ID, SnapshotID      string
	Generator           struct{ Language, TargetPlatform, GameSdkVersion string }
	Created             time.Time
	Pending, InProgress time.Duration
	Description         string
	Failed              bool
}

type token struct {
	Request string
	Expires time.Time
	Made    string
}

// reader reads a data file of version 1 in one transaction.
type reader struct{ bucket *bbolt.Bucket }

// lockTimeout is how long view waits for another process to close the file.
const lockTimeout = time.Second

// view runs fn on the file, which it does not change. The error wraps [storage.ErrFormat] if the file is not of version 1.
func view(path string, fn func(*reader) error) error {
	db, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		meta, data := tx.Bucket([]byte("meta")), tx.Bucket([]byte("data"))
		if meta == nil || data == nil || string(meta.Get([]byte("schemaVersion"))) != "1" {
			return fmt.Errorf("%s: %w of version 1", path, storage.ErrFormat)
		}
		return fn(&reader{data})
	})
	return errors.Join(err, db.Close())
}

// each calls visit for the entries whose keys begin with prefix, with the rest of the key.
func (r *reader) each(prefix string, visit func(rest string, value []byte) error) error {
	cursor := r.bucket.Cursor()
	for key, value := cursor.Seek([]byte(prefix)); key != nil && bytes.HasPrefix(key, []byte(prefix)); key, value = cursor.Next() {
		if err := visit(string(key[len(prefix):]), value); err != nil {
			return err
		}
	}
	return nil
}

// records calls visit for the records whose keys begin with prefix, with the rest of the key.
func records[T any](r *reader, prefix string, visit func(rest string, record *T) error) error {
	return r.each(prefix, func(rest string, value []byte) error {
		record := new(T)
		if err := json.Unmarshal(value, record); err != nil {
			return fmt.Errorf("record %s%s: %w", prefix, rest, err)
		}
		return visit(rest, record)
	})
}

// owners returns the account and the region of each owner.
func (r *reader) owners() (owners [][2]string) {
	cursor := r.bucket.Cursor()
	next := []byte(ownersPrefix)
	for {
		key, _ := cursor.Seek(next)
		if !bytes.HasPrefix(key, []byte(ownersPrefix)) {
			return owners
		}
		parts := strings.SplitN(string(key), "/", 4)
		if len(parts) < 4 {
			next = append(bytes.Clone(key), 0)
			continue
		}
		owners = append(owners, [2]string{parts[1], parts[2]})
		next = []byte(storage.Prefix(strings.Join(parts[:3], "/") + "/").End)
	}
}
