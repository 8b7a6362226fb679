package postgres

import (
	"errors"
	"iter"
	"time"

	"github.com/tidwall/btree"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

var errEmptyKey = errors.New("postgres: key is empty")

// writer is the [storage.Writer] of a batch. It keeps the writes in memory until the commit, so a failed update is undone
// without the database, and one statement writes the values of all updates.
type writer struct {
	c *connection

	// pending holds the writes. A nil value deletes the key.
	pending *btree.Map[string, []byte]

	// read caches the values that Get has read from the database. The lock keeps others from changing them.
	read map[string][]byte
}

func newWriter(c *connection) *writer {
	return &writer{c: c, pending: new(btree.Map[string, []byte]), read: map[string][]byte{}}
}

// Now implements [storage.Timed]. The updates of a batch have the same time.
func (w *writer) Now() time.Time { return w.c.now }

// update runs an update, and discards its writes if it fails.
func (w *writer) update(u *update) {
	before := w.pending.Copy()
	if u.err = u.run(w); u.err != nil {
		w.pending = before
	}
}

// writes returns the keys to remove, and the keys to put with their values.
func (w *writer) writes() (removed, keys, values [][]byte) {
	w.pending.Scan(func(key string, value []byte) bool {
		if value == nil {
			removed = append(removed, []byte(key))
		} else {
			keys, values = append(keys, []byte(key)), append(values, value)
		}
		return true
	})
	return removed, keys, values
}

// Get implements [storage.Reader].
func (w *writer) Get(key string) (value []byte, err error) {
	if value, ok := w.pending.Get(key); ok {
		return value, nil
	}
	if value, ok := w.read[key]; ok {
		return value, nil
	}
	value, err = w.c.Get(key)
	if err == nil {
		w.read[key] = value
	}
	return value, err
}

// Put implements [storage.Writer].
func (w *writer) Put(key string, value []byte) error {
	if key == "" {
		return errEmptyKey
	}
	if value == nil {
		value = []byte{}
	}
	w.pending.Set(key, value)
	return nil
}

// Delete implements [storage.Writer].
func (w *writer) Delete(key string) error {
	w.pending.Set(key, nil)
	return nil
}

// DeleteRange implements [storage.Writer].
func (w *writer) DeleteRange(r storage.Range) (int, error) {
	r.KeysOnly = true
	var keys []string
	for e, err := range w.Scan(r) {
		if err != nil {
			return 0, err
		}
		keys = append(keys, e.Key)
	}
	for _, key := range keys {
		w.pending.Set(key, nil)
	}
	return len(keys), nil
}

// Scan implements [storage.Reader]. It merges the entries of the database with the pending writes.
func (w *writer) Scan(r storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		if r.Limit < 0 {
			return
		}
		pending, removed := w.pendingIn(r)
		stored := r
		if r.Limit > 0 {
			stored.Limit += removed
		}
		n := 0
		emit := func(e storage.Entry) bool {
			n++
			return yield(e, nil) && n != r.Limit
		}
		emitPending := func() bool {
			e := pending[0]
			pending = pending[1:]
			if e.Value == nil {
				return true // deleted
			}
			if r.KeysOnly {
				e.Value = nil
			}
			return emit(e)
		}
		for e, err := range w.c.Scan(stored) {
			if err != nil {
				yield(storage.Entry{}, err)
				return
			}
			for len(pending) > 0 && (pending[0].Key < e.Key) != r.Reverse && pending[0].Key != e.Key {
				if !emitPending() {
					return
				}
			}
			if len(pending) > 0 && pending[0].Key == e.Key {
				if !emitPending() {
					return
				}
				continue
			}
			if !emit(e) {
				return
			}
		}
		for len(pending) > 0 {
			if !emitPending() {
				return
			}
		}
	}
}

// pendingIn returns the pending writes in a range, in the order of the range, and the number of deletions among them.
func (w *writer) pendingIn(r storage.Range) (list []storage.Entry, removed int) {
	add := func(key string, value []byte) bool {
		switch {
		case r.Reverse && key < r.Start, !r.Reverse && r.End != "" && key >= r.End:
			return false
		case r.Reverse && r.End != "" && key >= r.End: // Descend includes r.End
			return true
		}
		if value == nil {
			removed++
		}
		list = append(list, storage.Entry{Key: key, Value: value})
		return true
	}
	switch {
	case !r.Reverse:
		w.pending.Ascend(r.Start, add)
	case r.End == "":
		w.pending.Reverse(add)
	default:
		w.pending.Descend(r.End, add)
	}
	return list, removed
}
