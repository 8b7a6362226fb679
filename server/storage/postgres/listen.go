package postgres

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// listener waits for notifications, whose payload is the id of a replica, on a connection of its own.
type listener struct {
	pool    *pgxpool.Pool
	channel string
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	started  bool
	watchers map[string][]chan struct{} // by replica
}

func newListener(pool *pgxpool.Pool, channel string) *listener {
	l := &listener{pool: pool, channel: channel, watchers: map[string][]chan struct{}{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

func (l *listener) close() {
	l.cancel()
	l.mu.Lock() // no goroutine starts after this
	l.started = true
	l.mu.Unlock()
	l.running.Wait()
}

// watch returns a channel that receives an element when the replica may have new orders. If listen is not set, it receives
// none.
func (l *listener) watch(replica string, listen bool) (changed <-chan struct{}, stop func()) {
	watcher := make(chan struct{}, 1)
	if !listen {
		return watcher, func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers[replica] = append(l.watchers[replica], watcher)
	if !l.started {
		l.started = true
		l.running.Go(l.run)
	}
	return watcher, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.watchers[replica] = slices.DeleteFunc(l.watchers[replica], func(c chan struct{}) bool { return c == watcher })
		if len(l.watchers[replica]) == 0 {
			delete(l.watchers, replica)
		}
	}
}

// maxListenDelay bounds the time between attempts to reestablish the connection.
const maxListenDelay = 2 * time.Second

// run listens until the listener is closed, and reestablishes the connection when it is lost.
func (l *listener) run() {
	delay := retryDelay
	for l.ctx.Err() == nil {
		// The error needs no report: without notifications, orders arrive by polling, whose errors are reported.
		if listened := l.listen(); listened {
			delay = retryDelay
		}
		select {
		case <-l.ctx.Done():
		case <-time.After(delay):
		}
		delay = min(2*delay, maxListenDelay)
	}
}

// listen waits for notifications on a new connection until it is lost. It reports whether the connection was established.
func (l *listener) listen() (listened bool) {
	pooled, err := l.pool.Acquire(l.ctx)
	if err != nil {
		return false
	}
	defer pooled.Release()
	conn := pooled.Conn()
	defer closeConn(conn) // the pool would reuse a connection that listens
	if _, err := conn.Exec(l.ctx, "listen "+pgx.Identifier{l.channel}.Sanitize()); err != nil {
		return false
	}
	l.notify(func(string) bool { return true }) // there may have been notifications before
	for {
		notification, err := conn.WaitForNotification(l.ctx)
		if err != nil {
			return true
		}
		l.notify(func(replica string) bool { return replica == notification.Payload })
	}
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // it may have been lost
}

// notify adds an element to the channels of the matching replicas.
func (l *listener) notify(match func(replica string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for replica, watchers := range l.watchers {
		if !match(replica) {
			continue
		}
		for _, watcher := range watchers {
			select {
			case watcher <- struct{}{}:
			default: // it has an element
			}
		}
	}
}
