package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/presencetest"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

const (
	// callTimeout bounds the time that a client waits. The outcome of a call that times out is unknown.
	callTimeout = 5 * time.Second

	// dialTimeout bounds an attempt to connect.
	dialTimeout = 3 * time.Second

	// playersOfRound is the number of players that connect at the same time.
	playersOfRound = 6

	// maxStatusCalls limits the calls of GetPlayerConnectionStatus before a player leaves.
	maxStatusCalls = 8

	// connectionsOfStage is the number of connections to a stage after which it is deleted.
	connectionsOfStage = 3
)

// target is a server process that clients and players use.
type target struct {
	name     string // unique for each process
	endpoint string
	client   *gamesparks.Client
}

// anyOf returns a random element of a list.
func anyOf[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// stage is a stage to which players connect. Names of games and stages are used once.
type stage struct {
	game, name, key string

	ownGame bool // whether the game has only this stage
}

// String returns the name of the stage in the history.
func (s stage) String() string { return s.game + "/" + s.name }

// audience runs players, and a client that creates and deletes stages, and records what they observe.
type audience struct {
	recorder *presencetest.Recorder

	// target returns a random server.
	target func(*rand.Rand) target

	// awaitRecovery is called after a failed call, so that clients do not repeat it while all servers are unavailable.
	awaitRecovery func()

	// nextFault returns a channel that is closed when the next fault has ended.
	nextFault func() <-chan struct{}

	// giveUp is the time after which a player leaves although the server should have disconnected it.
	giveUp time.Duration

	mu      sync.Mutex
	stages  []stage              // to which players connect, even while one is being deleted
	kept    int                  // the number of stages, at the beginning of the list, to which players always connect
	players map[stagePlayer]bool // all that have tried to connect
}

// stagePlayer is a player on a stage.
type stagePlayer struct {
	stage  stage
	player string
}

// start creates the first stage. If keep is set, players always connect to it. Otherwise, it is deleted as all others are.
func (a *audience) start(t *testing.T, through target, keep bool) stage {
	t.Helper()
	a.players = map[stagePlayer]bool{}
	s := stage{game: "arena", name: "first"}
	if _, err := through.client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &s.game}); err != nil {
		t.Fatal(err)
	}
	if err := createStage(through.client, &s); err != nil {
		t.Fatal(err)
	}
	a.stages = []stage{s}
	if keep {
		a.kept = 1
	}
	return s
}

