//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
	"github.com/gamesparks-go/gamesparks/types"
)

const (
	gamesOfRound    = 3
	clientsPerGame  = 4
	callsPerStep    = 4
	operationsAStep = gamesOfRound * clientsPerGame * callsPerStep
)

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

// listClient is a client that appends to the list of a game and reads it.
type listClient struct {
	number     int
	game       string
	random     *rand.Rand
	calls      int
	last, etag string // of the last read
}

func newListClients(seed uint64) (clients []*listClient) {
	for i := range gamesOfRound * clientsPerGame {
		clients = append(clients, &listClient{
			number: i, game: fmt.Sprintf("game-%d", i%gamesOfRound), random: rand.New(rand.NewPCG(seed, uint64(i))),
		})
	}
	return clients
}

// call makes a call and records it.
func (c *listClient) call(history *storagetest.History, server *gamesparks.Client) storagetest.Outcome {
	c.calls++
	value := fmt.Sprintf("%d.%d", c.number, c.calls)
	switch n := c.random.IntN(10); {
	case n < 2 && c.etag != "":
		return history.Replace(c.number, c.game, c.last, value, func() (string, storagetest.Outcome) { return appendTo(server, c.game, value, c.etag) })
	case n < 6:
		return history.Append(c.number, c.game, value, func() (string, storagetest.Outcome) { return appendTo(server, c.game, value, "") })
	}
	return history.Read(c.number, c.game, func() (string, storagetest.Outcome) {
		got, etag, outcome := read(server, c.game)
		if outcome == storagetest.Done {
			c.last, c.etag = got, etag
		}
		return got, outcome
	})
}

// callLists makes the calls of a step through random replicas. After a failure, a client calls awaitRecovery, so that it has
// calls left for the time after the fault.
func callLists(history *storagetest.History, clients []*listClient, replicas []*replica, awaitRecovery func()) {
	var group sync.WaitGroup
	for _, c := range clients {
		group.Go(func() {
			for range callsPerStep {
				if c.call(history, anyOf(c.random, replicas).target().client) != storagetest.Done {
					awaitRecovery()
				}
			}
		})
	}
	group.Wait()
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
