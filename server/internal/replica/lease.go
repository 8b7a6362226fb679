package replica

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// membership is the time for which a replica holds a lease without interruption. Each has an id of its own.
type membership struct {
	id     string
	ctx    context.Context
	cancel context.CancelFunc

	// deadline is when the lease ends, measured on the monotonic clock from before the request that extended it. It is
	// guarded by the replica's mu. The zero time means never.
	deadline time.Time

	configuration string // the one in the store; only compare uses it

	background atomic.Bool // whether the replica holds the named lease for background work
}

// renewalsPerLease is how often a replica renews its lease in the time of a lease, so that it can fail twice.
const renewalsPerLease = 3

// minRetry and maxRetry bound the time between attempts to renew the lease or to join.
const (
	minRetry = 50 * time.Millisecond
	maxRetry = time.Second
)

// join adds the replica to the store under a new id.
func (r *Replica) join(ctx context.Context) (*membership, error) {
	m := &membership{id: records.NewID()}
	lease := r.Presence.LeaseDuration()
	if lease > 0 {
		m.deadline = time.Now().Add(lease)
	}
	m.configuration = r.Configuration().text()
	if err := r.Presence.Join(ctx, storage.Replica{ID: m.id, Configuration: m.configuration}); err != nil {
		return nil, err
	}
	m.ctx, m.cancel = context.WithCancel(r.ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = m
	return m, nil
}

// member returns the current membership, or nil if its lease has ended. After the process was suspended, the timer that
// ends the membership may not have fired yet.
func (r *Replica) member() *membership {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.current; m != nil && (m.deadline.IsZero() || time.Now().Before(m.deadline)) {
		return m
	}
	return nil
}

// extend sets the deadline of a membership, unless it has ended.
func (r *Replica) extend(m *membership, deadline time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(m.deadline) {
		m.deadline = deadline
	}
}

func (r *Replica) deadlineOf(m *membership) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return m.deadline
}

// lose ends a membership: the replica closes the connections of all players, who may connect to another replica.
func (r *Replica) lose(m *membership, cause error) {
	r.mu.Lock()
	lost := r.current == m
	if lost {
		r.current = nil // before the connections are closed, so that no other is confirmed afterwards
	}
	r.mu.Unlock()
	m.cancel()
	if !lost {
		return
	}
	n := r.sockets.Open()
	r.sockets.DisconnectAll(lostLeaseStatus, lostLeaseReason)
	r.Logger.Error("the lease of this server has ended: closed the connections of its players; joining again", "players", n, "error", cause)
}

// run serves a membership, and the next ones, until the replica is closed.
func (r *Replica) run(m *membership) {
	for {
		r.serve(m)
		if r.ctx.Err() != nil {
			return
		}
		if m = r.rejoin(m); m == nil {
			return
		}
	}
}

// serve runs the goroutines of a membership until it ends.
func (r *Replica) serve(m *membership) {
	defer m.cancel()
	var running sync.WaitGroup
	defer running.Wait()
	if r.Presence.LeaseDuration() > 0 {
		running.Go(func() { r.watchDeadline(m) })
		running.Go(func() { r.renew(m) })
		running.Go(func() { r.compare(m) })
	}
	running.Go(func() { r.work(m) })
	r.obey(m)
}

// rejoin adds the replica to the store again, and then removes the previous membership. It returns nil if the replica is
// closed.
func (r *Replica) rejoin(previous *membership) *membership {
	for delay := minRetry; ; delay = min(2*delay, maxRetry) {
		if !r.pause(r.ctx, delay) {
			return nil
		}
		m, err := r.join(r.ctx)
		if err != nil {
			continue // the loss of the lease has been logged
		}
		r.Logger.Info("this server has joined the database again and accepts players")
		ctx, cancel := context.WithTimeout(r.ctx, leaveTimeout)
		defer cancel()
		_ = r.Presence.Leave(ctx, previous.id) // otherwise the connections are removed when the lease ends in the database
		return m
	}
}

// watchDeadline ends the membership when its lease ends.
func (r *Replica) watchDeadline(m *membership) {
	for {
		remaining := time.Until(r.deadlineOf(m))
		if remaining <= 0 {
			r.lose(m, context.DeadlineExceeded)
			return
		}
		if !r.pause(m.ctx, remaining) {
			return
		}
	}
}

// renew renews the lease until the membership ends.
func (r *Replica) renew(m *membership) {
	lease := r.Presence.LeaseDuration()
	interval := lease / renewalsPerLease
	for r.pause(m.ctx, interval) {
		for delay := min(minRetry, interval); ; delay = min(2*delay, interval) {
			sent := time.Now()
			// An attempt that gets no response must leave time for others on a new connection.
			ctx, cancel := context.WithTimeout(m.ctx, interval)
			err := r.Presence.Renew(ctx, m.id)
			cancel()
			if err == nil {
				r.extend(m, sent.Add(lease))
				break
			}
			if errors.Is(err, storage.ErrLeaseEnded) {
				r.lose(m, err)
			}
			if m.ctx.Err() != nil {
				return
			}
			r.Logger.Warn("cannot renew the lease of this server; retrying", "error", err)
			if !r.pause(m.ctx, delay) {
				return
			}
		}
	}
}

// pause waits, and reports whether the context has not ended.
func (r *Replica) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
