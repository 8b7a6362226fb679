package records

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// DB is a store of records. [NewDB] returns it. It is safe for concurrent use.
type DB struct {
	store     storage.Store
	collector *collector // nil unless it has been started
	storeTime bool
	updates   atomic.Int64 // calls to Update
	gameIDs   gameIDs
}

// NewDB returns the records in the store.
func NewDB(store storage.Store) *DB { return &DB{store: store} }

// UseStoreTime makes View and Update ignore their argument now and run at the time of the store, whose transactions must
// implement [storage.Timed]. It must be called before the DB is used.
func (db *DB) UseStoreTime() { db.storeTime = true }

// timeOf returns the time of a transaction.
func (db *DB) timeOf(r storage.Reader, now time.Time) time.Time {
	if timed, ok := r.(storage.Timed); ok && db.storeTime {
		return timed.Now().UTC().Truncate(time.Millisecond)
	}
	return now
}

// StartCollector starts to remove the contents of deleted resources in the background, while mayRun returns true. It passes
// errors to report. It must be called at most once, before the DB is used, and the caller must close the DB before the
// store. The caller must call WakeCollector when mayRun begins to return true.
func (db *DB) StartCollector(mayRun func() bool, report func(error)) {
	db.collector = startCollector(db, mayRun, report)
}

// WakeCollector makes the collector look for work, such as that of another server on the same store.
func (db *DB) WakeCollector() { db.collector.wake() }

// Close stops the collector. The next collector on the store continues its work. Closing the DB again is a no-op.
func (db *DB) Close() {
	if db.collector != nil {
		db.collector.close()
	}
}

// View runs fn in a read-only transaction.
func (db *DB) View(ctx context.Context, owner Owner, now time.Time, fn func(*Tx) error) error {
	return db.store.View(ctx, db.view(owner, now, fn))
}

// view returns a function that runs fn in a transaction on a reader.
func (db *DB) view(owner Owner, now time.Time, fn func(*Tx) error) func(storage.Reader) error {
	return func(r storage.Reader) error { return fn(newTx(owner, db.timeOf(r, now), r, nil)) }
}

// ViewGame is View for an fn that reads a game and then probably its configuration. If the store is a database, the view takes
// one round trip if it reads nothing else and the ID of the game is known. Otherwise, fn may run twice.
func (db *DB) ViewGame(ctx context.Context, owner Owner, now time.Time, game string, fn func(*Tx) error) error {
	tx := keysOf(owner)
	keys := []string{tx.gameKey(game)}
	view := db.view(owner, now, func(tx *Tx) error {
		defer func() { db.gameIDs.put(keys[0], tx.gameID) }()
		return fn(tx)
	})
	if id := db.gameIDs.get(keys[0]); id != "" {
		keys = append(keys, tx.configurationKey(&Game{ID: id}))
		if err := storage.ViewKeys(ctx, db.store, keys, view); !errors.Is(err, storage.ErrOtherKey) {
			return err
		}
	}
	return storage.ViewWith(ctx, db.store, keys, view)
}

// ViewGameOnly is View for an fn that reads only the record of a game. If the store is a database, the view takes one round
// trip, and many concurrent views take few transactions.
func (db *DB) ViewGameOnly(ctx context.Context, owner Owner, now time.Time, game string, fn func(*Tx) error) error {
	return storage.ViewKeys(ctx, db.store, []string{keysOf(owner).gameKey(game)}, db.view(owner, now, fn))
}

// Update runs fn in a read-write transaction, after removing some expired records. As with [storage.Store.Update], fn may
// run more than once. The keys are those of records that fn probably reads: a database reads them for all updates of a batch
// in one round trip.
func (db *DB) Update(ctx context.Context, owner Owner, now time.Time, keys []string, fn func(*Tx) error) error {
	db.updates.Add(1)
	leftWork, err := update(ctx, db.store, owner, now, keys, func(tx *Tx) error {
		tx.now = db.timeOf(tx.reader, now)
		if err := tx.RemoveExpired(maxExpiredPerUpdate); err != nil {
			return err
		}
		return fn(tx)
	})
	if leftWork && db.collector != nil {
		db.collector.wake()
	}
	return err
}

// update runs fn in a read-write transaction. It reports whether the transaction left work for the collector.
func update(ctx context.Context, store storage.Store, owner Owner, now time.Time, keys []string, fn func(*Tx) error) (leftWork bool, err error) {
	err = storage.UpdateScope(ctx, store, owner.scope(), keys, func(w storage.Writer) error {
		tx := newTx(owner, now, w, w)
		tx.markPrefetched(keys)
		if err := fn(tx); err != nil {
			return err
		}
		err := tx.settle()
		leftWork = tx.leftWork
		return err
	})
	return leftWork, err
}
