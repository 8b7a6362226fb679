//go:build unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/internal/presencetest"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

const (
	replicasOfRound = 3
	stepsOfRound    = 5

	// roundLease is the lease of the replicas. Faults that outlast it take longer.
	roundLease = 3 * time.Second

	// giveUp is the time after which a player leaves although the server should have disconnected it. It is longer than all
	// bounds.
	giveUp = 30 * time.Second
)

// documentedBounds are the bounds that docs/server.md promises for the lease of a round. Notice is the bound of replicas
// that only poll.
var documentedBounds = presencetest.Bounds{
	Notice: 2 * time.Second, Lease: roundLease, Takeover: roundLease + roundLease/3 + 2*time.Second, Slack: time.Second,
}

// round is a round of faults on replicas that share a schema.
type round struct {
	seed     uint64
	random   *rand.Rand // of the faults
	database *pgtest.Server
	replicas []*replica
	history  *storagetest.History
	recorder *presencetest.Recorder
	audience *audience
	home     stage
	faults   map[string]int
	marked   int // the number of stages of deleteAndKill

	// recovering is locked for writing while no replica can answer, or a replica restarts.
	recovering sync.RWMutex

	mu   sync.Mutex
	step chan struct{} // closed when the next fault has ended
}

// TestReplicas runs three servers on one database, with clients and players on all of them. It cuts connections to the
// database, kills and suspends servers and the database, separates servers from the database beyond their leases, and drops
// the notifications of a server. The wall clocks of the servers differ by up to two minutes. The operations of all clients
// must be linearizable for each game, and players must be connected and listed as presencetest describes.
func TestReplicas(t *testing.T) {
	t.Parallel()
	first, rounds := uint64(time.Now().UnixNano()), uint64(2)
	for name, value := range map[string]*uint64{"GAMESPARKS_FAULT_SEED": &first, "GAMESPARKS_FAULT_ROUNDS": &rounds} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			*value = n
		}
	}
	database := pgtest.Start(t)
	total := counts{}
	for i := range rounds {
		seed := first + i
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			total.add(newRound(t, database, seed).run(t))
		})
	}
	t.Logf("%d rounds from seed %d: %v", rounds, first, total)
}

// counts are the numbers of what happened in rounds.
type counts map[string]int

func (c counts) add(other counts) {
	for name, n := range other {
		c[name] += n
	}
}

// String lists the counts by name.
func (c counts) String() (text string) {
	for _, name := range slices.Sorted(maps.Keys(c)) {
		text += fmt.Sprintf("\n%8d %s", c[name], name)
	}
	return text
}

func newRound(t *testing.T, database *pgtest.Server, seed uint64) *round {
	t.Helper()
	r := &round{
		seed: seed, random: rand.New(rand.NewPCG(seed, 200)), database: database, history: storagetest.NewHistory(),
		recorder: presencetest.NewRecorder(), faults: map[string]int{}, step: make(chan struct{}),
	}
	pollingOnly, shortDeletion := r.random.IntN(replicasOfRound+1), r.random.IntN(2) == 0
	for i := range replicasOfRound {
		proxy := pgtest.NewProxy(t, database)
		flags := []string{
			"--store", proxy.URL(), "--store-schema", fmt.Sprintf("round_%d", seed), "--store-idle-timeout=1s",
			"--store-lease", roundLease.String(), "--clock-offset=" + (time.Duration(r.random.IntN(121)-60) * time.Second).String(),
			"--deployment-pending=0s", "--deployment-in-progress=0s", "--log-level=warn",
		}
		if i == pollingOnly {
			flags = append(flags, "--store-no-listen")
		}
		if !shortDeletion { // deleted stages keep their names, so that calls can list their players
			flags = append(flags, "--deletion-time=1h")
		}
		server := &replica{name: string(rune('a' + i)), flags: flags, proxy: proxy, recorder: r.recorder}
		server.start(t)
		r.replicas = append(r.replicas, server)
	}
	prepareLists(t, r.replicas[0].target().client)
	r.audience = &audience{
		recorder: r.recorder, awaitRecovery: r.awaitRecovery, nextFault: r.nextFault,
		target: func(random *rand.Rand) target { return anyOf(random, r.replicas).target() }, giveUp: giveUp,
	}
	r.home = r.audience.start(t, r.replicas[0].target(), true)
	for i := range r.replicas {
		r.cutCommits(i)
	}
	return r
}

