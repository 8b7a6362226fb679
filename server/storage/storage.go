// Package storage is what the local service keeps its data in: an ordered map of keys to values with transactions.
// The interface is as narrow as the service can do with, so that it fits an embedded file as well as a replicated
// store. [NewMemory] and [OpenFile] return the implementations.
package storage

import (
	"context"
	"errors"
	"iter"
)

// Store is an ordered map with transactions that are serializable: each sees the effects of all that committed before
// it and of no other. It is safe for concurrent use.
type Store interface {
	// View runs fn with a consistent state of the store. It returns the error of fn, or why there was no such state.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn and then commits all that it wrote at once, provided that what it read has not changed since. When
	// it returns nil the writes are as durable as the store makes them; when it returns an error, that of fn for
	// example, nothing was written. Fn may run in another goroutine, and an optimistic store runs it again after a
	// conflict: it must have no effect, besides that on the Writer, that a second run does not undo.
	Update(ctx context.Context, fn func(Writer) error) error

	// Close releases the store. Transactions that run are not disturbed; later ones fail with ErrClosed. Closing it
	// again does nothing.
	Close() error
}

// Reader is the reading side of a transaction. It is not safe for concurrent use. The values that it returns must not
// be changed and must not be used after the transaction.
type Reader interface {
	// Get returns the value of the key, nil when there is none.
	Get(key string) ([]byte, error)

	// Scan returns the entries of the range in order. After an error it yields nothing more. The transaction must not
	// write while the sequence is being iterated.
	Scan(Range) iter.Seq2[Entry, error]
}

// Writer is the writing side of a transaction. It reads its own writes.
type Writer interface {
	Reader

	// Put sets the value of the key, which must not be empty. The store keeps value, which must not be changed any more.
	Put(key string, value []byte) error

	// Delete removes the key. It is no error when there is none.
	Delete(key string) error
}

// Entry is a key with its value.
type Entry struct {
	// Key is the whole key, with the prefix that was asked for.
	Key string

	// Value is what was put there. It must not be changed, nor used after the transaction.
	Value []byte
}

// Range is a range of keys in the order of their bytes.
type Range struct {
	// Start is the first key that may be in the range.
	Start string

	// End is the first key behind the range. When empty, the range has no end.
	End string

	// Reverse makes a scan go from the last key of the range to its first.
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
	// ErrClosed says that the store is closed.
	ErrClosed = errors.New("storage: store is closed")

	// ErrLocked says that another process has the file open.
	ErrLocked = errors.New("storage: file is in use by another process")

	// ErrVersion says that a newer version of this package wrote the file.
	ErrVersion = errors.New("storage: file has a newer schema version")

	errEmptyKey = errors.New("storage: key is empty")
)
