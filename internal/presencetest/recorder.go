package presencetest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Recorder records a history. It is safe for concurrent use.
type Recorder struct {
	start time.Time

	mu      sync.Mutex
	history History
	changed chan struct{} // closed by the next change of the history
}

// NewRecorder returns a recorder with an empty history.
func NewRecorder() *Recorder { return &Recorder{start: time.Now(), changed: make(chan struct{})} }

// History returns the history until now.
func (r *Recorder) History() History {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.history
	h.Connections, h.Statuses, h.Disconnects = slices.Clone(h.Connections), slices.Clone(h.Statuses), slices.Clone(h.Disconnects)
	h.Deletions, h.Outages, h.End = slices.Clone(h.Deletions), slices.Clone(h.Outages), r.now()
	return h
}

func (r *Recorder) now() time.Duration { return time.Since(r.start) }

// change changes the history.
func (r *Recorder) change(change func(h *History, now time.Duration)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.history, r.now())
	close(r.changed)
	r.changed = make(chan struct{})
}

// Attempt is an attempt to connect that the recorder records.
type Attempt struct {
	recorder *Recorder
	index    int // of the connection
}

// Dial records the start of an attempt to connect. The caller must call Opened or Failed.
func (r *Recorder) Dial(player, stage, process string) Attempt {
	a := Attempt{recorder: r}
	r.change(func(h *History, now time.Duration) {
		a.index = len(h.Connections)
		h.Connections = append(h.Connections, Connection{
			Player: player, Stage: stage, Process: process, Dialed: now, Opened: Forever, Closed: Forever,
		})
	})
	return a
}

// change changes the connection of the attempt.
func (a Attempt) change(change func(c *Connection, now time.Duration)) {
	a.recorder.change(func(h *History, now time.Duration) { change(&h.Connections[a.index], now) })
}

// Opened records that the attempt has succeeded.
func (a Attempt) Opened(id string) {
	a.change(func(c *Connection, now time.Duration) { c.ID, c.Opened = id, now })
}

// Failed records that the attempt has failed.
func (a Attempt) Failed() {
	a.change(func(c *Connection, now time.Duration) { c.Opened, c.Closed = now, now })
}

// Closed records that the connection has ended.
func (a Attempt) Closed() { a.change(func(c *Connection, now time.Duration) { c.Closed = now }) }

// Await waits until the condition holds for the history, which it must not change or retain, or until the context ends. The
// end of the history is not set.
func (r *Recorder) Await(ctx context.Context, condition func(*History) bool) error {
	for {
		r.mu.Lock()
		holds, changed := condition(&r.history), r.changed
		r.mu.Unlock()
		if holds {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Status records a call of GetPlayerConnectionStatus, which run makes, if it succeeds.
func (r *Recorder) Status(player, stage string, run func() (ids []string, err error)) error {
	called := r.now()
	ids, err := run()
	if err != nil {
		return err
	}
	r.change(func(h *History, now time.Duration) {
		h.Statuses = append(h.Statuses, Status{Call{called, now}, player, stage, ids})
	})
	return nil
}

// Disconnect records a call of DisconnectPlayer, which run makes, if it succeeds.
func (r *Recorder) Disconnect(player, stage string, run func() (ids []string, err error)) error {
	called := r.now()
	ids, err := run()
	if err != nil {
		return err
	}
	r.change(func(h *History, now time.Duration) {
		h.Disconnects = append(h.Disconnects, Disconnect{Call{called, now}, player, stage, ids})
	})
	return nil
}

// Delete records a call of DeleteStage, or of DeleteGame for each of the game's stages, which run makes, if it succeeds.
func (r *Recorder) Delete(stages []string, run func() error) error {
	called := r.now()
	if err := run(); err != nil {
		return err
	}
	r.change(func(h *History, now time.Duration) {
		for _, stage := range stages {
			h.Deletions = append(h.Deletions, Deletion{Call: Call{called, now}, Stage: stage})
		}
	})
	return nil
}

// Deleted records that a call has found a stage deleted, although no call that deletes it has succeeded.
func (r *Recorder) Deleted(stage string) {
	r.change(func(h *History, now time.Duration) {
		h.Deletions = append(h.Deletions, Deletion{Call{now, now}, stage, true})
	})
}

// Outage records the start of an outage of a process, or of all processes if process is empty. The returned function
// records its end. It is not called for a process that was killed.
func (r *Recorder) Outage(kind OutageKind, process string) (end func()) {
	index := 0
	r.change(func(h *History, now time.Duration) {
		index = len(h.Outages)
		h.Outages = append(h.Outages, Outage{kind, process, now, Forever})
	})
	return func() { r.change(func(h *History, now time.Duration) { h.Outages[index].To = now }) }
}

// StallCheck is the interval of the ticks for [Recorder.RecordStalls].
const StallCheck = 50 * time.Millisecond

// maxDelay is the delay of a tick from which the recorder records an outage.
const maxDelay = 200 * time.Millisecond

// RecordStalls records the times at which the machine does not run the test, and thus perhaps no server process either, as
// suspensions of all processes. It detects them by ticks that are late, and returns when the context ends.
func (r *Recorder) RecordStalls(ctx context.Context, ticks <-chan time.Time) {
	for last := r.now(); ; {
		select {
		case <-ticks:
		case <-ctx.Done():
			return
		}
		now := r.now()
		if now-last > StallCheck+maxDelay {
			r.change(func(h *History, now time.Duration) { h.Outages = append(h.Outages, Outage{Suspended, "", last, now}) })
		}
		last = now
	}
}
