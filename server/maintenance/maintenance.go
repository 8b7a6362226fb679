// Package maintenance checks, copies, backs up and restores the data of a server. The commands "check", "copy", "backup" and
// "restore" of gamesparks-server are built on it.
package maintenance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"iter"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/internal/version1"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Report is the result of [Check].
type Report struct {
	// Entries is the number of entries in the store.
	Entries int

	// Owners is the number of combinations of account and region.
	Owners int

	// Games, Stages, Snapshots, Deployments and Jobs are the numbers of these resources. They include resources that have
	// been deleted but not removed yet.
	Games, Stages, Snapshots, Deployments, Jobs int

	// Contents is the number of stored contents of sections.
	Contents int

	// ContentBytes is the sum of the lengths of the stored contents.
	ContentBytes int64

	// Problems describes the problems found. It is empty if the data is sound.
	Problems []string
}

// Check reads everything in a store, and checks values, references and counters. The error is nil if it could read the
// store, even if it found problems.
func Check(ctx context.Context, store storage.Store) (*Report, error) {
	summary, err := records.Check(ctx, store)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	report := Report(summary)
	return &report, nil
}

// ErrNotEmpty means that the store to which [Copy], [Convert] or [Restore] would write has data.
var ErrNotEmpty = errors.New("the target already has data")

// ErrUnsound means that the data to copy, or the copy, has problems.
var ErrUnsound = errors.New("the data has problems")

// Copy copies all data to an empty store, and compares the two. It does not change the source. The target is incomplete
// if Copy returns an error.
func Copy(ctx context.Context, from, to storage.Store) (*Report, error) {
	if err := checkEmpty(ctx, to); err != nil {
		return nil, err
	}
	var want [sha256.Size]byte
	err := from.View(ctx, func(r storage.Reader) (err error) {
		want, err = writeEntries(ctx, r.Scan(storage.Range{}), to)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	if err := compare(ctx, to, want); err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	return checkCopy(ctx, to)
}

// compare returns an error if the digest of all entries in a store is not want.
func compare(ctx context.Context, store storage.Store, want [sha256.Size]byte) error {
	var found [sha256.Size]byte
	err := store.View(ctx, func(r storage.Reader) (err error) {
		found, err = digest(r)
		return err
	})
	if err == nil && found != want {
		err = errors.New("the copy differs from the source")
	}
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

// Convert converts a data file of version 1 and writes its data to an empty store. It compares the two, and does not
// change the file. The target is incomplete if Convert returns an error.
func Convert(ctx context.Context, path string, to storage.Store) (*Report, error) {
	if err := checkEmpty(ctx, to); err != nil {
		return nil, err
	}
	if err := version1.Convert(ctx, path, to); err != nil {
		return nil, fmt.Errorf("convert: %w", err)
	}
	return checkCopy(ctx, to)
}

func checkEmpty(ctx context.Context, store storage.Store) error {
	return store.View(ctx, func(r storage.Reader) error {
		for _, err := range r.Scan(storage.Range{Limit: 1, KeysOnly: true}) {
			if err == nil {
				err = ErrNotEmpty
			}
			return err
		}
		return nil
	})
}

// checkCopy returns the report of the check of a copy. Problems are an error.
func checkCopy(ctx context.Context, store storage.Store) (*Report, error) {
	report, err := Check(ctx, store)
	if err == nil && len(report.Problems) > 0 {
		err = fmt.Errorf("%w: %d problems, the first: %s", ErrUnsound, len(report.Problems), report.Problems[0])
	}
	return report, err
}

// batchBytes and batchEntries bound the transactions of a copy.
const (
	batchBytes   = 4 << 20
	batchEntries = 10_000
)

// writeEntries writes entries to a store in several transactions, and returns their digest.
func writeEntries(ctx context.Context, entries iter.Seq2[storage.Entry, error], to storage.Store) (sum [sha256.Size]byte, err error) {
	all := sha256.New()
	var batch []storage.Entry
	size := 0
	flush := func() error {
		err := to.Update(ctx, func(w storage.Writer) error {
			for _, e := range batch {
				if err := w.Put(e.Key, e.Value); err != nil {
					return err
				}
			}
			return nil
		})
		batch, size = nil, 0
		return err
	}
	for e, err := range entries {
		if err != nil {
			return sum, err
		}
		add(all, e)
		batch = append(batch, storage.Entry{Key: e.Key, Value: bytes.Clone(e.Value)})
		size += len(e.Key) + len(e.Value)
		if size < batchBytes && len(batch) < batchEntries {
			continue
		}
		if err := flush(); err != nil {
			return sum, err
		}
	}
	if err := flush(); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(all.Sum(nil)), nil
}

// digest returns the digest of all entries.
func digest(r storage.Reader) (sum [sha256.Size]byte, err error) {
	all := sha256.New()
	for e, err := range r.Scan(storage.Range{}) {
		if err != nil {
			return sum, err
		}
		add(all, e)
	}
	return [sha256.Size]byte(all.Sum(nil)), nil
}

func add(all hash.Hash, e storage.Entry) {
	var lengths [16]byte
	binary.BigEndian.PutUint64(lengths[:8], uint64(len(e.Key)))
	binary.BigEndian.PutUint64(lengths[8:], uint64(len(e.Value)))
	all.Write(lengths[:])
	all.Write([]byte(e.Key))
	all.Write(e.Value)
}
