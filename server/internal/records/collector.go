package records

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

const (
	// minRetry and maxRetry bound the time between attempts after errors.
	minRetry = 100 * time.Millisecond
	maxRetry = 10 * time.Second
)

// pace is how fast the collector works. A step delays the updates that are committed with it or wait for it.
type pace struct {
	// maxRemoved limits how many records a step removes or releases. A step may exceed the limit by the parts of one node of
	// a list, which are fewer than 50.
	maxRemoved int

	// pauseFactor is the time between two steps, as a multiple of the time that the first one took.
	pauseFactor int
}

var (
	// slowPace applies while there are other updates. Blobs have random keys, so each removed blob changes another page of a
	// data file. A commit with such a step usually takes less than twice the time of a commit without. An update that waits
	// for a step is committed before the next one.
	slowPace = pace{maxRemoved: 8, pauseFactor: 3}

	// fastPace applies if there was no other update since the previous step. An update that arrives during a step waits for
	// it. Updates of other servers on the same database are not known.
	fastPace = pace{maxRemoved: 32, pauseFactor: 1}
)

// collector removes the contents of deleted games and stages, and unreferenced lists, in the background. It removes them
// in small steps and pauses between them. The collector of the next process continues the work.
type collector struct {
	db     *DB
	mayRun func() bool
	report func(error)
	ctx    context.Context
	cancel context.CancelFunc
	due    chan struct{} // has an element if there may be work
	done   sync.WaitGroup
	seen   int64 // DB.updates before the previous step
}

func startCollector(db *DB, mayRun func() bool, report func(error)) *collector {
	c := &collector{db: db, mayRun: mayRun, report: report, due: make(chan struct{}, 1)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.wake()
	c.done.Go(c.run)
	return c
}

// wake makes the collector look for work.
func (c *collector) wake() {
	select {
	case c.due <- struct{}{}:
	default:
	}
}

func (c *collector) close() {
	c.cancel()
	c.done.Wait()
}

func (c *collector) run() {
	retry := time.Duration(0)
	for c.ctx.Err() == nil {
		err := c.collect()
		switch {
		case c.ctx.Err() != nil:
			return
		case err == nil:
			retry = 0
			select {
			case <-c.ctx.Done():
			case <-c.due:
			}
		default:
			c.report(err)
			retry = min(max(2*retry, minRetry), maxRetry)
			c.pause(retry)
		}
	}
}

// collect runs steps until no work is left or the collector must not run.
func (c *collector) collect() error {
	if !c.mayRun() {
		return nil // it is awakened when it may
	}
	owners, err := c.db.owners(c.ctx)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		for c.mayRun() {
			pace := c.pace()
			start := time.Now()
			worked, err := c.db.collectStep(c.ctx, owner, pace.maxRemoved)
			if err != nil {
				return err
			}
			if !worked {
				break
			}
			c.pause(time.Duration(pace.pauseFactor) * time.Since(start))
		}
	}
	return nil
}

// pace returns the pace of the next step.
func (c *collector) pace() pace {
	updates := c.db.updates.Load()
	others := updates != c.seen
	c.seen = updates
	if others {
		return slowPace
	}
	return fastPace
}

// collectStep removes or releases about limit deleted records of an owner. It reports whether the owner had any.
func (db *DB) collectStep(ctx context.Context, owner Owner, limit int) (worked bool, err error) {
	err = db.View(ctx, owner, time.Time{}, func(tx *Tx) (err error) {
		worked, err = tx.hasWork()
		return err
	})
	if err != nil || !worked {
		return false, err
	}
	_, err = update(ctx, db.store, owner, time.Time{}, nil, func(tx *Tx) error { return tx.removeSome(limit) })
	return true, err
}

func (c *collector) pause(d time.Duration) {
	select {
	case <-c.ctx.Done():
	case <-time.After(d):
	}
}

// owners returns the owners of all records.
func (db *DB) owners(ctx context.Context) (owners []Owner, err error) {
	err = db.store.View(ctx, func(r storage.Reader) error {
		owners, err = findOwners(r)
		return err
	})
	return owners, err
}

// findOwners returns the owners of all records. It reads one key of each owner.
func findOwners(r storage.Reader) (owners []Owner, err error) {
	keys := storage.Prefix(ownersPrefix)
	keys.Limit, keys.KeysOnly = 1, true
	for {
		key := ""
		for entry, err := range r.Scan(keys) {
			if err != nil {
				return nil, err
			}
			key = entry.Key
		}
		if key == "" {
			return owners, nil
		}
		owner, _, ok := cutOwner(key)
		if !ok {
			keys.Start = key + "\x00" // not a key of a record
			continue
		}
		owners = append(owners, owner)
		keys.Start = storage.Prefix(owner.prefix()).End
	}
}

// cutOwner splits the key of a record into its owner and the rest.
func cutOwner(key string) (o Owner, rest string, ok bool) {
	rest, ok = strings.CutPrefix(key, ownersPrefix)
	if !ok {
		return Owner{}, "", false
	}
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) < 3 {
		return Owner{}, "", false
	}
	return Owner{Account: parts[0], Region: parts[1]}, parts[2], true
}
