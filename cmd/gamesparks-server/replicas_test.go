//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
	"github.com/gamesparks-go/gamesparks/types"
)

// replica is a server that the test kills and restarts.
type replica struct {
	flags []string

	mu      sync.Mutex
	process *process
}

func (r *replica) client() *gamesparks.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	return newClient(r.process.endpoint)
}

func (r *replica) restart(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process.kill(t)
	p, exit := tryStart(t, r.flags...)
	for ; p == nil && strings.Contains(exit.stderr, "cannot use the database"); p, exit = tryStart(t, r.flags...) {
	}
	if p == nil {
		t.Fatalf("exit code %d: %s", exit.code, exit.stderr)
	}
	r.process = p
}

// hang suspends the process until the function returns.
func (r *replica) hang(t *testing.T, until func()) {
	t.Helper()
	r.mu.Lock()
	p := r.process.cmd.Process
	r.mu.Unlock()
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Error(err)
	}
	until()
	if err := p.Signal(syscall.SIGCONT); err != nil {
		t.Error(err)
	}
}

// callTimeout bounds the time that a client waits. The outcome of a call that times out is unknown.
const callTimeout = 10 * time.Second

// outcomeOf returns the outcome of a call that returned err.
func outcomeOf(err error) storagetest.Outcome {
	var api smithy.APIError
	switch {
	case err == nil:
		return storagetest.Done
	case gamesparks.IsPreconditionFailed(err), errors.Is(err, syscall.ECONNREFUSED):
		return storagetest.NoEffect
	case errors.As(err, &api) && strings.Contains(api.ErrorMessage(), "had no effect"):
		return storagetest.NoEffect
	}
	return storagetest.Unknown
}

// list returns the elements of the list in a configuration, separated by spaces.
func list(sections map[string]types.Section) (string, error) {
	data, err := sections["A"].Attributes.MarshalSmithyDocument()
	if err != nil {
		return "", err
	}
	var content struct{ L []string }
	err = json.Unmarshal(data, &content)
	return strings.Join(content.L, " "), err
}

// appendTo appends a value to the list of a game, on the condition that the configuration has the ETag unless it is empty.
func appendTo(client *gamesparks.Client, game, value, etag string) (after string, outcome storagetest.Outcome) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	var options []func(*gamesparks.Options)
	if etag != "" {
		options = append(options, gamesparks.WithIfMatch(etag))
	}
	out, err := client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: &game, Modifications: []types.SectionModification{{
			Section: new("A"), Operation: types.OperationAdd, Path: new("/L/-"), Value: document.NewLazyDocument(value),
		}},
	}, options...)
	if err == nil {
		after, err = list(out.GameConfiguration.Sections)
	}
	return after, outcomeOf(err)
}

func read(client *gamesparks.Client, game string) (value, etag string, outcome storagetest.Outcome) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	out, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: &game})
	if err == nil {
		etag = gamesparks.ConfigurationETag(out.ResultMetadata)
		value, err = list(out.GameConfiguration.Sections)
	}
	return value, etag, outcomeOf(err)
}

const (
	gamesOfRound   = 3
	clientsPerGame = 4
	callsPerClient = 12

	operationsOfRound = gamesOfRound * clientsPerGame * callsPerClient
)

// load runs clients that append to lists and read them through random replicas. After a failure, a client calls
// awaitRecovery, so that it has operations left for the time after the fault.
func load(history *storagetest.History, replicas []*replica, seed uint64, awaitRecovery func()) {
	var group sync.WaitGroup
	for client := range gamesOfRound * clientsPerGame {
		random := rand.New(rand.NewPCG(seed, uint64(client)))
		game := fmt.Sprintf("game-%d", client%gamesOfRound)
		group.Go(func() {
			last, etag := "", ""
			for call := range callsPerClient {
				server := replicas[random.IntN(len(replicas))].client()
				value := fmt.Sprintf("%d.%d", client, call)
				var outcome storagetest.Outcome
				switch n := random.IntN(10); {
				case n < 2 && etag != "":
					outcome = history.Replace(client, game, last, value, func() (string, storagetest.Outcome) { return appendTo(server, game, value, etag) })
				case n < 6:
					outcome = history.Append(client, game, value, func() (string, storagetest.Outcome) { return appendTo(server, game, value, "") })
				default:
					outcome = history.Read(client, game, func() (string, storagetest.Outcome) {
						got, newETag, outcome := read(server, game)
						if outcome == storagetest.Done {
							last, etag = got, newETag
						}
						return got, outcome
					})
				}
				if outcome != storagetest.Done {
					awaitRecovery()
				}
			}
		})
	}
	group.Wait()
}

