package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/smithy-go"

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
	if err := b.simulate(); err != nil {
		return err
	}
	others := fmt.Sprintf("%d other players", *rows)
	if err := b.presenceOf(ctx, c, others); err != nil {
		return err
	}
	if err := b.endSimulated(); err != nil {
		return err
	}
	return b.deleteSimulated(ctx, c)
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
	times, err := c.disconnectAll(ctx, other, all[:disconnected])
	if err != nil {
		return err
	}
	b.report.ForComparison(others+": DisconnectPlayer through another replica, median: ms", timing.Percentile(times, 50), "%.1f")
	_, err = c.disconnectAll(ctx, holder, all[disconnected:])
	return err
}

// simulate adds connections of other players to the database.
func (b *benchmark) simulate() error {
	indexes, err := b.database.query("select string_agg(indexdef, ';') from pg_indexes where schemaname = 'presence' and tablename = 'connections' and indexname <> 'connections_pkey'")
	if err != nil {
		return err
	}
	for _, statement := range []string{
		fmt.Sprintf(`insert into presence.replicas (id, lease_until, configuration)
			select gen_random_uuid(), 'infinity', (select configuration from presence.replicas limit 1) from generate_series(1, %d)`, simulatedReplicas),
		// Building an index takes much less time than inserting its entries in random order.
		`do $$ declare name text; begin
			alter table presence.connections drop constraint connections_pkey;
			for name in select indexname from pg_indexes where schemaname = 'presence' and tablename = 'connections' loop
				execute format('drop index presence.%I', name);
			end loop; end $$`,
		fmt.Sprintf(`insert into presence.connections (id, replica, stage, player, created)
			select gen_random_uuid(), h.ids[1 + i %% %d], s.stage, 'player-' || md5(i::text), clock_timestamp() from generate_series(1, %d) i,
			(select array_agg(id) ids from presence.replicas where lease_until = 'infinity') h, (select stage from presence.connections limit 1) s`,
			simulatedReplicas, *rows),
		"alter table presence.connections add primary key (id); " + indexes,
		"vacuum analyze presence.connections",
	} {
		if _, err := b.database.query(statement); err != nil {
			return err
		}
	}
	return nil
}

// endSimulated ends the leases of half of the simulated replicas, and measures how long the servers take to remove their
// players.
func (b *benchmark) endSimulated() error {
	if _, err := b.database.query(fmt.Sprintf(`update presence.replicas set lease_until = clock_timestamp() where id in
		(select id from presence.replicas where lease_until = 'infinity' limit %d)`, simulatedReplicas/2)); err != nil {
		return err
	}
	start := time.Now()
	// The ended replicas are removed first, and then their connections.
	left := `select count(*) from (select from presence.connections c
		where not exists (select from presence.replicas r where r.id = c.replica) limit 1) c`
	if err := b.awaitNone("select count(*) from presence.replicas where lease_until <= clock_timestamp()"); err != nil {
		return err
	}
	if err := b.awaitNone(left); err != nil {
		return err
	}
	b.report.ForComparison(fmt.Sprintf("%d replicas with %d players end: players removed per second", simulatedReplicas/2, *rows/2),
		float64(*rows/2)/time.Since(start).Seconds(), "%.0f")
	return nil
}

// deleteSimulated deletes the stage of the players that are left, and measures how long the servers take to remove them.
func (b *benchmark) deleteSimulated(ctx context.Context, c *crowd) error {
	start := time.Now()
	// The response may be an error if the removal takes long: the deletion is committed, and the servers continue the removal.
	_, err := c.replicas[1].client.DeleteStage(ctx, &gamesparks.DeleteStageInput{GameName: new(game), StageName: new(stageName)})
	var failure smithy.APIError
	if err != nil && (!errors.As(err, &failure) || failure.ErrorCode() != "ServiceUnavailableException") {
		return err
	}
	b.report.ForComparison(fmt.Sprintf("DeleteStage with %d players: s until the response", *rows/2), time.Since(start).Seconds(), "%.1f")
	if err := b.awaitNone("select count(*) from (select from presence.connections limit 1) c"); err != nil {
		return err
	}
	b.report.ForComparison("the same: players removed per second", float64(*rows/2)/time.Since(start).Seconds(), "%.0f")
	return nil
}

// awaitNone waits until a statement returns 0.
func (b *benchmark) awaitNone(statement string) error {
	for {
		left, err := b.database.number(statement)
		if err != nil || left == 0 {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}
