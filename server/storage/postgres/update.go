package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Group commit: updates of a scope that arrive during a commit are queued, run one after another and committed together.

// maxBatch is the largest number of updates in a transaction.
const maxBatch = 128

// queue holds the waiting updates of a scope. A goroutine commits them.
type queue struct {
	scope   string
	waiting []*update
}

// update is a queued call to Update.
type update struct {
	ctx   context.Context
	keys  []string // the keys that fn probably reads
	fn    func(storage.Writer) error
	state atomic.Int32
	err   error
	done  chan struct{}
}

// States of an update.
const (
	waiting int32 = iota
	running
	canceled
)

// Update implements [storage.Store].
func (s *Store) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.UpdateScope(ctx, "", nil, fn)
}

// UpdateScope implements [storage.ScopedStore].
func (s *Store) UpdateScope(ctx context.Context, prefix string, keys []string, fn func(storage.Writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{ctx: ctx, keys: keys, fn: fn, done: make(chan struct{})}
	if err := s.enqueue(prefix, u); err != nil {
		return err
	}
	select {
	case <-u.done:
		return u.err
	case <-ctx.Done():
		if u.state.CompareAndSwap(waiting, canceled) {
			return ctx.Err()
		}
		<-u.done // only the end of a running update determines its outcome
		return u.err
	}
}

func (s *Store) enqueue(scope string, u *update) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return storage.ErrClosed
	}
	q := s.queues[scope]
	if q == nil {
		q = &queue{scope: scope}
		s.queues[scope] = q
		s.active.Add(1)
		go s.commitAll(q)
	}
	q.waiting = append(q.waiting, u)
	return nil
}

// commitAll commits the updates of a queue until the queue is empty.
func (s *Store) commitAll(q *queue) {
	defer s.active.Done()
	for {
		s.mu.Lock()
		batch := q.waiting[:min(len(q.waiting), maxBatch)]
		q.waiting = q.waiting[len(batch):]
		if len(batch) == 0 {
			delete(s.queues, q.scope)
		}
		s.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		s.commitBatch(q.scope, batch)
	}
}

// commitBatch commits a batch and completes its updates.
func (s *Store) commitBatch(scope string, batch []*update) {
	var started []*update
	for _, u := range batch {
		if u.state.CompareAndSwap(waiting, running) {
			started = append(started, u)
		}
	}
	if len(started) == 0 {
		return
	}
	start := time.Now()
	wrote, err := s.commit(scope, started)
	if s.options.OnCommit != nil && (wrote || err != nil) {
		s.options.OnCommit(storage.CommitRecord{Updates: len(started), Duration: time.Since(start), Err: err})
	}
	for _, u := range started {
		if err != nil {
			u.err = err // even if the update failed on its own, because it may have read writes of the batch
		}
		close(u.done)
	}
}

// run runs the update. It converts a panic into an error, so that the other updates of the batch still commit.
func (u *update) run(w storage.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("postgres: panic in update: %v\n%s", p, debug.Stack())
		}
	}()
	if err := u.ctx.Err(); err != nil {
		return err
	}
	return u.fn(w)
}

// attempts is how often a batch runs if the connection is lost before the commit.
const attempts = 3

// commit runs the updates in one transaction and sets the err of each. It reports whether anything was written, and
// returns an error if the transaction failed. It repeats a transaction only if it is certain that it was not committed.
func (s *Store) commit(scope string, batch []*update) (wrote bool, err error) {
	for attempt := range attempts {
		if attempt == attempts-1 { // the other connections are probably dead as well
			s.pool.Reset()
		}
		t := &transaction{Store: s, scope: scope, batch: batch}
		wrote, err = t.run()
		if err == nil || !t.lost || errors.Is(err, storage.ErrUnknownOutcome) {
			break
		}
		if attempt < attempts-1 {
			time.Sleep(retryDelay << attempt)
		}
	}
	if errors.Is(err, storage.ErrUnknownOutcome) {
		return wrote, err
	}
	return wrote, s.classify(err)
}

const retryDelay = 100 * time.Millisecond
