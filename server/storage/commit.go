package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
)

// Group commit: an update spends most of its time syncing the file to disk. Updates that arrive during a commit are
// therefore queued, run one after another and committed together, so the cost per update falls as the load grows.

// update is a queued call to Update.
type update struct {
	ctx  context.Context
	fn   func(Writer) error
	err  error
	done chan error
}

func (f *file) Update(ctx context.Context, fn func(Writer) error) error {
	u := &update{ctx: ctx, fn: fn, done: make(chan error, 1)}
	f.mu.Lock()
	f.pending = append(f.pending, u)
	if !f.committing {
		f.committing = true
		go f.commitPending()
	}
	f.mu.Unlock()
	return <-u.done
}

// commitPending commits pending updates in batches until there are none left.
func (f *file) commitPending() {
	for {
		f.mu.Lock()
		batch := f.pending
		f.pending, f.committing = nil, len(batch) > 0
		f.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		start := time.Now()
		err := f.commit(batch)
		if f.options.OnCommit != nil && !errors.Is(err, errNothingToCommit) {
			f.options.OnCommit(CommitRecord{Updates: len(batch), Duration: time.Since(start), Err: err})
		}
		if errors.Is(err, errNothingToCommit) {
			err = nil
		}
		for _, u := range batch {
			if err != nil {
				u.err = err // even if the update failed on its own, because it may have read writes of the batch
			}
			u.done <- u.err
		}
	}
}

// errNothingToCommit rolls back a transaction in which all updates failed.
var errNothingToCommit = errors.New("nothing to commit")

// commit runs the updates in one transaction and sets the err of each. It returns an error if the transaction fails, and
// errNothingToCommit if all updates fail.
func (f *file) commit(batch []*update) error {
	id := 0
	err := f.update(func(tx *bbolt.Tx) error {
		id = tx.ID()
		failed := 0
		for _, u := range batch {
			w := &undoTx{fileTx: f.newTx(tx)}
			if u.err = u.run(w); u.err == nil {
				continue
			}
			if err := u.err; errors.Is(err, errPanicOfDamage) {
				u.err = nil // all updates of the batch fail with the error of the commit
				return err
			}
			if err := w.undo(); err != nil {
				return err
			}
			failed++
		}
		if failed == len(batch) {
			return errNothingToCommit
		}
		return nil
	})
	if err == nil || errors.Is(err, errNothingToCommit) {
		return err
	}
	if id != 0 && f.lastCommit() == id {
		return fmt.Errorf("%w (%w)", ErrUnknownOutcome, err)
	}
	return closed(full(err))
}

// lastCommit returns the id of the last transaction whose meta page has been written, or 0 if the file is closed. If a
// commit fails after it wrote that page, its writes are visible, but may not survive a crash of the machine.
func (f *file) lastCommit() (id int) {
	_ = f.view(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return nil
	})
	return id
}

// run runs the update. It converts a panic into an error, so that the other updates of the batch still commit.
func (u *update) run(w Writer) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err = damageOf(p); err == nil {
			err = fmt.Errorf("storage: panic in update: %v\n%s", p, debug.Stack())
		}
	}()
	if err := u.ctx.Err(); err != nil {
		return err
	}
	return u.fn(w)
}

// undoTx records the writes of one update, so that they can be undone without rolling back the whole transaction.
type undoTx struct {
	fileTx
	before []Entry // the previous entry of each write in its stored form; the value is nil if the key did not exist
}

func (tx *undoTx) Put(key string, value []byte) error {
	tx.recordPrevious(key)
	return tx.fileTx.Put(key, value)
}

func (tx *undoTx) Delete(key string) error {
	tx.recordPrevious(key)
	return tx.fileTx.Delete(key)
}

// DeleteRange deletes the keys one by one, so that each deletion can be undone.
func (tx *undoTx) DeleteRange(r Range) (int, error) { return deleteRange(tx, r) }

func (tx *undoTx) recordPrevious(key string) {
	// The value stays valid until the transaction ends, even if the key is written again.
	tx.before = append(tx.before, Entry{key, tx.bucket.Get([]byte(key))})
}

func (tx *undoTx) undo() error {
	for i := len(tx.before) - 1; i >= 0; i-- {
		var err error
		if e := tx.before[i]; e.Value == nil {
			err = tx.fileTx.Delete(e.Key)
		} else {
			err = tx.bucket.Put([]byte(e.Key), e.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
