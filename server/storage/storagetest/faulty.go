package storagetest

import (
	"context"
	"errors"
	"iter"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Op is an operation of a store or of a transaction.
type Op string

// The operations that [Faulty] can make fail.
const (
	// View and Update are the calls that begin a transaction. If they fail, the transaction does not run.
	View   Op = "View"
	Update Op = "Update"

	// Get, Put, Delete and DeleteRange are the calls of a transaction. If they fail, they have no effect.
	Get         Op = "Get"
	Put         Op = "Put"
	Delete      Op = "Delete"
	DeleteRange Op = "DeleteRange"

	// Scan is the step of a scan to the next entry, including the step that finds the end of the range.
	Scan Op = "Scan"

	// BeforeCommit is the end of an update, before anything is written. If it fails, nothing is written.
	BeforeCommit Op = "BeforeCommit"

	// AfterCommit is the end of an update, after its writes are durable. If it fails, Update returns an error that wraps
	// storage.ErrUnknownOutcome.
	AfterCommit Op = "AfterCommit"
)

// Call is a call that [Faulty] can make fail.
type Call struct {
	// Op is the operation.
	Op Op

	// Key is the key, or the start of the range. It is empty for View, Update, BeforeCommit and AfterCommit.
	Key string
}

// Faulty is a store that makes chosen calls to another store fail.
type Faulty struct {
	// Store is the other store.
	Store storage.Store

	// Fail is called before each operation. If it returns an error, the operation fails with that error. Fail must be safe
	// for concurrent use if the store is used concurrently.
	Fail func(Call) error
}

// View implements [storage.Store].
func (f *Faulty) View(ctx context.Context, fn func(storage.Reader) error) error {
	if err := f.Fail(Call{Op: View}); err != nil {
		return err
	}
	return f.Store.View(ctx, func(tx storage.Reader) error { return fn(faultyReader{tx, f}) })
}

// Update implements [storage.Store].
func (f *Faulty) Update(ctx context.Context, fn func(storage.Writer) error) error {
	if err := f.Fail(Call{Op: Update}); err != nil {
		return err
	}
	err := f.Store.Update(ctx, func(tx storage.Writer) error {
		if err := fn(faultyWriter{faultyReader{tx, f}, tx}); err != nil {
			return err
		}
		return f.Fail(Call{Op: BeforeCommit})
	})
	if err != nil {
		return err
	}
	if err := f.Fail(Call{Op: AfterCommit}); err != nil {
		return errors.Join(storage.ErrUnknownOutcome, err)
	}
	return nil
}

// Close closes the other store.
func (f *Faulty) Close() error { return f.Store.Close() }

type faultyReader struct {
	tx storage.Reader
	f  *Faulty
}

func (r faultyReader) Get(key string) ([]byte, error) {
	if err := r.f.Fail(Call{Get, key}); err != nil {
		return nil, err
	}
	return r.tx.Get(key)
}

func (r faultyReader) Scan(keys storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		for entry, err := range r.tx.Scan(keys) {
			if err == nil {
				err = r.f.Fail(Call{Scan, keys.Start})
			}
			if err != nil {
				yield(storage.Entry{}, err)
				return
			}
			if !yield(entry, nil) {
				return
			}
		}
		if err := r.f.Fail(Call{Scan, keys.Start}); err != nil {
			yield(storage.Entry{}, err)
		}
	}
}

type faultyWriter struct {
	faultyReader
	w storage.Writer
}

func (w faultyWriter) Put(key string, value []byte) error {
	if err := w.f.Fail(Call{Put, key}); err != nil {
		return err
	}
	return w.w.Put(key, value)
}

func (w faultyWriter) Delete(key string) error {
	if err := w.f.Fail(Call{Delete, key}); err != nil {
		return err
	}
	return w.w.Delete(key)
}

func (w faultyWriter) DeleteRange(r storage.Range) (int, error) {
	if err := w.f.Fail(Call{DeleteRange, r.Start}); err != nil {
		return 0, err
	}
	return w.w.DeleteRange(r)
}
