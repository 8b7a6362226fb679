package storage

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

// ScopedStore is a [Store] in which updates of different scopes do not wait for each other. A scope is a prefix of keys.
// Scopes must not overlap: the prefix of a scope must not begin with the prefix of another scope.
type ScopedStore interface {
	Store

	// UpdateScope is Update for an update whose fn uses only keys of a scope. It is serialized with the updates of that
	// scope and with those of Update. The values of keys are those that fn probably reads: a store that commits updates in
	// batches can read them for the whole batch.
	UpdateScope(ctx context.Context, prefix string, keys []string, fn func(Writer) error) error
}

// UpdateScope runs an update that uses only keys that begin with prefix, and probably reads the values of keys. Its calls with
// keys or ranges outside of the scope fail. If the store is a [ScopedStore], updates of other scopes do not wait for it. For
// any other store, UpdateScope calls Update.
func UpdateScope(ctx context.Context, store Store, prefix string, keys []string, fn func(Writer) error) error {
	scoped := func(w Writer) error { return fn(inScope(w, prefix)) }
	if s, ok := store.(ScopedStore); ok {
		for _, key := range keys {
			if err := checkScope(prefix, key); err != nil {
				return err
			}
		}
		return s.UpdateScope(ctx, prefix, keys, scoped)
	}
	return store.Update(ctx, scoped)
}

// scopedWriter is a [Writer] whose keys must begin with a prefix.
type scopedWriter struct {
	w      Writer
	prefix string
}

// timedScopedWriter is a scopedWriter of a transaction that has a time.
type timedScopedWriter struct {
	scopedWriter
	Timed
}

func inScope(w Writer, prefix string) Writer {
	scoped := scopedWriter{w, prefix}
	if timed, ok := w.(Timed); ok {
		return timedScopedWriter{scoped, timed}
	}
	return scoped
}

func (w scopedWriter) check(key string) error { return checkScope(w.prefix, key) }

func checkScope(prefix, key string) error {
	if !strings.HasPrefix(key, prefix) {
		return fmt.Errorf("storage: key %q is not in the scope %q of the update", key, prefix)
	}
	return nil
}

func (w scopedWriter) checkRange(r Range) error {
	all := Prefix(w.prefix)
	if r.Start < all.Start || all.End != "" && (r.End == "" || r.End > all.End) {
		return fmt.Errorf("storage: the range from %q to %q is not in the scope %q of the update", r.Start, r.End, w.prefix)
	}
	return nil
}

func (w scopedWriter) Get(key string) ([]byte, error) {
	if err := w.check(key); err != nil {
		return nil, err
	}
	return w.w.Get(key)
}

func (w scopedWriter) Prefetch(keys []string) error {
	for _, key := range keys {
		if err := w.check(key); err != nil {
			return err
		}
	}
	return Prefetch(w.w, keys)
}

func (w scopedWriter) Scan(r Range) iter.Seq2[Entry, error] {
	if err := w.checkRange(r); err != nil {
		return func(yield func(Entry, error) bool) { yield(Entry{}, err) }
	}
	return w.w.Scan(r)
}

func (w scopedWriter) Put(key string, value []byte) error {
	if err := w.check(key); err != nil {
		return err
	}
	return w.w.Put(key, value)
}

func (w scopedWriter) Delete(key string) error {
	if err := w.check(key); err != nil {
		return err
	}
	return w.w.Delete(key)
}

func (w scopedWriter) DeleteRange(r Range) (int, error) {
	if err := w.checkRange(r); err != nil {
		return 0, err
	}
	return w.w.DeleteRange(r)
}