// run runs the players and the client that manages the stages until the context ends. Then all players leave.
func (a *audience) run(ctx context.Context, seed uint64) {
	var group sync.WaitGroup
	for i := range playersOfRound {
		group.Go(func() { a.play(ctx, fmt.Sprintf("player-%d", i), rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	group.Go(func() { a.manageStages(ctx, rand.New(rand.NewPCG(seed, playersOfRound))) })
	group.Wait()
}

// connection is a connection of a player.
type connection struct {
	conn  *websocket.Conn
	ended chan struct{} // closed when the connection has ended
}

// connectURL returns the URL at which a player connects to a stage.
func connectURL(endpoint string, s stage, player string) string {
	query := url.Values{"playerId": {player}, "gameKey": {s.key}}
	return "ws" + strings.TrimPrefix(endpoint, "http") + "/runtime/game/" + s.game + "/stage/" + s.name + "/connect?" + query.Encode()
}

// connect connects a player to a stage through a server. It returns nil if that fails.
func (a *audience) connect(through target, s stage, player string) *connection {
	a.mu.Lock()
	a.players[stagePlayer{s, player}] = true
	a.mu.Unlock()
	attempt := a.recorder.Dial(player, s.String(), through.name)
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, connectURL(through.endpoint, s, player), nil)
	if err != nil {
		attempt.Failed()
		return nil
	}
	attempt.Opened(resp.Header.Get(server.ConnectionIDHeader))
	c := &connection{conn, make(chan struct{})}
	go func() {
		_, _, _ = conn.Read(context.Background()) // a player receives no messages
		attempt.Closed()
		close(c.ended)
	}()
	return c
}

// open reports whether the connection has not ended.
func (c *connection) open() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// leave closes the connection, with or without a closing handshake, and returns when it has ended.
func (c *connection) leave(random *rand.Rand) {
	if random.IntN(2) == 0 {
		_ = c.conn.Close(websocket.StatusNormalClosure, "") // it may have ended
	}
	_ = c.conn.CloseNow()
	<-c.ended
}

// await waits until the connection has ended or the player gives up.
func (c *connection) await(giveUp time.Duration) {
	timer := time.NewTimer(giveUp)
	defer timer.Stop()
	select {
	case <-c.ended:
	case <-timer.C:
	}
}

// bounded runs a call with callTimeout.
func bounded(call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return call(ctx)
}

// status calls GetPlayerConnectionStatus once. A stage that does not exist has no connections.
func (a *audience) status(through target, s stage, player string) (ids []string, err error) {
	err = a.recorder.Status(player, s.String(), func() ([]string, error) {
		err := bounded(func(ctx context.Context) error {
			out, err := through.client.GetPlayerConnectionStatus(ctx, &gamesparks.GetPlayerConnectionStatusInput{
				GameName: &s.game, StageName: &s.name, PlayerId: &player,
			})
			if err != nil {
				return err
			}
			for _, c := range out.Connections {
				ids = append(ids, *c.Id)
			}
			return nil
		})
		if gamesparks.IsNotFound(err) {
			err = nil
		}
		return ids, err
	})
	return ids, err
}

// disconnect calls DisconnectPlayer through random servers until it succeeds or the stage does not exist.
func (a *audience) disconnect(random *rand.Rand, s stage, player string) {
	for a.recorder.Disconnect(player, s.String(), func() (ids []string, err error) {
		err = bounded(func(ctx context.Context) error {
			out, err := a.target(random).client.DisconnectPlayer(ctx, &gamesparks.DisconnectPlayerInput{
				GameName: &s.game, StageName: &s.name, PlayerId: &player,
			})
			if err == nil {
				ids = out.DisconnectSuccesses
			}
			return err
		})
		if gamesparks.IsNotFound(err) {
			err = nil
		}
		return ids, err
	}) != nil {
		a.awaitRecovery()
	}
}

// play connects a player again and again until the context ends.
func (a *audience) play(ctx context.Context, player string, random *rand.Rand) {
	for ctx.Err() == nil {
		a.mu.Lock()
		s := anyOf(random, a.stages)
		a.mu.Unlock()
		c := a.connect(a.target(random), s, player)
		if c == nil {
			a.awaitRecovery()
			continue
		}
		connections := []*connection{c}
		if random.IntN(3) == 0 {
			if c := a.connect(a.target(random), s, player); c != nil {
				connections = append(connections, c)
			}
		}
		a.observe(ctx, random, s, player, c)
		if random.IntN(2) == 0 {
			a.disconnect(random, s, player)
			for _, c := range connections {
				c.await(a.giveUp)
			}
		}
		for _, c := range connections {
			c.leave(random)
		}
		_, _ = a.status(a.target(random), s, player) // the check knows for how long they may be listed
	}
}

// observe calls GetPlayerConnectionStatus a few times, or until a fault has ended, while the connection is open.
func (a *audience) observe(ctx context.Context, random *rand.Rand, s stage, player string, c *connection) {
	limit, fault := 1+random.IntN(maxStatusCalls), a.nextFault()
	if random.IntN(3) > 0 {
		fault = nil
	} else {
		limit = -1
	}
	for calls := 0; calls != limit && c.open(); calls++ {
		select {
		case <-ctx.Done():
			return
		case <-fault:
			return
		default:
		}
		if _, err := a.status(a.target(random), s, player); err != nil {
			a.awaitRecovery()
		}
	}
}

// manageStages creates stages, and deletes each when some players have connected to it.
func (a *audience) manageStages(ctx context.Context, random *rand.Rand) {
	if a.kept == 0 {
		a.deleteCrowded(ctx, random, a.stages[0])
	}
	for n := 1; ctx.Err() == nil; n++ {
		s := stage{game: "arena", name: fmt.Sprintf("stage-%d", n), ownGame: random.IntN(3) == 0}
		if s.ownGame {
			s.game = fmt.Sprintf("arena-%d", n)
		}
		if createStage(a.target(random).client, &s) != nil {
			a.awaitRecovery()
			continue
		}
		a.mu.Lock()
		a.stages = slices.Concat(a.stages[:a.kept], a.stages[max(a.kept, len(a.stages)-1):], []stage{s})
		a.mu.Unlock()
		a.deleteCrowded(ctx, random, s)
	}
}

// deleteCrowded deletes a stage when some players have connected to it, or when the context ends.
func (a *audience) deleteCrowded(ctx context.Context, random *rand.Rand, s stage) {
	_ = a.recorder.Await(ctx, func(h *presencetest.History) bool {
		opened := 0
		for _, c := range h.Connections {
			if c.Stage == s.String() && c.ID != "" {
				opened++
			}
		}
		return opened >= connectionsOfStage
	})
	for a.recorder.Delete([]string{s.String()}, func() error { return deleteStage(a.target(random).client, s) }) != nil {
		a.awaitRecovery()
	}
}

// createStage calls deployStage with callTimeout.
func createStage(client *gamesparks.Client, s *stage) error {
	return bounded(func(ctx context.Context) error { return deployStage(ctx, client, s) })
}

// deployStage creates a stage to which players can connect, and its game if it has one of its own. It sets the key.
func deployStage(ctx context.Context, client *gamesparks.Client, s *stage) error {
	if s.ownGame {
		if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &s.game}); err != nil {
			return err
		}
	}
	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: &s.game})
	if err != nil {
		return err
	}
	created, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
		GameName: &s.game, StageName: &s.name, Role: new("arn:aws:iam::123456789012:role/stage"),
	})
	if err != nil {
		return err
	}
	s.key = *created.Stage.GameKey
	_, err = client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
		GameName: &s.game, StageName: &s.name, SnapshotId: snapshot.Snapshot.Id,
	})
	return err
}

