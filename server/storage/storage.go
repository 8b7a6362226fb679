// Package storage stores the data of the service: an ordered map of keys to values with transactions. The interface is as
// narrow as the service allows, so that it fits an embedded file as well as a database that several replicas share.
// [NewMemory] and [OpenFile] return the implementations. One in PostgreSQL belongs in package storage/postgres, so that
// programs without it do not link its driver.
package storage

import (
	"context"
	"errors"
	"iter"
)

// Store is an ordered map with serializable transactions: each sees the effects of all transactions that committed before
// it and of no others. It is safe for concurrent use.
type Store interface {
	// View runs fn on a consistent state of the store. It returns the error of fn or of the store.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn and then commits its writes atomically, provided that what fn read has not changed. If Update returns
	// nil, the writes are durable. If it returns an error, that of fn for example, nothing was written. Fn may run in
	// another goroutine, and an optimistic store runs it again after a conflict: besides writing, fn must have no effect
	// that a second run does not undo.
	Update(ctx context.Context, fn func(Writer) error) error

	// Close releases the store. Transactions in progress continue; later ones fail with ErrClosed. Closing the store again
	// is a no-op.
	Close() error
}

// Reader reads in a transaction. It is not safe for concurrent use. The values that it returns must not be changed, and
// must not be used after the transaction.
type Reader interface {
	// Get returns the value of the key, or nil.
	Get(key string) ([]byte, error)

	// Scan iterates over the entries of the range in order. It ends after an error. The transaction must not write during
	// the iteration.
	Scan(Range) iter.Seq2[Entry, error]
}

// Writer writes in a transaction. It reads its own writes.
type Writer interface {
	Reader

	// Put sets the value of the key, which must not be empty. The store retains value, which must not be changed later.
	Put(key string, value []byte) error

	// Delete removes the key. Deleting a key that does not exist is a no-op.
	Delete(key string) error
}

// Entry is a key with its value.
type Entry struct {
	// Key is the full key, including the prefix of the range.
	Key string

	// Value is the value. It must not be changed, and must not be used after the transaction.
	Value []byte
}

// Range is a range of keys in the order of their bytes.
type Range struct {
	// Start is the first key that may be in the range.
	Start string

	// End is the first key after the range. Empty means that the range has no end.
	End string

	// Reverse makes a scan iterate from the last key of the range to the first.
	Reverse bool
}

// Prefix returns the range of the keys that begin with prefix.
func Prefix(prefix string) Range {
	end := []byte(prefix)
	for len(end) > 0 {
		last := len(end) - 1
		if end[last]++; end[last] != 0 {
			break
		}
		end = end[:last] // 0xff has no successor, so the byte before it counts
	}
	return Range{Start: prefix, End: string(end)}
}

var (
	// ErrClosed means that the store is closed.
	ErrClosed = errors.New("storage: store is closed")

	// ErrLocked means that another process has the file open.
	ErrLocked = errors.New("storage: file is in use by another process")

	// ErrVersion means that a newer version of this package wrote the file.
	ErrVersion = errors.New("storage: file has a newer schema version")

	errEmptyKey = errors.New("storage: key is empty")
)
