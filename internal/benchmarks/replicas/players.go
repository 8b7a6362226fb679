package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/benchmarks/timing"
)

const (
	game      = "players"
	stageName = "dev"
	role      = "arn:aws:iam::123456789012:role/GameRole"
)

// settling is longer than the lease of a replica, so that all work that players cause when they come and go is done.
const settling = 15 * time.Second

// crowd connects players to a stage.
type crowd struct {
	replicas fleet
	gameKey  string
	http     *http.Client
}

// player is a connected player that responds to pings.
type player struct {
	name  string
	ended chan time.Time // receives the time when the connection has ended
}

// newCrowd creates a game with a stage that accepts players.
func newCrowd(ctx context.Context, replicas fleet) (*crowd, error) {
	client := replicas[0].client
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new(game)}); err != nil {
		return nil, err
	}
	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: new(game)})
	if err != nil {
		return nil, err
	}
	stage, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{GameName: new(game), StageName: new(stageName), Role: new(role)})
	if err != nil {
		return nil, err
	}
	if _, err := client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
		GameName: new(game), StageName: new(stageName), SnapshotId: snapshot.Snapshot.Id,
	}); err != nil {
		return nil, err
	}
	waiter := gamesparks.NewStageDeploymentCompletedWaiter(client)
	if err := waiter.Wait(ctx, &gamesparks.GetStageDeploymentInput{GameName: new(game), StageName: new(stageName)}, time.Minute); err != nil {
		return nil, err
	}
	return &crowd{replicas, *stage.Stage.GameKey, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}, nil
}

// connect connects n players to a replica.
func (c *crowd) connect(ctx context.Context, r replica, prefix string, n int) ([]*player, error) {
	all := make([]*player, n)
	return all, inParallel(n, func(i int) (err error) {
		all[i], err = c.connectOne(ctx, r, fmt.Sprint(prefix, i))
		return err
	})
}

func (c *crowd) connectOne(ctx context.Context, r replica, name string) (*player, error) {
	url := "ws" + strings.TrimPrefix(r.URL, "http") + "/runtime/game/" + game + "/stage/" + stageName + "/connect?gameKey=" + c.gameKey + "&playerId=" + name
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: c.http})
	if err != nil {
		return nil, err
	}
	p := &player{name, make(chan time.Time, 1)}
	go func() {
		_, _, _ = conn.Read(ctx) // responds to pings until the connection ends
		p.ended <- time.Now()
		_ = conn.CloseNow()
	}()
	return p, nil
}

// disconnect disconnects a player through a replica. It returns the time until the connection has ended.
func (c *crowd) disconnect(ctx context.Context, r replica, p *player) (time.Duration, error) {
	start := time.Now()
	out, err := r.client.DisconnectPlayer(ctx, &gamesparks.DisconnectPlayerInput{GameName: new(game), StageName: new(stageName), PlayerId: &p.name})
	if err != nil {
		return 0, err
	}
	if len(out.DisconnectSuccesses) != 1 {
		return 0, fmt.Errorf("DisconnectPlayer of %s has disconnected %d connections, want 1", p.name, len(out.DisconnectSuccesses))
	}
	select {
	case end := <-p.ended:
		return end.Sub(start), nil
	case <-time.After(time.Minute):
		return 0, fmt.Errorf("player %s is still connected a minute after DisconnectPlayer", p.name)
	}
}