// cutCommits makes the proxy of a replica cut some of the connections that commit.
func (r *round) cutCommits(i int) {
	r.replicas[i].proxy.Set(pgtest.Sometimes(rand.New(rand.NewPCG(r.seed, uint64(100+i))), 8))
}

func (r *round) awaitRecovery() {
	r.recovering.RLock()
	defer r.recovering.RUnlock()
}

func (r *round) nextFault() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.step
}

func (r *round) run(t *testing.T) counts {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	ticker := time.NewTicker(presencetest.StallCheck)
	defer ticker.Stop()
	group.Go(func() { r.recorder.RecordStalls(ctx, ticker.C) })
	group.Go(func() { r.audience.run(ctx, r.seed) })
	clients := newListClients(r.seed)
	for range stepsOfRound {
		called := make(chan struct{})
		go func() {
			defer close(called)
			callLists(r.history, clients, r.replicas, r.awaitRecovery)
		}()
		r.history.Await(1+r.random.IntN(operationsAStep/2), called)
		r.fault(t, called, r.random.IntN(replicasOfRound), true)
		<-called
		r.mu.Lock()
		close(r.step)
		r.step = make(chan struct{})
		r.mu.Unlock()
	}
	cancel()
	group.Wait()
	r.audience.finish(r.random)
	for i := range gamesOfRound {
		game := fmt.Sprintf("game-%d", i)
		r.history.Read(-1, game, func() (string, storagetest.Outcome) {
			got, _, outcome := read(r.replicas[0].target().client, game)
			if outcome != storagetest.Done {
				t.Errorf("seed %d: reading %s at the end failed", r.seed, game)
			}
			return got, outcome
		})
	}
	return r.check(t)
}

// fault injects a fault into a replica or the database, until some operations have ended or the lease has. It may inject a
// second one during the first.
func (r *round) fault(t *testing.T, called <-chan struct{}, i int, mayCombine bool) {
	t.Helper()
	server := r.replicas[i]
	var witness *connection // of a fault that outlasts the lease
	during := func() {
		if mayCombine && r.random.IntN(3) == 0 {
			r.fault(t, called, (i+1)%replicasOfRound, false)
		}
		r.history.Await(1+r.random.IntN(10), called)
	}
	beyondLease := func(until func(witness *connection)) func() {
		witness = r.connectWitness(t, server, r.home)
		return func() {
			during()
			until(witness)
		}
	}
	switch r.random.IntN(9) {
	case 0:
		r.faults["kills of the database"]++
		r.recovering.Lock()
		end := r.recorder.Outage(presencetest.Unreachable, "")
		if err := r.database.Kill(); err != nil {
			t.Fatal(err)
		}
		r.database.Restart(t)
		end()
		r.recovering.Unlock()
	case 1:
		r.faults["suspensions"]++
		server.suspend(t, during)
	case 2:
		r.faults["suspensions beyond the lease"]++
		server.suspend(t, beyondLease(func(*connection) { r.awaitUnlisted(t, (i+1)%replicasOfRound) }))
	case 3:
		r.faults["partitions"]++
		server.partition(during)
	case 4:
		r.faults["partitions beyond the lease"]++
		server.partition(beyondLease(func(witness *connection) { witness.await(giveUp) }))
	case 5:
		r.faults["times with cuts of all requests"]++
		end := r.recorder.Outage(presencetest.Unreachable, server.target().name)
		server.proxy.SetAll(pgtest.Sometimes(rand.New(rand.NewPCG(r.random.Uint64(), 0)), 10))
		during()
		r.cutCommits(i)
		end()
	case 6:
		if !mayCombine { // its bound allows no other fault
			r.history.Await(1, called)
			break
		}
		r.deleteAndKill(t, i)
	default:
		r.faults["kills of servers"]++
		r.recovering.Lock()
		server.restart(t, nil)
		r.recovering.Unlock()
	}
	if witness != nil {
		r.observeEnd(witness)
	}
}

// witnessID is the player who connects to a replica before a fault that outlasts the lease.
const witnessID = "witness"

