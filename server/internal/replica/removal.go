package replica

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// maxRemoved is the largest number of connections that one statement removes.
	maxRemoved = 1000

	// removalTimeout limits an attempt to remove connections.
	removalTimeout = 5 * time.Second

	// uncertainTime is how long the removal of a connection is repeated if the response to its insertion was lost: the
	// database may insert it later. It is longer than the time limit of a statement.
	uncertainTime = time.Minute
)

// removal removes the records of connections that have ended, in batches: thousands of players may lose their connections at
// once.
type removal struct {
	r   *Replica
	due chan struct{} // has an element if there are ended connections

	mu        sync.Mutex
	ended     []string
	uncertain []uncertainConnection
}

// uncertainConnection is a connection that may be inserted until some time.
type uncertainConnection struct {
	id    string
	until time.Time
}

func newRemoval(r *Replica) *removal { return &removal{r: r, due: make(chan struct{}, 1)} }

// add schedules the removal of connections.
func (l *removal) add(id string) { l.addAll([]string{id}) }

func (l *removal) addAll(ids []string) {
	l.mu.Lock()
	l.ended = append(l.ended, ids...)
	l.mu.Unlock()
	select {
	case l.due <- struct{}{}:
	default: // it has an element
	}
}

// addUncertain schedules repeated removals of a connection.
func (l *removal) addUncertain(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.uncertain = append(l.uncertain, uncertainConnection{id, time.Now().Add(uncertainTime)})
}

// repeatUncertain schedules the next removal of uncertain connections.
func (l *removal) repeatUncertain() {
	var ids []string
	l.mu.Lock()
	l.uncertain = slices.DeleteFunc(l.uncertain, func(c uncertainConnection) bool {
		ids = append(ids, c.id)
		return time.Now().After(c.until)
	})
	l.mu.Unlock()
	if len(ids) > 0 {
		l.addAll(ids)
	}
}

// removeNow removes a connection before it returns, if the store responds soon. Otherwise, the scheduled removal does it.
func (l *removal) removeNow(id string) {
	ctx, cancel := context.WithTimeout(l.r.ctx, time.Second)
	defer cancel()
	_ = l.r.Presence.Remove(ctx, []string{id})
}

// run removes connections until the replica is closed.
func (l *removal) run() {
	for {
		select {
		case <-l.r.ctx.Done():
			return
		case <-l.due:
		}
		for delay := minRetry; ; {
			l.mu.Lock()
			batch := slices.Clone(l.ended[:min(len(l.ended), maxRemoved)])
			l.mu.Unlock()
			if len(batch) == 0 {
				break
			}
			if l.remove(batch) {
				l.mu.Lock()
				l.ended = slices.Clone(l.ended[len(batch):]) // only this goroutine removes elements
				l.mu.Unlock()
				delay = minRetry
				continue
			}
			if !l.r.pause(l.r.ctx, delay) {
				return
			}
			delay = min(2*delay, maxRetry)
		}
	}
}

func (l *removal) remove(ids []string) (ok bool) {
	ctx, cancel := context.WithTimeout(l.r.ctx, removalTimeout)
	defer cancel()
	return l.r.Presence.Remove(ctx, ids) == nil
}
