package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// seedLease is the name of the lease that a server holds while it applies seeds.
const seedLease = "seed"

// leasePoll is the time between two attempts to get the lease.
const leasePoll = 200 * time.Millisecond

// errLeaseLost means that a server could not renew the lease.
var errLeaseLost = errors.New("cannot renew the lease in the database: start the server again")

// acquireSeedLease waits until no other server on the database holds the lease. The server holds it until release is called, or
// until the context held ends because the lease could not be renewed.
func acquireSeedLease(ctx context.Context, presence storage.Presence) (held context.Context, release func(), err error) {
	id := rand.Text()
	if err := presence.Join(ctx, storage.Replica{ID: id}); err != nil {
		return nil, nil, err
	}
	held, cancel := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		renewLease(held, cancel, presence, id)
	}()
	release = func() {
		cancel(nil)
		<-stopped
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), presence.LeaseDuration())
		defer cancel()
		_ = presence.Leave(ctx, id) // if it fails, the lease ends
	}
	for {
		acquired, err := presence.AcquireLease(held, seedLease, id)
		if err == nil && acquired {
			return held, release, nil
		}
		if cause := context.Cause(held); cause != nil {
			err = cause
		}
		if err != nil {
			release()
			return nil, nil, err
		}
		select {
		case <-held.Done():
		case <-time.After(leasePoll):
		}
	}
}

// renewLease renews the lease of a replica until the context ends. If a renewal fails, it cancels the context.
func renewLease(ctx context.Context, cancel context.CancelCauseFunc, presence storage.Presence, id string) {
	interval := presence.LeaseDuration() / 3
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
		attempt, end := context.WithTimeout(ctx, interval)
		err := presence.Renew(attempt, id)
		end()
		if err != nil {
			cancel(errLeaseLost)
			return
		}
	}
}
