// Package storage stores the data of the GameSparks service as an ordered map of keys to values, with transactions.
// [NewMemory] returns a store that keeps the data in memory, and [OpenFile] one that keeps it in a file:
//
//	store, err := storage.OpenFile("games.db")
//	if err != nil {
//		log.Fatal(err)
//	}
//	service, err := server.New(server.WithStore(store))
//
// The [Store] interface is deliberately small, so that both an embedded database and a database shared by several
// replicas can implement it. Package storagetest tests an implementation. Package postgres has a store for several
// replicas; it is a separate package so that other programs do not link its driver.
package storage

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Store is an ordered map with serializable transactions: a transaction sees exactly the effects of the transactions that
// committed before it. A Store is safe for concurrent use.
type Store interface {
	// View runs fn on a consistent view of the store. It returns any error from fn or from the store.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn and commits its writes atomically. If Update returns nil, the writes are durable. If it returns an
	// error, either from fn or from the store, nothing was written, unless the error wraps ErrUnknownOutcome. The store may
	// run fn in another goroutine. A store with optimistic concurrency control reruns fn after a conflict, so any effects
	// of fn other than its writes must be idempotent.
	Update(ctx context.Context, fn func(Writer) error) error

	// Close releases the store. Transactions in progress continue; later ones fail with ErrClosed. Closing the store again
	// is a no-op.
	Close() error
}

// Reader reads in a transaction. It is not safe for concurrent use. Callers must not modify the values that it returns,
// and must not use them after the transaction.
type Reader interface {
	// Get returns the value of the key, or nil if the key does not exist.
	Get(key string) ([]byte, error)

	// Scan iterates over the entries that the range selects, and stops after the first error. The transaction must not
	// write during the iteration.
	Scan(Range) iter.Seq2[Entry, error]
}

// Writer writes in a transaction. It reads its own writes.
type Writer interface {
	Reader

	// Put sets the value of the key, which must not be empty. The store retains value, so the caller must not modify it
	// afterwards.
	Put(key string, value []byte) error

	// Delete removes the key. Deleting a key that does not exist is a no-op.
	Delete(key string) error

	// DeleteRange removes the entries that a scan of the range would return, without reading their values, and returns
	// their number. With a limit, a result below the limit means that no entry of the range is left.
	DeleteRange(Range) (int, error)
}

// Timed is an optional interface of transactions. A store that several servers share implements it, so that the servers
// agree on the time.
type Timed interface {
	// Now returns the time of the database at which the transaction began, after any wait for other transactions.
	Now() time.Time
}

// Entry is a key with its value.
type Entry struct {
	// Key is the full key, including the prefix of the range.
	Key string

	// Value must not be modified, and must not be used after the transaction. It is nil if the range has KeysOnly set.
	Value []byte
}

// Range selects entries. Keys are ordered by their bytes.
type Range struct {
	// Start is the first key that may be in the range.
	Start string

	// End is the first key after the range. Empty means that the range has no end.
	End string

	// Reverse makes a scan iterate from the last key of the range to the first.
	Reverse bool

	// Limit is the maximum number of entries. Optional. The default, 0, means no limit; a negative limit selects nothing.
	Limit int

	// KeysOnly makes a scan return entries without values, so that the store need not read them. Optional.
	KeysOnly bool
}

// Prefix returns the range of the keys that begin with prefix.
func Prefix(prefix string) Range {
	end := []byte(prefix)
	for len(end) > 0 {
		last := len(end) - 1
		if end[last]++; end[last] != 0 {
			break
		}
		end = end[:last] // 0xff has no successor: increment the byte before it
	}
	return Range{Start: prefix, End: string(end)}
}

var (
	// ErrClosed means that the store is closed.
	ErrClosed = errors.New("storage: store is closed")

	// ErrUnknownOutcome means that the store does not know whether the writes of an update were committed, for example
	// because the connection to the database was lost during the commit, or because the file system failed to make a
	// commit durable. Either all of them were committed or none. To find out, read the data.
	ErrUnknownOutcome = errors.New("storage: the outcome of the commit is unknown: read the data to see whether it was written")

	// ErrUnavailable means that the database cannot be reached or does not respond in time. Nothing was written.
	ErrUnavailable = errors.New("storage: the database is not available")

	// ErrOtherKey means that a view of keys has read something else. See [ViewKeys].
	ErrOtherKey = errors.New("storage: a view of keys reads another key")

	// ErrReadOnly means that the file was opened without write access.
	ErrReadOnly = errors.New("storage: file is open without write access")

	// ErrLocked means that another process has the file open.
	ErrLocked = errors.New("storage: file is in use by another process")

	// ErrVersion means that a newer version of this package wrote the file.
	ErrVersion = errors.New("storage: file was written by a newer version")

	// ErrOldVersion means that an older version of this package wrote the file.
	ErrOldVersion = errors.New("storage: file was written by an older version")

	// ErrFormat means that the file is not a data file of this package.
	ErrFormat = errors.New("storage: not a gamesparks-server data file")

	errEmptyKey = errors.New("storage: key is empty")
)