// isDeleted calls GetStage until it succeeds, and reports whether the stage is deleted.
func isDeleted(client *gamesparks.Client, s stage) (deleted bool) {
	for bounded(func(ctx context.Context) error {
		out, err := client.GetStage(ctx, &gamesparks.GetStageInput{GameName: &s.game, StageName: &s.name})
		if err == nil {
			deleted = out.Stage.State != types.StageStateActive
			return nil
		}
		deleted = gamesparks.IsNotFound(err)
		if deleted {
			return nil
		}
		return err
	}) != nil {
	}
	return deleted
}

// deleteStage deletes a stage, or its game if it has one of its own.
func deleteStage(client *gamesparks.Client, s stage) error {
	err := bounded(func(ctx context.Context) (err error) {
		if s.ownGame {
			_, err = client.DeleteGame(ctx, &gamesparks.DeleteGameInput{GameName: &s.game})
		} else {
			_, err = client.DeleteStage(ctx, &gamesparks.DeleteStageInput{GameName: &s.game, StageName: &s.name})
		}
		return err
	})
	if gamesparks.IsNotFound(err) { // an earlier call has deleted it
		return nil
	}
	return err
}

// finish waits until no player is listed, but for no longer than a player waits for the end of a connection.
func (a *audience) finish(random *rand.Rand) {
	ctx, cancel := context.WithTimeout(context.Background(), a.giveUp)
	defer cancel()
	for p := range a.players {
		for ctx.Err() == nil {
			if ids, err := a.status(a.target(random), p.stage, p.player); err == nil && len(ids) == 0 {
				break
			}
		}
	}
}
