package postgres

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Limits of shared views.
const (
	// defaultPatience is how long views wait for a running transaction before another one begins. Without the wait, many
	// transactions would run at the same time, and each would serve few views. Without the limit, a connection that hangs
	// would delay all views.
	defaultPatience = 5 * time.Millisecond

	// maxShared is the number of views that share a transaction.
	maxShared = 256
)

// sharedViews are the views that read only known keys.
type sharedViews struct {
	patience time.Duration

	mu      sync.Mutex
	pending []*sharedView
	running bool // whether runShared will take the pending views: at once, after its transaction, or after patience
}

// sharedView is a view that reads only known keys. It does not hold a connection.
type sharedView struct {
	keys   []string
	values map[string][]byte // the values of the keys of all views that share the transaction
	now    time.Time
	err    error
	done   chan struct{} // closed when the view has values or an error

	transaction *sharedTransaction // nil while the view is pending
}

// sharedTransaction is a transaction that reads for several views.
type sharedTransaction struct {
	views []*sharedView

	// ctx ends when the contexts of all views have ended.
	ctx    context.Context
	cancel context.CancelFunc
	open   int // the number of views whose contexts have not ended
}

// Now implements [storage.Timed].
func (v *sharedView) Now() time.Time { return v.now }

// Get implements [storage.Reader].
func (v *sharedView) Get(key string) ([]byte, error) {
	if !slices.Contains(v.keys, key) {
		return nil, storage.ErrOtherKey
	}
	return v.values[key], nil
}

// Scan implements [storage.Reader].
func (v *sharedView) Scan(storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) { yield(storage.Entry{}, storage.ErrOtherKey) }
}

// ViewKeys implements [storage.PrefetchingStore]. The transaction has ended when fn runs.
func (s *Store) ViewKeys(ctx context.Context, keys []string, fn func(storage.Reader) error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.active.Done()
	v := &sharedView{keys: slices.Clone(keys), done: make(chan struct{})} // the transaction may run after ViewKeys has returned
	s.share(v)
	select {
	case <-v.done:
	case <-ctx.Done():
		s.shared.leave(v)
		return ctx.Err()
	}
	if v.err != nil {
		return v.err
	}
	return fn(v)
}

// share adds a view to those that wait. The caller must have registered a transaction.
func (s *Store) share(v *sharedView) {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	s.shared.pending = append(s.shared.pending, v)
	if !s.shared.running {
		s.shared.running = true
		s.active.Go(s.runShared)
	}
}

// runShared reads for the pending views until there are none. If a transaction takes longer than patience, another runShared
// takes over.
func (s *Store) runShared() {
	for {
		runtime.Gosched() // goroutines that are about to add a view run first
		t := s.shared.next()
		if t == nil {
			return
		}
		s.active.Add(1)
		successor := time.AfterFunc(s.shared.patience, func() {
			defer s.active.Done()
			s.runShared()
		})
		s.readShared(t)
		if !successor.Stop() {
			return
		}
		s.active.Done()
	}
}

// next returns the next transaction. If no view waits, it returns nil, and the caller must stop.
func (s *sharedViews) next() *sharedTransaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.pending), maxShared)
	if n == 0 {
		s.running, s.pending = false, nil
		return nil
	}
	t := &sharedTransaction{views: slices.Clone(s.pending[:n]), open: n}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	for _, v := range t.views {
		v.transaction = t
	}
	s.pending = slices.Delete(s.pending, 0, n)
	return t
}

// leave removes a view whose context has ended. A transaction without views ends, so that it does not wait for a connection or
// delay Close.
func (s *sharedViews) leave(v *sharedView) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := v.transaction
	if t == nil {
		s.pending = slices.DeleteFunc(s.pending, func(other *sharedView) bool { return other == v })
		return
	}
	if t.open--; t.open == 0 {
		t.cancel()
	}
}

// readShared reads the keys of the views of a transaction.
func (s *Store) readShared(t *sharedTransaction) {
	defer func() {
		t.cancel()
		for _, v := range t.views {
			close(v.done)
		}
	}()
	var keys keySet
	for _, v := range t.views {
		keys.add(v.keys)
	}
	c, err := s.openView(t.ctx, connection{prefetch: keys.list, prefetchOnly: true})
	if err != nil {
		for _, v := range t.views {
			v.err = err
		}
		return
	}
	c.conn.Release()
	values := map[string][]byte{}
	add(values, c.prefetch, c.prefetched)
	for _, v := range t.views {
		v.values, v.now = values, c.now
	}
}