// TestReplicas runs three servers on one database, cuts their connections at random commits, kills and stops servers and
// the database, and checks that the operations of all clients are linearizable for each game.
func TestReplicas(t *testing.T) {
	t.Parallel()
	first, rounds := uint64(time.Now().UnixNano()), uint64(1)
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
	faults := map[string]int{}
	done, noEffect, unknown, cuts := 0, 0, 0, 0
	for round := range rounds {
		seed := first + round
		history := storagetest.NewHistory()
		schema := fmt.Sprintf("round_%d", round)
		var (
			replicas []*replica
			proxies  []*pgtest.Proxy
		)
		for i := range 3 {
			proxy := pgtest.NewProxy(t, database)
			r := &replica{flags: []string{"--store", proxy.URL(), "--store-schema", schema, "--store-idle-timeout=1s", "--log-level=warn"}}
			r.process = start(t, r.flags...)
			replicas, proxies = append(replicas, r), append(proxies, proxy)
			if i == 0 {
				prepareLists(t, r.client())
			}
		}
		for i, proxy := range proxies {
			proxy.Set(pgtest.Sometimes(rand.New(rand.NewPCG(seed, uint64(100+i))), 8))
		}
		finished := make(chan struct{})
		var recovering sync.RWMutex // locked for writing while the database or a server is stopped
		go func() {
			defer close(finished)
			load(history, replicas, seed, func() {
				recovering.RLock()
				defer recovering.RUnlock()
			})
		}()
		random := rand.New(rand.NewPCG(seed, 200))
		for range 4 {
			history.Await(1+random.IntN(operationsOfRound/5), finished)
			r := replicas[random.IntN(len(replicas))]
			switch random.IntN(4) {
			case 0:
				faults["kills of the database"]++
				recovering.Lock()
				if err := database.Kill(); err != nil {
					t.Fatal(err)
				}
				database.Restart(t)
				recovering.Unlock()
			case 1:
				faults["suspended servers"]++
				r.hang(t, func() { history.Await(1+random.IntN(10), finished) })
			default:
				faults["kills of servers"]++
				recovering.Lock()
				r.restart(t)
				recovering.Unlock()
			}
		}
		<-finished
		for i := range gamesOfRound {
			game := fmt.Sprintf("game-%d", i)
			history.Read(-1, game, func() (string, storagetest.Outcome) {
				got, _, outcome := read(replicas[0].client(), game)
				if outcome != storagetest.Done {
					t.Errorf("seed %d: reading %s at the end failed", seed, game)
				}
				return got, outcome
			})
		}
		if err := history.Check(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		d, n, u := history.Counts()
		done, noEffect, unknown = done+d, noEffect+n, unknown+u
		for i, proxy := range proxies {
			for _, c := range []pgtest.Cut{pgtest.Before, pgtest.During, pgtest.After} {
				cuts += proxy.Cuts(c)
			}
			replicas[i].process.kill(t)
		}
	}
	t.Logf("seed %d, %d rounds: %d operations, %d without effect, %d with an unknown outcome, %d cut connections, %v",
		first, rounds, done+noEffect+unknown, noEffect, unknown, cuts, faults)
}

// prepareLists creates the games with empty lists.
func prepareLists(t *testing.T, client *gamesparks.Client) {
	t.Helper()
	for i := range gamesOfRound {
		game := fmt.Sprintf("game-%d", i)
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &game}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
			GameName:     &game,
			ImportSource: &types.ImportGameConfigurationSource{File: []byte(`{"Document":{"Type":"Game","Sections":{"A":{"L":[]}}}}`)},
		}); err != nil {
			t.Fatal(err)
		}
	}
}