// disconnectAll disconnects players through a replica, one after the other. It returns the sorted times.
func (c *crowd) disconnectAll(ctx context.Context, r replica, players []*player) (times []time.Duration, err error) {
	for _, p := range players {
		took, err := c.disconnect(ctx, r, p)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	slices.Sort(times)
	return times, nil
}

// metric returns the value of a metric without labels.
func (r replica) metric(name string) (float64, error) {
	response, err := http.Get(r.URL + "/metrics")
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("the server has no metric %s", name)
}

// awaitPlayers waits until the replica has n connections, for at most a minute.
func (r replica) awaitPlayers(n int) error {
	for start := time.Now(); ; {
		open, err := r.metric("gamesparks_player_connections")
		switch {
		case err != nil || int(open) == n:
			return err
		case time.Since(start) > time.Minute:
			return fmt.Errorf("the server still has %v player connections after a minute, want %d", open, n)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// players measures idle players of one replica, and disconnects some of them.
func (b *benchmark) players(ctx context.Context) (err error) {
	const warmUp, few, disconnected = 500, 10, 100
	replicas, err := b.startFleet(2, "players")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, replicas.stop()) }()
	holder, other := replicas[0], replicas[1]
	c, err := newCrowd(ctx, replicas)
	if err != nil {
		return err
	}
	first, err := c.connect(ctx, holder, "first", warmUp) // fills pools and caches
	if err != nil {
		return err
	}
	if _, err := c.disconnectAll(ctx, holder, first); err != nil {
		return err
	}
	if err := holder.awaitPlayers(0); err != nil {
		return err
	}

	if _, err := c.connect(ctx, holder, "few", few); err != nil {
		return err
	}
	withFew, err := b.statementsDuring(func() error {
		time.Sleep(*idle)
		return nil
	})
	if err != nil {
		return err
	}
	before, err := holder.Number("status", "VmRSS")
	if err != nil {
		return err
	}
	start := time.Now()
	players, err := c.connect(ctx, holder, "player", *connections)
	if err != nil {
		return err
	}
	b.report.ForComparison("players that connect per second, 16 at the same time", float64(*connections)/time.Since(start).Seconds(), "%.0f")
	var used time.Duration
	with, err := b.statementsDuring(func() error {
		before, err := holder.CPU()
		if err != nil {
			return err
		}
		time.Sleep(*idle)
		after, err := holder.CPU()
		used = after - before
		return err
	})
	if err != nil {
		return err
	}
	peak, err := holder.Number("status", "VmHWM")
	if err != nil {
		return err
	}
	bytes, err := b.database.number("select pg_total_relation_size('players.connections')")
	if err != nil {
		return err
	}
	if err := holder.awaitPlayers(few + *connections); err != nil {
		return err
	}
	number := float64(*connections)
	b.report.AtMost(fmt.Sprintf("%d idle players, from VmRSS before to VmHWM after %v: KB for each", *connections, *idle), (peak-before)/number, 16, "%.1f")
	b.report.ForComparison("the same: bytes of the database for each, with indexes", bytes/number, "%.0f")
	b.report.ForComparison(fmt.Sprintf("processor time of the server in %v: ms for each", *idle), used.Seconds()*1000/number, "%.2f")
	b.report.AtMost(fmt.Sprintf("statements in %v with %d more idle players, less those with %d: for each player", *idle, *connections, few),
		(with-withFew)/number, 0.001, "%.4f")
	b.report.ForComparison(fmt.Sprintf("statements in %v with %d idle players on one of two replicas", *idle, few), withFew, "%.0f")

	if len(players) < 2*disconnected {
		return fmt.Errorf("-players is %d: must be at least %d", len(players), 2*disconnected)
	}
	times, err := c.disconnectAll(ctx, holder, players[:disconnected])
	if err != nil {
		return err
	}
	b.report.AtMost(fmt.Sprintf("DisconnectPlayer of one of %d through the same replica until the connection ends, p95 of %d: ms", *connections, disconnected),
		timing.Percentile(times, 95), 50, "%.1f")
	b.report.ForComparison("the same, median: ms", timing.Percentile(times, 50), "%.1f")
	b.report.ForComparison("the same, slowest: ms", timing.Percentile(times, 100), "%.1f")
	if times, err = c.disconnectAll(ctx, other, players[disconnected:2*disconnected]); err != nil {
		return err
	}
	b.report.AtMost("the same through another replica, p95: ms", timing.Percentile(times, 95), 250, "%.1f")
	b.report.ForComparison("the same through another replica, median: ms", timing.Percentile(times, 50), "%.1f")
	b.report.ForComparison("the same through another replica, slowest: ms", timing.Percentile(times, 100), "%.1f")
	if err := b.deleteStage(ctx, other, players[2*disconnected:]); err != nil {
		return err
	}
	if peak, err = holder.Number("status", "VmHWM"); err != nil {
		return err
	}
	b.report.ForComparison(fmt.Sprintf("VmRSS before %d players connect to VmHWM after all are disconnected at once: KB for each", *connections),
		(peak-before)/number, "%.1f")
	return nil
}

// statementsDuring returns how many statements the database runs while fn runs. It waits until the effects of players that
// connected or disconnected before are over.
func (b *benchmark) statementsDuring(fn func() error) (float64, error) {
	time.Sleep(settling)
	before, err := b.database.statements()
	if err != nil {
		return 0, err
	}
	if err := fn(); err != nil {
		return 0, err
	}
	after, err := b.database.statements()
	return after - before, err
}

// deleteStage deletes the stage of players through a replica, and waits until all connections have ended.
func (b *benchmark) deleteStage(ctx context.Context, r replica, players []*player) error {
	start := time.Now()
	if _, err := r.client.DeleteStage(ctx, &gamesparks.DeleteStageInput{GameName: new(game), StageName: new(stageName)}); err != nil {
		return err
	}
	for _, p := range players {
		select {
		case <-p.ended:
		case <-time.After(time.Minute):
			return fmt.Errorf("player %s is still connected a minute after its stage was deleted", p.name)
		}
	}
	b.report.ForComparison(fmt.Sprintf("DeleteStage through another replica until all %d connections have ended: s", len(players)), time.Since(start).Seconds(), "%.1f")
	return nil
}
