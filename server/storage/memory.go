package storage

import (
	"context"
	"iter"
	"sync"

	"github.com/tidwall/btree"
)

// memory keeps its entries in a copy-on-write B-tree. An update works on a copy, which shares unchanged nodes with the
// committed tree. Views and updates therefore never block each other.
type memory struct {
	presence Presence
	writing  sync.Mutex // serializes updates

	mu        sync.Mutex
	committed *tree // nil once the store is closed
}

type tree = btree.Map[string, []byte]

// NewMemory returns an empty store that keeps its data in memory.
func NewMemory() Store { return &memory{presence: NewPresence(), committed: new(tree)} }

// Presence implements [PresenceStore].
func (m *memory) Presence() Presence { return m.presence }

func (m *memory) load() (*tree, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.committed == nil {
		return nil, ErrClosed
	}
	return m.committed, nil
}

func (m *memory) View(ctx context.Context, fn func(Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := m.load()
	if err != nil {
		return err
	}
	return fn(memoryTx{t})
}

func (m *memory) Update(ctx context.Context, fn func(Writer) error) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := m.load()
	if err != nil {
		return err
	}
	// Copy also writes to t, but only to a field that readers do not access.
	t = t.Copy()
	if err := fn(memoryTx{t}); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.committed = t
	return nil
}

func (m *memory) Close() error {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.committed = nil
	return nil
}

type memoryTx struct{ tree *tree }

func (tx memoryTx) Get(key string) ([]byte, error) {
	value, _ := tx.tree.Get(key)
	return value, nil
}

func (tx memoryTx) Scan(r Range) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		n := 0
		tx.each(r, func(key string, value []byte) bool {
			if r.KeysOnly {
				value = nil
			}
			n++
			return yield(Entry{key, value}, nil) && n != r.Limit
		})
	}
}

// each calls fn for the entries of the range, ignoring its limit, until fn returns false.
func (tx memoryTx) each(r Range, fn func(key string, value []byte) bool) {
	visit := func(key string, value []byte) bool {
		switch {
		case r.Reverse && key < r.Start, !r.Reverse && r.End != "" && key >= r.End:
			return false
		case r.Reverse && r.End != "" && key >= r.End: // Descend includes r.End
			return true
		}
		return fn(key, value)
	}
	switch {
	case r.Limit < 0:
	case !r.Reverse:
		tx.tree.Ascend(r.Start, visit)
	case r.End == "":
		tx.tree.Reverse(visit)
	default:
		tx.tree.Descend(r.End, visit)
	}
}

func (tx memoryTx) DeleteRange(r Range) (int, error) {
	return deleteRange(tx, r)
}

func (tx memoryTx) Put(key string, value []byte) error {
	if key == "" {
		return errEmptyKey
	}
	if value == nil {
		value = []byte{} // Get returns nil only for a missing key
	}
	tx.tree.Set(key, value)
	return nil
}

func (tx memoryTx) Delete(key string) error {
	tx.tree.Delete(key)
	return nil
}
