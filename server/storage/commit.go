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
	f.added()
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
		f.gather()
		f.mu.Lock()
		batch := f.pending
		f.pending, f.committing = nil, len(batch) > 0
		f.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		start := time.Now()
		err := f.commit(batch)
		end := time.Now()
		f.gathering.committed(len(batch), start, end)
		if f.options.OnCommit != nil && !errors.Is(err, errNothingToCommit) {
			f.options.OnCommit(CommitRecord{Updates: len(batch), Duration: end.Sub(start), Err: err})
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
		stored := f.newTx(tx)
		buffer := NewBuffer(stored)
		failed := 0
		for _, u := range batch {
			u.err = buffer.Attempt(func() error { return u.run(fileWriter{buffer}) })
			switch {
			case errors.Is(u.err, errPanicOfDamage):
				err := u.err
				u.err = nil // all updates of the batch fail with the error of the commit
				return err
			case u.err != nil:
				failed++
			}
		}
		if failed == len(batch) {
			return errNothingToCommit
		}
		return stored.apply(buffer)
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

// fileWriter refuses the keys and values that a file cannot store. Otherwise they would fail the commit of all updates.
type fileWriter struct{ *Buffer }

func (w fileWriter) Put(key string, value []byte) error {
	switch {
	case len(key) > bbolt.MaxKeySize:
		return fmt.Errorf("storage: the key has %d bytes, but a file stores keys of at most %d bytes", len(key), bbolt.MaxKeySize)
	case len(value) > bbolt.MaxValueSize-checksumSize:
		return fmt.Errorf("storage: the value of key %q has %d bytes, but a file stores values of at most %d bytes",
			key, len(value), bbolt.MaxValueSize-checksumSize)
	}
	return w.Buffer.Put(key, value)
}

// apply performs the writes of a buffer.
func (tx fileTx) apply(b *Buffer) error {
	for key, value := range b.Writes() {
		k := []byte(key)
		var err error
		if value == nil {
			err = tx.bucket.Delete(k)
		} else {
			err = tx.bucket.Put(k, addChecksum(k, value))
		}
		if err != nil {
			return fmt.Errorf("storage: write key %q: %w", key, err)
		}
	}
	return nil
}
