package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

const (
	// leaseTime is how long servers wait for a holder that has crashed.
	leaseTime = 10 * time.Second

	// leasePoll is the time between two attempts to get a lease.
	leasePoll = 200 * time.Millisecond
)

// errLeaseLost means that the holder could not renew the lease in time.
var errLeaseLost = errors.New("lost the lease in the database, because a renewal took too long: start the server again")

// lease is a record in a database that one of several servers holds at a time.
type lease struct {
	store  storage.Store
	key    string
	holder string
}

// leaseRecord is the value of the record.
type leaseRecord struct {
	Holder string
	Until  time.Time
}

// newLease returns a lease that is not held. The prefix of the key must be "service/", which the check of the data ignores.
func newLease(store storage.Store, key string) *lease {
	return &lease{store: store, key: key, holder: rand.Text()}
}

// acquire waits until the lease is free. It renews the lease until release is called. If a renewal fails, it cancels the context held.
func (l *lease) acquire(ctx context.Context) (held context.Context, release func(), err error) {
	for {
		acquired, err := l.extend(ctx)
		if err != nil {
			return nil, nil, err
		}
		if acquired {
			break
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(leasePoll):
		}
	}
	held, cancel := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-held.Done():
				return
			case <-time.After(leaseTime / 3):
			}
			if acquired, err := l.extend(held); err != nil || !acquired {
				cancel(errLeaseLost)
				return
			}
		}
	}()
	return held, func() {
		cancel(nil)
		<-stopped
		l.release(context.WithoutCancel(ctx))
	}, nil
}

// extend acquires or renews the lease. It returns false if another server holds the lease.
func (l *lease) extend(ctx context.Context) (acquired bool, err error) {
	err = l.store.Update(ctx, func(w storage.Writer) error {
		found, err := l.read(w)
		if err != nil {
			return err
		}
		now := time.Now()
		if timed, ok := w.(storage.Timed); ok {
			now = timed.Now()
		}
		if acquired = found.Holder == l.holder || !now.Before(found.Until); !acquired {
			return nil
		}
		value, err := json.Marshal(leaseRecord{Holder: l.holder, Until: now.Add(leaseTime)})
		if err != nil {
			return err
		}
		return w.Put(l.key, value)
	})
	return acquired, err
}

// release deletes the record. If that fails, the lease expires.
func (l *lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leaseTime)
	defer cancel()
	_ = l.store.Update(ctx, func(w storage.Writer) error {
		found, err := l.read(w)
		if err != nil || found.Holder != l.holder {
			return err
		}
		return w.Delete(l.key)
	})
}

func (l *lease) read(r storage.Reader) (found leaseRecord, err error) {
	value, err := r.Get(l.key)
	if err != nil || value == nil {
		return leaseRecord{}, err
	}
	if err := json.Unmarshal(value, &found); err != nil {
		return leaseRecord{}, fmt.Errorf("record %s: %w", l.key, err)
	}
	return found, nil
}
