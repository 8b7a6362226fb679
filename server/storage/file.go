package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// schemaVersion is the version of the file's schema. A change that older versions of the package would misread must
// increment it. Version 1 had no checksums.
const schemaVersion = 2

// lockTimeout is how long OpenFile waits for another process to close the file, for example while a server restarts.
const lockTimeout = time.Second

var (
	metaBucket = []byte("meta")
	dataBucket = []byte("data")
	versionKey = []byte("schemaVersion")
)

// file keeps its entries in a bbolt database. Its pages are copy-on-write, so a crash during a commit leaves the previous
// state intact.
type file struct {
	db      *bbolt.DB
	path    string
	options FileOptions

	// presence is in memory, since only one process has the file open and connections end with it.
	presence Presence

	damage atomic.Pointer[error] // set once a transaction has found damage

	// update is the transact method. Tests replace it to make commits fail.
	update func(func(*bbolt.Tx) error) error

	mu         sync.Mutex
	pending    []*update
	committing bool // whether a goroutine is committing pending updates
	gathering  gathering
}

// OpenFile returns a store that keeps its data in the file at path, and creates the file if it does not exist. Completed
// updates survive a crash of the process or the machine. The file is locked while the store is open: opening it again, in
// this or another process, fails with [ErrLocked] after one second. OpenFile fails with [ErrVersion] if a newer version
// of this package wrote the file, with [ErrOldVersion] if an older one did, with [ErrFormat] if it is not a data file,
// and with [ErrDamaged] if the structure of the file is damaged. In these cases it leaves the file unchanged.
func OpenFile(path string, optFns ...func(*FileOptions)) (Store, error) {
	f := &file{path: path, presence: NewPresence()}
	for _, fn := range optFns {
		fn(&f.options)
	}
	if err := checkFile(path, lockTimeout, false, nil); err != nil {
		return nil, openError(path, err)
	}
	db, err := openBolt(path, f.options.ReadOnly)
	if err != nil {
		return nil, openError(path, err)
	}
	if err := prepare(db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	f.db, f.update = db, f.transact
	return f, nil
}

// Presence implements [PresenceStore].
func (f *file) Presence() Presence { return f.presence }

// openError converts an error from bbolt.Open into the error that OpenFile returns.
func openError(path string, err error) error {
	var pathError *fs.PathError
	switch {
	case errors.As(err, &pathError):
		return err // it already names the path
	case errors.Is(err, bbolterrors.ErrTimeout):
		err = ErrLocked
	case isFormatError(err):
		err = ErrFormat
	}
	return fmt.Errorf("open %s: %w", path, err)
}

func isFormatError(err error) bool {
	return errors.Is(err, bbolterrors.ErrInvalid) || errors.Is(err, bbolterrors.ErrVersionMismatch) || errors.Is(err, bbolterrors.ErrChecksum)
}

// prepare initializes a new file and checks the schema version of an existing one. It does not write to an existing file,
// so that a server can start on a full disk.
func prepare(db *bbolt.DB) error {
	isNew := false
	err := db.View(func(tx *bbolt.Tx) error {
		first, _ := tx.Cursor().First()
		if isNew = first == nil && !db.IsReadOnly(); isNew {
			return nil
		}
		return checkVersion(tx)
	})
	if err != nil || !isNew {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		if err := meta.Put(versionKey, []byte(strconv.Itoa(schemaVersion))); err != nil {
			return err
		}
		_, err = tx.CreateBucket(dataBucket)
		return err
	})
}

func checkVersion(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return fmt.Errorf("%w: the file is a bbolt database of another program", ErrFormat)
	}
	found := meta.Get(versionKey)
	if found == nil {
		return damaged("the schema version is missing")
	}
	version, err := strconv.Atoi(string(found))
	if err != nil {
		return fmt.Errorf("%w: schema version %q is not a number", ErrFormat, found)
	}
	if version > schemaVersion {
		return fmt.Errorf("%w: the schema version is %d, but this program supports only versions up to %d: upgrade the program",
			ErrVersion, version, schemaVersion)
	}
	if version < schemaVersion {
		return fmt.Errorf("%w: the schema version is %d, but this program requires version %d: "+
			"convert the file with gamesparks-server copy --from OLD --to NEW", ErrOldVersion, version, schemaVersion)
	}
	if tx.Bucket(dataBucket) == nil {
		return damaged("bucket %q is missing", dataBucket)
	}
	return nil
}

func (f *file) View(ctx context.Context, fn func(Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return closed(f.view(func(tx *bbolt.Tx) error { return fn(f.newTx(tx)) }))
}

func (f *file) Close() error {
	if f.damage.Load() != nil {
		return nil // the transaction that found damage may hold locks for which bbolt would wait forever
	}
	return f.db.Close()
}

func closed(err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrDatabaseNotOpen):
		return ErrClosed
	case errors.Is(err, bbolterrors.ErrDatabaseReadOnly):
		return ErrReadOnly
	}
	return err
}

type fileTx struct {
	file   *file
	bucket *bbolt.Bucket
	cursor *bbolt.Cursor // for Get, which would otherwise allocate one
}

func (f *file) newTx(tx *bbolt.Tx) fileTx {
	bucket := tx.Bucket(dataBucket)
	return fileTx{f, bucket, bucket.Cursor()}
}

func (tx fileTx) Get(key string) ([]byte, error) {
	k := []byte(key)
	found, stored := tx.cursor.Seek(k)
	if !bytes.Equal(found, k) {
		return nil, nil
	}
	return tx.file.verify(k, stored)
}

func (tx fileTx) Scan(r Range) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if r.Limit < 0 {
			return
		}
		start, end := []byte(r.Start), []byte(r.End)
		c := tx.bucket.Cursor()
		key, value := c.Seek(start)
		next := c.Next
		if r.Reverse {
			key, value = seekBefore(c, end)
			next = c.Prev
		}
		for n := 1; key != nil; key, value = next() {
			if r.Reverse && bytes.Compare(key, start) < 0 || !r.Reverse && len(end) > 0 && bytes.Compare(key, end) >= 0 {
				return
			}
			entry := Entry{Key: string(key)}
			var err error
			if !r.KeysOnly {
				entry.Value, err = tx.file.verify(key, value)
			}
			if !yield(entry, err) || err != nil || n == r.Limit {
				return
			}
			n++
		}
	}
}

// seekBefore moves the cursor to the last key before end, or to the last key in the bucket if end is empty.
func seekBefore(c *bbolt.Cursor, end []byte) (key, value []byte) {
	if len(end) == 0 {
		return c.Last()
	}
	if key, _ := c.Seek(end); key == nil {
		return c.Last()
	}
	return c.Prev()
}
