package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// Most of what an update of a file takes is waiting for the disk. Hence updates that come while others are being
// committed wait, run one after the other and are committed together: the more there are, the less each costs.

// update is one that waits.
type update struct {
	ctx  context.Context
	fn   func(Writer) error
	err  error
	done chan error
}

func (f *file) Update(ctx context.Context, fn func(Writer) error) error {
	u := &update{ctx: ctx, fn: fn, done: make(chan error, 1)}
	f.mu.Lock()
	f.waiting = append(f.waiting, u)
	if !f.committing {
		f.committing = true
		go f.commitWaiting()
	}
	f.mu.Unlock()
	return <-u.done
}

// commitWaiting commits updates until none waits.
func (f *file) commitWaiting() {
	for {
		f.mu.Lock()
		batch := f.waiting
		f.waiting, f.committing = nil, len(batch) > 0
		f.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		err := f.commit(batch)
		for _, u := range batch {
			if err != nil {
				u.err = err
			}
			u.done <- u.err
		}
	}
}

// errNothing keeps a transaction that would change nothing from being committed.
var errNothing = errors.New("nothing to commit")

// commit runs updates in one transaction. It returns an error if that fails; that of an update is in its err.
func (f *file) commit(batch []*update) error {
	err := f.db.Update(func(tx *bbolt.Tx) error {
		failed := 0
		for _, u := range batch {
			w := &undoTx{fileTx: fileTx{tx.Bucket(dataBucket)}}
			if u.err = u.run(w); u.err == nil {
				continue
			}
			if err := w.undo(); err != nil {
				return err
			}
			failed++
		}
		if failed == len(batch) {
			return errNothing
		}
		return nil
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return closed(err)
}

// run runs the update. A panic is its error: it must not harm the updates beside it.
func (u *update) run(w Writer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("storage: panic in update: %v\n%s", p, debug.Stack())
		}
	}()
	if err := u.ctx.Err(); err != nil {
		return err
	}
	return u.fn(w)
}

// undoTx is the part of an update in a transaction. It can be undone, which a transaction can only as a whole.
type undoTx struct {
	fileTx
	before []Entry // of each write, what was there; a nil value means nothing
}

func (tx *undoTx) Put(key string, value []byte) error {
	tx.remember(key)
	return tx.fileTx.Put(key, value)
}

func (tx *undoTx) Delete(key string) error {
	tx.remember(key)
	return tx.fileTx.Delete(key)
}

func (tx *undoTx) remember(key string) {
	tx.before = append(tx.before, Entry{key, bytes.Clone(tx.bucket.Get([]byte(key)))})
}

func (tx *undoTx) undo() error {
	for i := len(tx.before) - 1; i >= 0; i-- {
		var err error
		if e := tx.before[i]; e.Value == nil {
			err = tx.fileTx.Delete(e.Key)
		} else {
			err = tx.fileTx.Put(e.Key, e.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
