package storage

import (
	"iter"

	"github.com/tidwall/btree"
)

// Buffer is a [Writer] that keeps its writes in memory. A store with group commit runs the updates of a batch on a Buffer
// and commits its writes in one transaction. Updates of the same keys are thus written once, and a failed update is
// discarded without the database. A Buffer is not safe for concurrent use.
type Buffer struct {
	reader Reader

	// pending holds the writes. A nil value deletes the key.
	pending btree.Map[string, []byte]

	// undo holds what the current update replaced in pending.
	undo []replacedWrite
}

// replacedWrite is the previous write to a key.
type replacedWrite struct {
	key    string
	value  []byte
	exists bool // whether there was a write
}

// NewBuffer returns an empty buffer. Its reads return the entries of r with the writes applied.
func NewBuffer(r Reader) *Buffer { return &Buffer{reader: r} }

// Attempt runs an update, and discards its writes if it returns an error.
func (b *Buffer) Attempt(update func() error) error {
	err := update()
	if err != nil {
		for i := len(b.undo) - 1; i >= 0; i-- {
			if u := &b.undo[i]; u.exists {
				b.pending.Set(u.key, u.value)
			} else {
				b.pending.Delete(u.key)
			}
		}
	}
	clear(b.undo)
	b.undo = b.undo[:0]
	return err
}

// Len returns the number of keys that have been written.
func (b *Buffer) Len() int { return b.pending.Len() }

// Writes returns the keys that have been written, in order, with their values. The value of a deleted key is nil.
func (b *Buffer) Writes() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) { b.pending.Scan(yield) }
}

func (b *Buffer) set(key string, value []byte) {
	previous, exists := b.pending.Set(key, value)
	b.undo = append(b.undo, replacedWrite{key, previous, exists})
}

// Get implements [Reader].
func (b *Buffer) Get(key string) ([]byte, error) {
	if value, ok := b.pending.Get(key); ok {
		return value, nil
	}
	return b.reader.Get(key)
}

// Prefetch implements [Prefetcher].
func (b *Buffer) Prefetch(keys []string) error { return Prefetch(b.reader, keys) }

// Put implements [Writer].
func (b *Buffer) Put(key string, value []byte) error {
	if key == "" {
		return errEmptyKey
	}
	if value == nil {
		value = []byte{} // nil means that the key is deleted
	}
	b.set(key, value)
	return nil
}

// Delete implements [Writer].
func (b *Buffer) Delete(key string) error {
	b.set(key, nil)
	return nil
}

// DeleteRange implements [Writer].
func (b *Buffer) DeleteRange(r Range) (int, error) {
	r.KeysOnly = true
	var keys []string
	for e, err := range b.Scan(r) {
		if err != nil {
			return 0, err
		}
		keys = append(keys, e.Key)
	}
	for _, key := range keys {
		b.set(key, nil)
	}
	return len(keys), nil
}

// Scan implements [Reader]. It merges the entries of the reader with the pending writes.
func (b *Buffer) Scan(r Range) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if r.Limit < 0 {
			return
		}
		pending, removed := b.pendingIn(r)
		if len(pending) == 0 {
			b.reader.Scan(r)(yield)
			return
		}
		stored := r
		if r.Limit > 0 {
			stored.Limit += removed
		}
		n := 0
		emit := func(e Entry) bool {
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
		for e, err := range b.reader.Scan(stored) {
			if err != nil {
				yield(Entry{}, err)
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
func (b *Buffer) pendingIn(r Range) (list []Entry, removed int) {
	memoryTx{&b.pending}.each(r, func(key string, value []byte) bool {
		if value == nil {
			removed++
		}
		list = append(list, Entry{key, value})
		return true
	})
	return list, removed
}
