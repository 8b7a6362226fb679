package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// schemaVersion is the version of what is in the file. It grows when older versions of the package would misread it.
const schemaVersion = 1

// lockTimeout is how long OpenFile waits for another process, one that is just being replaced for example, to close
// the file.
const lockTimeout = time.Second

var (
	metaBucket = []byte("meta")
	dataBucket = []byte("data")
	versionKey = []byte("schemaVersion")
)

// file keeps its entries in a bbolt database, whose pages are written copy-on-write: a process that dies in the middle
// of a commit leaves the state before it.
type file struct {
	db *bbolt.DB

	mu         sync.Mutex
	waiting    []*update
	committing bool // whether a goroutine takes care of those that wait
}

// OpenFile returns a store that keeps its data in the file of that path, which it makes when there is none. An update
// that has returned survives the death of the process and of the machine. The file is locked as long as the store is
// open: opening it again, in this or another process, fails with [ErrLocked] after a second. A file that a newer
// version of this package wrote is refused with [ErrVersion] and left as it is.
func OpenFile(path string) (Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockTimeout,
		// The free list is found by a scan when the file is opened: a commit has less to write and sync.
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		err = ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := db.Update(prepare); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return &file{db: db}, nil
}

// prepare makes what a new file needs and checks the version of an old one.
func prepare(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	switch found := meta.Get(versionKey); {
	case found == nil:
		if err := meta.Put(versionKey, []byte(strconv.Itoa(schemaVersion))); err != nil {
			return err
		}
	default:
		version, err := strconv.Atoi(string(found))
		if err != nil {
			return fmt.Errorf("storage: schema version: %w", err)
		}
		if version > schemaVersion {
			return fmt.Errorf("%w: it has %d, this program knows %d", ErrVersion, version, schemaVersion)
		}
	}
	_, err = tx.CreateBucketIfNotExists(dataBucket)
	return err
}

func (f *file) View(ctx context.Context, fn func(Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return closed(f.db.View(func(tx *bbolt.Tx) error { return fn(fileTx{tx.Bucket(dataBucket)}) }))
}

func (f *file) Close() error { return f.db.Close() }

func closed(err error) error {
	if errors.Is(err, bbolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

type fileTx struct{ bucket *bbolt.Bucket }

func (tx fileTx) Get(key string) ([]byte, error) { return tx.bucket.Get([]byte(key)), nil }

func (tx fileTx) Scan(r Range) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		start, end := []byte(r.Start), []byte(r.End)
		c := tx.bucket.Cursor()
		key, value := c.Seek(start)
		next := c.Next
		if r.Reverse {
			key, value = seekBefore(c, end)
			next = c.Prev
		}
		for ; key != nil; key, value = next() {
			if r.Reverse && bytes.Compare(key, start) < 0 || !r.Reverse && len(end) > 0 && bytes.Compare(key, end) >= 0 {
				return
			}
			if !yield(Entry{string(key), value}, nil) {
				return
			}
		}
	}
}

// seekBefore moves the cursor to the last key before end, or to the very last when end is empty.
func seekBefore(c *bbolt.Cursor, end []byte) (key, value []byte) {
	if len(end) == 0 {
		return c.Last()
	}
	if key, _ := c.Seek(end); key == nil {
		return c.Last()
	}
	return c.Prev()
}

func (tx fileTx) Put(key string, value []byte) error {
	if key == "" {
		return errEmptyKey
	}
	if value == nil {
		value = []byte{} // until the commit, nil would look like no value
	}
	return tx.bucket.Put([]byte(key), value)
}

func (tx fileTx) Delete(key string) error { return tx.bucket.Delete([]byte(key)) }