// observeEnd calls GetPlayerConnectionStatus until the connection has ended, so that the check detects one that is neither
// closed nor listed. Then it leaves.
func (r *round) observeEnd(witness *connection) {
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	for witness.open() && ctx.Err() == nil {
		_, _ = r.audience.status(r.audience.target(r.random), r.home, witnessID)
	}
	witness.leave(r.random)
}

// connectWitness connects a player to a stage through a replica.
func (r *round) connectWitness(t *testing.T, server *replica, s stage) *connection {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if c := r.audience.connect(server.target(), s, witnessID); c != nil {
			return c
		}
	}
	t.Fatalf("seed %d: replica %s accepted no player for a minute", r.seed, server.name)
	return nil
}

// deleteAndKill kills a replica between the commit of a deletion and the removal of the connections to the stage. Another
// replica must complete the deletion without a further call.
func (r *round) deleteAndKill(t *testing.T, i int) {
	t.Helper()
	server, other := r.replicas[i], r.replicas[(i+1)%replicasOfRound]
	var s stage
	for created := false; !created; {
		r.marked++
		s = stage{game: "arena", name: fmt.Sprintf("marked-%d", r.marked)}
		created = createStage(other.target().client, &s) == nil
	}
	player := r.connectWitness(t, other, s)
	server.proxy.Set(pgtest.Once(pgtest.Refusal))
	err := deleteStage(server.target().client, s)
	r.recovering.Lock()
	server.restart(t, func() { r.cutCommits(i) })
	r.recovering.Unlock()
	if err != nil && isDeleted(other.target().client, s) {
		r.faults["kills of servers in the deletion of a stage"]++
		r.recorder.Deleted(s.String())
		player.await(giveUp)
	} else { // the commit of another call was cut
		r.faults["kills of servers"]++
		for r.recorder.Delete([]string{s.String()}, func() error { return deleteStage(other.target().client, s) }) != nil {
		}
	}
	player.leave(r.random)
}

// awaitUnlisted waits until a replica does not list the witness.
func (r *round) awaitUnlisted(t *testing.T, through int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if ids, err := r.audience.status(r.replicas[through].target(), r.home, witnessID); err == nil && len(ids) == 0 {
			return
		}
	}
	t.Errorf("seed %d: replica %s listed a player of a suspended replica for a minute", r.seed, r.replicas[through].name)
}

// check checks the histories and returns the counts of the round.
func (r *round) check(t *testing.T) counts {
	t.Helper()
	if err := r.history.Check(); err != nil {
		t.Errorf("seed %d: %v", r.seed, err)
	}
	h := r.recorder.History()
	violations := presencetest.Check(h, documentedBounds)
	slices.SortFunc(violations, func(a, b presencetest.Violation) int { return cmp.Compare(a.Observed, b.Observed) })
	for _, v := range violations {
		t.Errorf("seed %d: %v", r.seed, v)
	}
	if len(violations) > 0 {
		t.Logf("outages: %v", h.Outages)
	}
	c := counts{}
	c.add(r.faults)
	done, noEffect, unknown := r.history.Counts()
	c["operations on games"] = done + noEffect + unknown
	c["operations on games without effect"] = noEffect
	c["operations on games with an unknown outcome"] = unknown
	for _, conn := range h.Connections {
		if conn.ID == "" {
			c["players refused or lost while connecting"]++
		} else {
			c["players connected"]++
		}
	}
	for _, d := range h.Disconnects {
		c["players disconnected"] += len(d.IDs)
	}
	for _, o := range h.Outages {
		if o.Process == "" && o.Kind == presencetest.Suspended {
			c["stalls of the machine"]++
		}
	}
	c["calls of GetPlayerConnectionStatus"] = len(h.Statuses)
	c["stages deleted"] = len(h.Deletions)
	c["violations"] = len(violations)
	for _, server := range r.replicas {
		for _, cut := range []pgtest.Cut{pgtest.Before, pgtest.During, pgtest.After} {
			c["cut connections"] += server.proxy.Cuts(cut)
		}
		server.process.kill(t)
	}
	for _, name := range []string{"players connected", "players disconnected", "stages deleted"} {
		if c[name] == 0 {
			t.Errorf("seed %d: no %s", r.seed, name)
		}
	}
	t.Logf("seed %d: %v", r.seed, c)
	return c
}
