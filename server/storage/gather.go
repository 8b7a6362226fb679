package storage

import "time"

// gathering is the state of the wait for the updates of a batch. The callers of the previous batch probably send more
// updates at about the same time. Without a wait, the first of these would be committed alone, while the others would wait
// for that commit and then for their own.
type gathering struct {
	// last is the number of updates of the previous batch, and took is how long its commit took.
	last int
	took time.Duration

	// until is when the wait ends.
	until time.Time

	// full is closed when as many updates as in the previous batch are pending. It is nil unless a batch waits.
	full chan struct{}
}

// maxGather limits the wait. The limit is shorter for fast commits: half of the time of the faster one of the last two, so
// that a single slow commit does not cause a long wait.
const maxGather = 5 * time.Millisecond

// committed records a commit of a number of updates.
func (g *gathering) committed(updates int, start, end time.Time) {
	took := end.Sub(start)
	g.until = end.Add(min(took/2, g.took/2, maxGather))
	g.last, g.took = updates, took
}

// gather waits until the pending updates are as many as those of the previous batch, or until the wait ends.
func (f *file) gather() {
	f.mu.Lock()
	g := &f.gathering
	wait := time.Until(g.until)
	if wait <= 0 || len(f.pending) == 0 || len(f.pending) >= g.last {
		f.mu.Unlock()
		return
	}
	full := make(chan struct{})
	g.full = full
	f.mu.Unlock()
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	select {
	case <-full:
	case <-timeout.C:
		f.mu.Lock()
		g.full = nil
		f.mu.Unlock()
	}
}

// added ends the wait if the batch is complete. The caller must hold mu.
func (f *file) added() {
	if g := &f.gathering; g.full != nil && len(f.pending) >= g.last {
		close(g.full)
		g.full = nil
	}
}
