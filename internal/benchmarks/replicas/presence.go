package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/benchmarks/timing"
)

// simulatedReplicas is the number of replicas that hold the connections which the case presence adds to the database.
const simulatedReplicas = 100

// presence measures what players do to the database if it has the connections of many other players. These have no
// sockets: statements add them, and replicas without a process hold them.
func (b *benchmark) presence(ctx context.Context) (err error) {
	replicas, err := b.startFleet(2, "presence")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, replicas.stop()) }()
	c, err := newCrowd(ctx, replicas)
	if err != nil {
		return err
	}
	if _, err := c.connect(ctx, replicas[0], "resident", 1); err != nil { // its row names the stage
		return err
	}
	if err := b.presenceOf(ctx, c, "no other players"); err != nil {
		return err
	}
	start := time.Now()
	bytes, err := b.simulate()
	if err != nil {
		return err
	}
	others := fmt.Sprintf("%d other players", *rows)
	b.report.ForComparison(fmt.Sprintf("%s: bytes of the database for each, with indexes", others), bytes, "%.0f")
	b.report.ForComparison(fmt.Sprintf("%s: s to add them with one statement", others), time.Since(start).Seconds(), "%.0f")
	if err := b.presenceOf(ctx, c, others); err != nil {
		return err
	}
	return b.endSimulated()
}

// presenceOf measures players who come and go.
func (b *benchmark) presenceOf(ctx context.Context, c *crowd, others string) error {
	const players, disconnected, calls = 1000, 50, 200
	holder, other := c.replicas[0], c.replicas[1]
	start := time.Now()
	all, err := c.connect(ctx, holder, "player", players)
	if err != nil {
		return err
	}
	b.report.ForComparison(others+": players that connect per second, 16 at the same time", players/time.Since(start).Seconds(), "%.0f")
	status, err := timing.Latency(calls, func() error {
		_, err := other.client.GetPlayerConnectionStatus(ctx, &gamesparks.GetPlayerConnectionStatusInput{
			GameName: new(game), StageName: new(stageName), PlayerId: &all[0].name,
		})
		return err
	})
	if err != nil {
		return err
	}
	b.report.ForComparison(others+": GetPlayerConnectionStatus, median: ms", status, "%.2f")
	_, median, err := c.slowest(ctx, other, all[:disconnected])
	if err != nil {
		return err
	}
	b.report.ForComparison(others+": DisconnectPlayer through another replica, median: ms", median, "%.2f")
	for _, p := range all[disconnected:] {
		if _, err := c.disconnect(ctx, holder, p); err != nil {
			return err
		}
	}
	return nil
}

// simulate adds connections of other players to the database. It returns how many bytes of the database each takes.
func (b *benchmark) simulate() (bytes float64, err error) {
	const size = "select pg_total_relation_size('presence.connections')"
	before, err := b.database.number(size)
	if err != nil {
		return 0, err
	}
	for _, statement := range []string{
		fmt.Sprintf(`insert into presence.replicas (id, lease_until, configuration)
			select gen_random_uuid(), 'infinity', (select configuration from presence.replicas limit 1) from generate_series(1, %d)`, simulatedReplicas),
		fmt.Sprintf(`insert into presence.connections (id, replica, stage, player, created)
			select gen_random_uuid(), h.ids[1 + i %% %d], s.stage, 'player-' || md5(i::text), clock_timestamp() from generate_series(1, %d) i,
			(select array_agg(id) ids from presence.replicas where lease_until = 'infinity') h, (select stage from presence.connections limit 1) s`,
			simulatedReplicas, *rows),
		"vacuum analyze presence.connections",
	} {
		if _, err := b.database.query(statement); err != nil {
			return 0, err
		}
	}
	after, err := b.database.number(size)
	return (after - before) / float64(*rows), err
}

// endSimulated ends the leases of the simulated replicas, and measures how long the others take to remove their players.
func (b *benchmark) endSimulated() error {
	if _, err := b.database.query("update presence.replicas set lease_until = clock_timestamp() where lease_until = 'infinity'"); err != nil {
		return err
	}
	start := time.Now()
	for {
		left, err := b.database.number("select count(*) from (select from presence.connections limit 2) c")
		if err != nil {
			return err
		}
		if left < 2 { // the resident
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.report.ForComparison(fmt.Sprintf("%d replicas with %d players end: players removed per second", simulatedReplicas, *rows),
		float64(*rows)/time.Since(start).Seconds(), "%.0f")
	return nil
}
