package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

// Environment variables of the tests with random faults.
const (
	roundsVariable = "GAMESPARKS_FAULT_ROUNDS" // the number of rounds
	seedVariable   = "GAMESPARKS_FAULT_SEED"   // the seed of the first round, which a failure prints
)

func variable(t testing.TB, name string, fallback uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// workload is a load of concurrent clients on lists in one database.
type workload struct {
	history *storagetest.History
	stores  []storage.Store // each client uses all of them
	runs    atomic.Int64

	// recovering is locked for writing while the database is stopped. After a failure, clients wait until it is unlocked, so
	// that they have operations left for the time after the fault.
	recovering sync.RWMutex
}

const (
	listsOfRound   = 3
	clientsPerList = 4
	callsPerClient = 15

	operationsOfRound = listsOfRound * clientsPerList * callsPerClient
)

// run runs the clients of a round and returns when all have finished.
func (w *workload) run(seed uint64) {
	run := w.runs.Add(1) // values are unique
	var group sync.WaitGroup
	for client := range listsOfRound * clientsPerList {
		random := rand.New(rand.NewPCG(seed, uint64(client)))
		list := fmt.Sprintf("list-%d", client%listsOfRound)
		group.Go(func() {
			last := ""
			for call := range callsPerClient {
				store := w.stores[random.IntN(len(w.stores))]
				value := fmt.Sprintf("%d.%d.%d", run, client, call)
				var outcome storagetest.Outcome
				switch n := random.IntN(10); {
				case n < 5:
					outcome = w.history.Append(client, list, value, func() (string, storagetest.Outcome) { return appendTo(store, list, value, nil) })
				case n < 7:
					outcome = w.history.Replace(client, list, last, value, func() (string, storagetest.Outcome) { return appendTo(store, list, value, &last) })
				default:
					view := []view{ownView, sharedView}[random.IntN(2)]
					outcome = w.history.Read(client, list, func() (string, storagetest.Outcome) {
						got, outcome := readIn(view, store, list)
						if outcome == storagetest.Done {
							last = got
						}
						return got, outcome
					})
				}
				if outcome != storagetest.Done {
					w.awaitRecovery()
				}
			}
		})
	}
	group.Wait()
	for i := range listsOfRound {
		list := fmt.Sprintf("list-%d", i)
		w.history.Read(-1, list, func() (string, storagetest.Outcome) { return read(w.stores[0], list) })
	}
}

// awaitRecovery waits until the database runs.
func (w *workload) awaitRecovery() {
	w.recovering.RLock()
	defer w.recovering.RUnlock()
}

// appendTo appends a value to a list, if the list is before or before is nil.
func appendTo(s storage.Store, list, value string, before *string) (after string, outcome storagetest.Outcome) {
	differs := errors.New("another list")
	err := s.Update(context.Background(), func(w storage.Writer) error {
		got, err := w.Get(list)
		if err == nil && before != nil && string(got) != *before {
			err = differs
		}
		if err != nil {
			return err
		}
		after = string(got)
		if after != "" {
			after += " "
		}
		after += value
		return w.Put(list, []byte(after))
	})
	return after, outcomeOf(err)
}

// view runs a view that reads a list.
type view func(s storage.Store, list string, fn func(storage.Reader) error) error

func ownView(s storage.Store, _ string, fn func(storage.Reader) error) error {
	return s.View(context.Background(), fn)
}

func sharedView(s storage.Store, list string, fn func(storage.Reader) error) error {
	return storage.ViewKeys(context.Background(), s, []string{list}, fn)
}

func read(s storage.Store, list string) (value string, outcome storagetest.Outcome) {
	return readIn(ownView, s, list)
}

func readIn(view view, s storage.Store, list string) (value string, outcome storagetest.Outcome) {
	err := view(s, list, func(r storage.Reader) error {
		got, err := r.Get(list)
		value = string(got)
		return err
	})
	return value, outcomeOf(err)
}

func outcomeOf(err error) storagetest.Outcome {
	switch {
	case err == nil:
		return storagetest.Done
	case errors.Is(err, storage.ErrUnknownOutcome):
		return storagetest.Unknown
	}
	return storagetest.NoEffect
}

// TestFaults cuts connections of three replicas at random commits, and kills and restarts the database server. The
// operations of all clients must be linearizable.
func TestFaults(t *testing.T) {
	t.Parallel()
	first, rounds := variable(t, seedVariable, uint64(time.Now().UnixNano())), variable(t, roundsVariable, 2)
	server := pgtest.Start(t)
	var done, noEffect, unknown, kills, cuts int
	for round := range rounds {
		seed := first + round
		resolveTimeout := 5 * time.Second
		if seed%2 == 0 { // a restart of the server takes longer, so some outcomes stay unknown
			resolveTimeout = 20 * time.Millisecond
		}
		w := &workload{history: storagetest.NewHistory()}
		schema := newSchema()
		var proxies []*pgtest.Proxy
		for replica := range 3 {
			p := pgtest.NewProxy(t, server)
			s := open(t, p.URL(), inSchema(schema), func(o *postgres.Options) { o.ResolveTimeout = resolveTimeout })
			defer s.Close()
			w.stores, proxies = append(w.stores, s), append(proxies, p)
			p.Set(pgtest.Sometimes(rand.New(rand.NewPCG(seed, uint64(100+replica))), 8))
		}
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			w.run(seed)
		}()
		random := rand.New(rand.NewPCG(seed, 200))
		for range 2 {
			w.history.Await(1+random.IntN(operationsOfRound/3), finished)
			stop := server.Kill
			if random.IntN(3) == 0 {
				stop = server.Stop
			}
			w.recovering.Lock()
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			server.Restart(t)
			w.recovering.Unlock()
			kills++
		}
		<-finished
		if err := w.history.Check(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		d, n, u := w.history.Counts()
		done, noEffect, unknown = done+d, noEffect+n, unknown+u
		for _, p := range proxies {
			for _, c := range []pgtest.Cut{pgtest.Before, pgtest.During, pgtest.After} {
				cuts += p.Cuts(c)
			}
		}
	}
	t.Logf("seed %d, %d rounds: %d operations, %d without effect, %d with an unknown outcome, %d kills of the database, %d cut connections",
		first, rounds, done+noEffect+unknown, noEffect, unknown, kills, cuts)
	if cuts == 0 {
		t.Error("no connection was cut")
	}
}

// TestCheckerFindsViolations checks that the checker finds stores that break a rule. Each must be found within some rounds.
func TestCheckerFindsViolations(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, seed uint64) *workload{
		"without locks": func(t *testing.T, _ uint64) *workload {
			server, schema := pgtest.Shared(t), newSchema()
			w := &workload{}
			for range 2 {
				s := open(t, server.URL("postgres"), inSchema(schema))
				t.Cleanup(func() { s.Close() })
				s.SkipLocks()
				w.stores = append(w.stores, s)
			}
			return w
		},
		"repeats transactions with an unknown outcome": func(t *testing.T, seed uint64) *workload {
			p := pgtest.NewProxy(t, pgtest.Shared(t))
			s := open(t, p.URL(), inSchema(newSchema()))
			t.Cleanup(func() { s.Close() })
			s.RepeatUnknown()
			random := rand.New(rand.NewPCG(seed, 0))
			p.Set(func() pgtest.Cut {
				if random.IntN(5) == 0 {
					return pgtest.After
				}
				return pgtest.Never
			})
			return &workload{stores: []storage.Store{s}}
		},
		"reads from a standby": func(t *testing.T, _ uint64) *workload {
			primary := pgtest.Start(t)
			standby := pgtest.StartStandby(t, primary, false, "recovery_min_apply_delay=100ms")
			schema := newSchema()
			s := open(t, primary.URL("postgres"), inSchema(schema))
			t.Cleanup(func() { s.Close() })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			standby.Await(ctx, t, "postgres", "select count(*) from pg_namespace where nspname = '"+schema+"'", "1")
			reader, err := postgres.OpenStandby(t.Context(), standby.URL("postgres"), inSchema(schema))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { reader.Close() })
			return &workload{stores: []storage.Store{readsFrom{s, reader}}}
		},
	}
	for name, newWorkload := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(20) {
				w := newWorkload(t, seed)
				w.history = storagetest.NewHistory()
				w.run(seed)
				if err := w.history.Check(); err != nil {
					t.Logf("found with seed %d", seed)
					return
				}
			}
			t.Error("the checker found no violation in 20 rounds")
		})
	}
}

// readsFrom is a store whose views read from another store.
type readsFrom struct {
	storage.Store
	reader storage.Store
}

func (s readsFrom) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.reader.View(ctx, fn)
}

// TestStandbyIsRefused checks that a store does not open on a standby.
func TestStandbyIsRefused(t *testing.T) {
	t.Parallel()
	primary := pgtest.Start(t)
	standby := pgtest.StartStandby(t, primary, false)
	if s, err := postgres.Open(t.Context(), standby.URL("postgres")); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("got store %v, error %v; want %v", s, err, storage.ErrUnavailable)
	}
}

// TestPromotion kills the primary under load and promotes its synchronous standby. No acknowledged write may be lost.
func TestPromotion(t *testing.T) {
	t.Parallel()
	seed := variable(t, seedVariable, uint64(time.Now().UnixNano()))
	primary := pgtest.Start(t)
	standby := pgtest.StartStandby(t, primary, true)
	w := &workload{history: storagetest.NewHistory()}
	schema := newSchema()
	for range 2 {
		s := open(t, primary.FailoverURL(standby, "postgres"), inSchema(schema))
		defer s.Close()
		w.stores = append(w.stores, s)
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		w.run(seed)
	}()
	w.history.Await(1+rand.New(rand.NewPCG(seed, 300)).IntN(operationsOfRound/2), finished)
	w.recovering.Lock()
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	standby.Promote(t)
	w.recovering.Unlock()
	<-finished
	w.run(seed + 1)
	if err := w.history.Check(); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	done, noEffect, unknown := w.history.Counts()
	t.Logf("seed %d: %d operations done, %d without effect, %d with an unknown outcome", seed, done, noEffect, unknown)
	for i := range listsOfRound {
		if _, outcome := read(w.stores[0], fmt.Sprintf("list-%d", i)); outcome != storagetest.Done {
			t.Errorf("reading after the promotion failed")
		}
	}
}
